"""The exhaustive search of protocol.md over the real decision function, and the wrong designs that it must catch.

`SEARCH=all` adds faults to most cases; that takes hours of one core.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from rotate.protocol.decisions import triggers
from rotate.protocol.decisions.machine import decide as real_decide
from rotate.protocol.decisions.position import Step
from rotate.protocol.decisions.recovery import assess
from rotate.protocol.facts.marker import Lineage
from rotate.protocol.facts.model import NotebookFacts, Scope, Snapshot
from rotate.protocol.facts.moves import Authority, Finish, Put, Revoke
from rotate.protocol.facts.note import ConfirmedKey
from rotate.protocol.facts.policy import Policy
from rotate.protocol.facts.progress import Progress
from tests.support.matrix import SEED, drawn
from tests.support.search.exploring import ALL, Case, search
from tests.support.search.invariants import ViolationError
from tests.support.search.setting import Setting

pytestmark = pytest.mark.timeout(7200 if ALL else 900)  # bounded by its loops; two busy cores can be slow

PERSONAL = Setting()
TWO = Setting(destinations=2)
THREE = Setting(destinations=3)
NO_NOTES = Setting(destinations=2, notebook=False)
ORGANIZATION = Setting(scope=Scope.ORGANIZATION)
MINTED = replace(ORGANIZATION, destinations=2)
CASES = {
    "personal": Case(PERSONAL, 3, 4),
    "personal, two destinations": Case(TWO, 3, 4),
    "personal, three destinations": Case(THREE, 2, 4),
    "personal, later keys not due": Case(replace(TWO, due=False), 2, 4),
    "personal, no notebook": Case(NO_NOTES, 3, 5),
    "personal, cancelled": Case(replace(TWO, signals=True), 2, 4),
    "personal, minter": Case(replace(TWO, minter=True), 2, 4),
    "organization": Case(MINTED, 3, 4),
    "organization, three destinations": Case(replace(MINTED, destinations=3), 2, 4),
    "organization, value not given": Case(replace(MINTED, value_given=False), 2, 4),
    "organization, no notebook": Case(replace(MINTED, notebook=False), 3, 5),
    "project": Case(replace(MINTED, scope=Scope.PROJECT), 2, 4),
}
DEEP = {
    "personal, two destinations": Case(replace(TWO, broad=False), 5, 5),
    "personal, three destinations": Case(replace(THREE, broad=False), 3, 5),
    "personal, no notebook": Case(replace(NO_NOTES, broad=False), 5, 5),
    "organization, two destinations": Case(replace(MINTED, broad=False), 4, 5),
    "organization, no notebook": Case(replace(MINTED, broad=False, notebook=False), 5, 5),
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


def revokes_before_it_distributes(snapshot: Snapshot | None, progress: Progress, policy: Policy, now: datetime) -> Step:
    """The design of most tools: the old key goes as soon as there is a new one."""
    step = real_decide(snapshot, progress, policy, now)
    if snapshot is None or isinstance(step, Finish) or not any(isinstance(move, Put) for move in step):
        return step
    if progress.revoke_tries or not progress.pending:
        return step
    older = [one for one in assess(snapshot, policy).members if one.key_id != progress.pending.key_id]
    return tuple(Revoke(one, Authority.PENDING, None) for one in older) or step


def takes_the_newest_key_for_an_orphan(
    snapshot: Snapshot | None, progress: Progress, policy: Policy, now: datetime
) -> Step:
    """The design that cleans up first: whatever is newer than the confirmed key must be left over."""
    seen = snapshot is not None and isinstance(snapshot.notebook, NotebookFacts)
    if snapshot is not None and seen and progress.surveyed and not progress.committed:
        newer = assess(snapshot, policy).newer
        if newer:
            return tuple(Revoke(one, Authority.ISSUER, None) for one in newer)
    return real_decide(snapshot, progress, policy, now)


def takes_the_pending_note_for_confirmed(
    snapshot: Snapshot | None, progress: Progress, policy: Policy, now: datetime
) -> Step:
    """The design that trusts what was about to be done."""
    if snapshot is not None and isinstance(snapshot.notebook, NotebookFacts):
        note = snapshot.notebook.note
        if note is not None and note.pending is not None:
            p = note.pending
            confirmed = ConfirmedKey(p.key_id, p.name, p.fingerprint, p.at)
            facts = replace(snapshot.notebook, note=replace(note, pending=None, confirmed=confirmed))
            snapshot = replace(snapshot, notebook=facts)
    return real_decide(snapshot, progress, policy, now)


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
        search(replace(setting, decide=design, destinations=2), 2)


def test_a_home_of_four_digits_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The marker that two repositories may share."""
    exact = Lineage.holds
    monkeypatch.setattr(Lineage, "holds", lambda self, name: exact(replace(self, home=self.former), name))
    with pytest.raises(ViolationError, match="S7"):
        search(PERSONAL, 1)


def test_age_as_the_only_trigger_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triggers, "TRIGGERS", (triggers.asked, triggers.older_than_allowed))
    with pytest.raises(ViolationError, match="S5"):
        search(replace(PERSONAL, due=False), 1)
