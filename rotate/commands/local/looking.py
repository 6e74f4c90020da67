"""Every key on this machine, as all systems see it: each place once, told by the system that knows it best."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rotate.errors import RotateError
from rotate.machine import Machine, Sighting
from rotate.ports import Hide
from rotate.registry import kinds, system


def look(machine: Machine, hide: Hide) -> tuple[Sighting, ...]:
    """Search the machine, sorted by place. What a system could not search is told to the machine's watch."""
    return _once(one for kind in kinds() for one in _of(kind, machine, hide))


def _of(kind: str, machine: Machine, hide: Hide) -> Iterator[Sighting]:
    of = system(kind).sightings
    if of is None:
        return
    try:
        yield from of(machine, hide)
    except RotateError as error:
        machine.watch.left_out(error)


def _once(seen: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Leave out what any file is seen as, where a system told the same place as its own."""
    every = sorted(set(seen), key=lambda one: (str(one.path), one.line, one.address))
    own = {(str(one.path), one.value, line) for one in every if not one.general for line in (one.line, 0)}
    # A system that does not tell the line tells of every place of the file that has the value.
    whole = {(str(one.path), one.value) for one in every if not (one.general or one.line)}
    return tuple(
        one
        for one in every
        if not one.general
        or ((str(one.path), one.value, one.line) not in own and (str(one.path), one.value) not in whole)
    )
