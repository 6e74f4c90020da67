"""What the end may claim, and what it may not: single decisions behind verdicts, proofs and bounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rotate.errors import Outcome, SourceError
from rotate.protocol.decisions import revocation
from rotate.protocol.decisions.machine import decide
from rotate.protocol.decisions.position import Position
from rotate.protocol.decisions.recovery import assess
from rotate.protocol.facts.aspects import EVIDENCE
from rotate.protocol.facts.cadence import Cadence
from rotate.protocol.facts.model import Dead, Liveness, LiveRun, NoNotebook, NotebookFacts, Snapshot
from rotate.protocol.facts.moves import Authority, Finish, Observe, Proof, Release, Result, Revoke, Status
from rotate.protocol.facts.note import PreviousKey
from rotate.protocol.facts.policy import Command, Exposure, OnStraggler, Overlap, Policy
from rotate.protocol.facts.progress import Progress, learn
from rotate.protocol.story.fold import fold
from tests.support.build import (
    ADA,
    NOW,
    ORGANIZATION,
    PLACE,
    confirmed,
    key,
    lock,
    minted,
    note,
    pending,
    policy,
    snapshot,
)

BROKEN = SourceError("neon-unreachable", "no answer")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LOCKED = Progress(lock=Outcome.APPLIED, surveyed=True, fenced=True)
DONE = replace(
    LOCKED,
    tried=("acme_0a1b.77.1.aaaa1",),
    issue=Outcome.APPLIED,
    pending=pending(5),
    verified=True,
    put={PLACE: Outcome.APPLIED},
    confirmed={PLACE: True},
    noted_confirmed=Outcome.APPLIED,
    control=Liveness.ALIVE,
    released=Outcome.APPLIED,
)
STRAGGLER = LiveRun(66, "octo-org/payments", "waiting", NOW - 2 * DAY, "https://github.example/runs/66")


def ours(known: Any, **changes: Any) -> Snapshot:
    """Our own lock is held, beside this note."""
    run = policy().run
    mine = lock(run_id=run.run_id, attempt=run.attempt, token=run.nonce)
    return snapshot(notebook=NotebookFacts(known, mine), **changes)


def ended(seen: Snapshot, progress: Progress, asked: Policy) -> tuple[Status, list[str]]:
    """Decide, and expect an end."""
    step = decide(seen, progress, asked, NOW)
    assert isinstance(step, Finish), step
    return step.status, [problem.reason for problem in step.problems]


def position(seen: Snapshot, progress: Progress, asked: Policy) -> Position:
    """One moment."""
    return Position(seen, progress, asked, NOW, assess(seen, asked))


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ((Outcome.APPLIED, Outcome.APPLIED), Status.ROTATED),
        ((Outcome.UNKNOWN, Outcome.APPLIED), Status.ROTATED),
        ((Outcome.APPLIED, Outcome.UNKNOWN), Status.INCOMPLETE),
    ],
)
def test_a_dead_value_proves_the_end_of_its_own_key_and_of_no_other(
    outcomes: tuple[Outcome, Outcome], status: Status
) -> None:
    """The value at hand is key 3's; key 4 is what an earlier run left."""
    revoked = dict(zip((3, 4), outcomes, strict=True))
    unread = Proof(Liveness.DEAD, Liveness.ALIVE, None)
    held = replace(DONE, revoked=revoked, revoke_tries={3: 1, 4: 1}, proof=unread)
    reasons = [] if status is Status.ROTATED else ["death-not-proven"]
    assert ended(snapshot(keys=BROKEN), held, policy()) == (status, reasons)


@pytest.mark.parametrize(("left_by_a_dead_run", "noted"), [((), "f3"), ((key(4),), None)])
def test_the_value_of_a_first_run_is_not_taken_for_the_old_keys_if_a_dead_run_may_have_written_another(
    left_by_a_dead_run: tuple[Any, ...], noted: str | None
) -> None:
    seen = ours(None, keys=(key(3, "made by hand"), *left_by_a_dead_run))
    moment = position(seen, replace(DONE, pending=pending(5)), policy(old_key_id=3))
    written = moment.note_to_write(confirmed=confirmed(5))
    assert {one.key_id: one.fingerprint for one in written.previous}[3] == noted
    assert moment.value_at_hand_id == (3 if noted else None)


