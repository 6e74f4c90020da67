"""The same search for what is not routine: after an exposure, with an overlap, with a drain, with a restore."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from rotate.protocol import overlap as overlap_module
from rotate.protocol.holding import Holding
from rotate.protocol.machine import decide as real_decide
from rotate.protocol.model import Scope, Snapshot
from rotate.protocol.policy import OnFailure, Overlap, Policy, RevokeWhen
from rotate.protocol.recovery import assess
from rotate.protocol.steps import Authority, Finish, Put, Revoke
from rotate.protocol.view import Step
from tests.protocol.exploring import search
from tests.protocol.invariants import ViolationError
from tests.protocol.search import Setting

pytestmark = pytest.mark.timeout(600)  # bounded by its loops; two busy cores can be slow

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
PERSONAL = Setting()
ORGANIZATION = Setting(scope=Scope.ORGANIZATION)
PRIMARY = replace(PERSONAL, exposed=RevokeWhen.PRIMARY)
MINTED = replace(ORGANIZATION, exposed=RevokeWhen.PRIMARY)
FIRST = replace(ORGANIZATION, exposed=RevokeWhen.IMMEDIATELY)
LAST = replace(PERSONAL, exposed=RevokeWhen.ALL)
OVERLAP = replace(PERSONAL, overlap=Overlap(DAY))
DRAIN = Overlap(DAY, drain=True)
STAY = Overlap(5 * MINUTE, wait=9 * MINUTE)
RESTORE = replace(PERSONAL, on_failure=OnFailure.RESTORE, destinations=2)
SETTINGS = {
    "exposed": (PRIMARY, 2, 3),
    "exposed, two destinations": (replace(PRIMARY, destinations=2), 2, 2),
    "exposed, three destinations": (replace(PRIMARY, destinations=3), 1, 2),
    "exposed, no notebook": (replace(PRIMARY, notebook=False), 2, 3),
    "exposed, minter": (MINTED, 2, 3),
    "exposed, minter, two destinations": (replace(MINTED, destinations=2), 2, 2),
    "exposed, minter, value not given": (replace(MINTED, value_given=False), 2, 2),
    "exposed, revoke first": (FIRST, 2, 3),
    "exposed, revoke first, two destinations": (replace(FIRST, destinations=2), 2, 2),
    "exposed, revoke last, two destinations": (replace(LAST, destinations=2), 2, 2),
    "overlap": (OVERLAP, 3, 3),
    "overlap, two destinations": (replace(OVERLAP, destinations=2), 2, 2),
    "overlap and drain": (replace(PERSONAL, overlap=DRAIN), 2, 2),
    "overlap and drain, minter": (replace(ORGANIZATION, overlap=DRAIN), 2, 2),
    "overlap waited out": (replace(PERSONAL, overlap=STAY), 2, 3),
    "overlap and exposure": (replace(PRIMARY, overlap=Overlap(DAY)), 2, 2),
    "restore, two destinations": (RESTORE, 2, 2),
    "restore, three destinations": (replace(RESTORE, destinations=3), 1, 2),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_no_sequence_of_faults_breaks_an_invariant(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    setting, faults, rotations = SETTINGS[name]
    found = search(setting, faults, rotations)
    with capsys.disabled():
        print(f"\n  {name}: {found.moments} moments, {found.worlds} worlds, {faults} faults, {rotations} runs")
    assert found.worlds > 1


def revokes_the_exposed_key_before_its_successor_is_stored(
    snapshot: Snapshot | None, holding: Holding, policy: Policy, now: datetime
) -> Step:
    """Quicker by a round trip, and a lock-out when the put fails."""
    step = real_decide(snapshot, holding, policy, now)
    early = not isinstance(step, Finish) and any(isinstance(move, Put) for move in step)
    if snapshot is None or policy.exposure is None or not early or holding.put or holding.revoke_tries:
        return step
    exposed = [key for key in snapshot.live if key.key_id == assess(snapshot, policy).exposed]
    return tuple(Revoke(key, Authority.PENDING, None, exposed=True) for key in exposed) or step


def test_a_wrong_order_after_an_exposure_is_caught() -> None:
    with pytest.raises(ViolationError, match="S2"):
        search(replace(PRIMARY, decide=revokes_the_exposed_key_before_its_successor_is_stored), 1, 2)


def test_an_overlap_that_is_not_kept_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap_module, "held", lambda _: ())
    with pytest.raises(ViolationError, match="overlap"):
        search(OVERLAP, 0, 2)


def test_a_drain_that_trusts_what_it_did_not_read_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap_module, "_stragglers", lambda *_: ())
    with pytest.raises(ViolationError, match="drain"):
        search(replace(PERSONAL, overlap=Overlap(drain=True)), 0, 2)
