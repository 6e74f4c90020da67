"""Which findings a key of an account gets: pure, from what Neon tells and what the credentials cover.

A finding says what stands out, never that something is wrong for certain: Neon tells of a key its last use alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from rotate.protocol.decisions.triggers import days
from rotate.protocol.facts.holdings import Account, HeldKey
from rotate.protocol.facts.marker import Lineage, parse
from rotate.protocol.facts.model import Scope

UNUSED_AFTER = timedelta(days=90)
# Who issues a key today may well use it tomorrow.
NEW = timedelta(days=7)
# Neon's advice is to stay below ten thousand keys (facts: Neon §1).
MOST_KEYS = 10_000
NEAR = MOST_KEYS * 8 // 10
# A rotation with an overlap keeps two: the current key and the previous one.
OF_A_LINEAGE = 2


class Severity(StrEnum):
    """How soon a person should look, the worst first."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Risk(StrEnum):
    """What stands out about a key, in the order of risk."""

    CREATOR_LEFT = "creator-left"
    PERSONAL_IN_CI = "personal-in-ci"
    NEVER_USED = "never-used"
    UNUSED = "unused"
    TOO_OLD = "too-old"
    NEAR_LIMIT = "near-limit"
    SEVERAL = "several"
    AUTO_MINTED = "auto-minted"

    @property
    def rule(self) -> Rule:
        """Give what is said of every such finding."""
        return RULES[self]

    @property
    def severity(self) -> Severity:
        """Give how soon a person should look."""
        return RULES[self].severity


class Rule(NamedTuple):
    """What is said of every finding of a kind: what it means, and what to do."""

    severity: Severity
    title: str
    remedy: str


REVOKE = "Find out what uses it; if nothing does, revoke it at Neon → API keys."
UNNEEDED = "Ask whoever made it what it is for; if nobody needs it, revoke it at Neon → API keys."
RULES = {
    Risk.CREATOR_LEFT: Rule(
        Severity.HIGH,
        "The key was made by somebody who does not belong to the organization any more",
        "Whoever made it saw its value, and it opens the organization still. Rotate it, or revoke it.",
    ),
    Risk.PERSONAL_IN_CI: Rule(
        Severity.HIGH,
        "A personal key is used by machines",
        "It opens every organization of its owner. Let a project-scoped key take its place: docs/narrower-key.md.",
    ),
    Risk.NEVER_USED: Rule(
        Severity.MEDIUM, f"The key was never used in the {NEW.days} days since it was made", UNNEEDED
    ),
    Risk.UNUSED: Rule(Severity.MEDIUM, f"The key was not used for {UNUSED_AFTER.days} days", REVOKE),
    Risk.TOO_OLD: Rule(
        Severity.MEDIUM,
        "The key is older than `max_age`",
        "Rotate it: describe it in the policy file, with `rotate_after`; docs/policy.md.",
    ),
    Risk.NEAR_LIMIT: Rule(
        Severity.MEDIUM,
        f"The account has nearly as many keys as Neon advises to stay below, {MOST_KEYS:,}",
        "Revoke those that nothing uses, the auto-minted first.",
    ),
    Risk.SEVERAL: Rule(
        Severity.LOW,
        "Several keys seem to have one purpose",
        "If one took the place of the others, revoke the others once nothing uses them.",
    ),
    Risk.AUTO_MINTED: Rule(
        Severity.LOW,
        "A tool made the key by itself",
        "If the tool is not in use any more, revoke it; nothing else does.",
    ),
}


class Flag(NamedTuple):
    """One finding: what stands out, and what was seen."""

    risk: Risk
    told: str


class Origin(StrEnum):
    """Who made a key, as its name tells."""

    LINEAGE = "lineage"
    TOOL = "auto-minted"
    HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Cover:
    """What one credential of the run says of keys. `ids`: those that its note, or a person, names. `held_by_machines`:
    it has destinations, and issues no other credential's keys, which only a personal key can."""

    credential: str
    lineage: Lineage
    scope: Scope
    ids: frozenset[int] = frozenset()
    max_age: timedelta | None = None
    held_by_machines: bool = False

    def holds(self, held: HeldKey) -> bool:
        """Say whether a key is one of this credential's."""
        return held.key.key_id in self.ids or (bool(self.lineage.home) and self.lineage.holds(held.key.name))


@dataclass(frozen=True, slots=True)
class Judged:
    """One key, and all that is said of it. `credential` is empty where no credential covers it."""

    held: HeldKey
    account: str
    origin: Origin
    made_by: str
    credential: str
    flags: tuple[Flag, ...] = ()