def test_a_value_that_is_not_the_confirmed_ones_is_not_taken_for_it() -> None:
    assert position(snapshot(), Progress(), policy(value_at_hand="f3")).value_at_hand_id == 3
    assert position(snapshot(), Progress(), policy(value_at_hand="other")).value_at_hand_id is None


@pytest.mark.parametrize("runs", [(), (STRAGGLER,)])
def test_the_value_of_a_key_that_is_held_is_not_asked_to_be_dead(runs: tuple[LiveRun, ...]) -> None:
    """It would answer 200, and the question would count as a use of it."""
    seen = ours(note(), keys=(key(3), key(5)), runs=runs)
    asked = policy(overlap=Overlap(drain=True))
    proof = revocation.proof(position(seen, replace(DONE, evidence=True), asked))
    assert proof.previous is (runs == ())


def test_a_run_whose_lease_ended_amid_its_writes_begins_nothing_after_it_gave_the_lock_back() -> None:
    """Without the lock there is no lease to look at: that must not read as leave to go on."""
    asked = policy(destinations=(PLACE, "elsewhere"))
    seen = ours(note(), keys=(key(3), key(5)))
    held = replace(DONE, confirmed={}, noted_confirmed=None, released=None, lease=NOW)
    step = decide(seen, held, asked, NOW)
    assert not isinstance(step, Finish)
    (release,) = step
    assert isinstance(release, Release)
    after = learn(held, release, Result(Outcome.APPLIED))
    assert ended(seen, after, asked) == (Status.INCOMPLETE, ["distribution-unfinished"])


def exposed_end(proof: Proof, **changes: Any) -> tuple[Status, list[str], bool]:
    """End a run after an exposure of key 3, and tell whether the report calls the key dead."""
    asked = policy(exposure=Exposure(), **changes)
    held = replace(DONE, revoked={3: Outcome.APPLIED}, revoke_tries={3: 1}, runs_seen=True, proof=proof)
    first, last = snapshot(), snapshot(keys=(key(3), key(5)))
    step = decide(last, held, asked, NOW)
    assert isinstance(step, Finish)
    report = fold(step, (first, last), held, asked, (), (NOW, NOW))
    assert report.incident
    return step.status, [problem.reason for problem in step.problems], report.incident.dead


def test_an_exposed_value_that_still_answers_is_not_called_dead_whatever_the_list_says() -> None:
    alive = Proof(Liveness.ALIVE, Liveness.ALIVE, (key(5),))
    assert exposed_end(alive) == (Status.FAILED, ["exposed-key-alive", "old-key-alive"], False)
    dead = Proof(Liveness.DEAD, Liveness.ALIVE, (key(5),))
    assert exposed_end(dead) == (Status.ROTATED, [], True)


def test_an_exposed_key_that_is_still_listed_is_not_called_dead_though_its_revoke_was_taken() -> None:
    listed = Proof(Liveness.DEAD, Liveness.ALIVE, (key(3), key(5)))
    assert exposed_end(listed) == (Status.FAILED, ["exposed-key-alive", "still-listed"], False)


@pytest.mark.parametrize(
    ("seen", "exposure", "found_dead"),
    [
        ({"keys": BROKEN}, Exposure(), False),
        ({"keys": BROKEN, "issuer": Dead()}, Exposure(), True),
        ({"keys": BROKEN, "issuer": Dead()}, Exposure(key_id=2), False),
        ({"keys": (key(5),)}, Exposure(), False),
        ({"keys": (key(5),), "issuer": Dead()}, Exposure(), True),
        ({"keys": (key(3),)}, Exposure(), False),
    ],
)
def test_a_list_that_could_not_be_read_is_no_death(seen: dict[str, Any], exposure: Exposure, found_dead: bool) -> None:
    asked, looked = policy(exposure=exposure), snapshot(issuer=seen.pop("issuer", ADA), **seen)
    report = fold(Finish(Status.FAILED, "no"), (looked, looked), Progress(), asked, (), (NOW, NOW))
    assert report.incident
    assert (report.incident.found_dead, report.incident.dead) == (found_dead, found_dead)


NO_NOTE = {"notebook": NoNotebook("no token", "give one")}
CROWD = tuple(map(key, range(1, 6)))
HELD = tuple(PreviousKey(number, f"f{number}", NOW - DAY, NOW - HOUR) for number in range(1, 5))
FULL = note(confirmed=confirmed(5), previous=HELD)


