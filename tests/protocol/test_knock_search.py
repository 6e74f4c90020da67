"""The knock in the search: another team's key outlives wrong names, faults and guesses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from rotate.protocol.decisions.machine import decide
from rotate.protocol.decisions.position import Step
from rotate.protocol.facts.model import LiveKey, Scope, Snapshot
from rotate.protocol.facts.moves import Knocked, Status
from rotate.protocol.facts.policy import Policy
from rotate.protocol.facts.progress import Progress
from tests.support.search.canonical import canonical
from tests.support.search.exploring import search
from tests.support.search.invariants import ViolationError
from tests.support.search.model_world import FOREIGN, Outside
from tests.support.search.search import Ended, Explorer
from tests.support.search.setting import Setting, beginning, process_for

RIGHT = Setting(knocks=True)
WRONG = replace(RIGHT, named=FOREIGN)
FOUND = replace(RIGHT, named=None)
SCOPES: dict[str, dict[str, Any]] = {
    "personal": {},
    "organization": {"scope": Scope.ORGANIZATION},
    "minter": {"minter": True},
}


@pytest.mark.parametrize("scope", SCOPES)
def test_no_sequence_of_faults_breaks_an_invariant(scope: str) -> None:
    assert search(replace(RIGHT, destinations=2, **SCOPES[scope]), 1).worlds > 1


def runs(setting: Setting, worlds: list[Outside], faults: int) -> list[Ended]:
    """Give every end of a run from each of these worlds; another team's key must outlive them all."""
    explorer = Explorer(setting)
    return [end for world in worlds for end in explorer.run(world, process_for(setting, world), faults)]


def contradicted(ended: Ended) -> bool:
    """Say whether the contradiction was written down, or the run never came so far as to hear it."""
    return ended.outside.note is not None and ended.outside.note.refuted is not None


@pytest.mark.parametrize("scope", SCOPES)
def test_another_teams_key_outlives_a_wrong_name(scope: str) -> None:
    setting = replace(WRONG, **SCOPES[scope])
    first = runs(setting, [canonical(beginning(setting))], 0)
    assert [ended.finish.status for ended in first if ended.finish] == [Status.INCOMPLETE]
    assert all(map(contradicted, first))
    later = runs(setting, [canonical(ended.outside, ended.now) for ended in first], 2)
    assert all(ended.outside.alive(FOREIGN) for ended in later)


@pytest.mark.parametrize("scope", SCOPES)
def test_no_fault_makes_auto_revoke_another_teams_key(scope: str) -> None:
    setting = replace(FOUND, **SCOPES[scope])
    first = runs(setting, [canonical(beginning(setting))], 2)
    worlds = list({canonical(ended.outside, ended.now) for ended in first})
    assert all(ended.outside.alive(FOREIGN) for ended in runs(setting, worlds, 1))
    assert any(len(ended.outside.keys) == 3 for ended in first), "the old key went where the knock showed it"


def goes_on_by_the_name(snapshot: Snapshot | None, progress: Progress, asked: Policy, now: datetime) -> Step:
    """The design that knocks, and revokes what was named whatever it hears."""
    return decide(snapshot, replace(progress, knocked=progress.knocked and Knocked((), ())), asked, now)


def guesses(snapshot: Snapshot | None, progress: Progress, asked: Policy, now: datetime) -> Step:
    """The design that takes the oldest key made by hand where nothing is heard."""
    if snapshot is None or progress.knocked is None or progress.knocked.followers:
        return decide(snapshot, progress, asked, now)
    oldest: LiveKey = snapshot.live[0]
    return decide(snapshot, progress, replace(asked, find_old_key=False, old_key_id=oldest.key_id), now)


@pytest.mark.parametrize(
    ("setting", "faults"), [(replace(WRONG, decide=goes_on_by_the_name), 0), (replace(FOUND, decide=guesses), 1)]
)
def test_a_wrong_design_is_caught(setting: Setting, faults: int) -> None:
    with pytest.raises(ViolationError, match="S7"):
        runs(setting, [canonical(beginning(setting))], faults)
