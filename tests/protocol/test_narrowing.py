"""A narrower key in place of a wider one, in the search: the minter outlives wrong names, faults and silence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rotate.protocol.decisions.position import Position
from rotate.protocol.facts.model import Scope
from rotate.protocol.facts.moves import Status
from tests.support.search.canonical import canonical
from tests.support.search.invariants import ViolationError
from tests.support.search.model_world import FIRST, MINTER, Outside
from tests.support.search.search import Ended, Explorer
from tests.support.search.setting import Setting, beginning, process_for

NARROWS = Setting(scope=Scope.PROJECT, destinations=2, knocks=True, narrows=True)
NAMED = {"the wider key": FIRST, "the minter": MINTER, "auto": None}


def runs(setting: Setting, worlds: list[Outside], faults: int) -> list[Ended]:
    """Give every end of a run from each of these worlds. Each change is held against the invariants: the minter lives,
    and no destination loses a living key."""
    explorer = Explorer(setting)
    return [end for world in worlds for end in explorer.run(world, process_for(setting, world), faults)]


def first_worlds(setting: Setting, faults: int) -> list[Outside]:
    """Give the worlds that a first run can leave."""
    ended = runs(setting, [canonical(beginning(setting))], faults)
    return list({canonical(one.outside, one.now) for one in ended})


@pytest.mark.parametrize("named", NAMED.values(), ids=NAMED)
def test_no_sequence_of_faults_breaks_an_invariant(named: int | None) -> None:
    setting = replace(NARROWS, named=named)
    worlds = first_worlds(setting, 2)
    assert len(runs(setting, worlds, 1)) > len(worlds) > 1
    if named != FIRST:
        return
    explorer = Explorer(setting)
    for world in worlds:
        (ended,) = explorer.run(world, process_for(setting, world), 0)
        alive = [one.key_id for one in ended.outside.keys if one.key_id > FIRST]
        assert set(ended.outside.stored) == set(alive), "another run ends with the one narrower key in every place"


@pytest.mark.parametrize(
    ("named", "status"), [(FIRST, Status.ROTATED), (MINTER, Status.INCOMPLETE), (None, Status.ROTATED)]
)
def test_the_wider_key_goes_where_the_knock_shows_it(named: int | None, status: Status) -> None:
    setting = replace(NARROWS, named=named)
    (ended,) = runs(setting, [canonical(beginning(setting))], 0)
    assert ended.finish
    assert ended.finish.status is status
    assert ended.outside.alive(FIRST) == (named == MINTER)


def test_a_run_that_hears_nothing_revokes_nothing() -> None:
    ended = runs(NARROWS, [canonical(beginning(NARROWS))], 1)
    told = [(one.outside, {problem.reason for problem in one.finish.problems}) for one in ended if one.finish]
    silent = [outside for outside, reasons in told if "old-key-not-shown" in reasons]
    assert silent
    assert all(outside.alive(FIRST) for outside in silent)


def test_a_wrong_design_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that revokes a wider key on the person's word alone."""
    monkeypatch.setattr(Position, "_may_go", lambda *_: True)
    setting = replace(NARROWS, named=MINTER)
    with pytest.raises(ViolationError, match="S7"):
        runs(setting, first_worlds(setting, 1), 0)
