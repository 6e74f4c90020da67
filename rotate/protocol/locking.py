"""Step 1: take the run lock, breaking a stale one, and look again at what decisions rest on."""

from __future__ import annotations

from datetime import timedelta

from rotate.errors import Outcome, Refused
from rotate.protocol import ending, guards, holders, lease
from rotate.protocol.aspects import Aspect
from rotate.protocol.model import LockFacts, NotebookFacts
from rotate.protocol.policy import Command
from rotate.protocol.steps import Lock, Observe, Wait
from rotate.protocol.view import Step, View

# What decisions rest on: another run may have changed it between the first look and the lock. A write time from then
# would make its write pass for ours.
SURVEY = frozenset({Aspect.KEYS, Aspect.NOTEBOOK, Aspect.DESTINATIONS})
NO_NOTEBOOK = "no-notebook"
# After an exposure a run that is at work is waited for so long: it may be about to end.
PATIENCE, POLL, MOST_TRIES = timedelta(minutes=1), timedelta(seconds=10), 5


def take(view: View) -> Step | None:
    """Give the moves that make the lock this run's; `None` once it is, or where there can be none."""
    holding, held = view.holding, view.snapshot.lock
    if holding.committed or not isinstance(view.snapshot.notebook, NotebookFacts):
        return None
    if holding.lock is None:
        return (_lock(view, held),)
    if holding.lock is Outcome.NO_EFFECT:
        return _without_lock(view)
    at_once = view.policy.exposure and holding.lock is Outcome.APPLIED and holding.lock_tries == 1
    if not holding.surveyed and not at_once:
        return (Observe(SURVEY | holders.closer(view), again=True),)
    return None if lease.is_ours(view) or not holding.surveyed else ending.refuse(view, (lease.lost(Refused),))


def _without_lock(view: View) -> Step | None:
    """Break the stale lock that a first look together with the lock found; go on where there can be none."""
    holding, held = view.holding, view.snapshot.lock
    if held and not holding.surveyed and _free(view, held) and holding.lock_tries == 1:
        return (_lock(view, held),)
    refusal = holding.lock_error or lease.lost(Refused)
    if refusal.reason != NO_NOTEBOOK:
        return _patience(view) or ending.refuse(view, (refusal,))
    needed = guards.notebook_needed(view.policy)
    return ending.refuse(view, (needed, refusal)) if needed else None


def _patience(view: View) -> Step | None:
    """Wait for a run that is at work while a key is exposed, but not for long; `None` where nobody waits."""
    holding, held = view.holding, view.snapshot.lock
    if view.policy.exposure is None or view.policy.command is not Command.ROTATE or holding.lock_tries >= MOST_TRIES:
        return None
    if not holding.surveyed:
        return (Observe(SURVEY, again=True),)
    if held is None or _free(view, held):
        return (_lock(view, held),)
    return (Wait(POLL),) if holding.waited < PATIENCE else ending.refuse(view, (_stays(held),))


def _free(view: View, held: LockFacts) -> bool:
    exposure = view.policy.exposure
    return guards.breakable(held, view.policy, view.now) or (exposure is not None and exposure.break_lock)


def _lock(view: View, held: LockFacts | None) -> Lock:
    return Lock(held, forced=held is not None and not guards.breakable(held, view.policy, view.now))


def _stays(held: LockFacts) -> Refused:
    """Word the refusal after a minute of waiting while a key is exposed."""
    return Refused(
        "lock-held",
        f"Run {held.run_id} (attempt {held.attempt}) holds the rotation lock and did not let it go within a minute. "
        "The exposed key was not revoked.",
        "Run it again, and do not wait for that run: it looks at the lock before it revokes anything, and then stops."
        "\n\n    break_lock: true\n\nOr revoke the exposed key by hand, now: Neon → API keys → Revoke.",
    )
