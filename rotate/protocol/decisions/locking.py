"""Step 1: take the run lock, breaking a stale one, and look again at what decisions rest on."""

from __future__ import annotations

from datetime import timedelta

from rotate.errors import Outcome, Refused
from rotate.protocol.decisions import ending, guards, holders
from rotate.protocol.decisions.position import Position, Step
from rotate.protocol.facts.aspects import Aspect
from rotate.protocol.facts.model import LockFacts, NotebookFacts
from rotate.protocol.facts.moves import Lock, Observe, Wait
from rotate.protocol.facts.policy import Command

# What decisions rest on: another run may have changed it between the first look and the lock. A write time from then
# would make its write pass for ours.
SURVEY = frozenset({Aspect.KEYS, Aspect.NOTEBOOK, Aspect.DESTINATIONS})
NO_NOTEBOOK = "no-notebook"
# After an exposure a run that is at work is waited for so long: it may be about to end.
PATIENCE, POLL, MOST_TRIES = timedelta(minutes=1), timedelta(seconds=10), 5


def take(position: Position) -> Step | None:
    """Give the moves that make the lock this run's; `None` once it is, or where there can be none."""
    progress, held = position.progress, position.snapshot.lock
    if progress.committed or not isinstance(position.snapshot.notebook, NotebookFacts):
        return None
    if progress.lock is None:
        return (_lock(position, held),)
    if progress.lock is Outcome.NO_EFFECT:
        return _without_lock(position)
    at_once = position.policy.exposure and progress.lock is Outcome.APPLIED and progress.lock_tries == 1
    if not progress.surveyed and not at_once:
        return (Observe(SURVEY | holders.closer(position), again=True),)
    return (
        None if position.holds_lock or not progress.surveyed else ending.refuse(position, (ending.lock_lost(Refused),))
    )


def _without_lock(position: Position) -> Step | None:
    """Break the stale lock that a first look together with the lock found; go on where there can be none."""
    progress, held = position.progress, position.snapshot.lock
    if held and not progress.surveyed and _free(position, held) and progress.lock_tries == 1:
        return (_lock(position, held),)
    refusal = progress.lock_error or ending.lock_lost(Refused)
    if refusal.reason != NO_NOTEBOOK:
        return _patience(position) or ending.refuse(position, (refusal,))
    needed = guards.notebook_needed(position.policy)
    return ending.refuse(position, (needed, refusal)) if needed else None


def _patience(position: Position) -> Step | None:
    """Wait for a run that is at work while a key is exposed, but not for long; `None` where nobody waits."""
    progress, held = position.progress, position.snapshot.lock
    urgent = position.policy.exposure is not None and position.policy.command is Command.ROTATE
    if not urgent or progress.lock_tries >= MOST_TRIES:
        return None
    if not progress.surveyed:
        return (Observe(SURVEY, again=True),)
    if held is None or _free(position, held):
        return (_lock(position, held),)
    return (Wait(POLL),) if progress.waited < PATIENCE else ending.refuse(position, (_stays(held),))


def _free(position: Position, held: LockFacts) -> bool:
    exposure = position.policy.exposure
    return guards.breakable(held, position.policy, position.now) or (exposure is not None and exposure.break_lock)


def _lock(position: Position, held: LockFacts | None) -> Lock:
    return Lock(held, forced=held is not None and not guards.breakable(held, position.policy, position.now))


def _stays(held: LockFacts) -> Refused:
    """Word the refusal after a minute of waiting while a key is exposed."""
    return Refused(
        "lock-held",
        f"Run {held.run_id} (attempt {held.attempt}) holds the rotation lock and did not let it go within a minute. "
        "The exposed key was not revoked.",
        "Run it again, and do not wait for that run: it looks at the lock before it revokes anything, and then stops."
        "\n\n    break_lock: true\n\nOr revoke the exposed key by hand, now: Neon → API keys → Revoke.",
    )
