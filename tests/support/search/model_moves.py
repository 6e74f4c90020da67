"""What each move does to the world as the search sees it, under each fate."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from rotate.errors import DestinationError, Outcome, Refused, RotateError, SourceError
from rotate.protocol.facts.aspects import EVERYTHING, Aspect
from rotate.protocol.facts.model import HolderFacts, Liveness, LockFacts, NoNotebook, NotebookFacts, Snapshot
from rotate.protocol.facts.moves import (
    Adopt,
    AskCanary,
    Authority,
    Confirm,
    Issue,
    Knock,
    Knocked,
    Lock,
    Move,
    Observe,
    Probe,
    Proof,
    ProveDead,
    Put,
    Release,
    Restore,
    Result,
    Revoke,
    Verify,
    Wait,
    WriteNote,
)
from rotate.protocol.facts.note import Note, PendingKey
from rotate.protocol.facts.progress import Progress
from tests.support.search.fates import Fate, Luck
from tests.support.search.model_world import (
    NOW,
    UNREADABLE,
    Outside,
    Process,
    alive_runs,
    fingerprint,
    key,
    listed,
    noted,
    places,
    snapshot_of,
)

Notebook: TypeAlias = NotebookFacts | NoNotebook | RotateError


def perform(
    move: Move, fate: Luck, outside: Outside, process: Process, snapshot: Snapshot, progress: Progress
) -> tuple[Outside, Snapshot, Result]:
    """Do one move under its fate."""
    pending = progress.pending.key_id if progress.pending else None
    if isinstance(move, Confirm) and progress.put[move.destination] is not Outcome.APPLIED:
        fate = Fate.REFUSED  # without a receipt nothing shows whose write it is
    if isinstance(move, Observe):
        return outside, _look(move, fate, outside, process, snapshot, pending), Result(Outcome.APPLIED)
    if isinstance(move, Probe | ProveDead | Verify | Confirm | Knock):
        return outside, snapshot, _read(move, fate, outside, process, pending)
    if isinstance(move, Wait | Adopt):
        return outside, snapshot, Result(Outcome.APPLIED)
    if fate is Fate.REFUSED:
        return outside, snapshot, Result(Outcome.NO_EFFECT, error=SourceError("refused", "no"))
    if fate is Fate.LOST_BEFORE:
        return outside, snapshot, Result(Outcome.UNKNOWN, error=SourceError("lost", "?", outcome=Outcome.UNKNOWN))
    listens = isinstance(move, AskCanary)
    after, result = _listened(outside) if listens else _change(move, outside, process, snapshot, pending)
    if fate is Fate.LOST_AFTER and result.outcome is Outcome.APPLIED:
        result = Result(Outcome.UNKNOWN, error=SourceError("lost", "?", outcome=Outcome.UNKNOWN))
    return after, snapshot, result


def _authority(by: Authority, process: Process, pending: int | None) -> int:
    return process.issuer if by is Authority.ISSUER else pending or 0


def _look(
    move: Observe, fate: Luck, outside: Outside, process: Process, seen: Snapshot, pending: int | None
) -> Snapshot:
    if move.aspects == EVERYTHING:
        return snapshot_of(outside, process, frozenset({fate} if isinstance(fate, Aspect) else ()))
    if Aspect.KEYS in move.aspects:
        by = _authority(move.by, process, pending)
        seen = replace(seen, keys=listed(outside, process, by, broken=fate is Aspect.KEYS))
    if Aspect.NOTEBOOK in move.aspects:
        seen = replace(seen, notebook=noted(outside, process, broken=fate is Aspect.NOTEBOOK))
    if Aspect.LOCK in move.aspects:
        seen = replace(seen, notebook=_fence(seen, noted(outside, process, broken=fate is Aspect.LOCK)))
    if Aspect.RUNS in move.aspects:
        seen = replace(seen, runs=alive_runs(outside, broken=fate is Aspect.RUNS))
    if Aspect.HOLDERS in move.aspects:
        seen = replace(seen, holders=HolderFacts())
    if Aspect.NEIGHBOURS in move.aspects:
        seen = replace(seen, neighbours={})
    if Aspect.DESTINATIONS in move.aspects:
        names = process.policy.destinations
        fresh = places(outside, names, broken=fate is Aspect.DESTINATIONS)
        kept = {} if move.again else seen.destinations
        seen = replace(seen, destinations={**seen.destinations, **fresh, **kept})
    if Aspect.WRITES in move.aspects:
        broken = fate is Aspect.WRITES
        written = {
            name: UNREADABLE if broken else outside.wrote(at) for at, name in enumerate(process.policy.destinations)
        }
        seen = replace(seen, looked=written)
    return seen


def _fence(seen: Snapshot, found: Notebook) -> Notebook:
    """Of what is read for the lock alone, the note is left aside: that which was read under the lock counts."""
    if isinstance(found, NotebookFacts) and isinstance(seen.notebook, NotebookFacts):
        return replace(seen.notebook, lock=found.lock)
    return found


def _read(move: Move, fate: Luck, outside: Outside, process: Process, pending: int | None) -> Result:
    failed = Result(Outcome.NO_EFFECT, error=SourceError("read-failed", "no"))
    match move:
        case Verify():
            return Result(Outcome.APPLIED) if fate is Fate.FINE and outside.alive(pending) else failed
        case Confirm(destination):
            place = process.policy.destinations.index(destination)
            stands = fate is Fate.FINE and outside.stored[place] == pending
            return Result(Outcome.APPLIED, stood=outside.wrote(place)) if stands else failed
        case Knock(_, pattern):
            return _knocked(pattern, process.at_hand, heard=fate is Fate.FINE and outside.alive(process.at_hand))
        case Probe():
            alive = Liveness.ALIVE if outside.alive(process.at_hand) else Liveness.DEAD
            return Result(Outcome.APPLIED, liveness=alive if fate is Fate.FINE else Liveness.UNKNOWN)
        case ProveDead(_, by, previous, current):
            return Result(Outcome.APPLIED, proof=_proof(fate, outside, process, pending, by, previous, current))
        case _:
            raise AssertionError(move)


def _knocked(pattern: tuple[bool, ...], value: int | None, *, heard: bool) -> Result:
    """Let the row of the old value follow, or nothing be heard."""
    follows = frozenset({value or 0})
    moved = tuple(follows if use else frozenset[int]() for use in pattern) if heard else ()
    outcome = Outcome.APPLIED if heard else Outcome.NO_EFFECT
    liveness = Liveness.ALIVE if heard else Liveness.UNKNOWN
    return Result(outcome, liveness=liveness, knocked=Knocked(pattern, moved))


def _proof(
    fate: Luck, outside: Outside, process: Process, pending: int | None, by: Authority, previous: bool, current: bool
) -> Proof:
    def answer(value: int | None) -> Liveness:
        if fate in (Fate.REFUSED, Aspect.IDENTITY):
            return Liveness.UNKNOWN
        return Liveness.ALIVE if outside.alive(value) else Liveness.DEAD

    keys = listed(outside, process, _authority(by, process, pending), broken=fate in (Fate.REFUSED, Aspect.KEYS))
    return Proof(
        answer(process.at_hand) if previous else None,
        answer(pending or process.at_hand) if current else None,
        None if isinstance(keys, RotateError) else keys,
    )


def _listened(outside: Outside) -> tuple[Outside, Result]:
    if outside.sick:
        return outside, Result(Outcome.NO_EFFECT, error=DestinationError("canary-failed", "failure"))
    return replace(outside, heard=True), Result(Outcome.APPLIED)


def _noted(note: Note, outside: Outside, process: Process, pending: int | None) -> Outside:
    """Keep a note, sealed with the values that stand behind it."""
    known = {one.key_id for one in (note.pending, note.confirmed) if one}
    old = process.at_hand if process.policy.exposure is None else None
    minter = frozenset() if process.policy.self_rotation else frozenset({process.issuer})
    seals = frozenset(one for one in (pending, old) if one in known and one is not None) | minter
    past = outside.past if outside.past is None else (*outside.past, (note, seals))[-2:]
    return replace(outside, note=note, seals=seals, bad=False, past=past)


def _change(
    move: Move, outside: Outside, process: Process, snapshot: Snapshot, pending: int | None
) -> tuple[Outside, Result]:
    done = Result(Outcome.APPLIED)
    match move:
        case Lock(stale):
            # A stale lock is replaced only if it is still the one that was read.
            found = outside.lock and (outside.lock.run_id, outside.lock.token)
            if found != (stale and (stale.run_id, stale.token)):
                return outside, Result(Outcome.NO_EFFECT, error=Refused("lock-held", "held"))
            run = process.policy.run
            lock = LockFacts(run.run_id, run.attempt, run.nonce, NOW + process.policy.lease)
            return replace(outside, lock=lock), Result(Outcome.APPLIED, lease=lock.expires_at)
        case Issue(name):
            if not outside.alive(process.issuer):
                return outside, Result(Outcome.NO_EFFECT, error=SourceError("issue-refused", "401"))
            new = key(outside.next_id, name)
            record = PendingKey(new.key_id, name, fingerprint(new.key_id), new.created_at)
            after = replace(outside, keys=(*outside.keys, new), next_id=outside.next_id + 1)
            return after, Result(Outcome.APPLIED, pending=record)
        case Restore(destination):
            place = process.policy.destinations.index(destination)
            after = outside.put(place, process.at_hand or 0)
            return after, replace(done, stood=after.wrote(place))
        case Put(destination):
            if isinstance(snapshot.destinations.get(destination), RotateError):
                return outside, Result(Outcome.NO_EFFECT, error=UNREADABLE)
            place = process.policy.destinations.index(destination)
            return outside.put(place, pending or 0), done
        case WriteNote(note):
            return _noted(note, outside, process, pending), done
        case Revoke(gone, by, _, exposed):
            allowed = outside.alive(_authority(by, process, pending)) and outside.alive(gone.key_id)
            if not allowed:
                return outside, Result(Outcome.NO_EFFECT, error=SourceError("revoke-refused", "404"))
            keys = tuple(one for one in outside.keys if one.key_id != gone.key_id)
            return replace(outside, keys=keys, burnt=outside.burnt | ({gone.key_id} if exposed else set())), done
        case Release():
            mine = process.policy.run.holds(outside.lock)
            return replace(outside, lock=None) if mine else outside, done
        case _:
            return outside, done