# Names that tools give to the keys that they make by themselves (facts: Neon §6.3): a time, most often, and some
# letters drawn at random. The group says for which profile.
TOOLS = (
    (re.compile(r"neonctl-init-\S+"), "neonctl init"),
    (re.compile(r"neon-cli-mcp-\S+-[0-9a-f]+"), "neon mcp"),
    (re.compile(r"neon-cli-(.+)-\d{8}T\d{6}Z-[0-9a-f]+"), "the Neon CLI"),
    (re.compile(r"VS Code Extension \(.*\)"), "the VS Code extension"),
    (re.compile(r"API key for GitHub \((.*)\)"), "Neon's GitHub integration"),
)
IN_CI = "Neon's GitHub integration"
# What people add to a name when they make another key for the same thing: a number, a date, a word.
_LATER = re.compile(r"[\s._(-]*(?:\(?(?:v?\d[\d\s.:/TZ-]*|new|old|copy|backup|tmp|temp)\)?)$", re.IGNORECASE)


def tool(name: str) -> tuple[str, str]:
    """Name the tool that made a key by itself, and for what it did; two empty texts where none did."""
    for pattern, who in TOOLS:
        if found := pattern.fullmatch(name):
            return who, (found[1] if pattern.groups else "")
    return "", ""


def purpose(name: str) -> tuple[str, ...]:
    """Give what two keys for the same thing have in common."""
    if marker := parse(name):
        return ("lineage", marker.lineage.home)
    who, whose = tool(name)
    if who:
        return ("tool", who, whose)
    stem = name.strip().lower()
    while (shorter := _LATER.sub("", stem)) != stem and shorter:
        stem = shorter
    return ("name", stem)


def judge(account: Account, covers: Sequence[Cover], max_age: timedelta | None, now: datetime) -> Iterator[Judged]:
    """Say of each key what is known, and what stands out about it, the riskiest finding first.

    `max_age`: for keys that no credential covers.
    """
    superseded = _superseded(account.keys)
    for held in account.keys:
        cover = next((one for one in covers if one.holds(held)), None)
        made_by = tool(held.key.name)[0]
        ours = parse(held.key.name) is not None
        flags = [
            *_of_people(held, account, cover, made_by),
            *_of_time(held, cover.max_age if cover else max_age, now),
            *superseded.get(held.key.key_id, ()),
            *([Flag(Risk.AUTO_MINTED, f"made by {made_by}")] if made_by else []),
        ]
        origin = Origin.LINEAGE if ours else Origin.TOOL if made_by else Origin.HAND
        yield Judged(held, account.account_id, origin, made_by, cover.credential if cover else "", tuple(flags))


def of_account(account: Account) -> tuple[Flag, ...]:
    """Say what stands out about the whole."""
    many = len(account.keys)
    return (Flag(Risk.NEAR_LIMIT, f"{many:,} keys of at most {MOST_KEYS:,}"),) if many >= NEAR else ()


def _of_people(held: HeldKey, account: Account, cover: Cover | None, made_by: str) -> Iterator[Flag]:
    if account.members is not None and held.creator and held.creator not in account.members:
        yield Flag(Risk.CREATOR_LEFT, f"made by {held.creator_name or held.creator}, who is no member any more")
    if held.scope is not Scope.PERSONAL:
        return
    if cover and cover.held_by_machines:
        yield Flag(Risk.PERSONAL_IN_CI, f"personal, and written to the destinations of {cover.credential}")
    elif made_by == IN_CI:
        yield Flag(Risk.PERSONAL_IN_CI, f"personal, and made by {made_by} for workflows")


def _of_time(held: HeldKey, max_age: timedelta | None, now: datetime) -> Iterator[Flag]:
    key, age = held.key, now - held.key.created_at
    if key.last_used_at is None:
        if age >= NEW:
            yield Flag(Risk.NEVER_USED, f"never used in {days(age)}")
    elif now - key.last_used_at >= UNUSED_AFTER:
        yield Flag(Risk.UNUSED, f"unused for {days(now - key.last_used_at)}")
    if max_age is not None and age > max_age:
        yield Flag(Risk.TOO_OLD, f"{days(age)} old; `max_age` is {days(max_age)}")


def _superseded(keys: Iterable[HeldKey]) -> dict[int, tuple[Flag, ...]]:
    """Find, of several keys with one purpose, all but the newest, by their ids."""
    alike: dict[tuple[str | None, ...], list[HeldKey]] = defaultdict(list)
    for held in keys:
        alike[(held.key.project_id, *purpose(held.key.name))].append(held)
    found: dict[int, tuple[Flag, ...]] = {}
    for (_, kind, *_rest), group in alike.items():
        newest = sorted(group, key=lambda held: held.key.order, reverse=True)
        for held in newest[OF_A_LINEAGE if kind == "lineage" else 1 :]:
            told = f"{len(group)} keys seem to have its purpose; the newest is {newest[0].key.key_id}"
            found[held.key.key_id] = (Flag(Risk.SEVERAL, told),)
    return found
