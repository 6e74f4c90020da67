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

from rotate.protocol.decisions import ending, overlap
from rotate.protocol.decisions.position import Position, Step
from rotate.protocol.facts.moves import AskCanary, Status


def ask(position: Position) -> Step | None:
    """Ask once, as soon as the new key stands; go on only if it succeeded."""
    wanted, progress = position.policy.canary, position.progress
    if wanted is None or position.policy.exposure is not None or position.standing is None or not _at_stake(position):
        return None
    if not progress.asked:
        return None if progress.stopping else (AskCanary(wanted.workflow, wanted.wait),)
    error = progress.canary_error
    if error is None:
        return None
    if progress.stopping:
        return ending.cancelled(position)
    return ending.conclude(position, Status.INCOMPLETE, error.message, (error, *progress.errors))


def _at_stake(position: Position) -> bool:
    """Say whether a key may go that somebody may hold; one whose value was lost with its reply, nobody does."""
    going = position.doomed if position.progress.pending else overlap.released(position)
    return any(key.name not in position.progress.tried for key in going)
