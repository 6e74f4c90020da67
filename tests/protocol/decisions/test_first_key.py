"""The first rotation of a key that was made by hand: what is said of it, and what contradicts that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rotate.errors import Outcome
from rotate.protocol.decisions.first_key_guards import lines_to_add, used_just_now
from rotate.protocol.decisions.guards import problems
from rotate.protocol.decisions.position import Position
from rotate.protocol.decisions.recovery import assess
from rotate.protocol.decisions.verdicts import doubt
from rotate.protocol.facts.model import Dead, LiveKey, Liveness, NotebookFacts, Snapshot
from rotate.protocol.facts.moves import Proof
from rotate.protocol.facts.policy import Command, Exposure, Policy
from rotate.protocol.facts.progress import Progress
from tests.support.build import ADA, NOW, ORGANIZATION, key, minted, note, pending, policy, snapshot

FIRST = NotebookFacts(None, None)
USED = NOW - timedelta(seconds=3)


def hand_made(key_id: int, *, used: bool = False) -> LiveKey:
    """A key without our marker."""
    return key(key_id, f"hand {key_id}", last_used_at=USED if used else NOW - timedelta(days=3))


def reasons(seen: Snapshot, asked: Policy) -> list[str]:
    """Give the reason codes of all that says no."""
    return [one.reason for one in problems(seen, assess(seen, asked), asked, NOW)]


@pytest.mark.parametrize(
    ("seen", "asked", "said"),
    [
        (snapshot(), policy(), ["old-key-contradicted"]),
        (snapshot(issuer=ADA, previous=ORGANIZATION), minted(), ["old-key-contradicted"]),
        (snapshot(previous=Dead()), minted(), []),
        (snapshot(), minted(value_at_hand=None), []),
        (snapshot(), policy(command=Command.SWEEP), []),
    ],
)
def test_none_is_contradicted_by_a_value_that_answers(seen: Snapshot, asked: Policy, said: list[str]) -> None:
    keys = (hand_made(9),)
    assert reasons(replace(seen, notebook=FIRST, keys=keys), replace(asked, nothing_before=True)) == said


def test_an_exposed_key_is_asked_for_by_its_own_guard_alone() -> None:
    seen = snapshot(notebook=FIRST, keys=(hand_made(9),))
    assert reasons(seen, policy(exposure=Exposure(key_id=99))) == ["exposed-key-unknown"]


def test_none_is_harmless_once_a_key_of_ours_lives() -> None:
    assert reasons(snapshot(), policy(nothing_before=True)) == []
    assert reasons(snapshot(notebook=FIRST), policy(nothing_before=True)) == []


def test_what_contradicts_none_is_said_with_what_to_do() -> None:
    seen = snapshot(notebook=FIRST, keys=(hand_made(9),), previous=ORGANIZATION)
    asked = minted(nothing_before=True)
    (told,) = problems(seen, assess(seen, asked), asked, NOW)
    assert "leave out `current_key`" in told.remedy
    assert "old_key_id: none" not in told.remedy


def test_the_key_that_this_run_used_comes_first_where_no_other_was_used() -> None:
    seen = snapshot(keys=(hand_made(8), hand_made(9, used=True)), notebook=FIRST)
    first, second, third = lines_to_add(seen, policy(), NOW).splitlines()[2:]
    assert first == "    old_key_id: 9    # hand 9: used by this run just now; no other key was"
    assert second == "    old_key_id: 8    # hand 8"
    assert third == "    old_key_id: auto    # let the run find out which key the value is"


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        (snapshot(keys=(hand_made(8), hand_made(9, used=True))), 9),
        (snapshot(keys=(hand_made(8, used=True), hand_made(9, used=True))), None),
        (snapshot(keys=(hand_made(8), hand_made(9, used=True)), issuer=Dead()), None),
        (snapshot(keys=(key(9, "never used"),)), None),
    ],
)
def test_only_one_key_that_was_used_is_a_hint(seen: Snapshot, found: int | None) -> None:
    used = used_just_now(seen, policy(), NOW)
    assert (used and used.key_id) == found


def ended(asked: Policy, revoked: int, keys: tuple[LiveKey, ...]) -> list[str]:
    """Give what is told where the old value answers 200 after a revoke."""
    progress = Progress(
        tried=(key(5).name,),
        pending=pending(5),
        revoked={revoked: Outcome.APPLIED},
        revoke_tries={revoked: 1},
        proof=Proof(Liveness.ALIVE, Liveness.ALIVE, (key(5),)),
    )
    seen = snapshot(keys=keys, notebook=FIRST)
    position = Position(seen, progress, asked, NOW, assess(seen, asked))
    assert progress.proof
    return [f"{one.reason}: {one.message}" for one in [doubt(position, progress.proof)] if one]


def test_a_bystander_that_the_person_named_is_told_by_name() -> None:
    told = ended(policy(old_key_id=9), 9, (hand_made(8), hand_made(9)))
    assert told[0].startswith("bystander-revoked: Key 9 (hand 9) was revoked, because `old_key_id` named it.")
    assert ended(policy(old_key_id=9), 9, ())[0].startswith("bystander-revoked: Key 9 was revoked")


def test_a_key_of_the_lineage_that_outlives_its_revoke_is_no_bystander() -> None:
    assert ended(policy(old_key_id=9), 3, (key(3), hand_made(9)))[0].startswith("old-key-alive: ")
    seen = snapshot(notebook=NotebookFacts(note(), None), keys=(key(3), hand_made(9)))
    asked = policy(old_key_id=9)
    progress = Progress(revoked={9: Outcome.APPLIED}, proof=Proof(Liveness.ALIVE, None, ()))
    assert progress.proof
    told = doubt(Position(seen, progress, asked, NOW, assess(seen, asked)), progress.proof)
    assert told is not None
    assert told.reason == "old-key-alive"