def test_at_the_bound_of_live_keys_what_outlived_its_time_goes_before_anything_is_issued() -> None:
    step = decide(ours(FULL, keys=CROWD), LOCKED, policy(value_at_hand="f5"), NOW)
    assert step == tuple(Revoke(key(number), Authority.ISSUER, confirmed(5)) for number in range(1, 5))


def test_at_the_bound_of_live_keys_a_straggler_ends_in_a_refusal_and_never_in_one_more_key() -> None:
    asked = policy(value_at_hand="f5", overlap=Overlap(HOUR, drain=True))
    seen = ours(FULL, keys=CROWD, runs=(STRAGGLER,))
    assert decide(seen, LOCKED, asked, NOW) == (Observe(EVIDENCE),)
    looked = replace(LOCKED, evidence=True, released=Outcome.APPLIED)
    assert ended(seen, looked, asked) == (Status.REFUSED, ["too-many-live-keys"])
    assert ended(seen, looked, replace(asked, max_live_keys=6, command=Command.SWEEP)) == (Status.UNCHANGED, [])


def test_at_the_bound_of_live_keys_a_key_that_is_not_due_is_no_problem() -> None:
    later = note(confirmed=confirmed(5), previous=tuple(replace(one, revoke_after=NOW + HOUR) for one in HELD))
    seen = snapshot(keys=CROWD, notebook=NotebookFacts(later, None))
    asked = policy(value_at_hand="f5", cadence=Cadence(90 * DAY), overlap=Overlap(2 * DAY))
    assert ended(seen, Progress(), asked) == (Status.UNCHANGED, [])


def test_what_this_run_revoked_is_not_told_as_left_over() -> None:
    seen = ours(note(), keys=(key(2), key(3), key(4)))
    held = replace(LOCKED, revoked={2: Outcome.APPLIED}, revoke_tries={2: 1}, proof=Proof(None, Liveness.ALIVE, None))
    held = replace(held, proof=Proof(None, Liveness.ALIVE, (key(3), key(4))), released=Outcome.APPLIED)
    step = decide(seen, held, policy(command=Command.SWEEP), NOW)
    assert isinstance(step, Finish)
    assert "key 4 is alive" in step.why
    assert "2" not in step.why


@pytest.mark.parametrize(("choice", "goes"), [(OnStraggler.HOLD, False), (OnStraggler.REVOKE, True)])
def test_after_the_longest_overlap_the_choice_for_stragglers_decides(choice: OnStraggler, goes: bool) -> None:
    old = PreviousKey(2, "f2", NOW - 36 * DAY, NOW - 35 * DAY)
    seen = ours(note(previous=(old,)), keys=(key(2), key(3)), runs=(replace(STRAGGLER, started_at=NOW - 40 * DAY),))
    asked = minted(command=Command.SWEEP, overlap=Overlap(DAY, drain=True, on_straggler=choice))
    held = replace(LOCKED, evidence=True, looked=True, released=None if goes else Outcome.APPLIED)
    step = decide(seen, held, asked, NOW)
    if goes:
        assert step == (Revoke(key(2), Authority.ISSUER, confirmed(3)),)
    else:
        assert isinstance(step, Finish)
        assert [problem.reason for problem in step.problems] == ["straggler-holds"]
        assert STRAGGLER.url in step.problems[0].message


@pytest.mark.parametrize(
    ("seen", "asked", "reasons"),
    [
        ({"keys": (key(9, "by hand"),), **NO_NOTE}, policy(), ["key-age-unknown"]),
        ({"keys": (key(9, "by hand"),), **NO_NOTE}, policy(old_key_id=9), ["key-too-old"]),
        ({"keys": BROKEN, "issuer": ORGANIZATION}, minted(self_rotation=True), ["key-too-old"]),
        ({"keys": BROKEN, "issuer": ORGANIZATION, **NO_NOTE}, minted(self_rotation=True), ["key-age-unknown"]),
        ({}, policy(), ["key-too-old"]),
        ({"keys": (key(3, created_at=NOW - HOUR),)}, policy(), []),
        ({"issuer": Dead(), "keys": BROKEN}, policy(), ["api-key-dead"]),
    ],
)
def test_a_check_of_the_age_says_no_where_it_cannot_look(
    seen: dict[str, Any], asked: Policy, reasons: list[str]
) -> None:
    asked = replace(asked, command=Command.CHECK, max_age=30 * DAY)
    found = decide(snapshot(**seen), Progress(), asked, NOW)
    assert isinstance(found, Finish)
    assert [problem.reason for problem in found.problems] == reasons
