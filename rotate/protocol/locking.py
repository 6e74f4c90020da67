"""Step 1: take the run lock, breaking a stale one, and look again at what decisions rest on."""

from __future__ import annotations

from rotate.errors import Outcome, Refused
from rotate.protocol import ending, guards, holders, lease
from rotate.protocol.aspects import Aspect
from rotate.protocol.model import NotebookFacts
from rotate.protocol.steps import Lock, Observe
from rotate.protocol.view import Step, View

# What decisions rest on: another run may have changed it between the first look and the lock. A write time from then
# would make its write pass for ours.
SURVEY = frozenset({Aspect.KEYS, Aspect.NOTEBOOK, Aspect.DESTINATIONS})
NO_NOTEBOOK = "no-notebook"


def take(view: View) -> Step | None:
    """Give the moves that make the lock this run's; `None` once it is, or where there can be none."""
    holding, held = view.holding, view.snapshot.lock
    if holding.committed or not isinstance(view.snapshot.notebook, NotebookFacts):
        return None
    if holding.lock is None:
        return (Lock(held),)
    if holding.lock is Outcome.NO_EFFECT:
        return _without_lock(view)
    at_once = view.policy.exposure and holding.lock is Outcome.APPLIED and holding.lock_tries == 1
    if not holding.surveyed and not at_once:
        return (Observe(SURVEY | holders.closer(view), again=True),)
    return None if lease.is_ours(view) or not holding.surveyed else ending.refuse(view, (lease.lost(Refused),))


def _without_lock(view: View) -> Step | None:
    """Break the stale lock that a first look together with the lock found; go on where there can be none."""
    holding, held = view.holding, view.snapshot.lock
    if held and not holding.surveyed and guards.breakable(held, view.policy, view.now) and holding.lock_tries == 1:
        return (Lock(held),)
    refusal = holding.lock_error or lease.lost(Refused)
    if refusal.reason != NO_NOTEBOOK:
        return ending.refuse(view, (refusal,))
    needed = guards.notebook_needed(view.policy)
    return ending.refuse(view, (needed, refusal)) if needed else None
