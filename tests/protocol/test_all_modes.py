"""The same search for what is not routine: after an exposure, with an overlap, with a drain, with a restore."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rotate.protocol.decisions import overlap as overlap_module
from rotate.protocol.decisions.machine import decide as real_decide
from rotate.protocol.decisions.position import Step
from rotate.protocol.decisions.recovery import assess
from rotate.protocol.facts.model import Scope, Snapshot
from rotate.protocol.facts.moves import Authority, Finish, Put, Revoke
from rotate.protocol.facts.policy import OnFailure, Overlap, Policy, RevokeWhen
from rotate.protocol.facts.progress import Progress
from tests.support.matrix import SEED, drawn
from tests.support.search.exploring import ALL, Case, search
from tests.support.search.invariants import ViolationError
from tests.support.search.setting import Setting

pytestmark = pytest.mark.timeout(7200 if ALL else 900)  # bounded by its loops; two busy cores can be slow

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
PERSONAL = Setting(destinations=2)
ORGANIZATION = replace(PERSONAL, scope=Scope.ORGANIZATION)
PRIMARY = replace(PERSONAL, exposed=RevokeWhen.PRIMARY)
MINTED = replace(ORGANIZATION, exposed=RevokeWhen.PRIMARY)
FIRST = replace(ORGANIZATION, exposed=RevokeWhen.IMMEDIATELY)
LAST = replace(PERSONAL, exposed=RevokeWhen.ALL)
OVERLAP = Setting(overlap=Overlap(DAY), most_keys=4)
DRAIN = replace(OVERLAP, overlap=Overlap(DAY, drain=True), most_keys=3)
STAY = replace(OVERLAP, overlap=Overlap(5 * MINUTE, wait=9 * MINUTE), most_keys=3)
RESTORE = replace(PERSONAL, on_failure=OnFailure.RESTORE)
CASES = {
    "exposed": Case(PRIMARY, 2, 3),
    "exposed, three destinations": Case(replace(PRIMARY, destinations=3), 2, 3),
    "exposed, no notebook": Case(replace(PRIMARY, notebook=False), 2, 4),
    "exposed, cancelled": Case(replace(PRIMARY, signals=True), 2, 3),
    "exposed, personal with a minter": Case(replace(PRIMARY, minter=True), 2, 3),
    "exposed, organization": Case(MINTED, 2, 3),
    "exposed, project": Case(replace(MINTED, scope=Scope.PROJECT), 2, 3),
    "exposed, organization, value not given": Case(replace(MINTED, value_given=False), 2, 3),
    "exposed, revoke first": Case(FIRST, 2, 3),
    "exposed, revoke first, three destinations": Case(replace(FIRST, destinations=3), 2, 3),
    "exposed, revoke first, no notebook": Case(replace(FIRST, notebook=False), 2, 4),
    "exposed, revoke last": Case(LAST, 2, 3),
    "exposed, revoke last, three destinations": Case(replace(LAST, destinations=3), 2, 3),
    "exposed, revoke last, no notebook": Case(replace(LAST, notebook=False), 2, 4),
    "exposed, revoke last, organization": Case(replace(MINTED, exposed=RevokeWhen.ALL), 2, 3),
    "overlap": Case(OVERLAP, 2, 3),
    "overlap, two destinations": Case(replace(OVERLAP, destinations=2), 2, 3),
    "overlap and drain": Case(DRAIN, 1, 2),
    "overlap and drain, organization": Case(replace(DRAIN, scope=Scope.ORGANIZATION), 1, 2),
    "drain alone": Case(replace(DRAIN, overlap=Overlap(drain=True)), 1, 2),
    "overlap waited out": Case(STAY, 2, 3),
    "overlap and exposure": Case(replace(OVERLAP, exposed=RevokeWhen.PRIMARY, most_keys=3), 1, 2),
    "restore": Case(RESTORE, 3, 4),
    "restore, three destinations": Case(replace(RESTORE, destinations=3), 2, 3),
}
DEEP = {
    "exposed": Case(replace(PRIMARY, broad=False), 3, 5),
    "exposed, revoke first": Case(replace(FIRST, broad=False), 3, 5),
    "exposed, revoke last": Case(replace(LAST, broad=False), 3, 5),
}


@pytest.mark.deep
@pytest.mark.parametrize("name", CASES)
def test_no_sequence_of_faults_breaks_an_invariant(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    searched = CASES[name].searched()
    with capsys.disabled():
        print(f"\n  {name}: {searched}")


@pytest.mark.deep
@pytest.mark.parametrize("name", DEEP if ALL else drawn([*DEEP], 1, SEED))
def test_many_deaths_lost_replies_and_refusals_break_none_either(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    searched = DEEP[name].searched()
    with capsys.disabled():
        print(f"\n  {name}, deep: {searched}")


def revokes_the_exposed_key_before_its_successor_is_stored(
    snapshot: Snapshot | None, progress: Progress, policy: Policy, now: datetime
) -> Step:
    """Quicker by a round trip, and a lock-out when the put fails."""
    step = real_decide(snapshot, progress, policy, now)
    early = not isinstance(step, Finish) and any(isinstance(move, Put) for move in step)
    if snapshot is None or policy.exposure is None or not early or progress.put or progress.revoke_tries:
        return step
    exposed = [key for key in snapshot.live if key.key_id == assess(snapshot, policy).exposed]
    return tuple(Revoke(key, Authority.PENDING, None, exposed=True) for key in exposed) or step


def test_a_wrong_order_after_an_exposure_is_caught() -> None:
    with pytest.raises(ViolationError, match="S2"):
        search(replace(PRIMARY, decide=revokes_the_exposed_key_before_its_successor_is_stored), 1)


def test_an_overlap_that_is_not_kept_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap_module, "held", lambda _: ())
    with pytest.raises(ViolationError, match="overlap"):
        search(OVERLAP, 0)


def test_a_drain_that_trusts_what_it_did_not_read_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap_module, "_stragglers", lambda *_: ())
    with pytest.raises(ViolationError, match="drain"):
        search(replace(DRAIN, overlap=Overlap(drain=True)), 0)
