"""Who may be called dead: by which witness, and by which not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rotate.errors import Outcome, SourceError
from rotate.protocol.decisions import deaths
from rotate.protocol.decisions.exposed_guards import distance
from rotate.protocol.decisions.guards import problems
from rotate.protocol.decisions.position import Position
from rotate.protocol.decisions.recovery import assess
from rotate.protocol.decisions.verdicts import exposed_alive
from rotate.protocol.facts.model import Dead, LiveKey, Liveness, NotebookFacts, Snapshot
from rotate.protocol.facts.moves import Proof
from rotate.protocol.facts.note import PreviousKey
from rotate.protocol.facts.policy import Exposure, Policy
from rotate.protocol.facts.progress import Progress
from rotate.protocol.story.incident import incident
from tests.support.build import ADA, NOW, ORGANIZATION, confirmed, key, minted, note, pending, policy, snapshot

BROKEN = SourceError("neon-unreachable", "no answer")
EXPOSED = Exposure()
LONG_AGO = NOW - timedelta(days=1)
SINCE = PreviousKey(2, "f2", LONG_AGO, LONG_AGO)


def noted(**changes: Any) -> NotebookFacts:
    """A notebook with a note of this account."""
    return NotebookFacts(note(**{"account": "ada", **changes}), None)


def of(seen: Snapshot, asked: Policy, progress: Progress | None = None) -> Position:
    """One moment of a run."""
    return Position(seen, progress or Progress(), asked, NOW, assess(seen, asked))


@pytest.mark.parametrize(
    ("note_before", "counts"),
    [
        (noted(), True),
        (noted(account=""), True),
        (noted(account="somebody"), False),
        (NotebookFacts(None, None), False),
        (noted(confirmed=replace(confirmed(3), at=NOW - timedelta(seconds=8))), False),
    ],
    ids=["seen long ago", "by an earlier note", "of another account", "never seen", "just made: the list may be late"],
)
def test_absence_proves_the_death_of_a_key_that_was_seen_alive_alone(note_before: NotebookFacts, counts: bool) -> None:
    seen = snapshot(keys=(key(5),), notebook=note_before, issuer=ADA)
    assert deaths.absence_counts(seen, policy(), 3, NOW) is counts


@pytest.mark.parametrize(
    ("changes", "at_hand", "dead"),
    [
        ({"issuer": Dead()}, "f3", True),
        ({"issuer": Dead(), "notebook": NotebookFacts(None, None)}, "cut off", True),
        ({"issuer": Dead(), "keys": BROKEN}, "f3", True),
        ({"issuer": Dead(), "keys": BROKEN}, "cut off", False),
        ({"issuer": ADA}, "f3", False),
        ({"issuer": ADA, "notebook": NotebookFacts(None, None)}, "f3", False),
        ({"issuer": ADA, "notebook": noted(previous=(SINCE,), confirmed=confirmed(4))}, "f4", False),
        ({"issuer": Dead(), "notebook": noted(confirmed=confirmed(4), account="bob")}, "f4", False),
    ],
)
def test_a_key_is_found_dead_by_its_own_witnesses(changes: dict[str, Any], at_hand: str, dead: bool) -> None:
    seen = snapshot(**{"keys": (key(5),), **changes})
    assert deaths.found_dead(seen, policy(value_at_hand=at_hand), 3, NOW) is dead


def test_a_listed_key_is_alive_whatever_else_is_said() -> None:
    assert not deaths.found_dead(snapshot(issuer=Dead()), policy(), 3, NOW)


@pytest.mark.parametrize(
    ("changes", "asked", "ids"),
    [
        ({"keys": ()}, policy(), [3]),
        ({"keys": (), "notebook": noted(confirmed=None, pending=pending(3))}, policy(), [3]),
        ({"keys": (), "issuer": Dead()}, policy(), []),
        ({"keys": (), "notebook": noted(account="bob")}, policy(), []),
        ({"keys": (), "notebook": NotebookFacts(None, None)}, policy(), []),
        ({"keys": ()}, policy(value_at_hand="f9"), []),
        ({"keys": (key(3),)}, policy(), [3]),
        ({"keys": (), "previous": ORGANIZATION, "notebook": noted(account="org-a")}, minted(), [3]),
        ({"keys": BROKEN}, policy(), []),
    ],
)
def test_a_value_that_answers_vouches_for_its_key_where_the_list_is_late(
    changes: dict[str, Any], asked: Policy, ids: list[int]
) -> None:
    assert [one.key_id for one in deaths.completed(snapshot(**changes), asked).live] == ids


@pytest.mark.parametrize(
    ("changes", "asked", "exposed"),
    [
        ({}, {"exposure": Exposure(key_id=9)}, 9),
        ({}, {}, 3),
        ({"notebook": noted(previous=(SINCE,))}, {"value_at_hand": "f2"}, 2),
        ({}, {"value_at_hand": "f9"}, None),
        ({"issuer": Dead()}, {"value_at_hand": "f9"}, 3),
        ({"notebook": NotebookFacts(None, None)}, {"old_key_id": 1}, None),
        ({"notebook": BROKEN}, {"old_key_id": 1}, None),
        ({"notebook": NotebookFacts(None, None), "keys": (key(1, "hand"),)}, {"old_key_id": 1}, 1),
    ],
)
def test_the_exposed_key_is_the_value_at_hand_unless_the_person_says_otherwise(
    changes: dict[str, Any], asked: dict[str, Any], exposed: int | None
) -> None:
    assert assess(snapshot(**changes), policy(**{"exposure": EXPOSED, **asked})).exposed == exposed


def test_a_key_of_this_very_run_is_no_reason_to_doubt_what_the_person_said() -> None:
    asked = policy(exposure=EXPOSED, old_key_id=1)
    mine = key(4, f"acme_0a1b.77.1.{asked.run.nonce}1")
    seen = snapshot(keys=(key(1, "hand"), mine), notebook=NotebookFacts(None, None))
    assert assess(seen, asked).exposed == 1


@pytest.mark.parametrize(
    ("progress", "dead"),
    [
        (Progress(), False),
        (Progress(proof=Proof(Liveness.DEAD, None, (key(5),)), revoked={3: Outcome.APPLIED}), True),
        (Progress(proof=Proof(Liveness.ALIVE, None, (key(5),)), revoked={3: Outcome.APPLIED}), False),
    ],
)
def test_the_death_of_a_value_whose_id_is_not_known_is_shown_by_itself(progress: Progress, dead: bool) -> None:
    asked = policy(exposure=EXPOSED, old_key_id=1)
    seen = snapshot(notebook=NotebookFacts(None, None))
    position = of(seen, asked, progress)
    told = incident(seen, position.situation, position, ())
    assert told
    assert (told.dead, told.key_id, exposed_alive(position) is None) == (dead, 3 if dead else None, dead)
    assert told.which == ("The exposed key 3" if dead else "The exposed key, whose id is not known,")
    assert told.to_do[0].startswith("Look at what" if dead else "Revoke it (the table of live keys shows")


@pytest.mark.parametrize(
    ("old_key_id", "live", "dead"),
    [
        (1, (key(5),), True),
        (1, (key(4), key(5)), False),
        (1, (key(1, "hand"), key(5)), False),
        (None, (key(5),), False),
        (1, None, False),
    ],
)
def test_a_value_that_was_refused_from_the_start_is_dead_when_no_key_is_left_that_it_could_open(
    old_key_id: int | None, live: tuple[LiveKey, ...] | None, dead: bool
) -> None:
    asked = minted(exposure=EXPOSED, old_key_id=old_key_id)
    progress = Progress(pending=pending(5), proof=Proof(Liveness.DEAD, Liveness.ALIVE, live))
    seen = snapshot(notebook=NotebookFacts(None, None), previous=Dead(), keys=(key(4),))
    assert deaths.shown(of(seen, asked, progress)) is dead
    assert not deaths.shown(of(seen, asked))


def test_without_value_and_id_nothing_is_said_of_an_exposed_key() -> None:
    asked = policy(exposure=EXPOSED, value_at_hand=None)
    seen = snapshot(notebook=NotebookFacts(None, None))
    position = of(seen, asked)
    assert (incident(seen, position.situation, position, ()), exposed_alive(position)) == (None, None)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "**The key in the secret, 3, IS STILL ALIVE**"),
        ({"issuer": BROKEN}, "The key in the secret, 3, may be alive"),
    ],
)
def test_a_key_that_nobody_ever_saw_is_refused_with_what_is_alive(changes: dict[str, Any], said: str) -> None:
    asked = policy(exposure=Exposure(key_id=33))
    seen = snapshot(**changes)
    (problem,) = [one for one in problems(seen, assess(seen, asked), asked, NOW) if one.reason == "exposed-key-unknown"]
    assert said in problem.message
    assert "Did you mean 3 (" in problem.message
    assert "    exposed_key_id: 3    # " in problem.remedy


def test_a_key_that_the_note_knows_is_no_unknown_one() -> None:
    asked = policy(exposure=Exposure(key_id=2))
    seen = snapshot(notebook=noted(previous=(SINCE,)))
    assert problems(seen, assess(seen, asked), asked, NOW) == ()


def test_where_no_id_is_near_every_live_key_is_offered() -> None:
    asked = policy(exposure=Exposure(key_id=123456))
    seen = snapshot(issuer=Dead(), keys=(key(7777777),))
    told = [one for one in problems(seen, assess(seen, asked), asked, NOW) if one.reason == "exposed-key-unknown"]
    assert "ALIVE" not in told[0].message
    assert "Did you mean" not in told[0].message
    assert "exposed_key_id: 7777777" in told[0].remedy
    empty = replace(seen, keys=())
    told = [one for one in problems(empty, assess(empty, asked), asked, NOW) if one.reason == "exposed-key-unknown"]
    assert told[0].remedy.endswith("with its own key.")


@pytest.mark.parametrize(
    ("one", "other", "far"),
    [
        ("330003", "3300003", 1),
        ("3300003", "3300003", 0),
        ("3300004", "3300003", 1),
        ("33", "3300003", 5),
        ("", "1", 1),
    ],
)
def test_the_distance_of_two_ids_is_the_number_of_slips(one: str, other: str, far: int) -> None:
    assert distance(one, other) == far


def test_the_list_of_another_account_is_refused() -> None:
    asked = minted(value_at_hand=None, org_id="org-b")
    seen = snapshot(notebook=noted(account="org-a"), keys=())
    told = problems(seen, assess(seen, asked), asked, NOW)
    assert [one.reason for one in told] == ["note-of-another-account"]


def test_the_note_tells_whose_keys_it_is_about() -> None:
    assert of(snapshot(), policy()).note_to_write().account == "ada"
    assert of(snapshot(issuer=BROKEN, notebook=noted()), policy()).note_to_write().account == "ada"
    assert of(snapshot(), minted()).note_to_write().account == "org-a"
