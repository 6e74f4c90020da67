"""Everything in reach of a token or an App that has a secret of a name, or mentions it in a workflow file.

Changes nothing. GitHub OpenAPI: the secrets of every owner and store, `…/environments`,
`…/contents/.github/workflows`. What cannot be read is said: it is not taken for absent.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from urllib.parse import quote

from rotate.errors import Incomplete, RotateError
from rotate.protocol.facts.found import FoundSecret, Mention
from rotate.systems.github.address import Address, Store
from rotate.systems.github.repositories.discovery import Repository
from rotate.systems.github.repositories.reach import Ways, everything
from rotate.systems.github.secrets.shadow_places import environments
from rotate.systems.github.stores import NOT_FOUND, Metadata, Secrets
from rotate.systems.github.wire import words
from rotate.systems.github.wire.client import GitHub
from rotate.wire.outcome import SUCCESS, NoAnswerError
from rotate.wire.together import together

FOLDER = ".github/workflows"
ENDINGS = (".yml", ".yaml")
CONTENTS = "the repository permission **Contents: read**"
MOST_NAMED = 10

Spot = tuple[Address, str, Repository | None]


@dataclass(frozen=True, slots=True)
class Reached:
    """What one token, or one App, showed. `unread`: what it did not, one warning for each kind."""

    repositories: tuple[Repository, ...]
    secrets: tuple[FoundSecret, ...]
    mentions: tuple[Mention, ...]
    unread: tuple[RotateError, ...]


class Search:
    """Looks everywhere for some names. `reach` gives the connection to an owner, `ways` every connection there is."""

    def __init__(
        self,
        reach: Callable[[str], GitHub],
        ways: Callable[[], Ways],
        names: Sequence[str],
    ) -> None:
        self._reach = reach
        self._ways = ways
        self._names = names
        self._unread: dict[str, list[tuple[str, RotateError]]] = {}

    def everything(self) -> Reached:
        """Look at every repository in reach, its environments, its owner and its workflow files.

        An installation that does not let the App in is told, like everything that cannot be looked at.

        Raises:
            RotateError: what is in reach could not be listed.
        """
        there = everything(self._ways())
        known = there.repositories
        for owner, error in there.shut.items():
            self._note("the installations", owner, error)
        lists = together(*(partial(environments, self._reach(one.owner), one.full_name) for one in known))
        for one, answer in zip(known, lists, strict=True):
            self._note("the environments", one.full_name, answer)
        inside = [
            (one, name)
            for one, names in zip(known, lists, strict=True)
            for name in (() if isinstance(names, RotateError) else names)
        ]
        owners = there.owners | {one.owner for one in known}
        spots: list[Spot] = [
            (Address(owner, store), name, None) for owner, store, name in product(sorted(owners), Store, self._names)
        ]
        spots += [(Address(one.full_name, store), name, one) for one, store, name in product(known, Store, self._names)]
        spots += [
            (Address(one.full_name, environment=environment), name, one)
            for (one, environment), name in product(inside, self._names)
        ]
        secrets = tuple(self._secrets(spots))
        mentions = tuple(self._mentions(known))
        return Reached(known, secrets, mentions, tuple(map(_unread, self._unread.items())))

    def _secrets(self, spots: Sequence[Spot]) -> Iterator[FoundSecret]:
        told = together(*(partial(self._vault(where).metadata, name) for where, name, _ in spots))
        for (where, name, repository), metadata in zip(spots, told, strict=True):
            what = "environment" if where.environment else where.store.value
            whose = "secrets of an organization" if where.of_organization else "secrets"
            self._note(f"the {what} {whose}", where.owner, metadata)
            if isinstance(metadata, Metadata):
                archived = repository is not None and not repository.writable
                store, environment, at = where.store.value, where.environment, metadata.updated_at
                yield FoundSecret(where.label_of(name), name, where.owner, store, environment, at, archived=archived)

    def _mentions(self, known: Sequence[Repository]) -> Iterator[Mention]:
        folders = together(*(partial(files, self._reach(one.owner), one.full_name) for one in known))
        paths: list[tuple[str, str]] = []
        for one, folder in zip(known, folders, strict=True):
            self._note("the workflow files", one.full_name, folder)
            paths += [(one.full_name, path) for path in (() if isinstance(folder, RotateError) else folder)]
        texts = together(*(partial(text, self._reach(_owner(name)), name, path) for name, path in paths))
        for (repository, path), read in zip(paths, texts, strict=True):
            self._note("the workflow files", f"{repository}/{path}", read)
            if isinstance(read, str):
                yield from (Mention(name, repository, path, line) for name, line in mentioned(read, self._names))

    def _vault(self, where: Address) -> Secrets:
        return Secrets(self._reach(_owner(where.owner)), replace(where, reads_only=True))

    def _note(self, what: str, where: str, answer: object) -> None:
        if isinstance(answer, RotateError):
            self._unread.setdefault(what, []).append((where, answer))


def mentioned(text: str, names: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Give each name and line that holds it as a whole word; GitHub's names are the same in upper and lower case."""
    for name in names:
        word = re.compile(rf"(?<![A-Za-z0-9_]){re.escape(name)}(?![A-Za-z0-9_])", re.IGNORECASE)
        yield from ((name, number) for number, line in enumerate(text.splitlines(), 1) if word.search(line))


def _owner(name: str) -> str:
    return name.partition("/")[0]


def files(github: GitHub, repository: str) -> tuple[str, ...]:
    """Give the paths of a repository's workflow files. Raises `RotateError` where they cannot be listed."""
    rows = _contents(github, repository, FOLDER)
    every = [str(row.get("path")) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return tuple(path for path in every if path.endswith(ENDINGS))


def text(github: GitHub, repository: str, path: str) -> str:
    """Give a file of the default branch. Raises `RotateError` where it cannot be read."""
    row = _contents(github, repository, path)
    content = row.get("content") if isinstance(row, dict) else ""
    return base64.b64decode(str(content), validate=False).decode(errors="replace")


def _contents(github: GitHub, repository: str, path: str) -> object:
    """Read a file, or a folder; nothing where it is not there."""
    doing = f"read {path} of {repository}"
    try:
        answer = github.call("GET", f"/repos/{repository}/contents/{quote(path)}")
    except NoAnswerError as error:
        raise words.unreachable(doing, error) from None
    if answer.status == NOT_FOUND:
        return []
    found = answer.json()
    if answer.status not in SUCCESS or not isinstance(found, list | dict):
        raise words.refusal(doing, repository, CONTENTS, answer)
    return found


def _unread(found: tuple[str, list[tuple[str, RotateError]]]) -> Incomplete:
    what, failures = found
    places = list(dict.fromkeys(where for where, _ in failures))
    named = ", ".join(places[:MOST_NAMED]) + (", …" if len(places) > MOST_NAMED else "")
    first = failures[0][1]
    message = f"Not looked at: {what} of {len(places)} ({named}). {first.message}"
    return Incomplete("find-incomplete", message, first.remedy)
