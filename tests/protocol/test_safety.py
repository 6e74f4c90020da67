"""The exhaustive search of protocol.md over the real decision function, and the wrong designs that it must catch."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from rotate.protocol import triggers
from rotate.protocol.holding import Holding
from rotate.protocol.machine import decide as real_decide
from rotate.protocol.model import ConfirmedKey, NotebookFacts, Scope, Snapshot
from rotate.protocol.policy import Policy
from rotate.protocol.recovery import assess
from rotate.protocol.steps import Authority, Finish, Put, Revoke
from rotate.protocol.view import Step
from tests.protocol.exploring import search
from tests.protocol.invariants import ViolationError
from tests.protocol.search import Setting

pytestmark = pytest.mark.timeout(600)  # bounded by its loops; two busy cores can be slow

PERSONAL = Setting()
ORGANIZATION = Setting(scope=Scope.ORGANIZATION)
SETTINGS = {
    "personal": (PERSONAL, 3, 3),
    "personal, many rotations": (PERSONAL, 2, 4),
    "personal, later keys not due": (replace(PERSONAL, due=False), 3, 3),
    "personal, two destinations": (replace(PERSONAL, destinations=2), 2, 2),
    "personal, three destinations": (replace(PERSONAL, destinations=3), 1, 2),
    "personal, no notebook": (replace(PERSONAL, notebook=False), 2, 3),
    "organization": (ORGANIZATION, 3, 3),
    "organization, two destinations": (replace(ORGANIZATION, destinations=2), 1, 3),
    "organization, value not given": (replace(ORGANIZATION, value_given=False), 2, 3),
    "organization, no notebook": (replace(ORGANIZATION, notebook=False), 2, 3),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_no_sequence_of_faults_breaks_an_invariant(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    setting, faults, rotations = SETTINGS[name]
    found = search(setting, faults, rotations)
    with capsys.disabled():
        print(f"\n  {name}: {found.moments} moments, {found.worlds} worlds, {faults} faults, {rotations} runs")
    assert found.worlds > 1


def revokes_before_it_distributes(snapshot: Snapshot | None, holding: Holding, policy: Policy, now: datetime) -> Step:
    """The design of most tools: the old key goes as soon as there is a new one."""
    step = real_decide(snapshot, holding, policy, now)
    if snapshot is None or isinstance(step, Finish) or not any(isinstance(move, Put) for move in step):
        return step
    if holding.revoke_tries or not holding.pending:
        return step
    older = [one for one in assess(snapshot, policy).members if one.key_id != holding.pending.key_id]
    return tuple(Revoke(one, Authority.PENDING, None) for one in older) or step


def takes_the_newest_key_for_an_orphan(
    snapshot: Snapshot | None, holding: Holding, policy: Policy, now: datetime
) -> Step:
    """The design that cleans up first: whatever is newer than the confirmed key must be left over."""
    if snapshot is not None and holding.surveyed and not holding.committed:
        newer = assess(snapshot, policy).newer
        if newer:
            return tuple(Revoke(one, Authority.ISSUER, None) for one in newer)
    return real_decide(snapshot, holding, policy, now)


def takes_the_pending_note_for_confirmed(
    snapshot: Snapshot | None, holding: Holding, policy: Policy, now: datetime
) -> Step:
    """The design that trusts what was about to be done."""
    if snapshot is not None and isinstance(snapshot.notebook, NotebookFacts):
        note = snapshot.notebook.note
        if note is not None and note.pending is not None:
            p = note.pending
            confirmed = ConfirmedKey(p.key_id, p.name, p.fingerprint, p.at)
            facts = replace(snapshot.notebook, note=replace(note, pending=None, confirmed=confirmed))
            snapshot = replace(snapshot, notebook=facts)
    return real_decide(snapshot, holding, policy, now)


@pytest.mark.parametrize(
    ("design", "invariant"),
    [
        (revokes_before_it_distributes, "S[12]"),
        (takes_the_newest_key_for_an_orphan, "S[12]"),
        (takes_the_pending_note_for_confirmed, "S[125]"),
    ],
)
@pytest.mark.parametrize("setting", [PERSONAL, ORGANIZATION], ids=["personal", "organization"])
def test_a_wrong_design_is_caught(setting: Setting, design: object, invariant: str) -> None:
    assert callable(design)
    with pytest.raises(ViolationError, match=invariant):
        search(replace(setting, decide=design, destinations=2), 2, 3)


def test_age_as_the_only_trigger_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triggers, "TRIGGERS", (triggers.asked, triggers.older_than_allowed))
    with pytest.raises(ViolationError, match="S5"):
        search(replace(PERSONAL, due=False), 1, 2)
