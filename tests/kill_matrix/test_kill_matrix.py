"""Cut off at every request, in every way: access is never lost, and a clean run finishes what was begun.

`make kill-matrix` plays all cases, `make kill-matrix SIZE=ci` a kill before every request, a kill after every write,
every lost reply of one, and a slice of the rest and of what only varies another, `make test` a small slice. The seed of
the slices is printed: `KILL_MATRIX_SEED=…` plays them again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from rotate.sandbox.world import World
from tests.support.matrix import (
    KILLS,
    LOST,
    MODES,
    OTHERS,
    PAIRS,
    SEED,
    SIZE,
    SIZES,
    Case,
    Request,
    cases_of,
    drawn,
    is_beside,
)
from tests.support.playing import enough, in_turn, perform, undisturbed
from tests.support.stories import STORIES
from tests.support.zygote import Zygote

pytestmark = pytest.mark.timeout(1800)

Record = Callable[[str, object], None]
FEWEST_REQUESTS = 16
PLAYED = SIZES[SIZE]


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where all workers of one session find the requests of undisturbed runs."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "requests"
    shared.mkdir(exist_ok=True)
    return shared


def requests_of(scope: str, mode: str, world: World, notes: Path, directory: Path, zygote: Zygote) -> list[Request]:
    """Give the requests of an undisturbed run, as the first worker that asked found them."""
    note = notes / f"{scope}, {mode}.json"
    if not note.exists():
        found = undisturbed(scope, mode, world, directory, zygote)
        assert len(found) >= FEWEST_REQUESTS, "the whole run is cut"
        beside = directory.with_suffix(".json")
        beside.write_text(json.dumps([asdict(one) for one in found]))
        beside.replace(note)
    return [Request(**one) for one in json.loads(note.read_text())]


@pytest.mark.parametrize("part", range(PLAYED.parts))
@pytest.mark.parametrize(("scope", "mode"), PAIRS)
def test_a_run_that_anything_happens_to_is_finished_by_the_next(
    scope: str,
    mode: str,
    part: int,
    world: World,
    notes: Path,
    tmp_path: Path,
    zygote: Zygote,
    record_property: Record,
) -> None:
    requests = requests_of(scope, mode, world, notes, tmp_path / "undisturbed", zygote)
    cases = cases_of(scope, mode, requests, PLAYED, SEED)[part :: PLAYED.parts]
    _play_all(cases, world, tmp_path, zygote, record_property)


def test_a_run_in_a_process_of_its_own_is_finished_by_another(
    world: World, notes: Path, tmp_path: Path, zygote: Zygote, record_property: Record
) -> None:
    requests = requests_of("personal", "routine", world, notes, tmp_path / "undisturbed", zygote)
    cases = [Case("personal", "routine", failure, one, cold=True) for failure in KILLS for one in requests]
    _play_all(drawn(cases, PLAYED.cold, SEED), world, tmp_path, zygote, record_property)


def _play_all(cases: list[Case], world: World, directory: Path, zygote: Zygote, record_property: Record) -> None:
    struck = in_turn(cases, perform, world, directory, zygote)
    record_property("cases", len(struck))
    record_property("struck", sum(struck))
    assert sum(struck) >= enough(cases)


def test_every_scope_mode_and_failure_is_in_the_matrix() -> None:
    assert {scope for scope, _ in PAIRS} == set(STORIES)
    assert {mode for _, mode in PAIRS} == set(MODES)
    whole = [pair for pair in PAIRS if not is_beside(*pair)]
    assert {scope for scope, _ in whole} == set(STORIES), "no scope is drawn from alone"
    assert {mode for _, mode in whole} == {name for name, mode in MODES.items() if not mode.beside}
    requests = [Request("neon", "GET", "/auth", 1), Request("neon", "POST", "/api_keys", 1)]
    everything = cases_of("personal", "routine", requests, SIZES["all"], "1")
    assert {case.failure for case in everything} == {*KILLS, *LOST, *OTHERS}
    assert len(everything) == len(set(everything)) == len(requests) * (3 + 1 + 2 * 9)


def test_in_ci_a_reading_is_killed_once_and_a_write_before_and_after_and_loses_its_reply() -> None:
    reading, write = Request("neon", "GET", "/auth", 1), Request("neon", "POST", "/api_keys", 1)
    certain = cases_of("personal", "routine", [reading, write], replace(SIZES["ci"], others=0), "1")
    played = {(case.failure, case.request) for case in certain}
    assert played == {("killed before", reading), *((failure, write) for failure in (*KILLS, *LOST))}
    assert len(certain) == len(played)
    assert {case.times for case in certain} == {1}
    more = SIZES["ci"].others or 0
    assert (
        len(cases_of("personal", "routine", [reading, write], SIZES["ci"], "1")) == len(certain) + more > len(certain)
    )


def test_a_seed_says_what_is_drawn() -> None:
    requests = [Request("neon", "GET", "/auth", number) for number in range(1, 9)]
    once, again, other = (cases_of("personal", "routine", requests, SIZES["slice"], seed) for seed in "112")
    assert once == again != other
