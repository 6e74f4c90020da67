"""Why not to proceed: every guard that says no is heard, before anything is changed.

Each takes the snapshot, the situation, the policy and the time, and gives the problems it sees. A problem that
is a `Refused` is a guard's no; any other `RotateError` is a part of the world that could not be read, which
stops the run just as well (S9).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime

from rotate.errors import Refused, RotateError
from rotate.protocol.model import Command, Dead, Identity, LockFacts, Policy, Scope, Snapshot, Standing
from rotate.protocol.recovery import Situation, foreign_value

SHOWN_CANDIDATES = 10

Guard = Callable[[Snapshot, Situation, Policy, datetime], Iterator[RotateError]]


def unreadable(snapshot: Snapshot, *_: object) -> Iterator[RotateError]:
    """Every reading that failed; that a dead key may not list is no news."""
    readings = (
        snapshot.issuer,
        snapshot.previous,
        None if isinstance(snapshot.issuer, Dead) else snapshot.keys,
        *snapshot.destinations.values(),
        snapshot.notebook,
    )
    seen: list[RotateError] = []
    for reading in readings:
        if isinstance(reading, RotateError) and reading not in seen:
            seen.append(reading)
    yield from seen


def issuer(snapshot: Snapshot, _: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """The key we authenticate with must be alive and able to issue (protocol: fact 4)."""
    if isinstance(snapshot.issuer, Dead):
        yield Refused(
            "api-key-dead",
            "The key in `api_key` is dead: Neon answers 401.",
            "If another rotation ended a moment ago, this run still holds the value from before it: run it again. "
            "Otherwise create a personal key at Neon → Account settings → API keys and store it in the secret that "
            "`api_key` reads.",
        )
    elif isinstance(snapshot.issuer, Identity) and snapshot.issuer.organization:
        if policy.scope is Scope.PERSONAL:
            yield Refused(
                "scope-mismatch",
                f"`scope` is personal, but `api_key` acts for the organization {snapshot.issuer.account_id}.",
                "Set `scope: organization` (or `project`) and `org_id`, pass this key as `current_key`, and give in "
                "`api_key` a personal key of an organization Admin: organization keys cannot issue keys.",
            )
        else:
            yield Refused(
                "minter-needed",
                "The key in `api_key` is an organization or project-scoped key. Neon lets no such key issue another.",
                "Give in `api_key` a personal key of an organization Admin, and the key being replaced as "
                "`current_key`:\n\n    api_key: ${{ secrets.NEON_MINTER_KEY }}\n"
                "    current_key: ${{ secrets.NEON_API_KEY }}",
            )


def previous_value(snapshot: Snapshot, _: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """The value being replaced must be alive, of the same principal, and of the scope that was stated."""
    if policy.self_rotation or snapshot.previous is None:
        return
    if isinstance(snapshot.previous, Dead):
        yield Refused(
            "current-key-dead",
            "The key in `current_key` is dead already: Neon answers 401.",
            "If another rotation ended a moment ago, this run still holds the value from before it: run it again. "
            "If the key was revoked by hand, leave out `current_key` for one run: the minter in `api_key` then issues "
            "a replacement and writes it.",
        )
    elif isinstance(snapshot.previous, Identity):
        yield from _principal(snapshot.previous, snapshot.issuer, policy)


def _principal(current: Identity, minter: Standing | RotateError, policy: Policy) -> Iterator[RotateError]:
    remedy = "Check which secret `current_key` reads, and `scope`, `org_id` and `project_id`. Nothing was changed."
    if policy.scope is Scope.PERSONAL:
        if current.organization:
            message = f"`scope` is personal, but `current_key` acts for the organization {current.account_id}."
            yield Refused("scope-mismatch", message, remedy)
        elif isinstance(minter, Identity) and not minter.organization and minter.account_id != current.account_id:
            message = "`api_key` and `current_key` belong to different Neon accounts: one cannot replace the other."
            yield Refused("another-account", message, remedy)
    elif not current.organization:
        yield Refused("scope-mismatch", f"`scope` is {policy.scope}, but `current_key` is personal.", remedy)
    elif current.account_id != policy.org_id:
        message = f"`current_key` acts for {current.account_id}, not for `org_id` {policy.org_id}."
        yield Refused("another-account", message, remedy)
    elif current.project_bound is not None and current.project_bound != (policy.scope is Scope.PROJECT):
        bound = "is bound to one project" if current.project_bound else "reaches the whole organization"
        message = f"`scope` is {policy.scope}, but `current_key` {bound}: its successor must not reach further or less."
        yield Refused("scope-mismatch", message, remedy)


def old_keys_scope(snapshot: Snapshot, situation: Situation, policy: Policy, _: datetime) -> Iterator[RotateError]:
    """What is superseded must have the scope of what replaces it (features: 17)."""
    for key in situation.members:
        if key.project_id != policy.project_id:
            has = f"is bound to project {key.project_id}" if key.project_id else "reaches the whole organization"
            asked = f"project {policy.project_id}" if policy.project_id else "the whole organization"
            yield Refused(
                "scope-mismatch",
                f"Key {key.key_id} ({key.name}) {has}, but this run would issue a key for {asked}.",
                "Set `scope` and `project_id` to those of the key being replaced, or name another `old_key_id`.",
            )


def lock(snapshot: Snapshot, _: Situation, policy: Policy, now: datetime) -> Iterator[RotateError]:
    """Another run is at work."""
    held = snapshot.lock
    if (
        policy.command is Command.CHECK
        or held is None
        or held.token == policy.run.nonce
        or breakable(held, policy, now)
    ):
        return
    yield lock_held(held)


def lock_held(held: LockFacts) -> Refused:
    """Word the refusal that another run's lock calls for."""
    return Refused(
        "lock-held",
        f"Run {held.run_id} (attempt {held.attempt}) holds the rotation lock until {held.expires_at:%F %T} UTC.",
        "Wait for that run to end and run this one again. A lock whose run is over, or that has expired, is broken "
        "by itself. Give the workflow a `concurrency:` group so that runs queue instead of meeting.",
    )


