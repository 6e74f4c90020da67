"""Why not to proceed with these destinations: something hides them, there are more than can be written in time, or an
earlier run wrote to places that this one would leave out, which may hold the key that it supersedes.

Another environment or store whose rotation has the same note, a place that a pattern does not find today, one that was
taken out of the configuration, a repository that took the name of another: all are the same to whoever reads the key
there. Nothing is issued, so that nothing is revoked, until a person says that they are given up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase

from rotate.errors import Incomplete, Refused, RotateError, counted, listed
from rotate.protocol.decisions.recovery import Situation
from rotate.protocol.decisions.triggers import days, why_rotate
from rotate.protocol.facts.destination import UNPROVABLE, will_show
from rotate.protocol.facts.known_places import dropped
from rotate.protocol.facts.model import Snapshot
from rotate.protocol.facts.policy import Command, Policy

EVERYTHING = "*"
MOST_LINES = 20


def shadows(snapshot: Snapshot, _: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """Where a narrower secret is read in place of ours, a new value there reaches nobody, and its key would die."""
    hidden: dict[str, list[str]] = {}
    for one in snapshot.shadows.found if snapshot.shadows and policy.rotates else ():
        hidden.setdefault(one.hides, []).append(one.place)
    for place, narrower in hidden.items():
        yield Refused(
            "secret-shadowed",
            f"A secret of the same name hides {place} where it is narrower: {', '.join(narrower)}.",
            "What runs there reads that one, not ours. Make it a destination too, delete it, or, if it is meant to be "
            "another key, say so:\n\n    ignore_shadows: …    # the environment's name, or owner/name",
        )


def unproven(snapshot: Snapshot, _: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """Where nothing but an accepted answer tells that the new value arrived, a workflow that uses it may."""
    if not policy.require_proof or policy.canary or policy.exposure or not policy.rotates:
        return
    silent = [name for name, seen in snapshot.destinations.items() if will_show(seen) == UNPROVABLE]
    if silent:
        yield Refused(
            "destination-not-provable",
            f"{listed(silent)} shows nothing of what is written there, and `require_proof` is true.",
            "Name a workflow that uses the new key from there, so that its success is the proof, or do without it:\n\n"
            "    canary_workflow: check-neon-key.yml\n    require_proof: false",
        )


def time(snapshot: Snapshot, situation: Situation, policy: Policy, now: datetime) -> Iterator[RotateError]:
    """What cannot end within the job is not begun; after an exposure whatever can be done is."""
    if policy.lasting <= policy.time_limit or policy.exposure:
        return
    syncs = policy.command is Command.SYNC and not policy.rehearsal
    if syncs or (policy.rotates and why_rotate(snapshot, situation, policy, now)):
        yield Refused(
            "longer-than-time-limit",
            f"To write {counted(len(policy.destinations), 'destination')} takes {days(policy.lasting)} at least, "
            f"since the services that hold the key limit requests, and `time_limit` is {days(policy.time_limit)}.",
            "At GitHub, use an organization secret, which is one write for all its repositories. Or let several jobs "
            "share the destinations (`sync` with `shard`, docs/scale.md). On a runner that lets a job last longer, "
            "raise `time_limit` in the policy file:\n\n    time_limit: 24h",
        )


def left_out(snapshot: Snapshot, policy: Policy) -> tuple[tuple[str, ...], int]:
    """Give the places that are left out and were not given up, and how many more the note has no name for.

    Whoever wrote the note: this only holds a run back.
    """
    if snapshot.claim is None:
        return (), 0
    gone, more = dropped(snapshot.claim, policy.destinations, snapshot.owners)
    left = tuple(name for name in gone if not any(_means(word, name) for word in policy.give_up))
    return left, 0 if EVERYTHING in policy.give_up else more


def _means(word: str, name: str) -> bool:
    return word.lower() == name.lower() or fnmatchcase(name.lower(), word.lower())


def places_left(snapshot: Snapshot, situation: Situation, policy: Policy, now: datetime) -> Iterator[RotateError]:
    """Refuse before a key is issued that would supersede what they hold. An exposed key dies all the same.

    Of many destinations the first look leaves out most: whose they are is known, and asked again, after the second.
    """
    unseen = any(name not in snapshot.destinations for name in policy.destinations)
    if unseen or policy.exposure or not policy.rotates or not why_rotate(snapshot, situation, policy, now):
        return
    left, more = left_out(snapshot, policy)
    if left or more:
        lines = "\n".join(
            f"      {name}" for name in (*left[:MOST_LINES], *[EVERYTHING] * bool(more or left[MOST_LINES:]))
        )
        yield Refused(
            "destination-dropped",
            f"An earlier run wrote the key to places that are no destination of this one: {told(left, more)} They may "
            "hold the key that this run would revoke.",
            "If each place has a key of its own, give this rotation a note, a lock and keys of its own:\n\n"
            "    credential: ANOTHER_NAME\n\nIf one key is meant, make them destinations again. If nothing reads the "
            f"key there any more, say so for one run:\n\n    give_up: |\n{lines}",
        )


def caution(first: Snapshot, policy: Policy) -> Incomplete | None:
    """Word who is left with a key that goes all the same, after an exposure."""
    left, more = left_out(first, policy)
    if not left and not more:
        return None
    message = f"No longer a destination, but it still holds the key being revoked: {told(left, more)}"
    return Incomplete("destination-dropped", message, "Remove the secret there, or add it again.")


def told(left: tuple[str, ...], more: int) -> str:
    """Name them in a sentence, as far as they have names."""
    named = f"{listed(left)}." if left else ""
    unnamed = f"{more} more whose names the note had no room for." if more else ""
    return " ".join(filter(None, (named, unnamed)))
