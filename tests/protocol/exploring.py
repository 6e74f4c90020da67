"""Every run from every world that runs can leave, and whether each world comes to rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from rotate.errors import ExitCode
from rotate.protocol.steps import Status
from rotate.protocol.summary import exit_code
from tests.protocol.canonical import canonical, later, lineage
from tests.protocol.invariants import ViolationError, tale
from tests.protocol.model_world import Outside, Process
from tests.protocol.search import Ended, Explorer, Setting, beginning, process_for

MOST_STATES = 3_000_000


@dataclass(frozen=True)
class Found:
    """How much was searched."""

    moments: int
    worlds: int


def search(setting: Setting, faults: int, rotations: int) -> Found:
    """Explore every run from every world that runs can leave; raise the first violation."""
    explorer = Explorer(setting)
    best: dict[tuple[Outside, int], int] = {}
    waiting = [(canonical(beginning(setting)), faults, rotations)]
    while waiting:
        world, left, runs = waiting.pop()
        if best.get((world, runs), -1) >= left:
            continue
        best[world, runs] = left
        assert explorer.states < MOST_STATES, "the search is bounded"
        _comes_to_rest(explorer, setting, world)
        if runs == 0:
            continue
        for ended in _all_runs(explorer, setting, world, left):
            _bounded(setting, ended, faults + rotations * bool(setting.overlap.length or setting.overlap.drain))
            waiting.append((canonical(ended.outside, ended.now), left - ended.spent, runs - 1))
    return Found(explorer.states, len({world for world, _ in best}))


def _all_runs(explorer: Explorer, setting: Setting, world: Outside, left: int) -> Iterator[Ended]:
    """Run now or when every overlap has ended, in a busy world or a quiet one, where the new value works or does not,
    routinely or after an exposure.

    As a fault: with the value of a key that is no longer stored, as a run queued before would.
    """
    times = {world, later(world)}
    moods = product((False, True) if setting.overlap.drain else (False,), (False, True) if setting.canary else (False,))
    seen = [replace(one, busy=busy, sick=sick) for one, (busy, sick) in product(times, tuple(moods))]
    for outside in seen:
        for rotate in (True, False):
            yield from explorer.run(outside, process_for(setting, outside, rotate=rotate), left)
        if setting.exposed:
            yield from explorer.run(outside, process_for(setting, outside, exposed=True), left)
        if left:
            for late in {one.key_id for one in lineage(world)} - {world.stored[0]}:
                for ended in explorer.run(outside, process_for(setting, outside, late=late), left - 1):
                    yield replace(ended, spent=ended.spent + 1)


def _comes_to_rest(explorer: Explorer, setting: Setting, world: Outside) -> None:
    """S5: a run without faults, and one after the overlap it may begin, end with one live key everywhere, and no lock.

    Where the primary destination was left with a dead key, somebody runs it as after an exposure again.
    """
    ended = _clean(explorer, setting, world)
    if setting.overlap.length or setting.overlap.drain:
        (ended,) = explorer.run(*_sweep(setting, later(canonical(ended.outside, ended.now))), 0)
    alive = [one.key_id for one in lineage(ended.outside)]
    # The lock of a dead run may stay where nothing is to be done: the next run that needs it breaks it.
    free = ended.outside.lock is None or (world.lock is not None and ended.outside.lock.token == world.lock.token)
    rested = len(alive) == 1 and set(ended.outside.stored) == set(alive) and free
    if not rested or ended.finish is None or ended.finish.status not in (Status.ROTATED, Status.UNCHANGED):
        raise ViolationError(
            f"S5: a clean run from {world} comes to rest with {alive}, {ended.finish}\n{tale(ended.told)}"
        )


def _sweep(setting: Setting, world: Outside) -> tuple[Outside, Process]:
    return world, process_for(setting, world, rotate=False)


def _clean(explorer: Explorer, setting: Setting, world: Outside) -> Ended:
    again = setting.exposed is not None and not world.alive(world.stored[0])
    process = process_for(setting, world, scheduled=not again, exposed=again)
    (ended,) = explorer.run(world, process, 0)
    return ended


def _bounded(setting: Setting, ended: Ended, most: int) -> None:
    """S6, and: zero is answered only where one key lives, beside those that the note holds back or a run uses."""
    live = lineage(ended.outside)
    if len(live) > most + 2:
        raise ViolationError(f"S6: {len(live)} keys are alive\n" + tale(ended.told))
    finish = ended.finish
    done = finish is not None and finish.status is Status.ROTATED and exit_code(finish) is ExitCode.DONE
    note = ended.outside.note
    noted = note.previous if note and (setting.overlap.length or setting.overlap.drain) else ()
    # A drain holds a key back also where the runs could not be listed.
    spare = {one.key_id for one in noted if one.revoke_after > ended.now or setting.overlap.drain}
    spare -= {note.confirmed.key_id} if note and note.confirmed else set()
    if done and len([one for one in live if one.key_id not in spare]) != 1:
        where = ", ".join(one.name for one in live)
        raise ViolationError(f"reports success while an older key lives: {where}, {note}\n{tale(ended.told)}")
