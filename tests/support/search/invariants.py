"""The invariants of protocol.md, held against each change that a run makes."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from rotate.protocol.facts.moves import Issue, Move, ProveDead, Result, Revoke
from rotate.protocol.facts.progress import Progress
from tests.support.search.fates import Luck
from tests.support.search.model_world import FOREIGN, MINTER, Outside

Told: TypeAlias = tuple["Told", "str | tuple[Move, Luck]"] | None
"""What happened, the last first, put into words only where it is needed."""


class ViolationError(Exception):
    """An invariant of protocol.md does not hold. The text names it and tells how it came about."""


def judge(before: Outside, after: Outside, move: Move, result: Result, progress: Progress, told: Told) -> None:
    """Hold one change against the invariants."""
    if not all(after.alive(value) or value in (0, *after.burnt) for value in after.stored):
        raise ViolationError(f"S1: a destination holds a dead key\n{tale(told)}")
    if not (after.alive(FOREIGN) and after.alive(MINTER)):
        raise ViolationError(f"S7: a key of somebody else was revoked\n{tale(told)}")
    if isinstance(move, Issue) and move.name in progress.tried:
        raise ViolationError(f"S3: an issue was repeated\n{tale(told)}")
    if isinstance(move, Revoke) and len(after.keys) < len(before.keys):
        orphan = move.key.name in progress.tried and move.key.key_id not in before.stored
        counted = before.stored[:1] if move.exposed else before.stored
        superseded = all(value > move.key.key_id and before.alive(value) for value in counted)
        if not (orphan or superseded or (move.exposed and progress.pending is None and not progress.tried)):
            raise ViolationError(f"S2: a key died that a destination might hold\n{tale(told)}")
    if isinstance(move, ProveDead) and result.proof is None:
        raise ViolationError(f"no proof was brought\n{tale(told)}")


def patient(before: Outside, after: Outside, move: Revoke, progress: Progress, now: datetime, told: Told) -> None:
    """Hold a routine revoke against the overlap that the note promised, the runs that are alive, and the canary."""
    lost = move.key.name in progress.tried and move.key.key_id not in before.stored
    if len(after.keys) == len(before.keys) or lost:
        return
    if before.heard is False:
        raise ViolationError(f"canary: a key died before the canary had succeeded\n{tale(told)}")
    promised = [one.revoke_after for one in (before.note.previous if before.note else ())]
    ids = [one.key_id for one in (before.note.previous if before.note else ())]
    if move.key.key_id in ids and promised[ids.index(move.key.key_id)] > now:
        raise ViolationError(f"overlap: a key died before its time\n{tale(told)}")
    if before.busy:
        raise ViolationError(f"drain: a key died while a run held it\n{tale(told)}")


def tale(told: Told) -> str:
    """Tell how it came about."""
    lines = []
    while told is not None:
        told, line = told
        lines.append(line if isinstance(line, str) else f"{str(line[0])[:120]} [{line[1].value}]")
    return "\n".join(reversed(lines))
