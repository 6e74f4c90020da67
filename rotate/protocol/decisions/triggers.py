"""Why rotate now: the first reason wins. Age comes last, and never judges alone (protocol: *Recovery*)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from rotate.errors import counted
from rotate.protocol.decisions import narrowing
from rotate.protocol.decisions.lacking import Trigger, lacking
from rotate.protocol.decisions.recovery import Situation, crowded, overdue
from rotate.protocol.facts.known_places import added
from rotate.protocol.facts.model import Dead, Snapshot, ids_of
from rotate.protocol.facts.policy import Policy


def exposed(snapshot: Snapshot, situation: Situation, policy: Policy, _: datetime) -> Trigger | None:
    """Somebody else may know the value in use, or of a key that is newer still."""
    if situation.exposed is None or situation.exposed not in [key.key_id for key in situation.members]:
        return None
    if situation.exposed in [key.key_id for key in situation.older]:
        return None
    since = policy.exposure.since if policy.exposure else None
    when = f" since {since:%F %T} UTC" if since else ""
    return Trigger("exposed", f"key {situation.exposed} is exposed{when}")


def value_dead(snapshot: Snapshot, *_: object) -> Trigger | None:
    """What the destination holds answers 401: guards let that pass only where a new key restores service."""
    if not isinstance(snapshot.previous, Dead):
        return None
    return Trigger("value-dead", "the value at hand is dead: a new key restores service")


def leftovers_at_the_bound(snapshot: Snapshot, situation: Situation, policy: Policy, now: datetime) -> Trigger | None:
    """S6: where no key may be added, those whose time is over go first, whatever else there is to do."""
    return NOT_NOW if crowded(situation, policy) and overdue(snapshot, situation, now) else None


def unfinished_distribution(snapshot: Snapshot, situation: Situation, *_: object) -> Trigger | None:
    """R1: keys newer than the confirmed one are live."""
    if not situation.newer:
        return None
    ids = ids_of(situation.newer)
    return Trigger("unfinished-distribution", f"key {ids} is alive and was never confirmed in every destination")


def narrower(snapshot: Snapshot, _: Situation, policy: Policy, __: datetime) -> Trigger | None:
    """The secret holds a wider key than it should: its age does not matter."""
    if not narrowing.holds_wider(snapshot, policy):
        return None
    return Trigger("narrower", f"the secret holds a key of scope {policy.from_scope}, and is to hold a narrower one")


def no_key_yet(snapshot: Snapshot, situation: Situation, policy: Policy, _: datetime) -> Trigger | None:
    """Nothing of this lineage is alive: the first key, or one that somebody revoked by hand."""
    if situation.members:
        return None
    if snapshot.note and snapshot.note.confirmed:
        return Trigger("confirmed-key-gone", f"key {snapshot.note.confirmed.key_id} is no longer alive at Neon")
    return Trigger("first-key", "there is no key of this lineage yet")


def value_differs(_: Snapshot, situation: Situation, policy: Policy, __: datetime) -> Trigger | None:
    """The value at hand is not the confirmed one: the destination was changed, or this run was queued before."""
    confirmed = situation.confirmed
    if confirmed is None or policy.value_at_hand in (None, confirmed.fingerprint):
        return None
    return Trigger("value-differs", f"the value at hand is not that of the confirmed key {confirmed.key_id}")


def destination_lacks_it(snapshot: Snapshot, situation: Situation, policy: Policy, _: datetime) -> Trigger | None:
    """A destination was added, emptied, or written by somebody, since the note: it does not surely hold the confirmed
    key. Where its value is at hand, it is written again (`recovery`)."""
    if situation.confirmed is None or snapshot.note is None:
        return None
    new = added(snapshot.note, policy.destinations, snapshot.owners)
    if new:
        return Trigger("destination-added", f"{new} since key {situation.confirmed.key_id} was written")
    return lacking(snapshot, policy, older=bool(situation.older))


def leftovers_first(snapshot: Snapshot, situation: Situation, policy: Policy, now: datetime) -> Trigger | None:
    """R2: older keys outlived their time beside a confirmed one. Revoking them is all this run does.

    Nor does a run after an exposure do what is merely routine. A key that a drain holds back may stay for long: the
    next rotation does not wait for it.
    """
    if policy.exposure is not None:
        return NOT_NOW
    return NOT_NOW if overdue(snapshot, situation, now) and not policy.overlap.drain else None


def not_now(_: Snapshot, __: Situation, policy: Policy, now: datetime) -> Trigger | None:
    """Outside of its window, and in a freeze, nothing routine is begun."""
    return NOT_NOW if policy.cadence.closed(now) else None


def asked(_: Snapshot, situation: Situation, policy: Policy, __: datetime) -> Trigger | None:
    """No cadence is set: every run rotates."""
    return None if policy.cadence.rotate_after else Trigger("asked", "no rotate_after is set: every run rotates")


def older_than_allowed(snapshot: Snapshot, situation: Situation, policy: Policy, now: datetime) -> Trigger | None:
    """The key has reached `rotate_after`, less its share of the jitter, counted from Neon's `created_at`."""
    base, limit = situation.base, policy.cadence.rotate_after
    due_at = policy.cadence.due_at(base.created_at, policy.lineage.name) if base else None
    now += snapshot.source_ahead
    if base is None or limit is None or due_at is None or now < due_at:
        return None
    early = " (with its share of the jitter)" if policy.cadence.jitter else ""
    age = days(now - base.created_at)
    return Trigger("age", f"key {base.key_id} is {age} old and the limit is {days(limit)}{early}")


NOT_NOW = Trigger("not-now", "nothing routine is begun now")

TRIGGERS: tuple[Callable[[Snapshot, Situation, Policy, datetime], Trigger | None], ...] = (
    exposed,
    value_dead,
    leftovers_at_the_bound,
    unfinished_distribution,
    narrower,
    no_key_yet,
    value_differs,
    destination_lacks_it,
    leftovers_first,
    not_now,
    asked,
    older_than_allowed,
)


def why_rotate(snapshot: Snapshot, situation: Situation, policy: Policy, now: datetime) -> Trigger | None:
    """Give the first reason to issue a key now, or `None`."""
    found = next((found for ask in TRIGGERS if (found := ask(snapshot, situation, policy, now))), None)
    return None if found is NOT_NOW else found


def days(span: timedelta) -> str:
    """Say a duration as people do: `3 days`, `5 hours`, `12 minutes`."""
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1))):
        count = span // length
        if count:
            return counted(count, unit)
    return counted(span // timedelta(minutes=1), "minute")
