"""Step 7: before an older key goes in a routine rotation, a workflow that uses the new value must succeed.

What is confirmed is that a destination took the value. That whoever reads it there can live with it (an environment's
secret hides it, a job passes another one on), only a consumer can show.

    distributed ──▶ asked ──▶ succeeded             ──▶ overlap, drain, revoke
                          └─▶ ended otherwise       ──▶ incomplete: both keys stay valid
                          └─▶ not known in its time ──▶ incomplete: both keys stay valid

It belongs to one run and is written down nowhere: each run that distributed a key, or is about to revoke one, asks
anew. So the next run after a failure asks again, and one that died while it waited has proven nothing. After an
exposure nobody asks: the exposed key dies at once.
"""

from __future__ import annotations

from rotate.protocol import ending, overlap
from rotate.protocol.steps import AskCanary, Status
from rotate.protocol.view import Step, View


def ask(view: View) -> Step | None:
    """Ask once, as soon as the new key stands; go on only if it succeeded."""
    wanted, holding = view.policy.canary, view.holding
    if wanted is None or view.policy.exposure is not None or view.standing is None or not _at_stake(view):
        return None
    if not holding.asked:
        return None if holding.stopping else (AskCanary(wanted.workflow, wanted.wait),)
    error = holding.canary_error
    if error is None:
        return None
    if holding.stopping:
        return ending.cancelled(view)
    return ending.conclude(view, Status.INCOMPLETE, error.message, (error, *holding.errors))


def _at_stake(view: View) -> bool:
    """Say whether a key may go that somebody may hold; one whose value was lost with its reply, nobody does."""
    going = view.doomed if view.holding.pending else overlap.released(view)
    return any(key.name not in view.holding.tried for key in going)
