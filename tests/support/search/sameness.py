"""When two moments of a run are the same to whatever comes next: one number for each kind of moment."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest

from rotate.errors import Outcome
from rotate.protocol.decisions.locking import NO_NOTEBOOK
from rotate.protocol.facts.model import Snapshot
from rotate.protocol.facts.progress import Progress
from tests.support.search.model_world import Outside


class Numbers:
    """Numbers equal things alike. A thing that was met before is known by itself, without looking at what is in it."""

    def __init__(self) -> None:
        self._met: dict[int, tuple[object, int]] = {}

    def of_outside(self, one: Outside) -> int:
        """Number a world, but for what the destinations hold."""
        met = self._met.get(id(one))
        if met:
            return met[1]
        parts = (
            one.keys,
            one.note,
            one.lock,
            one.next_id,
            one.burnt,
            one.busy,
            one.sick,
            one.heard,
            one.seals,
            one.bad,
        )
        return self._keep(one, (*parts, one.past))

    def of_snapshot(self, one: Snapshot | None) -> int:
        """Number what was seen, but for the destinations."""
        if one is None:
            return 0
        met = self._met.get(id(one))
        parts = (one.issuer, one.previous, one.keys, one.notebook, one.runs, one.holders is None)
        return met[1] if met else self._keep(one, parts)

    def of_holding(self, one: Progress) -> int:
        """Number what a run holds, but for the destinations and for what is only told and never decided upon: errors,
        how a pending note, a probe or a release turned out, and why a revoke had no effect.
        """
        met = self._met.get(id(one))
        return met[1] if met else self._keep(one, _held(one))

    def _keep(self, one: object, parts: tuple[object, ...]) -> int:
        self._met[id(one)] = one, hash(parts)
        return self._met[id(one)][1]


def places(outside: Outside, snapshot: Snapshot | None, progress: Progress, names: tuple[str, ...]) -> int:
    """Number how the destinations stand. Apart from the primary they are alike: their order says nothing."""
    seen, looked = (snapshot.destinations, snapshot.looked) if snapshot else ({}, {})
    numbers = [
        hash(
            (
                value,
                outside.wrote(place),
                seen.get(name),
                looked.get(name),
                progress.stood.get(name),
                progress.put.get(name),
                progress.confirmed.get(name),
                progress.restored.get(name),
            )
        )
        for place, (name, value) in enumerate(zip_longest(names, outside.stored, fillvalue=""))
    ]
    return hash((numbers[0], *sorted(numbers[1:])))


def _held(one: Progress) -> tuple[object, ...]:
    return (
        one.lock,
        one.lock_error and one.lock_error.reason == NO_NOTEBOOK,
        one.lock_tries,
        one.forced,
        one.lease,
        one.surveyed,
        one.fenced,
        one.looked,
        one.tried,
        one.issue,
        one.unresolved,
        one.pending,
        one.adopted,
        one.verified,
        one.noted_confirmed is None or one.noted_confirmed is Outcome.APPLIED,
        one.noted_confirmed is None,
        one.note,
        one.asked,
        one.canary_error and one.canary_error.outcome,
        one.waited,
        one.evidence,
        one.runs_seen,
        one.backing_out,
        one.control is None,
        one.knocked,
        one.revoked_ids,
        _items(one.revoke_tries),
        one.proof,
        one.released is None,
        one.ended and one.ended.status,
        one.stopping,
    )


def _items(one: Mapping[int, object]) -> tuple[tuple[int, object], ...]:
    return tuple(sorted(one.items(), key=lambda item: item[0]))
