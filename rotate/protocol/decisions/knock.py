"""Which key is it: evidence, never a guess (protocol: *Evidence: the knock*).

No call maps a value to its id. But each call with a value moves its row's time of last use. One movement proves little:
lists lag, and another client may use another key in the same second. A random pattern that only this run knows is a
challenge: in half of the windows, drawn, the old value is used, and in the others it rests, while another key reads the
list.

    window      1   2   3   4   5   6   7   8   9   10  11  12
    old value   ●   ○   ●   ●   ○   ○   ●   ○   ●   ○   ●   ○       drawn
    key 3300001 ●   ○   ●   ●   ○   ○   ●   ○   ●   ○   ●   ○       follows: it is the one
    key 3300002 ●   ○   ○   ●   ●   ○   ○   ○   ○   ○   ○   ○       somebody's
    new key     ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●   ●       reads the list

Of twelve windows six can be drawn in 924 ways. So whatever a stranger's key does, it follows by chance once in 924
times, and three tries with longer windows are less than 2⁻⁸.
The old value of a hand-made key is asked so once, after every destination holds its successor and before anything is
revoked. After an exposure nobody knocks: the clock counts.
"""

from __future__ import annotations

from dataclasses import replace

from rotate.errors import Incomplete, one_line
from rotate.protocol.decisions import ending, narrowing
from rotate.protocol.decisions.deaths import noted_id, standing_of_value
from rotate.protocol.decisions.position import Position, Step
from rotate.protocol.facts.model import Identity, Snapshot
from rotate.protocol.facts.moves import Knock, Knocked, Status
from rotate.protocol.facts.policy import Policy
from rotate.protocol.facts.progress import Progress

REVOKED = "The one that `old_key_id` names was revoked on your word."
COMPARE = "Compare the table of live keys with what you expect."
BOTH_STAY = "Both the old and the new key live."
NAME_IT = (
    "Pick the key that the secret held from the table of live keys and name it; the next run revokes it:\n\n"
    "    old_key_id: …"
)
WIDER_STAYS = "It may be the minter, so it was not revoked. The narrower key stands everywhere; the wider one lives."


def ask(position: Position) -> Step | None:
    """Knock once, where the person's word is all that tells which key the old value is."""
    if position.progress.stopping or not _wanted(position):
        return None
    return (Knock(position.authority, position.policy.pattern),)


def _wanted(position: Position) -> bool:
    progress, policy = position.progress, position.policy
    may = policy.pattern and not policy.exposure and not progress.knocked
    if not (may and position.standing and position.replaces_value_at_hand):
        return False
    if not isinstance(standing_of_value(position.snapshot, policy), Identity) or noted_id(position.snapshot, policy):
        return False
    # Of a wider key that was named, the knock alone may show that it is what the secret held.
    wider = any(key.wider for key in position.situation.members)
    return policy.find_old_key or wider or any(not policy.lineage.holds(key.name) for key in position.doomed)


def heeded(policy: Policy, progress: Progress, snapshot: Snapshot) -> Policy:
    """Put what the knock shows in the place of what was said.

    A key of our own that follows (there are no notes, and the value at hand is its) says nothing about the one named.
    """
    if progress.knocked is None:
        return policy
    followers = progress.knocked.followers
    found = [key for key in snapshot.live if key.key_id in followers]
    shown = found[0].key_id if len(found) == 1 and not policy.lineage.holds(found[0].name) else None
    if shown is None or shown == policy.old_key_id:
        return policy
    if policy.find_old_key:
        return replace(policy, old_key_id=shown)
    return replace(policy, old_key_id=None, refuted=policy.old_key_id, shown=shown)


def judge(position: Position) -> Step | None:
    """Revoke nothing where another key than the named one followed, nor where nobody named one and none did."""
    policy, progress = position.policy, position.progress
    if progress.knocked is None or progress.stopping:
        return None
    if policy.shown:
        problem = contradicted(policy.refuted, policy.shown, position.snapshot)
    elif narrowing.holds_wider(position.snapshot, policy) and len(progress.knocked.followers) != 1:
        problem = not_shown(progress.knocked, WIDER_STAYS, narrowing.BY_HAND)
    elif policy.find_old_key and len(progress.knocked.followers) != 1:
        problem = not_shown(progress.knocked, BOTH_STAY, NAME_IT)
    else:
        return None
    return ending.conclude(position, Status.INCOMPLETE, problem.message, (problem, *progress.errors))


def contradicted(named: int | None, shown: int, snapshot: Snapshot) -> Incomplete:
    """Word that the old value is another key's than the one named."""
    names = {key.key_id: key.name for key in snapshot.live}
    wrong = f"{named} ({one_line(names[named])})" if named in names else str(named)
    return Incomplete(
        "old-key-contradicted",
        f"`old_key_id` names key {wrong}, but the value in the secret was that of key {shown}: used and left alone in "
        "a random pattern, it moved that key's time of last use each time, and no other's. The new key stands "
        "everywhere; nothing was revoked.",
        f"Correct the line and run it again:\n\n    old_key_id: {shown}    # {one_line(names.get(shown, '?'))}",
    )


def not_shown(knocked: Knocked, state: str, remedy: str) -> Incomplete:
    """Word that no key followed the pattern, or several. `state`: what became of them."""
    many = knocked.followers
    why = f"keys {', '.join(map(str, many))} all did" if many else "none did, or it was in use by others meanwhile"
    return Incomplete(
        "old-key-not-shown",
        "Nothing shows which key the old value is: exactly one should have followed a random pattern of use, and "
        f"{why}. {state}",
        remedy,
    )
