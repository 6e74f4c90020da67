"""What happened, as typed facts without secrets: one event a move, in the words people read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rotate.errors import Outcome, RotateError
from rotate.protocol.facts import moves
from rotate.protocol.facts.aspects import EVERYTHING, Aspect
from rotate.protocol.facts.model import Liveness

LAST_LOOK = {Aspect.NOTEBOOK: "the lock", Aspect.LOCK: "the lock", Aspect.WRITES: "the destinations"}


@dataclass(frozen=True, slots=True)
class Event:
    """One move that ended. `step` is its number in the protocol, `seconds` how long it took, `at` when it ended."""

    step: int
    name: str
    subject: str
    outcome: Outcome
    detail: str
    at: datetime
    seconds: float
    error: RotateError | None = None

    @property
    def ok(self) -> bool:
        """Whether the move did what it was for."""
        return self.outcome is Outcome.APPLIED and self.error is None


def describe(move: moves.Move, result: moves.Result, at: datetime, seconds: float) -> Event:
    """Turn a move and its result into an event."""
    step, name, subject = label(move)
    detail = result.error.message if result.error else _detail(move, result)
    return Event(step, name, subject, result.outcome, detail, at, seconds, result.error)


def label(move: moves.Move) -> tuple[int, str, str]:
    """Give a move's number in the protocol, its word, and what it is about."""
    match move:
        case moves.Observe(aspects):
            if aspects <= LAST_LOOK.keys():
                subjects = [told for one, told in LAST_LOOK.items() if one in aspects]
                return 8, "look" if aspects == {Aspect.WRITES} else "fence", " and ".join(subjects)
            return 7 if Aspect.RUNS in aspects and aspects != EVERYTHING else 0, "observe", _aspects(aspects)
        case moves.Lock():
            return 1, "lock", "this rotation"
        case moves.Issue(key_name):
            return 2, "issue", key_name
        case moves.Adopt(key):
            return 2, "adopt", f"key {key.key_id}"
        case moves.Verify(key):
            return 3, "verify", f"key {key.key_id}"
        case moves.WriteNote(_, confirmed):
            return (6, "note", "confirmed") if confirmed else (3, "note", "pending")
        case moves.Put(destination):
            return 4, "put", destination
        case moves.Confirm(destination):
            return 5, "confirm", destination
        case moves.Restore(destination):
            return 5, "restore", destination
        case moves.Rewrite(destination):
            return 4, "put", destination
        case moves.Wait(span):
            return 7, "wait", f"for {span}"
        case moves.AskCanary(workflow):
            return 7, "canary", workflow
        case moves.Probe():
            return 8, "probe", "the previous value"
        case moves.Knock(_, pattern):
            return 5, "knock", f"the previous value, in {sum(pattern)} of {len(pattern)} windows"
        case moves.Revoke(key):
            return 9, "revoke", f"key {key.label}"
        case moves.ProveDead():
            return 10, "prove", "the end"
        case _:
            return 11, "release", "the lock"


def _aspects(aspects: frozenset[Aspect]) -> str:
    # Runs are a part of everything only where a drain was asked for.
    told = aspects - {Aspect.RUNS} if aspects == EVERYTHING else aspects
    return ", ".join(sorted(aspect.value for aspect in told))


def _detail(move: moves.Move, result: moves.Result) -> str:
    match move:
        case moves.Issue():
            pending = result.pending
            return f"key {pending.key_id}, fingerprint {pending.fingerprint}" if pending else "no answer"
        case moves.Adopt():
            return "its value is at hand: nothing is issued"
        case moves.Verify():
            return "answers 200 for the same account and scope"
        case moves.Put():
            return "written" + ("; it did not exist before" if result.created else "")
        case moves.Rewrite():
            return "written; the write stands"
        case moves.Confirm():
            return "the write stands"
        case moves.Probe():
            return {
                Liveness.ALIVE: "answers 200: the control that gives the later 401 its meaning",
                Liveness.DEAD: "answers 401 already: a later 401 proves nothing",
            }.get(result.liveness or Liveness.UNKNOWN, "no answer: a later 401 proves nothing")
        case moves.Knock():
            return _followed(result.knocked)
        case moves.AskCanary():
            return f"it succeeded with the new value: {result.page}"
        case moves.Restore():
            return "the old value stands again"
        case moves.Revoke(_, _, standing, exposed):
            orphan = "" if standing or exposed else "; it was written nowhere"
            return f"Neon says revoked: true for this id{orphan}"
        case moves.ProveDead():
            return _proof(result.proof or moves.Proof(None, None, None))
        case _:
            return ""


def _followed(knocked: moves.Knocked | None) -> str:
    found = knocked.followers if knocked else ()
    if len(found) == 1:
        return f"key {found[0]} followed the pattern, and no other did"
    return "several keys followed the pattern: no verdict" if found else "no key followed the pattern: no verdict"


def _proof(proof: moves.Proof) -> str:
    said = {Liveness.ALIVE: "answers 200", Liveness.DEAD: "answers 401", Liveness.UNKNOWN: "did not answer"}
    parts = [
        f"{name} value {said[liveness]}"
        for name, liveness in (("previous", proof.previous), ("current", proof.current))
        if liveness is not None
    ]
    parts.append("the list could not be read" if proof.live is None else "the list was read")
    return ", ".join(parts)
