"""The canary: no key dies in a routine rotation before what uses the secret was seen to work with the new value."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from rotate.errors import DestinationError, Outcome
from rotate.protocol.decisions.canary import ask
from rotate.protocol.decisions.machine import decide as real_decide
from rotate.protocol.decisions.position import Position, Step
from rotate.protocol.decisions.recovery import assess
from rotate.protocol.facts.aspects import Aspect
from rotate.protocol.facts.model import NotebookFacts, Scope, Snapshot
from rotate.protocol.facts.moves import AskCanary, Finish, Observe, Result, Revoke, Status, Wait, WriteNote
from rotate.protocol.facts.note import PreviousKey
from rotate.protocol.facts.policy import Canary, Command, Exposure, Overlap, Policy, RevokeWhen
from rotate.protocol.facts.progress import Progress, learn
from rotate.protocol.story.plan import foresee, sentences
from tests.protocol.test_machine import DONE
from tests.support.build import NOW, key, lock, note, policy, snapshot
from tests.support.search.exploring import search
from tests.support.search.invariants import ViolationError
from tests.support.search.setting import Setting

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
BIRD = Canary("check-neon-key.yml", 5 * MINUTE)
ASKED = AskCanary("check-neon-key.yml", 5 * MINUTE)
FAILED = DestinationError("canary-failed", "It ended as failure: run 88.")
UNKNOWN = DestinationError("canary-unknown", "It did not end: run 88.", outcome=Outcome.UNKNOWN)
STANDS = replace(DONE, released=None, lease=NOW + DAY)
SUNG = replace(STANDS, asked=True)

PERSONAL = Setting(canary=True, most_keys=3)
ORGANIZATION = replace(PERSONAL, scope=Scope.ORGANIZATION)
SETTINGS = {
    "canary": (PERSONAL, 2),
    "canary, two destinations": (replace(PERSONAL, destinations=2), 1),
    "canary, minter": (ORGANIZATION, 2),
    "canary and overlap": (replace(PERSONAL, overlap=Overlap(DAY)), 1),
    "canary and overlap waited out": (replace(PERSONAL, overlap=Overlap(5 * MINUTE, wait=9 * MINUTE)), 1),
    "canary and drain": (replace(PERSONAL, overlap=Overlap(drain=True)), 1),
    "canary and exposure": (replace(PERSONAL, exposed=RevokeWhen.PRIMARY), 1),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SETTINGS)
def test_no_sequence_of_faults_breaks_an_invariant(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    setting, faults = SETTINGS[name]
    found = search(setting, faults)
    with capsys.disabled():
        print(f"\n  {name}: {found.moments} moments, {found.worlds} worlds, {faults} faults, any number of runs")
    assert found.worlds > 1


def does_not_ask(snapshot: Snapshot | None, progress: Progress, policy: Policy, now: datetime) -> Step:
    """The design that trusts what a destination says of a write."""
    return real_decide(snapshot, progress, replace(policy, canary=None), now)


def does_not_wait(snapshot: Snapshot | None, progress: Progress, policy: Policy, now: datetime) -> Step:
    """The design that starts the canary and goes on, whatever becomes of it."""
    return real_decide(snapshot, replace(progress, canary_error=None), policy, now)


def takes_unknown_for_success(snapshot: Snapshot | None, progress: Progress, policy: Policy, now: datetime) -> Step:
    """The design that looks only for a failure."""
    known = (
        progress.canary_error if progress.canary_error and progress.canary_error.outcome is Outcome.NO_EFFECT else None
    )
    return real_decide(snapshot, replace(progress, canary_error=known), policy, now)


def asks_only_where_it_issues(snapshot: Snapshot | None, progress: Progress, policy: Policy, now: datetime) -> Step:
    """The design that takes a noted key for one whose canary has succeeded."""
    wanted = policy.canary if progress.pending else None
    return real_decide(snapshot, progress, replace(policy, canary=wanted), now)


@pytest.mark.parametrize(
    ("design", "faults"),
    [(does_not_ask, 0), (does_not_wait, 0), (takes_unknown_for_success, 1), (asks_only_where_it_issues, 0)],
)
@pytest.mark.parametrize("setting", [PERSONAL, ORGANIZATION], ids=["personal", "organization"])
def test_a_design_that_revokes_without_the_canary_is_caught(setting: Setting, design: Any, faults: int) -> None:
    with pytest.raises(ViolationError, match="canary"):
        search(replace(setting, decide=design), faults)


def ours(**changes: Any) -> Snapshot:
    """Our own lock is held."""
    run = policy().run
    mine = lock(run_id=run.run_id, attempt=run.attempt, token=run.nonce)
    return snapshot(notebook=NotebookFacts(changes.pop("note", note()), mine), keys=(key(3), key(4)), **changes)


def step(progress: Progress, seen: Snapshot | None = None, **changes: Any) -> Step:
    """Decide after the new key 4 was confirmed everywhere, beside key 3."""
    return real_decide(seen or ours(), progress, policy(**{"canary": BIRD, **changes}), NOW)


def test_it_is_asked_once_the_new_key_stands_and_was_noted() -> None:
    before = step(replace(STANDS, noted_confirmed=None, control=None))
    assert isinstance(before, tuple)
    assert [type(move).__name__ for move in before] == ["WriteNote", "Probe"], "the fence comes after it, not before"
    assert isinstance(before[0], WriteNote)
    assert step(STANDS) == (ASKED,)


def test_after_it_succeeded_the_lock_is_looked_at_again_and_then_the_older_key_goes() -> None:
    asked = learn(STANDS, ASKED, Result(Outcome.APPLIED, page="run 88"))
    assert (asked.asked, asked.canary_error, asked.fenced, asked.errors) == (True, None, False, ())
    assert step(asked) == (Observe(frozenset({Aspect.LOCK, Aspect.WRITES})),)
    gone = step(replace(asked, fenced=True, looked=True))
    assert isinstance(gone, tuple)
    assert [move.key.key_id for move in gone if isinstance(move, Revoke)] == [3]


@pytest.mark.parametrize("error", [FAILED, UNKNOWN], ids=["failed", "unknown"])
def test_anything_but_success_keeps_both_keys(error: DestinationError) -> None:
    asked = learn(STANDS, ASKED, Result(error.outcome, error=error))
    assert asked.warnings == (error,)
    ended = step(replace(asked, released=Outcome.APPLIED))
    assert isinstance(ended, Finish)
    assert (ended.status, ended.why, ended.problems) == (Status.INCOMPLETE, error.message, (error,))


def test_it_is_asked_only_once() -> None:
    assert step(replace(SUNG, fenced=True)) != (ASKED,)


def test_cancelled_before_it_was_asked_nothing_more_is_begun() -> None:
    ended = step(replace(STANDS, stopping=True, released=Outcome.APPLIED))
    assert isinstance(ended, Finish)
    assert [problem.reason for problem in ended.problems] == ["cancelled"]


def test_cancelled_while_it_was_waited_for_the_run_is_cancelled_also_where_an_overlap_would_hold_the_key() -> None:
    waiting = Overlap(DAY)
    before = ours(note=note(previous=(PreviousKey(3, "f3", NOW, NOW + DAY),)))
    given_up = replace(SUNG, canary_error=UNKNOWN, stopping=True, released=Outcome.APPLIED)
    ended = step(given_up, before, overlap=waiting)
    assert isinstance(ended, Finish)
    assert (ended.status, ended.problems[0].reason) == (Status.INCOMPLETE, "cancelled")


def test_with_an_overlap_it_is_asked_at_once_and_not_only_when_the_overlap_ends() -> None:
    assert step(STANDS, overlap=Overlap(DAY)) == (ASKED,)
    waited = step(SUNG, overlap=Overlap(5 * MINUTE, wait=9 * MINUTE))
    assert isinstance(waited, tuple)
    assert isinstance(waited[0], Wait)


def test_after_an_exposure_nobody_asks() -> None:
    exposed = policy(canary=BIRD, exposure=Exposure(RevokeWhen.ALL))
    seen = ours()
    assert ask(Position(seen, STANDS, exposed, NOW, assess(seen, exposed))) is None


def test_the_first_key_of_a_lineage_has_nothing_at_stake() -> None:
    seen = snapshot(keys=(key(4),), notebook=NotebookFacts(None, ours().lock))
    asked = policy(canary=BIRD, nothing_before=True, value_at_hand=None)
    assert ask(Position(seen, STANDS, asked, NOW, assess(seen, asked))) is None


def test_a_key_whose_value_was_lost_needs_no_canary() -> None:
    (tried,) = STANDS.tried
    lost = key(3, tried, created_at=key(3).created_at)
    seen = snapshot(keys=(lost, key(4)), notebook=NotebookFacts(None, ours().lock))
    asked = policy(canary=BIRD, nothing_before=True, value_at_hand=None)
    assert ask(Position(seen, STANDS, asked, NOW, assess(seen, asked))) is None


SWEEP = Progress(lock=Outcome.APPLIED, surveyed=True, lease=NOW + DAY)


@pytest.mark.parametrize("command", [Command.ROTATE, Command.SWEEP])
def test_a_run_that_only_revokes_what_another_left_asks_too(command: Command) -> None:
    left = snapshot(keys=(key(2), key(3)), notebook=ours().notebook)
    assert step(SWEEP, left, command=command) == (ASKED,)
    asked = replace(SWEEP, asked=True)
    assert step(asked, left, command=command) == (Observe(frozenset({Aspect.LOCK, Aspect.WRITES})),)
    gone = step(replace(asked, fenced=True, looked=True), left, command=command)
    assert isinstance(gone, tuple)
    assert isinstance(gone[0], Revoke)


def test_a_run_within_the_overlap_does_not_ask() -> None:
    before = note(previous=(PreviousKey(2, "f2", NOW, NOW + DAY),))
    left = snapshot(keys=(key(2), key(3)), notebook=NotebookFacts(before, ours().lock))
    ended = step(replace(SWEEP, released=Outcome.APPLIED), left, command=Command.SWEEP, overlap=Overlap(DAY))
    assert isinstance(ended, Finish)
    assert ended.status is Status.UNCHANGED


def test_a_key_that_a_drain_holds_is_not_asked_about_and_evidence_from_before_it_counts_no_more() -> None:
    left = snapshot(keys=(key(2), key(3)), notebook=ours().notebook, runs=())
    drain = Overlap(drain=True)
    look = step(SWEEP, left, command=Command.SWEEP, overlap=drain)
    assert look == (Observe(frozenset({Aspect.KEYS, Aspect.RUNS})),)
    seen = replace(SWEEP, evidence=True)
    assert step(seen, left, command=Command.SWEEP, overlap=drain) == (ASKED,)
    asked = learn(seen, ASKED, Result(Outcome.APPLIED))
    assert step(asked, left, command=Command.SWEEP, overlap=drain) == look


def test_a_plan_tells_of_it_before_the_revoke() -> None:
    moves, finish = foresee(snapshot(), policy(canary=BIRD), NOW)
    told = sentences(moves, snapshot(), policy())
    assert finish.status is Status.ROTATED
    where = told.index("run the canary check-neon-key.yml and stay until it succeeds, 300 s at most")
    assert told[where - 1] == "check that the previous value still answers 200"
    assert told[where + 1].startswith("revoke key 3")
