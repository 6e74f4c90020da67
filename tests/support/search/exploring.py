"""Every run from every world that runs can leave, and whether each world comes to rest."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from rotate.errors import ExitCode
from rotate.protocol.facts.moves import Status
from rotate.protocol.story.fold import exit_code
from tests.support.search.canonical import LIVE_RUN, canonical, later, lineage, simpler
from tests.support.search.invariants import ViolationError, tale
from tests.support.search.model_world import Outside, Process
from tests.support.search.search import Ended, Explorer
from tests.support.search.setting import Setting, beginning, process_for

MOST_STATES = 3_000_000
ALL = os.environ.get("SEARCH") == "all"


@dataclass(frozen=True)
class Found:
    """How much was searched."""

    moments: int
    worlds: int


@dataclass(frozen=True)
class Case:
    """One search: how many faults; how many where `SEARCH=all` asks for the long one."""

    setting: Setting
    faults: int
    most: int

    def searched(self) -> str:
        """Search, and say in a line how much that was."""
        faults = self.most if ALL else self.faults
        found = search(self.setting, faults)
        assert found.worlds > 1
        return f"{found.moments} moments, {found.worlds} worlds, {faults} faults, any number of runs"


def search(setting: Setting, faults: int) -> Found:
    """Explore any number of runs, one after the other, from every world that they can leave; raise the first violation.

    The worlds that few faults lead to come first, so each is met once, with most of them left.
    """
    explorer, seen = Explorer(setting), set[Outside]()
    layers: list[list[Outside]] = [[] for _ in range(faults + 1)]
    layers[0].append(canonical(beginning(setting)))
    for spent, layer in enumerate(layers):
        while layer:
            world = layer.pop()
            if world in seen:
                continue
            seen.add(world)
            assert explorer.states < MOST_STATES, "the search is bounded"
            if setting.adversary:
                _dies(explorer, setting, world)
            else:
                _comes_to_rest(explorer, setting, world)
            for ended in _all_runs(explorer, setting, world, faults - spent):
                if not setting.adversary:
                    _bounded(setting, ended, faults)
                left = canonical(ended.outside, ended.now)
                layers[spent + ended.spent].append(left if setting.broad or setting.adversary else simpler(left))
    return Found(explorer.states, len(seen))


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
        if left and setting.broad:
            for late in {one.key_id for one in lineage(world)} - {world.stored[0]}:
                for ended in explorer.run(outside, process_for(setting, outside, late=late), left - 1):
                    yield replace(ended, spent=ended.spent + 1)


def _comes_to_rest(explorer: Explorer, setting: Setting, world: Outside) -> None:
    """S5: a run without faults, and one after the overlap it may begin, end with one live key everywhere, and no lock.

    Where the primary destination was left with a dead key, somebody runs it as after an exposure again.
    """
    ended = _clean(explorer, setting, world)
    if setting.piles_up:
        if len(lineage(world)) >= setting.most_keys:
            # The bound is reached: once an overlap has ended, one run makes room, and the next can rotate.
            ended = _clean(explorer, setting, later(canonical(ended.outside, ended.now)))
            ended = _clean(explorer, setting, canonical(ended.outside, ended.now))
            if _stuck(ended):
                return
        (ended,) = explorer.run(*_sweep(setting, later(canonical(ended.outside, ended.now))), 0)
    alive = [one.key_id for one in lineage(ended.outside)]
    # The lock of a dead run may stay where nothing is to be done: the next run that needs it breaks it.
    free = ended.outside.lock is None or (world.lock is not None and ended.outside.lock.token == world.lock.token)
    rested = len(alive) == 1 and set(ended.outside.stored) == set(alive) and free
    if not rested or ended.finish is None or ended.finish.status not in (Status.ROTATED, Status.UNCHANGED):
        raise ViolationError(
            f"S5: a clean run from {world} comes to rest with {alive}, {ended.finish}\n{tale(ended.told)}"
        )


def _dies(explorer: Explorer, setting: Setting, world: Outside) -> None:
    """S10: an exposed key that is named dies in a clean run, whatever stands in note and lock.

    Only a run that may be at work is waited for, unless that was forbidden.
    """
    exposed = world.stored[0]
    if not world.alive(exposed) or setting.exposed is None:
        return
    held = world.lock is not None and world.lock.run_id == LIVE_RUN
    for break_lock in (False, True):
        process = process_for(setting, world, exposed=True, break_lock=break_lock)
        (ended,) = explorer.run(world, process, 0)
        reasons = [one.reason for one in ended.finish.problems] if ended.finish else []
        waited = held and not break_lock and reasons == ["lock-held"]
        if ended.outside.alive(exposed) and not waited:
            raise ViolationError(
                f"S10: the exposed key {exposed} lives on, {reasons}, from {world}\n{tale(ended.told)}"
            )


def _stuck(ended: Ended) -> bool:
    """Say whether a run refuses for the number of live keys, rightly (S6): nothing is older than the confirmed key, or
    a destination may hold what is, and the confirmed key's value is not at hand.
    """
    note, finish = ended.outside.note, ended.finish
    oldest = note.confirmed.key_id if note and note.confirmed else 0
    older = [one for one in lineage(ended.outside) if one.key_id < oldest]
    *others, last = [one.reason for one in finish.problems] if finish and finish.problems else [""]
    return last == "too-many-live-keys" and ("destination-overwritten" in others or not (older or others))


def _sweep(setting: Setting, world: Outside) -> tuple[Outside, Process]:
    return world, process_for(setting, world, rotate=False)


def _clean(explorer: Explorer, setting: Setting, world: Outside) -> Ended:
    # With a minter a scheduled run restores service too; without one it takes a person.
    again = setting.exposed is not None and not setting.has_minter and not world.alive(world.stored[0])
    process = process_for(setting, world, scheduled=not again, exposed=again)
    (ended,) = explorer.run(world, process, 0)
    return ended


def _bounded(setting: Setting, ended: Ended, faults: int) -> None:
    """S6, and: zero is answered only where one key lives, beside those that the note holds back or a run uses.

    Each fault may leave a key. With an overlap or a canary so may each run, until the bound is reached, and one more
    where a run died before it could write the note that its value proves.
    """
    live = lineage(ended.outside)
    if len(live) > (setting.most_keys + 1 if setting.piles_up else 2) + faults:
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
