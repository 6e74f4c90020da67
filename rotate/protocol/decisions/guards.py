"""Why not to proceed: every guard that says no is heard, before anything is changed.

Each takes the snapshot, the situation, the policy and the time, and gives the problems it sees. A problem that
is a `Refused` is a guard's no; any other `RotateError` is a part of the world that could not be read, which
stops the run just as well (S9).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rotate.errors import Refused, RotateError
from rotate.protocol.decisions import (
    absent,
    exposed_guards,
    holders,
    key_guards,
    narrowing,
    note_guards,
    place_guards,
)
from rotate.protocol.decisions.key_guards import Guard
from rotate.protocol.decisions.recovery import Situation, heals
from rotate.protocol.decisions.triggers import why_rotate
from rotate.protocol.facts.model import Dead, Identity, LockFacts, NoNotebook, Scope, Snapshot, Standing
from rotate.protocol.facts.policy import Command, Policy, RevokeWhen


def unreadable(snapshot: Snapshot, _: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """Every reading that failed; that a dead key may not list is no news, nor, to a check, that no organization key
    may."""
    organization = isinstance(snapshot.issuer, Identity) and snapshot.issuer.organization
    may_not_list = isinstance(snapshot.issuer, Dead) or (organization and policy.issues_nothing)
    readings = (
        snapshot.issuer,
        snapshot.previous,
        None if may_not_list else snapshot.keys,
        *snapshot.destinations.values(),
        snapshot.notebook,
        _runs(snapshot, policy),
    )
    yield from dict.fromkeys(reading for reading in readings if isinstance(reading, RotateError))


def _runs(snapshot: Snapshot, policy: Policy) -> RotateError | None:
    """Give why workflow runs cannot be listed, where a drain rests on them."""
    wanted = policy.overlap.drain and policy.exposure is None
    return snapshot.runs if wanted and isinstance(snapshot.runs, RotateError) else None


def issuer(snapshot: Snapshot, _: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """The key we authenticate with must be alive and able to issue (protocol: fact 4)."""
    if isinstance(snapshot.issuer, Dead) and policy.exposure and policy.self_rotation:
        yield exposed_guards.refused_value(snapshot, policy)
    elif isinstance(snapshot.issuer, Dead):
        yield Refused(
            "api-key-dead",
            "The key in `api_key` is dead: Neon answers 401.",
            "If another rotation ended a moment ago, this run still holds the value from before it: run it again. "
            "Otherwise create a personal key at Neon → Account settings → API keys and store it in the secret that "
            "`api_key` reads.",
        )
    elif policy.issues_nothing and policy.self_rotation:
        # What is looked at is the key itself; it need not be able to issue.
        if isinstance(snapshot.issuer, Identity):
            yield from _principal(snapshot.issuer, snapshot.issuer, policy)
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
        if policy.exposure or _gone_for_good(snapshot, policy) or (policy.rotates and heals(snapshot, policy)):
            return
        yield Refused(
            "current-key-dead",
            "The key in `current_key` is dead already: Neon answers 401. It is not the one that the note confirms.",
            "If another rotation ended a moment ago, this run still holds the value from before it: run it again. "
            "If the secret was replaced by hand, leave out `current_key` for one run: the minter in `api_key` then "
            "issues a replacement and writes it.",
        )
    elif isinstance(snapshot.previous, Identity):
        yield from _principal(snapshot.previous, snapshot.issuer, policy)


def _gone_for_good(snapshot: Snapshot, policy: Policy) -> bool:
    """Say whether the dead value is that of the confirmed key: then every destination holds a dead key, and a new one
    restores service. Any other dead value may be that of a run which was queued before the last rotation.
    """
    confirmed = snapshot.note.confirmed if snapshot.note else None
    if confirmed is None or confirmed.fingerprint != policy.value_at_hand or isinstance(snapshot.keys, RotateError):
        return False
    return confirmed.key_id not in {key.key_id for key in snapshot.live}


def _principal(current: Identity, minter: Standing | RotateError, policy: Policy) -> Iterator[RotateError]:
    name = "`api_key`" if policy.self_rotation else "`current_key`"
    remedy = f"Check which secret {name} reads, and `scope`, `org_id` and `project_id`. Nothing was changed."
    if narrowing.is_wider(current, policy):
        yield from narrowing.problems(current, minter, policy)
    elif policy.scope is Scope.PERSONAL:
        if current.organization:
            message = f"`scope` is personal, but {name} acts for the organization {current.account_id}."
            yield Refused("scope-mismatch", message, remedy)
        elif isinstance(minter, Identity) and not minter.organization and minter.account_id != current.account_id:
            message = "`api_key` and `current_key` belong to different Neon accounts: one cannot replace the other."
            yield Refused("another-account", message, remedy)
    elif not current.organization:
        message = f"`scope` is {policy.scope}, but {name} is personal."
        yield Refused("scope-mismatch", message, f"{remedy} {narrowing.LINE} from_scope: personal")
    elif current.account_id != policy.org_id:
        message = f"{name} acts for {current.account_id}, not for `org_id` {policy.org_id}."
        yield Refused("another-account", message, remedy)
    elif current.project_bound is not None and current.project_bound != (policy.scope is Scope.PROJECT):
        bound = "is bound to one project" if current.project_bound else "reaches the whole organization"
        message = f"`scope` is {policy.scope}, but {name} {bound}: its successor must not reach further or less."
        line = "" if current.project_bound else f" {narrowing.LINE} from_scope: organization"
        yield Refused("scope-mismatch", message, f"{remedy}{line}")


def lock(snapshot: Snapshot, _: Situation, policy: Policy, now: datetime) -> Iterator[RotateError]:
    """Another run is at work. After an exposure that is no reason to give up at once (`locking`)."""
    held, exposure = snapshot.lock, policy.exposure
    urgent = exposure is not None and (policy.command is Command.ROTATE or exposure.break_lock)
    if urgent or policy.command is Command.CHECK or held is None or held.token == policy.run.nonce:
        return
    if not breakable(held, policy, now):
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
    """Say whether a lock may be broken: its run is over, its lease has expired, or no run of ours can have written it
    (protocol: *Lock*).
    """
    earlier_attempt = held.run_id == policy.run.run_id and held.attempt < policy.run.attempt
    return bool(held.doubt) or held.run_completed is True or earlier_attempt or held.expires_at <= now


def notebook(snapshot: Snapshot, _: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """What is left to a later run must be written down somewhere."""
    needed = notebook_needed(policy)
    if needed and policy.rotates and isinstance(snapshot.notebook, NoNotebook):
        yield needed


def notebook_needed(policy: Policy) -> Refused | None:
    """Word that an overlap, a drain or a canary cannot do without notes; `None` where none was asked.

    Without one, each run after a canary that failed would issue another key.
    """
    patient = policy.overlap.length or policy.overlap.drain or policy.canary
    if policy.exposure is not None or not patient:
        return None
    return Refused(
        "overlap-needs-notebook",
        "An overlap, a drain or a canary may leave the previous key to a later run, which needs a note of it. There is "
        "nowhere to keep one.",
        "Give the token in `github_token` the repository permission Variables: read and write, or leave out "
        "`canary_workflow` and set\n\n    overlap: 0s",
    )


def exposure(snapshot: Snapshot, situation: Situation, policy: Policy, _: datetime) -> Iterator[RotateError]:
    """Revoking first needs another key that can issue."""
    wanted = policy.exposure
    if wanted and wanted.revoke_when is RevokeWhen.IMMEDIATELY and policy.self_rotation:
        yield Refused(
            "immediately-needs-minter",
            "`revoke_when: immediately` revokes the exposed key before there is a new one, but the exposed key is the "
            "only one that could issue it.",
            "Leave out `revoke_when`: `primary` needs four round trips and loses nothing. Or give another personal "
            "key of the same account as the minter:\n\n    api_key: ${{ secrets.NEON_MINTER_KEY }}\n"
            "    current_key: ${{ secrets.NEON_API_KEY }}",
        )


def rotations(snapshot: Snapshot, situation: Situation, policy: Policy, now: datetime) -> Iterator[RotateError]:
    """So many keys were issued in this run that no further routine one may be. An exposure is not counted."""
    if policy.may_issue or policy.exposure or not policy.rotates or situation.finish_with:
        return
    found = why_rotate(snapshot, situation, policy, now)
    if found:
        yield Refused(
            "max-rotations-reached",
            f"This run has issued as many keys as `max_rotations` allows, and this credential is due too: "
            f"{found.sentence}.",
            "Run it again for the rest. If so many rotations in one run are what you want:\n\n    max_rotations: 20",
        )


READINGS: tuple[Guard, ...] = (
    unreadable,
    issuer,
    previous_value,
    lock,
    notebook,
    note_guards.trust,
    exposure,
    place_guards.shadows,
    place_guards.unproven,
)
# The first that says no gives the run its headline: an exposed key that nobody knows comes before all else about keys.
KEYS: tuple[Guard, ...] = (exposed_guards.exposed_key_seen, exposed_guards.same_account)


def problems(snapshot: Snapshot, situation: Situation, policy: Policy, now: datetime) -> tuple[RotateError, ...]:
    """Hear every guard. Where the list of keys is missing, nothing is said about keys (S9)."""
    places: tuple[Guard, ...] = (absent.guard, holders.guard, rotations, place_guards.time, place_guards.places_left)
    guards = READINGS if isinstance(snapshot.keys, RotateError) else (*READINGS, *KEYS, *key_guards.GUARDS, *places)
    return tuple(problem for guard in guards for problem in guard(snapshot, situation, policy, now))
