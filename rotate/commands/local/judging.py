"""What is to be done where a key lies: pure rules over what it is and whether it lives."""

from __future__ import annotations

from rotate.commands.local.known import Known
from rotate.machine import Sighting
from rotate.protocol.facts.model import Liveness
from rotate.protocol.story.findings import State
from rotate.protocol.story.lying import Lying, Role, Which

WRITE = "`neon-rotate local apply` writes the standing key there"
HARMLESS = "nothing: it is dead, and nothing takes it from there"
ASK = "not known: `--probe` asks Neon whether it lives"
ANOTHERS = "nothing: it lives, and is not known to be superseded"
UNSURE = "not known: Neon did not say whether it lives"


def judged(seen: Sighting, known: Known, liveness: Liveness, *, asked: bool) -> Lying:
    """Say what is to be done at one place. `asked`: Neon was asked whether the value lives."""
    which = known.which(seen.value.fingerprint)
    state, todo = _todo(seen, which, liveness, asked=asked)
    return Lying(
        file=str(seen.path),
        line=seen.line,
        what=seen.what,
        address=seen.address,
        fingerprint=seen.value.fingerprint,
        which=which,
        liveness=liveness,
        state=state,
        todo=todo,
    )


def superseded(which: Which, liveness: Liveness) -> bool:
    """Say whether the standing key belongs in this one's place. What the standing key itself is never does."""
    return which.role is Role.SUPERSEDED or (liveness is Liveness.DEAD and which.role is not Role.CURRENT)


def _todo(seen: Sighting, which: Which, liveness: Liveness, *, asked: bool) -> tuple[State, str]:
    if seen.past:
        if liveness is Liveness.DEAD:
            return State.WELL, HARMLESS
        known = which.role is not Role.UNKNOWN or liveness is Liveness.ALIVE
        return (State.PROBLEM if known else State.UNKNOWN), seen.remedy
    if which.role is Role.CURRENT and liveness is not Liveness.DEAD:
        return (State.WELL, "nothing: it holds the standing key") if seen.address else (State.WELL, seen.remedy)
    if superseded(which, liveness) or liveness is Liveness.DEAD:
        return State.PROBLEM, WRITE if seen.address else seen.remedy
    if liveness is Liveness.ALIVE:
        return State.UNKNOWN, ANOTHERS
    return State.UNKNOWN, UNSURE if asked else ASK
