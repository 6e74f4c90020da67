"""The knock in the decisions: when, and what follows from each way in which it can end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rotate.errors import Outcome
from rotate.protocol.decisions import knock, machine
from rotate.protocol.decisions.machine import decide
from rotate.protocol.decisions.recovery import assess, members
from rotate.protocol.facts.events import describe
from rotate.protocol.facts.model import Dead, Liveness, NotebookFacts, Snapshot
from rotate.protocol.facts.moves import Authority, Finish, Knock, Knocked, Result, Revoke, Status, WriteNote
from rotate.protocol.facts.note_texts import read_note, write_note
from rotate.protocol.facts.policy import Exposure, Policy
from rotate.protocol.facts.progress import Progress, learn
from rotate.protocol.story.fold import fold
from tests.support.build import NOW, PLACE, key, lock, minted, note, pending, policy, snapshot

PATTERN = (True, False, True)
OURS = NotebookFacts(None, lock(run_id=77, attempt=1, token="aaaa"))
HAND, OTHER = key(3, "hand"), key(2, "deploy")
FIRST = snapshot(keys=(OTHER, HAND), notebook=OURS)
ASKED = policy(old_key_id=3, pattern=PATTERN)
STORED = Progress(
    lock=Outcome.APPLIED,
    surveyed=True,
    tried=(key(5).name,),
    issue=Outcome.APPLIED,
    pending=pending(5),
    verified=True,
    put={PLACE: Outcome.APPLIED},
    confirmed={PLACE: True},
    stood={PLACE: NOW},
)


def moved(*ids: tuple[int, ...]) -> Knocked:
    """Give what was seen in each window."""
    return Knocked(PATTERN, tuple(frozenset(one) for one in ids))


FOLLOWS = moved((3, 5), (5,), (3, 5))
ANOTHER = moved((2, 5), (5,), (2, 5))
NOBODY = moved((5,), (3, 5), (3, 5))


def heard(knocked: Knocked) -> Progress:
    """Give what a run holds after a knock."""
    return replace(STORED, knocked=knocked, control=Liveness.ALIVE)


@pytest.mark.parametrize(
    ("knocked", "ids"),
    [
        (FOLLOWS, (3,)),
        (ANOTHER, (2,)),
        (NOBODY, ()),
        (moved((2, 3), (), (2, 3)), (2, 3)),
        (moved((3,), ()), ()),
        (Knocked((), ()), ()),
        (Knocked((True,), (frozenset({3}),)), ()),
    ],
)
def test_a_key_follows_that_moved_in_every_window_of_use_and_in_no_other(
    knocked: Knocked, ids: tuple[int, ...]
) -> None:
    assert knocked.followers == ids


@pytest.mark.parametrize(
    ("seen", "asked", "by"),
    [
        (FIRST, ASKED, Authority.PENDING),
        (FIRST, replace(ASKED, old_key_id=None, find_old_key=True), Authority.PENDING),
        (replace(FIRST, previous=FIRST.issuer), replace(ASKED, self_rotation=False), Authority.ISSUER),
    ],
)
def test_it_comes_when_every_destination_holds_the_new_key(seen: Snapshot, asked: Policy, by: Authority) -> None:
    assert decide(seen, STORED, asked, NOW) == (Knock(by, PATTERN),)


@pytest.mark.parametrize(
    ("changes", "asked", "progress"),
    [
        ({}, replace(ASKED, pattern=()), STORED),
        ({}, ASKED, heard(FOLLOWS)),
        ({}, ASKED, replace(STORED, stopping=True)),
        ({}, replace(ASKED, exposure=Exposure()), STORED),
        ({}, replace(ASKED, value_at_hand=None), STORED),
        ({}, replace(ASKED, old_key_id=4), STORED),
        ({"notebook": replace(OURS, note=note())}, ASKED, STORED),
        ({"keys": (OTHER, key(3))}, ASKED, STORED),
        ({"previous": Dead()}, minted(old_key_id=3, pattern=PATTERN), STORED),
        ({}, ASKED, replace(STORED, confirmed={})),
    ],
    ids=[
        "no pattern",
        "done",
        "asked to stop",
        "after an exposure",
        "no value at hand",
        "nothing to revoke",
        "the note knows it",
        "a key of our own",
        "the value is dead",
        "not confirmed",
    ],
)
def test_it_does_not_come_otherwise(changes: dict[str, Any], asked: Policy, progress: Progress) -> None:
    step = decide(replace(FIRST, **changes), progress, asked, NOW)
    assert isinstance(step, Finish) or not [move for move in step if isinstance(move, Knock)]


def ended(knocked: Knocked, asked: Policy) -> tuple[list[str], list[int]]:
    """Go on after a knock to the revoke, or to the end; give the problems, and what is revoked."""
    progress = heard(knocked)
    for _ in range(5):
        step = decide(FIRST, progress, asked, NOW)
        if isinstance(step, Finish):
            return [one.reason for one in step.problems], []
        gone = [move.key.key_id for move in step if isinstance(move, Revoke)]
        if gone:
            return [], gone
        for move in step:
            progress = learn(progress, move, Result(Outcome.APPLIED))
    raise AssertionError(progress)


AUTO = replace(ASKED, old_key_id=None, find_old_key=True)


@pytest.mark.parametrize(
    ("knocked", "asked", "reasons", "revoked"),
    [
        (FOLLOWS, ASKED, [], [3]),
        (NOBODY, ASKED, [], [3]),
        (ANOTHER, ASKED, ["old-key-contradicted"], []),
        (FOLLOWS, AUTO, [], [3]),
        (NOBODY, AUTO, ["old-key-not-shown"], []),
        (moved((2, 3), (), (2, 3)), AUTO, ["old-key-not-shown"], []),
    ],
)
def test_what_a_knock_shows_decides_what_is_revoked(
    knocked: Knocked, asked: Policy, reasons: list[str], revoked: list[int]
) -> None:
    assert ended(knocked, asked) == (reasons, revoked)


def test_a_contradiction_is_written_down_and_heeded_by_every_later_run() -> None:
    step = decide(FIRST, heard(ANOTHER), ASKED, NOW)
    assert not isinstance(step, Finish)
    (written,) = [move.note for move in step if isinstance(move, WriteNote)]
    asked = replace(ASKED, old_key_id=3, pattern=PATTERN)
    assert (written.refuted, written.shown, [one.key_id for one in written.previous]) == (3, 2, [])
    assert read_note(write_note(written), "the note") == written
    later = replace(FIRST, keys=(OTHER, HAND, key(5)), notebook=NotebookFacts(written, None))
    assert [one.key_id for one in members(later, asked)] == [5]
    refused = decide(later, Progress(), asked, NOW)
    assert isinstance(refused, Finish)
    assert refused.problems[0].reason == "old-key-contradicted"
    assert "    old_key_id: 2" in refused.problems[0].remedy


def test_a_key_of_our_own_that_follows_says_nothing_of_the_one_that_was_named() -> None:
    seen = replace(FIRST, keys=(OTHER, HAND, key(4)))
    assert knock.heeded(ASKED, heard(moved((4,), (), (4,))), seen) == ASKED


def test_a_key_that_left_the_list_is_told_by_its_id() -> None:
    problem = knock.contradicted(9, 3, FIRST)
    assert "names key 9, but" in problem.message
    assert "    old_key_id: 3    # hand" in problem.remedy


def test_the_reader_is_told_what_followed_and_warned_where_nothing_did() -> None:
    move = Knock(Authority.PENDING, PATTERN)
    said = [describe(move, Result(Outcome.APPLIED, knocked=one), NOW, 1.0).detail for one in (FOLLOWS, NOBODY)]
    assert said == ["key 3 followed the pattern, and no other did", "no key followed the pattern: no verdict"]
    both = Result(Outcome.APPLIED, knocked=moved((2, 3), (), (2, 3)))
    assert describe(move, both, NOW, 1.0).detail == "several keys followed the pattern: no verdict"
    assert describe(move, Result(Outcome.APPLIED), NOW, 1.0).detail == "no key followed the pattern: no verdict"
    held = replace(heard(NOBODY), revoke_tries={3: 1}, revoked={3: Outcome.APPLIED})
    report = fold(Finish(Status.ROTATED, "done"), (FIRST, FIRST), held, ASKED, (), (NOW, NOW))
    assert [one.reason for one in report.warnings] == ["old-key-not-shown"]
    assert "was revoked on your word" in report.warnings[0].message


def test_a_move_without_an_answer_is_no_verdict() -> None:
    assert learn(STORED, Knock(Authority.PENDING, PATTERN), Result(Outcome.NO_EFFECT)).knocked == Knocked(PATTERN, ())


def test_the_clause_stands_before_the_note_and_its_verdict_after_it() -> None:
    names = [clause.__qualname__ for clause in machine.CLAUSES]
    assert names.index("confirm") < names.index("ask") < names.index("note_and_control") < names.index("judge")
    assert assess(FIRST, ASKED).base == HAND
