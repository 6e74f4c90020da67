"""What several systems give to one run, as if one system gave it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from functools import reduce
from typing import TypeVar

from rotate.line import Attached
from rotate.ports import Readers
from rotate.protocol.facts.model import HolderFacts, LiveRun, ShadowFacts

T = TypeVar("T")
Facts = TypeVar("Facts", ShadowFacts, HolderFacts)


def joined(parts: Sequence[Attached]) -> Attached:
    """Join them: of what there can be one of, the first (the keeper's comes first); of all else, what each has."""
    if len(parts) == 1:
        return parts[0]
    return Attached(
        tuple(destination for part in parts for destination in part.destinations),
        _first(part.notebook for part in parts),
        Everybody([part.readers for part in parts if part.readers]),
        _first(part.canary for part in parts),
        lasting=lambda: max((part.lasting() for part in parts), default=0.0),
        cautions=lambda: tuple(one for part in parts for one in part.cautions()),
        shadows=lambda wanted: _sum([part.shadows(wanted) for part in parts], ShadowFacts),
        lineage=lambda: _first(part.lineage() for part in parts),
        holders=lambda: _sum([part.holders() for part in parts], HolderFacts),
        neighbours=lambda absent: {name: told for part in parts for name, told in part.neighbours(absent).items()},
        former_names=lambda: _first(part.former_names() for part in parts),
        issues=lambda: _first(part.issues() for part in parts),
    )


class Everybody:
    """Implements `ports.Readers` over all who may hold a value."""

    def __init__(self, readers: Sequence[Readers]) -> None:
        self._readers = readers

    def alive(self) -> tuple[LiveRun, ...]:
        """Ask one after the other."""
        return tuple(run for one in self._readers for run in one.alive())


def _first(every: Iterable[T | None]) -> T | None:
    return next((one for one in every if one is not None), None)


def _sum(facts: Sequence[Facts], kind: Callable[[], Facts]) -> Facts:
    """Add them up field by field: tuples of what was found, and counts."""
    return reduce(_both, facts, kind())


def _both(one: Facts, more: Facts) -> Facts:
    return replace(one, **{field.name: getattr(one, field.name) + getattr(more, field.name) for field in fields(one)})
