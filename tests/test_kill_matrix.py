"""Cut off at every request, in every way: access is never lost, and a clean run finishes what was begun.

`make kill-matrix` plays all cases. Otherwise every kill and every lost reply is played, and of the other failures a
slice, whose seed is printed: `KILL_MATRIX_SEED=…` plays it again.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from tests.matrix import DRAWN, KILLS, LOST, MODES, OTHERS, PAIRS, SEED, TIMES, WHOLE, Case, play, requests_of
from tests.runner import Runner
from tests.scenarios.stories import STORIES, access_was_never_lost, at_rest

pytestmark = pytest.mark.timeout(7200 if WHOLE else 900)

PARTS = 6
FEWEST_REQUESTS = 18


@pytest.mark.parametrize(("scope", "mode"), PAIRS)
@pytest.mark.parametrize("failure", [*KILLS, *LOST])
def test_a_run_cut_off_at_any_request_is_finished_by_the_next(
    scope: str, mode: str, failure: str, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    count = requests_of(scope, mode, world, tmp_path / "undisturbed")
    assert count >= FEWEST_REQUESTS, "the whole rotation is cut"
    for number in range(1, count + 1):
        play(Case(scope, mode, failure, number), world, tmp_path / str(number))
    with capsys.disabled():
        print(f"\n  {scope}, {mode}, {failure}: {count} cases")


@pytest.mark.parametrize("part", range(PARTS))
def test_a_request_that_fails_in_any_way_leaves_access_and_a_way_out(
    part: int, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = {pair: requests_of(*pair, world, tmp_path / "-".join(pair)) for pair in PAIRS[part::PARTS]}
    cases = [
        Case(scope, mode, failure, number, times)
        for (scope, mode), count in counts.items()
        for failure in OTHERS
        for number in range(1, count + 1)
        for times in TIMES
    ]
    mine = cases if WHOLE else sorted(cases, key=lambda case: case.rank)[: DRAWN // PARTS]
    with capsys.disabled():
        print(f"\n  other failures {part + 1}/{PARTS}: {len(mine)} of {len(cases)} cases, KILL_MATRIX_SEED={SEED}")
    for number, case in enumerate(mine):
        play(case, world, tmp_path / str(number))


def test_every_scope_and_mode_is_in_the_matrix() -> None:
    assert {scope for scope, _ in PAIRS} == set(STORIES)
    assert {mode for _, mode in PAIRS} == set(MODES)


@pytest.mark.parametrize("scope", STORIES)
def test_a_kill_without_a_notebook_leaves_access_and_a_way_out(scope: str, world: World, tmp_path: Path) -> None:
    """Without variables nothing remembers the first key's id, so the workflow keeps `old_key_id`."""
    for number in range(8, 60, 3):
        world.reset()
        story = STORIES[scope](world)
        token = world.github.add_token(repositories={story.repository: {"secrets": "write"}})
        world.faults.add(Fault.at(number, "death_after"))
        runner = Runner(tmp_path / f"killed-{number}")
        process = runner.start({**story.environment(), "INPUT_GITHUB_TOKEN": token})
        world.victim = process.pid
        ended = runner.collect(process)
        world.victim = None
        world.faults.reset()
        if ended.code == 0:
            break
        access_was_never_lost(world, story)
        again = Runner(tmp_path / f"clean-{number}").run(story.environment_now(), github_token=token)
        assert again.code == 0, f"request {number}: {again.stdout}"
        at_rest(world, story)
