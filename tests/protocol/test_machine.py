"""Single decisions that the searches pass through, each by what it is for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from rotate.errors import ExitCode, InvariantViolated, Outcome, SourceError
from rotate.protocol.decisions import machine
from rotate.protocol.decisions.machine import decide
from rotate.protocol.decisions.recovery import assess
from rotate.protocol.decisions.triggers import days, why_rotate
from rotate.protocol.facts.aspects import EVERYTHING
from rotate.protocol.facts.destination import DestinationFacts
from rotate.protocol.facts.model import Liveness, NoNotebook, NotebookFacts, Snapshot
from rotate.protocol.facts.moves import Authority, Batch, Finish, Lock, Observe, Probe, Proof, Result, Revoke, Status
from rotate.protocol.facts.policy import Command, Policy
from rotate.protocol.facts.progress import Progress, learn
from rotate.protocol.story.fold import exit_code, fold
from tests.support.build import NOW, PLACE, confirmed, key, lock, minted, note, pending, policy, snapshot

BROKEN = SourceError("neon-unreachable", "no answer")
AT_WORK = NotebookFacts(note(), lock())
LONG_OVER = NotebookFacts(note(), lock(expires_at=NOW))


def finish(seen: Snapshot, progress: Progress, asked: Policy) -> Finish:
    """Decide, and expect an end."""
    step = decide(seen, progress, asked, NOW)
    assert isinstance(step, Finish), step
    return step


def ours(**changes: Any) -> Snapshot:
    """Our own lock is held."""
    run = policy().run
    mine = lock(run_id=run.run_id, attempt=run.attempt, token=run.nonce)
    return snapshot(notebook=NotebookFacts(note(), mine), **changes)


def batch(seen: Snapshot | None, progress: Progress, asked: Policy) -> Batch:
    """Decide, and expect moves."""
    step = decide(seen, progress, asked, NOW)
    assert not isinstance(step, Finish), step
    return step


DONE = Progress(
    lock=Outcome.APPLIED,
    surveyed=True,
    fenced=True,
    tried=("acme_0a1b.77.1.aaaa1",),
    issue=Outcome.APPLIED,
    pending=pending(4),
    verified=True,
    put={PLACE: Outcome.APPLIED},
    confirmed={PLACE: True},
    noted_confirmed=Outcome.APPLIED,
    control=Liveness.ALIVE,
    released=Outcome.APPLIED,
    stood={PLACE: NOW},
    looked=True,
)
GONE = replace(DONE, revoked={3: Outcome.APPLIED}, revoke_tries={3: 1})


def test_nothing_is_decided_before_the_first_look() -> None:
    assert batch(None, Progress(), policy()) == (Observe(EVERYTHING),)


def test_a_machine_without_an_answer_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "CLAUSES", ())
    with pytest.raises(InvariantViolated) as caught:
        decide(snapshot(), Progress(), policy(), NOW)
    assert caught.value.reason == "no-next-step"


def test_an_empty_destination_is_filled_again() -> None:
    seen = snapshot(destinations={PLACE: DestinationFacts(None)})
    trigger = why_rotate(seen, assess(seen, policy()), policy(), NOW)
    assert trigger
    assert trigger.reason == "destination-missing"


def test_a_destination_that_was_added_gets_the_key() -> None:
    seen = snapshot(notebook=NotebookFacts(note(destinations=()), None))
    trigger = why_rotate(seen, assess(seen, policy()), policy(), NOW)
    assert trigger
    assert trigger.reason == "destination-added"


@pytest.mark.parametrize(
    ("seen", "asked", "status", "reason"),
    [
        ({}, {}, Status.UNCHANGED, ""),
        ({"keys": (key(2), key(3))}, {}, Status.INCOMPLETE, "rotation-unfinished"),
        ({"keys": (key(3), key(4))}, {}, Status.INCOMPLETE, "rotation-unfinished"),
        ({"keys": (key(2), key(3)), "notebook": AT_WORK}, {}, Status.UNCHANGED, ""),
        ({"keys": (key(3), key(4)), "notebook": AT_WORK}, {}, Status.UNCHANGED, ""),
        ({"keys": (key(2), key(3)), "notebook": LONG_OVER}, {}, Status.INCOMPLETE, "rotation-unfinished"),
        ({"notebook": AT_WORK}, {"value_at_hand": "f2"}, Status.REFUSED, "value-differs"),
        ({"keys": (key(3), key(4)), "notebook": AT_WORK}, {"value_at_hand": "f4"}, Status.UNCHANGED, ""),
        ({"keys": (key(9, "mine"),)}, {}, Status.REFUSED, "confirmed-key-gone"),
        ({"keys": BROKEN}, {}, Status.FAILED, "neon-unreachable"),
        ({"keys": (), "notebook": NotebookFacts(None, None)}, {}, Status.UNCHANGED, ""),
    ],
)
def test_a_check_judges_the_key_as_it_stands(
    seen: dict[str, Any], asked: dict[str, Any], status: Status, reason: str
) -> None:
    ended = finish(snapshot(**seen), Progress(), policy(command=Command.CHECK, **asked))
    assert (ended.status, [problem.reason for problem in ended.problems]) == (status, [reason] if reason else [])


def test_a_sweep_says_that_an_unfinished_distribution_needs_a_rotation() -> None:
    seen = snapshot(keys=(key(3), key(4)))
    ended = finish(seen, Progress(), policy(command=Command.SWEEP))
    assert (ended.status, ended.problems[0].reason) == (Status.INCOMPLETE, "rotation-unfinished")


def test_a_sweep_revokes_what_is_older() -> None:
    seen = ours(keys=(key(2), key(3)))
    held = Progress(lock=Outcome.APPLIED, surveyed=True, fenced=True)
    expected = Revoke(key(2), Authority.ISSUER, confirmed(3))
    assert batch(seen, held, minted(command=Command.SWEEP)) == (expected,)


def test_the_control_is_taken_as_unknown_when_it_does_not_answer() -> None:
    held = learn(Progress(), Probe(), Result(Outcome.NO_EFFECT, error=BROKEN, liveness=Liveness.UNKNOWN))
    assert (held.control, held.warnings, held.errors) == (Liveness.UNKNOWN, (BROKEN,), ())


def proven(previous: Liveness | None, current: Liveness | None, *live: int) -> Progress:
    """A rotation whose end looks like this."""
    return replace(GONE, proof=Proof(previous, current, tuple(map(key, live)) if live else None))


@pytest.mark.parametrize(
    ("progress", "status", "reason"),
    [
        (proven(Liveness.DEAD, Liveness.ALIVE, 4), Status.ROTATED, ""),
        (proven(Liveness.DEAD, Liveness.ALIVE), Status.ROTATED, ""),
        (proven(None, Liveness.ALIVE, 4), Status.ROTATED, ""),
        (proven(Liveness.ALIVE, Liveness.ALIVE, 4), Status.INCOMPLETE, "old-key-alive"),
        (proven(Liveness.DEAD, Liveness.ALIVE, 3, 4), Status.INCOMPLETE, "still-listed"),
        (proven(Liveness.UNKNOWN, Liveness.ALIVE), Status.INCOMPLETE, "death-not-proven"),
        (proven(Liveness.DEAD, Liveness.DEAD, 4), Status.FAILED, "new-key-dead"),
    ],
)
def test_only_a_proof_ends_in_rotated(progress: Progress, status: Status, reason: str) -> None:
    ended = finish(ours(keys=(key(3), key(4))), progress, policy())
    assert (ended.status, [problem.reason for problem in ended.problems]) == (status, [reason] if reason else [])


def test_the_verdict_says_which_witnesses_spoke() -> None:
    seen = ours(keys=(key(3), key(4)))
    ended = finish(seen, proven(Liveness.DEAD, Liveness.ALIVE), policy())
    assert ended.why.endswith("its value answers 401 (200 before)")
    listed = finish(seen, proven(None, Liveness.ALIVE, 4), policy()).why
    assert listed == "key 3 is dead: absent from the list"
    uncontrolled = replace(proven(Liveness.DEAD, None, 4), control=Liveness.UNKNOWN)
    assert "(200 before)" not in finish(seen, uncontrolled, policy()).why


def test_a_lock_that_was_lost_stops_the_revoke() -> None:
    seen = snapshot(keys=(key(3), key(4)), notebook=NotebookFacts(note(), lock()))
    ended = finish(seen, replace(DONE, released=None), policy())
    assert (ended.status, ended.problems[0].reason) == (Status.INCOMPLETE, "lock-lost")


def test_a_revoke_without_an_answer_is_tried_again_three_times_at_most() -> None:
    seen = ours(keys=(key(3), key(4)))
    held = replace(DONE, revoked={3: Outcome.UNKNOWN}, revoke_tries={3: 2})
    assert batch(seen, held, policy()) == (Revoke(key(3), Authority.PENDING, replace(confirmed(4), at=NOW)),)
    ended = finish(seen, replace(held, revoke_tries={3: 3}), policy())
    assert (ended.status, ended.problems[0].reason) == (Status.INCOMPLETE, "revoke-failed")


def test_a_stale_lock_is_broken_by_name() -> None:
    stale = lock(run_completed=True)
    assert batch(snapshot(notebook=NotebookFacts(note(), stale)), Progress(), policy()) == (Lock(stale),)


def test_a_report_warns_of_what_a_person_should_know() -> None:
    seen = snapshot(notebook=NotebookFacts(note(destinations=(PLACE, "elsewhere")), None))
    held = replace(GONE, control=Liveness.DEAD, proof=Proof(Liveness.DEAD, Liveness.ALIVE, (key(4),)))
    told = fold(Finish(Status.ROTATED, "done"), (seen, seen), held, policy(), (), (NOW, NOW))
    assert [warning.reason for warning in told.warnings] == ["destination-dropped", "control-missing"]
    seen = snapshot(notebook=NoNotebook("no permission", "grant it"))
    told = fold(Finish(Status.ROTATED, "done"), (seen, seen), GONE, policy(), (), (NOW, NOW))
    assert [warning.reason for warning in told.warnings] == ["no-notebook"]


@pytest.mark.parametrize(
    ("put", "confirmed_at", "state"),
    [
        ({}, {}, "untouched"),
        ({PLACE: Outcome.NO_EFFECT}, {}, "failed"),
        ({PLACE: Outcome.UNKNOWN}, {}, "written, not confirmed"),
        ({PLACE: Outcome.APPLIED}, {PLACE: False}, "written, not confirmed"),
        ({PLACE: Outcome.APPLIED}, {PLACE: True}, "confirmed"),
    ],
)
def test_a_destination_is_told_as_it_stands(put: dict[str, Outcome], confirmed_at: dict[str, bool], state: str) -> None:
    held = replace(DONE, put=put, confirmed=confirmed_at)
    told = fold(Finish(Status.INCOMPLETE, "half"), (snapshot(), snapshot()), held, policy(), (), (NOW, NOW))
    assert told.places[0].state == state


def test_a_failure_that_revoked_nothing_says_that_nothing_was_changed() -> None:
    told = fold(Finish(Status.FAILED, "no"), (snapshot(), snapshot()), Progress(), policy(), (), (NOW, NOW))
    assert told.state == "Nothing was changed: the key in use is as it was."
    assert exit_code(Finish(Status.FAILED, "no")) is ExitCode.FAILED
    bug = InvariantViolated("internal-error", "x")
    assert exit_code(Finish(Status.FAILED, "no", (bug,))) is ExitCode.BUG


def test_a_span_is_said_as_people_do() -> None:
    spans = [NOW - NOW, key(3).created_at - key(2).created_at, NOW - key(3).created_at]
    assert [days(span) for span in spans] == ["0 minutes", "0 minutes", "39 days"]
