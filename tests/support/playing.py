"""Play one case of the matrix: a run that something happens to, then clean ones, and what must hold all the while."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from rotate.sandbox.world import World
from tests.support.matrix import MODES, SEED, Case, Mode, Request, requests_in
from tests.support.plays import Play
from tests.support.plays_of_canaries import CanaryPlay
from tests.support.plays_of_sync import SyncPlay
from tests.support.runner import Ended
from tests.support.zygote import Zygote

STATUSES = {0: ("rotated", "unchanged"), 1: ("failed",), 3: ("refused",), 4: ("incomplete",)}
MOST_CLEAN_RUNS = 2
AnyCase = TypeVar("AnyCase")


def play_of(scope: str, mode: Mode, world: World, directory: Path, zygote: Zygote | None) -> Play:
    """Begin a story, with what its mode adds to every other."""
    kind = SyncPlay if mode.syncs else CanaryPlay if mode.canary else Play
    return kind(scope, mode, world, directory, zygote)


def in_turn(
    cases: Sequence[AnyCase],
    perform: Callable[[AnyCase, World, Path, Zygote], bool],
    world: World,
    directory: Path,
    zygote: Zygote,
) -> list[bool]:
    """Play one case after the other, and say of each whether it struck; what fails is told with its seed."""
    struck = []
    for number, case in enumerate(cases):
        try:
            struck.append(perform(case, world, directory / str(number), zygote))
        except BaseException as error:
            error.add_note(f"{case}, KILL_MATRIX_SEED={SEED}")
            raise
    return struck


def enough(cases: Sequence[object]) -> int:
    """Give how many must strike: requests that an undisturbed run makes are made, but what a run asks depends on the
    time that it has, so that one case may come too late for its request, whatever their number."""
    return len(cases) - len(cases) // 10 - 1


def undisturbed(scope: str, mode: str, world: World, directory: Path, zygote: Zygote) -> list[Request]:
    """Give the requests of a run that nothing happens to."""
    play = play_of(scope, MODES[mode], world, directory, zygote)
    play.begin()
    inputs = play.mode.environment
    ended = play.run(play.story.environment_now(), inputs)
    found = requests_in(world.ledger)
    play.finish(ended)
    shutil.rmtree(directory)
    return found


def perform(case: Case, world: World, directory: Path, zygote: Zygote) -> bool:
    """Fail, then run cleanly, twice at most, until at rest. Say whether the failure struck."""
    mode = MODES[case.mode]
    play = play_of(case.scope, mode, world, directory, None if case.cold else zygote)
    play.begin()
    before, issued = play.state, len(world.neon.issued())
    fault = world.faults.add(case.fault())
    ended = play.run(play.story.environment_now(), mode.environment, killed=case.kills)
    struck = fault.fired > 0
    play.more_faults = max(0, fault.fired - 1) if case.request.issues else 0
    world.faults.reset()
    tells_the_truth(play, ended, before, killed=case.kills and struck)
    if mode.sweep_first and ended.code != 0:
        many = len(world.neon.issued())
        play.run_again(command="sweep")
        assert len(world.neon.issued()) == many, "a sweep issues nothing"
    if ended.code == 0:
        play.forget_the_lock()
    for _ in range(MOST_CLEAN_RUNS):
        if ended.code == 0:
            break
        ended = play.run_again()
    assert ended.code == 0, ended.stdout
    assert not mode.sweeps or len(world.neon.issued()) == issued, "a sweep issues nothing"
    play.finish(ended)
    shutil.rmtree(directory)
    return struck


def tells_the_truth(play: Play, ended: Ended, before: object, *, killed: bool) -> None:
    """Assert that the exit code, the status and the state of the world agree."""
    if killed:
        assert ended.code == -signal.SIGKILL
        return
    assert ended.outputs["status"] in STATUSES[ended.code], ended.stdout
    assert (ended.report["status"], ended.report["exit_code"]) == (ended.outputs["status"], ended.code)
    assert ended.stderr == ""
    if ended.code == 3 or (ended.code == 1 and not play.mode.exposed):
        assert play.state == before, "nothing was changed"
