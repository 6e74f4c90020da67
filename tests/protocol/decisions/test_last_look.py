"""Somebody else writes to the destinations, or empties them, between any two moves: no key dies that one holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rotate.protocol.decisions import last_look, triggers
from rotate.protocol.facts.model import Scope
from rotate.protocol.facts.policy import OnFailure, Overlap, RevokeWhen
from tests.support.search.exploring import ALL, Case, search
from tests.support.search.invariants import ViolationError
from tests.support.search.setting import Setting

pytestmark = pytest.mark.timeout(7200 if ALL else 900)  # bounded by its loops; two busy cores can be slow

MEDDLED = Setting(destinations=2, meddled=True, broad=False)
MINTED = replace(MEDDLED, scope=Scope.ORGANIZATION)
OVERLAP = replace(MEDDLED, overlap=Overlap(timedelta(days=1)), most_keys=4)
CASES = {
    "personal": Case(MEDDLED, 2, 3),
    "personal, one destination": Case(replace(MEDDLED, destinations=1, broad=True), 2, 3),
    "personal, later keys not due": Case(replace(MEDDLED, due=False), 2, 3),
    "personal, no notebook": Case(replace(MEDDLED, notebook=False), 2, 3),
    "organization": Case(MINTED, 2, 3),
    "organization, value not given": Case(replace(MINTED, value_given=False, due=False), 2, 3),
    "canary": Case(replace(MEDDLED, canary=True), 1, 2),
    "overlap": Case(OVERLAP, 1, 2),
    "overlap waited out": Case(
        replace(OVERLAP, overlap=Overlap(timedelta(minutes=5), wait=timedelta(minutes=9)), most_keys=3), 1, 2
    ),
    "restore": Case(replace(MEDDLED, on_failure=OnFailure.RESTORE), 2, 3),
    "exposed, revoke last": Case(replace(MEDDLED, exposed=RevokeWhen.ALL), 2, 3),
}


@pytest.mark.parametrize("name", CASES)
def test_whoever_else_writes_no_destination_loses_a_valid_key(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    searched = CASES[name].searched()
    with capsys.disabled():
        print(f"\n  {name}, meddled with: {searched}")


@pytest.mark.parametrize(
    "setting",
    [MEDDLED, MINTED, OVERLAP, CASES["restore"].setting],
    ids=["personal", "organization", "overlap", "restore"],
)
def test_a_revoke_without_a_last_look_is_caught(setting: Setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_look, "problems", lambda *_: ())
    with pytest.raises(ViolationError, match=r"S[12]"):
        search(setting, 2)


def _nothing(*_: object, **__: object) -> None:
    return None


def test_a_design_that_writes_nothing_again_never_comes_to_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triggers, "lacking", _nothing)
    with pytest.raises(ViolationError, match="S5"):
        search(replace(MEDDLED, due=False), 2)
