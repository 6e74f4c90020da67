"""Who shows that a key is dead, and that another lives: both values, and Neon's list (protocol: step 10)."""

from __future__ import annotations

from functools import partial

from rotate.errors import Outcome, RotateError
from rotate.ports import Source
from rotate.protocol.facts.model import Dead, Liveness, Scope
from rotate.protocol.facts.moves import Proof, ProveDead, Result
from rotate.protocol.facts.policy import Policy
from rotate.run.world import World
from rotate.secret import Secret
from rotate.wire.together import begin, value_of

PROOF_WAITS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)


def prove(world: World, policy: Policy, move: ProveDead, by: Secret, current: Secret | None) -> Result:
    """Ask all witnesses at once, again until they agree that it is over or the waits are used up.

    `by` reads the list; `current` is the value that stands.
    """
    proof = Proof(None, None, None)
    for wait in PROOF_WAITS:
        world.clock.sleep(wait)
        proof = _asked(world, policy, move, by, current)
        listed = {key.key_id for key in proof.live or ()}
        if proof.previous in (None, Liveness.DEAD) and proof.live is not None and not listed & move.gone:
            break
    return Result(Outcome.APPLIED, proof=proof)


def _asked(world: World, policy: Policy, move: ProveDead, by: Secret, current: Secret | None) -> Proof:
    previous = begin(partial(liveness, world.source, world.at_hand if move.previous else None))
    now = begin(partial(liveness, world.source, current if move.current else None))
    keys = begin(partial(world.source.list_keys, by))()
    if isinstance(keys, RotateError) and world.at_hand and policy.scope is Scope.PERSONAL:
        # The minter may have been the exposed key: it then revoked itself, and another must look.
        keys = begin(partial(world.source.list_keys, world.at_hand))()
    return Proof(value_of(previous()), value_of(now()), None if isinstance(keys, RotateError) else keys)


def liveness(source: Source, secret: Secret | None) -> Liveness | None:
    """Ask whether a value is alive; `None` when it is not at hand."""
    if secret is None:
        return None
    try:
        dead = isinstance(source.identify(secret), Dead)
    except RotateError:
        return Liveness.UNKNOWN
    return Liveness.DEAD if dead else Liveness.ALIVE
