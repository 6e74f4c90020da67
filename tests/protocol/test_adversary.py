"""The search with somebody who rewrites note and lock before any look, and the wrong designs that it must catch."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from rotate.protocol.decisions import guards
from rotate.protocol.decisions.machine import decide as real_decide
from rotate.protocol.decisions.position import Step
from rotate.protocol.facts.model import NotebookFacts, Scope, Snapshot
from rotate.protocol.facts.policy import Policy, RevokeWhen
from rotate.protocol.facts.progress import Progress
from tests.support.search.exploring import ALL, Case, search
from tests.support.search.invariants import ViolationError
from tests.support.search.setting import Setting

pytestmark = pytest.mark.timeout(7200 if ALL else 900)  # bounded by its loops; two busy cores can be slow

PERSONAL = Setting(adversary=True, broad=False, exposed=RevokeWhen.PRIMARY)
MINTED = replace(PERSONAL, scope=Scope.ORGANIZATION)
CASES = {
    "personal": Case(PERSONAL, 2, 3),
    "personal, two destinations": Case(replace(PERSONAL, destinations=2), 2, 3),
    "personal, minter": Case(replace(PERSONAL, minter=True), 2, 3),
    "organization": Case(MINTED, 2, 3),
    "organization, revoke first": Case(replace(MINTED, exposed=RevokeWhen.IMMEDIATELY), 2, 3),
    "organization, revoke last": Case(replace(MINTED, exposed=RevokeWhen.ALL), 2, 3),
}


@pytest.mark.deep
@pytest.mark.parametrize("name", CASES)
def test_nobody_without_a_key_ends_one_or_keeps_one_alive(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    searched = CASES[name].searched()
    with capsys.disabled():
        print(f"\n  rewritten, {name}: {searched}")


def believes_every_note(snapshot: Snapshot | None, progress: Progress, policy: Policy, now: datetime) -> Step:
    """The design that takes a variable for its own because of its name."""
    if snapshot is not None and isinstance(snapshot.notebook, NotebookFacts):
        snapshot = replace(snapshot, notebook=replace(snapshot.notebook, proven=True))
    return real_decide(snapshot, progress, policy, now)


@pytest.mark.parametrize("setting", [PERSONAL, MINTED], ids=["personal", "organization"])
def test_a_design_that_believes_a_note_which_nobody_proves_is_caught(setting: Setting) -> None:
    with pytest.raises(ViolationError, match=r"S[127]:"):
        search(replace(setting, decide=believes_every_note), 1)


def test_a_note_that_stops_a_kill_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Policy, "kills", property(lambda _: False))
    with pytest.raises(ViolationError, match="S10"):
        search(PERSONAL, 1)


def test_a_lock_that_is_respected_whoever_wrote_it_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "breakable", lambda held, *_: held.run_completed is True)
    with pytest.raises(ViolationError, match="S10"):
        search(PERSONAL, 1)
