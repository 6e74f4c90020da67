"""Repositories by pattern: names with `*`, `topic:`, `property:`, `holders`, and what is left out by `!`.

Read here, found later (`rotate.reach`): only GitHub knows what a pattern means.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from rotate.problems import Problems
from rotate.settings.parse import shown
from rotate.systems.github.settings import forms
from rotate.systems.github.settings.model import Among, Pattern

NAME = re.compile(r"(?P<owner>[A-Za-z0-9-]+)/(?P<name>[A-Za-z0-9._*?-]+)")
TOPIC = re.compile(r"(?:(?P<owner>[A-Za-z0-9-]+)/)?topic:(?P<text>[a-z0-9][a-z0-9-]{0,49})")
PROPERTY = re.compile(r"(?:(?P<owner>[A-Za-z0-9-]+)/)?property:(?P<text>[A-Za-z0-9_$#-]{1,75})=(?P<value>.+)")
HOLDERS = "holders"
HOLDING = re.compile(r"holders(?::(?P<owner>[A-Za-z0-9-]+|\*))?")
FORMS = "    repositories: octo-org/api-*, topic:payments, property:team=payments, holders, !octo-org/api-legacy"


def plain(word: str) -> bool:
    """Say whether a word is one repository's name."""
    return word != HOLDERS and not set("*?!:") & set(word)


def named(word: str, owner: str) -> str:
    """Give a repository with its owner: the workflow's, where the word has none."""
    return word if "/" in word or not owner else f"{owner}/{word}"


def matches(pattern: Pattern, full_name: str) -> bool:
    """Say whether a name is meant by a pattern of names."""
    return fnmatchcase(full_name.lower(), pattern.text.lower())


def apart(words: Sequence[str], owner: str) -> tuple[list[str], list[str]]:
    """Give the names that can be taken as they are, without those that are left out by name, and the patterns.

    Where something is left out by what only GitHub knows, the names wait for that too.
    """
    names = [named(word, owner) for word in words if plain(word)]
    rest = [word for word in words if not plain(word)]
    out = [found for word in rest if word.startswith("!") and (found := read(word, owner, Problems()))]
    if any(one.among is not Among.NAME for one in out):
        return [], [*names, *rest]
    kept = [name for name in names if not any(matches(one, name) for one in out)]
    wanted = any(not word.startswith("!") for word in rest)
    return kept, rest if wanted or len(kept) == len(names) or not kept else []


def every(words: Sequence[str], owner: str, problems: Problems) -> tuple[Pattern, ...]:
    """Read the patterns of one destination."""
    strange, meant = forms.of_another_list(list(words))
    if strange:
        message = (
            f"`repositories` has `{shown(strange)}`; it takes names and patterns alone, one a line or with commas."
        )
        lines = "".join(f"\n      {shown(one)}" for one in meant)
        problems.say("pattern-invalid", message, f"    repositories: |{lines}", "repositories")
        return ()
    found = tuple(one for word in words if (one := read(word, owner, problems)))
    if found and all(one.excluded for one in found):
        message = "`repositories` leaves out everything that it has, or has nothing to leave out from."
        problems.say("pattern-invalid", message, FORMS, "repositories")
    return found


def read(word: str, owner: str, problems: Problems) -> Pattern | None:
    """Read one pattern; `None` where it is none, which is said."""
    excluded = word.startswith("!")
    text = word.removeprefix("!").strip()
    if (found := HOLDING.fullmatch(text)) and not excluded:
        return Pattern(Among.HOLDERS, found["owner"] or "", HOLDERS, word)
    for among, form in ((Among.TOPIC, TOPIC), (Among.PROPERTY, PROPERTY)):
        if found := form.fullmatch(text):
            parts = found.groupdict()
            whose = parts["owner"] or owner
            return _owned(Pattern(among, whose, parts["text"], word, parts.get("value") or "", excluded), problems)
    if found := NAME.fullmatch(named(text, owner)):
        return Pattern(Among.NAME, found["owner"], found[0], word, excluded=excluded)
    message = f"`repositories` has `{shown(word)}`, which is no name and no pattern."
    problems.say("pattern-invalid", message, FORMS, "repositories")
    return None


def _owned(pattern: Pattern, problems: Problems) -> Pattern:
    if not pattern.owner:
        message = f"Nothing says whose repositories `{shown(pattern.written)}` means."
        remedy = f"    repositories: octo-org/{pattern.written.removeprefix('!')}"
        problems.say("pattern-invalid", message, remedy, "repositories")
    return pattern
