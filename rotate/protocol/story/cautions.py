"""What a person should know although it stops nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rotate.errors import DestinationError, Incomplete, Outcome, RotateError
from rotate.protocol.decisions import absent, knock, narrowing, note_guards, place_guards
from rotate.protocol.decisions.position import Position
from rotate.protocol.facts.events import Event
from rotate.protocol.facts.model import Liveness, NoNotebook, Snapshot
from rotate.protocol.facts.moves import Finish, Move, Revoke, Status
from rotate.protocol.facts.policy import Command, Policy

WARNING = "warn"


def cautions(finish: Finish, first: Snapshot, position: Position) -> tuple[RotateError, ...]:
    """Give what the report says beside its problems. `first`: what was seen before anything was changed."""
    progress, snapshot, told = position.progress, position.snapshot, set(finish.problems)
    found = [error for error in dict.fromkeys((*progress.warnings, *progress.errors)) if error not in told]
    if progress.lock_error and progress.lock_error not in told and progress.lock is not Outcome.APPLIED:
        found.append(progress.lock_error)
    if isinstance(snapshot.notebook, NoNotebook):
        found.append(DestinationError("no-notebook", snapshot.notebook.why, snapshot.notebook.remedy))
    if snapshot.shadows and finish.status is not Status.REFUSED:
        found += snapshot.shadows.unread
    if snapshot.holders and finish.status is not Status.REFUSED:
        found += snapshot.holders.unread
    made = absent.created(position)
    if made and made not in told:
        found.append(made)
    doubted = note_guards.unproven(first, position.policy)
    if doubted and doubted.reason not in {problem.reason for problem in told}:
        found.append(doubted)
    left = place_guards.caution(first, position.policy)
    if left and (progress.committed or finish.status is Status.PLANNED):
        found.append(left)
    if progress.knocked and progress.revoke_tries and len(progress.knocked.followers) != 1:
        found.append(knock.not_shown(progress.knocked, knock.REVOKED, knock.COMPARE))
    if progress.revoke_tries and progress.control in (Liveness.DEAD, Liveness.UNKNOWN):
        message = "The previous value did not answer 200 just before the revoke, so its later 401 proves little."
        found.append(Incomplete("control-missing", message, knock.COMPARE))
    # What an overlap holds, a later run ends.
    ended = finish.status is Status.ROTATED and not any(key.wider for key in position.doomed)
    if ended and (left_alive := narrowing.left(first, position.policy, progress.revoked_ids)):
        found.append(left_alive)
    if position.policy.command is Command.CHECK and (wide := narrowing.personal(first, position.policy)):
        found.append(wide)
    return tuple(found)


def before(batch: Sequence[Move], told: Sequence[Event], first: Snapshot, policy: Policy, at: datetime) -> Event | None:
    """Give what must be said before a batch: once, before the first revoke, who is left with the key that goes.

    Raises nothing and changes nothing (protocol: recovery, *destination dropped*).
    """
    due = any(isinstance(move, Revoke) for move in batch) and not any(event.name == WARNING for event in told)
    left = place_guards.caution(first, policy) if due else None
    if left is None:
        return None
    return Event(9, WARNING, "a destination was dropped", Outcome.APPLIED, left.message, at, 0.0)