def breakable(held: LockFacts, policy: Policy, now: datetime) -> bool:
    """Say whether a lock may be broken: its run is over, or its lease has expired (protocol: *Lock*)."""
    earlier_attempt = held.run_id == policy.run.run_id and held.attempt < policy.run.attempt
    return held.run_completed is True or earlier_attempt or held.expires_at <= now


def another_lineage(snapshot: Snapshot, _: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """The note speaks of other keys than the ones we were asked to rotate."""
    note = snapshot.note
    if note is not None and note.lineage != policy.lineage.name:
        yield Refused(
            "note-of-another-lineage",
            f"The note in this repository is about the keys named `{note.lineage}`, not `{policy.lineage.name}`.",
            f"If it is the same key (a renamed repository, a changed input), add:\n\n    key_name: {note.lineage}\n\n"
            "If these are two keys, give each its own `secret_name`, or rotate each from its own repository.",
        )


def old_key_known(snapshot: Snapshot, situation: Situation, policy: Policy, _: datetime) -> Iterator[RotateError]:
    """The id of the key being replaced is never guessed (protocol: fact 3)."""
    note = snapshot.note
    if not policy.rotates or policy.nothing_before or situation.members or (note and note.confirmed):
        return
    if policy.old_key_id is None:
        yield Refused(
            "old-key-unknown",
            "This is the first rotation, and nothing says which key is being replaced. Neon has no way to ask.",
            "Pick the key that the secret holds from the table of live keys and add its id (or `none`, if there is "
            "no key to replace):" + _lines_to_add(snapshot),
        )
    else:
        yield Refused(
            "old-key-not-found",
            f"`old_key_id` {policy.old_key_id} is not among the live keys of this scope.",
            "Pick the key that the secret holds from the table of live keys, or `none` if it was revoked by hand:"
            + _lines_to_add(snapshot),
        )


def value_known(snapshot: Snapshot, situation: Situation, policy: Policy, _: datetime) -> Iterator[RotateError]:
    """A value that belongs to no key whose id we know could not be revoked afterwards."""
    if policy.rotates and foreign_value(snapshot, policy, situation):
        given = "api_key" if policy.self_rotation else "current_key"
        minter = (
            " If `api_key` is only the minter, add `current_key: ${{ secrets.NEON_API_KEY }}`."
            if policy.self_rotation
            else ""
        )
        yield Refused(
            "current-key-unknown",
            f"The key in `{given}` is none of the keys that the note knows: somebody replaced the secret by hand.",
            f"Pick its id from the table of live keys and add it.{minter}" + _lines_to_add(snapshot),
        )


def value_is_current(_: Snapshot, situation: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """A sweep revokes with the value at hand, which must not be one of those it revokes."""
    confirmed = situation.confirmed
    if policy.command is not Command.SWEEP or confirmed is None:
        return
    if policy.self_rotation and policy.value_at_hand != confirmed.fingerprint:
        yield Refused(
            "value-differs",
            f"The key in `api_key` is not the confirmed key {confirmed.key_id}: this run was queued before the last "
            "rotation, or somebody replaced the secret by hand.",
            "Run it again. If the secret was replaced by hand, run `rotate` with `old_key_id`.",
        )


def one_key_per_name(_: Snapshot, situation: Situation, *__: object) -> Iterator[RotateError]:
    """Neon keeps names unique while their keys live; two of one name mean that we misread the world."""
    counts = Counter(key.name for key in situation.members)
    for name, count in counts.items():
        if count > 1:
            ids = ", ".join(str(key.key_id) for key in situation.members if key.name == name)
            yield Refused(
                "duplicate-key-name",
                f"{count} live keys are named {name} (ids {ids}); a name must point to one key.",
                "Revoke the one that nothing uses at Neon → API keys, then run this again.",
            )


def key_count(_: Snapshot, situation: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """Live keys of a lineage are bounded (S6)."""
    if (
        policy.rotates
        and not situation.older
        and not situation.finish_with
        and len(situation.members) >= policy.max_live_keys
    ):
        ids = ", ".join(str(key.key_id) for key in situation.members)
        yield Refused(
            "too-many-live-keys",
            f"{len(situation.members)} keys of this lineage are alive (ids {ids}); {policy.max_live_keys} is the most.",
            "Find out why rotations do not finish (the earlier runs say), revoke at Neon those that nothing uses, "
            "and run this again.",
        )


def _lines_to_add(snapshot: Snapshot) -> str:
    lines = [f"    old_key_id: {key.key_id}    # {key.name}" for key in snapshot.live[:SHOWN_CANDIDATES]]
    return " one of\n\n" + "\n".join([*lines, "    old_key_id: none"])


READINGS: tuple[Guard, ...] = (unreadable, issuer, previous_value, lock)
JUDGEMENTS: tuple[Guard, ...] = (
    old_keys_scope,
    another_lineage,
    old_key_known,
    value_known,
    value_is_current,
    one_key_per_name,
    key_count,
)


def problems(snapshot: Snapshot, situation: Situation, policy: Policy, now: datetime) -> tuple[RotateError, ...]:
    """Hear every guard. Where the list of keys is missing, nothing is said about keys (S9)."""
    guards = READINGS if isinstance(snapshot.keys, RotateError) else (*READINGS, *JUDGEMENTS)
    return tuple(problem for guard in guards for problem in guard(snapshot, situation, policy, now))
