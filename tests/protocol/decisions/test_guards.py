"""Every guard by its reason: what it lets pass and what it stops."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rotate.errors import SourceError
from rotate.protocol.decisions import guards, place_guards
from rotate.protocol.decisions.recovery import assess
from rotate.protocol.facts.cadence import Cadence
from rotate.protocol.facts.destination import DestinationFacts, Held
from rotate.protocol.facts.model import Dead, Identity, NoNotebook, NotebookFacts, Scope, Snapshot
from rotate.protocol.facts.policy import Canary, Command, Exposure, Policy
from tests.support.build import ADA, NOW, ORGANIZATION, RUN, key, lock, minted, note, pending, policy, snapshot

BROKEN = SourceError("neon-unreachable", "no answer")
BOUND = Identity("org-a", organization=True, project_bound=True)
WIDE = Identity("org-a", organization=True, project_bound=False)
UNFINISHED = NotebookFacts(note(pending=pending(4)), None)
FIRST = NotebookFacts(None, None)
SILENT, SHOWN = ({"toy://a#K": DestinationFacts(None, holds=Held(held))} for held in ("", "f3"))
BIRD = Canary("check-neon-key.yml")


def reasons(seen: Snapshot, asked: Policy) -> list[str]:
    return [problem.reason for problem in guards.problems(seen, assess(seen, asked), asked, NOW)]


@pytest.mark.parametrize(
    ("seen", "asked", "expected"),
    [
        ({}, policy(), []),
        ({"issuer": BROKEN}, policy(), ["neon-unreachable"]),
        ({"issuer": BROKEN, "keys": BROKEN}, policy(), ["neon-unreachable"]),
        ({"issuer": Dead(), "keys": BROKEN}, policy(), ["api-key-dead"]),
        ({"issuer": ORGANIZATION}, policy(), ["scope-mismatch"]),
        ({"issuer": ORGANIZATION}, minted(), ["minter-needed"]),
        ({"previous": Dead()}, minted(), ["current-key-dead"]),
        ({"previous": Dead(), "keys": BROKEN}, minted(), ["neon-unreachable", "current-key-dead"]),
        ({"previous": Dead(), "keys": ()}, minted(), []),
        ({"previous": Dead(), "keys": ()}, minted(value_at_hand="f2"), []),
        ({"previous": Dead()}, minted(value_at_hand="f2"), ["current-key-dead", "current-key-unknown"]),
        ({"previous": Dead(), "notebook": UNFINISHED}, minted(value_at_hand="f4"), []),
        ({"previous": Dead(), "notebook": UNFINISHED}, minted(value_at_hand=None), ["current-key-dead"]),
        ({"previous": Dead(), "keys": (key(3), key(4))}, minted(value_at_hand="f2"), []),
        ({"previous": Dead(), "notebook": FIRST}, minted(), []),
        ({"previous": Dead(), "notebook": FIRST, "keys": ()}, minted(old_key_id=3), []),
        ({"previous": Dead(), "notebook": FIRST, "keys": ()}, minted(), ["old-key-unknown"]),
        ({"previous": Dead(), "notebook": BROKEN}, minted(), ["neon-unreachable", "current-key-dead"]),
        ({"previous": Dead(), "notebook": FIRST}, minted(command=Command.SWEEP), ["current-key-dead"]),
        ({"previous": ORGANIZATION}, policy(self_rotation=False), ["scope-mismatch"]),
        ({"previous": Identity("bob", organization=False)}, policy(self_rotation=False), ["another-account"]),
        ({"previous": ADA}, policy(self_rotation=False), []),
        ({"previous": ADA, "issuer": BROKEN}, policy(self_rotation=False), ["neon-unreachable"]),
        ({"previous": ADA}, minted(), ["scope-mismatch"]),
        ({"previous": Identity("org-b", organization=True)}, minted(), ["another-account"]),
        ({"previous": BOUND}, minted(), ["scope-mismatch"]),
        ({"previous": WIDE}, minted(), []),
        ({"destinations": SILENT}, policy(require_proof=True), ["destination-not-provable"]),
        ({"destinations": SILENT}, policy(require_proof=True, canary=BIRD), []),
        ({"destinations": SILENT}, policy(), []),
        ({"destinations": SHOWN}, policy(require_proof=True), []),
        ({"previous": ORGANIZATION}, minted(), []),
        ({"previous": BROKEN}, minted(), ["neon-unreachable"]),
        ({"keys": (key(3, project_id="p"),)}, minted(), ["scope-mismatch"]),
        ({"keys": (key(3),)}, minted(scope=Scope.PROJECT, project_id="p"), ["scope-mismatch"]),
        ({"notebook": NotebookFacts(note(), lock())}, policy(), ["lock-held"]),
        ({"notebook": NotebookFacts(note(), lock())}, policy(command=Command.CHECK), []),
        ({"notebook": NotebookFacts(note(), lock(run_completed=True))}, policy(), []),
        ({"notebook": NotebookFacts(note(), lock(expires_at=NOW))}, policy(), []),
        ({"notebook": NotebookFacts(note(), lock(run_id=RUN.run_id, attempt=0))}, policy(), []),
        ({"notebook": NotebookFacts(note(), lock(token=RUN.nonce))}, policy(), []),
        ({"notebook": NotebookFacts(note(lineage="other"), None)}, policy(), ["note-of-another-lineage"]),
        ({"notebook": FIRST, "keys": (key(9, "mine"),)}, policy(), ["old-key-unknown"]),
        ({"notebook": FIRST, "keys": (key(9, "mine"),)}, policy(command=Command.SWEEP), []),
        ({"notebook": FIRST, "keys": (key(9, "mine"),)}, policy(old_key_id=9), []),
        ({"notebook": FIRST, "keys": (key(9, "mine"),)}, policy(nothing_before=True, value_at_hand=None), []),
        ({"notebook": FIRST, "keys": (key(9, "mine"),)}, policy(old_key_id=8), ["old-key-not-found"]),
        ({"notebook": NoNotebook("", ""), "keys": (key(9, "mine"),)}, policy(), ["old-key-unknown"]),
        ({"notebook": NoNotebook("", "")}, policy(canary=BIRD), ["overlap-needs-notebook"]),
        ({"notebook": NoNotebook("", "")}, policy(canary=BIRD, exposure=Exposure()), []),
        ({"notebook": NoNotebook("", "")}, policy(canary=BIRD, command=Command.SWEEP), []),
        ({}, policy(value_at_hand="other"), ["current-key-unknown"]),
        ({}, policy(value_at_hand="other", self_rotation=False), ["current-key-unknown"]),
        ({}, policy(value_at_hand="f4", command=Command.SWEEP), ["value-differs"]),
        ({}, minted(value_at_hand="f4", command=Command.SWEEP), []),
        ({"keys": (key(3), key(4), key(5, key(4).name))}, policy(), ["duplicate-key-name"]),
        ({"keys": tuple(map(key, range(3, 8)))}, policy(), ["too-many-live-keys"]),
        ({"keys": tuple(map(key, range(3, 7)))}, policy(), []),
    ],
)
def test_a_guard_says_no_exactly_when_it_should(seen: dict[str, Any], asked: Policy, expected: list[str]) -> None:
    assert reasons(snapshot(**seen), asked) == expected


def test_every_unreadable_part_is_told_once() -> None:
    other = SourceError("github-unreachable", "no answer")
    seen = snapshot(issuer=BROKEN, previous=BROKEN, keys=BROKEN, destinations={"d": other}, notebook=other)
    assert reasons(seen, minted()) == ["neon-unreachable", "github-unreachable"]


def test_the_candidates_are_listed_to_paste_and_cannot_add_lines() -> None:
    seen = snapshot(notebook=FIRST, keys=tuple(key(number, f"key\n    api_key: {number}") for number in range(1, 15)))
    asked = minted(value_at_hand=None)
    (problem,) = guards.problems(seen, assess(seen, asked), asked, NOW)
    lines = problem.remedy.splitlines()
    assert [line for line in lines if line.startswith("    old_key_id: ")][:2] == [
        "    old_key_id: 1    # key·    api_key: 1",
        "    old_key_id: 2    # key·    api_key: 2",
    ]
    assert lines[-1] == "    old_key_id: none"
    assert len(lines) == 13


def test_a_lock_is_told_with_its_holder_and_end() -> None:
    told = guards.lock_held(lock(expires_at=NOW + timedelta(minutes=3)))
    assert told.message == "Run 66 (attempt 1) holds the rotation lock until 2026-11-23 04:26:00 UTC."


def test_what_cannot_end_in_time_is_not_begun_but_after_an_exposure() -> None:
    seen, hours = snapshot(), timedelta(hours=7)
    asked = policy(lasting=hours)
    assert [one.reason for one in place_guards.time(seen, assess(seen, asked), asked, NOW)] == [
        "longer-than-time-limit"
    ]
    for allowed in (
        policy(lasting=hours, time_limit=timedelta(hours=8)),
        policy(lasting=hours, exposure=Exposure()),
        policy(lasting=hours, command=Command.SWEEP),
        policy(lasting=hours, cadence=Cadence(timedelta(days=99))),
    ):
        assert list(place_guards.time(seen, assess(seen, allowed), allowed, NOW)) == []
