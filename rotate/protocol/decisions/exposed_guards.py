"""Why not to believe what is said of an exposed key: nobody ever saw that id, or this is another account's list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rotate.errors import Refused, RotateError, one_line
from rotate.protocol.decisions.deaths import account_of, found_dead, listed_accounts, noted_id, standing_of_value
from rotate.protocol.decisions.recovery import Situation
from rotate.protocol.facts.model import Dead, Identity, LiveKey, Scope, Snapshot
from rotate.protocol.facts.policy import Policy

NEAR = 2
SHOWN = 5
CLICKS = (
    "1. Neon → Account settings → API keys → Create new API key.\n2. Copy it.\n3. GitHub → Settings → Secrets "
    "and variables → Actions → update the secret that `api_key` reads.\nThen run `rotate` once, with the id of "
    "the key that you made:\n\n    old_key_id: …"
)
MINTER = (
    "\n\nIf it is the minter in `api_key`, a personal key that this list does not show: run `rotate` for the secret "
    "that holds it, without `current_key` and `org_id`, with\n\n    exposed: true\n    scope: personal\n"
    "    secret_name: …    # the secret that `api_key` reads\n\ndocs/exposure.md#the-minter-was-exposed has a command."
)


def exposed_key_seen(snapshot: Snapshot, _: Situation, policy: Policy, now: datetime) -> Iterator[RotateError]:
    """Absence proves the death of an id that was seen alive, and of no other: it may be mistyped."""
    wanted = policy.exposure.key_id if policy.exposure else None
    if not policy.rotates or wanted is None or wanted in {key.key_id for key in snapshot.live}:
        return
    if wanted in (snapshot.note.key_ids() if snapshot.note else ()) or found_dead(snapshot, policy, wanted, now):
        return
    near = _nearest(wanted, snapshot.live)
    ask = f" Did you mean {near[0].label}?" if near else ""
    yield Refused(
        "exposed-key-unknown",
        f"No key {wanted} was ever seen here: it is neither in the list of live keys nor in the note, so nothing shows "
        f"it dead.{_alive(snapshot, policy)}{ask}",
        "Take the exposed key's id from the table of live keys. The keys of an organization are listed with "
        "`scope: organization` (or `project`) and its `org_id`, those of another account with its own key."
        + _lines(near or snapshot.live[:SHOWN])
        + (MINTER if policy.scope is not Scope.PERSONAL else ""),
    )


def same_account(snapshot: Snapshot, _: Situation, policy: Policy, __: datetime) -> Iterator[RotateError]:
    """The list of another account shows nothing of the keys that the note is about, whether dead or alive."""
    noted, ours = snapshot.note.account if snapshot.note else "", account_of(snapshot, policy)
    if noted and ours and noted not in listed_accounts(snapshot, policy):
        yield Refused(
            "note-of-another-account",
            f"The note in this repository is about keys of {one_line(noted)}; this run lists those of "
            f"{one_line(ours)}. So nothing here shows whether the keys of the note are alive.",
            "Set `scope` and `org_id` (or the key in `api_key`) to those of the earlier rotations. If the secret is to "
            "hold a key of the other account from now on, delete the note (the variable), and run `rotate` with the "
            "`old_key_id` that the message then asks for; revoke the former key by hand.",
        )


def refused_value(snapshot: Snapshot, policy: Policy) -> Refused:
    """Word that Neon refuses the one value with which anything could be done after an exposure."""
    own = noted_id(snapshot, policy)
    if own is not None:
        return Refused(
            "exposed-key-dead",
            f"The exposed key {own} in `api_key` is dead already: Neon answers 401. Nobody can use it, and it can "
            "issue no successor.",
            CLICKS,
        )
    return Refused(
        "exposed-value-refused",
        "Neon answers 401 to the value in `api_key`, and no note tells whose value it is: its key is dead, or the "
        "value was cut off or mistyped, and the exposed key is still alive.",
        "First look at Neon → Account settings → API keys: if the exposed key is listed there, revoke it now. Then "
        "restore what used it:\n" + CLICKS,
    )


def _alive(snapshot: Snapshot, policy: Policy) -> str:
    """Say what is known to be alive: the very value that the secret holds."""
    standing, own = standing_of_value(snapshot, policy), noted_id(snapshot, policy)
    which = f", {own}," if own else ""
    if isinstance(standing, Identity):
        return f" **The key in the secret{which} IS STILL ALIVE**: its value was just answered 200."
    return "" if isinstance(standing, Dead) else f" The key in the secret{which} may be alive: nobody could ask."


def _nearest(wanted: int, live: tuple[LiveKey, ...]) -> tuple[LiveKey, ...]:
    """Give the live keys whose ids differ in a digit or two, the nearest first."""
    far = {key: distance(str(wanted), str(key.key_id)) for key in live}
    return tuple(sorted((key for key in live if far[key] <= NEAR), key=lambda key: (far[key], -key.key_id)))[:SHOWN]


def distance(one: str, other: str) -> int:
    """Count the characters to add, to leave out, or to change that make one text the other."""
    row = list(range(len(other) + 1))
    for number, mine in enumerate(one, 1):
        before, row = row, [number]
        for place, theirs in enumerate(other):
            row.append(min(before[place] + (mine != theirs), before[place + 1] + 1, row[place] + 1))
    return row[-1]


def _lines(keys: tuple[LiveKey, ...]) -> str:
    lines = [f"    exposed_key_id: {key.key_id}    # {one_line(key.name)}" for key in keys]
    return " One of\n\n" + "\n".join(lines) if lines else ""
