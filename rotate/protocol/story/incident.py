"""What a run after an exposure has to tell: when the key died, who used it, who still holds it, what is left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rotate.errors import Outcome, RotateError
from rotate.protocol.decisions import deaths
from rotate.protocol.decisions.holders import named
from rotate.protocol.decisions.overlap import MARGIN, holders
from rotate.protocol.decisions.position import Position
from rotate.protocol.decisions.recovery import Situation
from rotate.protocol.facts.events import Event
from rotate.protocol.facts.model import Identity, LiveKey, Snapshot
from rotate.protocol.facts.policy import Exposure, Policy

PHASES = ("issue", "put", "revoke", "prove")


CLICKS = (
    "Neon → Account settings (of an organization's key: the organization's settings) → API keys → Revoke: "
    "https://console.neon.tech/app/settings/api-keys"
)
# What is left to a person where a run ended before it knew any key.
BY_HAND = (
    f"Revoke the exposed key by hand, now. {CLICKS}",
    "Mend what the messages name, and run this again with `exposed: true`: it gives whatever lost its key a new one.",
)


@dataclass(frozen=True, slots=True)
class Incident:
    """The exposure's own report. Times are UTC, `phases` seconds from the start of the run.

    `died_at`: when its death was seen; `None` if it was found dead or is not shown dead. `holders`: pages of the
    workflow runs that still hold the dead value; `None` where they could not be listed. `key_id`: `None` where nothing
    tells the id of the value at hand. `alive`: it was seen alive, and not dead since.
    `left_out`: who has a secret of the same name, and was not written.
    """

    key_id: int | None
    since: datetime | None
    found_dead: bool
    dead: bool
    died_at: datetime | None
    phases: tuple[tuple[str, float], ...]
    last_used_at: datetime | None
    last_used_from: str
    used_since: bool | None
    also_revoked: tuple[int, ...]
    holders: tuple[str, ...] | None
    left_out: str = ""
    alive: bool = False

    @property
    def which(self) -> str:
        """Name the key."""
        return "The exposed key, whose id is not known," if self.key_id is None else f"The exposed key {self.key_id}"

    @property
    def standing(self) -> str:
        """Say how it stands."""
        if self.dead:
            return f"{self.which} is dead"
        return f"{self.which} is still alive" if self.alive else f"{self.which} may be alive: nothing shows it dead"

    @property
    def to_do(self) -> tuple[str, ...]:
        """Say what is left to a person, in the order in which to do it."""
        steps = []
        if not self.dead:
            row = f"key {self.key_id}" if self.key_id else "it (the table of live keys shows when each was used)"
            steps.append(f"Revoke {row} by hand, now. {CLICKS}")
        if self.used_since is not False:
            when = f" since {self.since:%F %T} UTC" if self.since else ""
            steps.append(
                f"Look at what was done with it{when}: Neon → Organization → Audit log, and each project's Operations."
            )
        if self.holders is None:
            steps.append("Look for workflow runs that are under way: they hold the dead value. Re-run those that fail.")
        elif self.holders:
            steps.append(f"Re-run these workflow runs, which hold the dead value: {', '.join(self.holders)}.")
        if self.left_out:
            steps.append(
                "Look at each of these, which have a secret of the same name and are no destinations: it may hold the "
                f"exposed value, and then needs the new one: {self.left_out}."
            )
        steps.append("Remove the exposed value from where it was seen (a log, a commit, a chat).")
        return tuple(steps)


def incident(first: Snapshot, situation: Situation, position: Position, events: tuple[Event, ...]) -> Incident | None:
    """Tell the exposure; `None` where nothing was exposed.

    `first` and `situation`: what was seen before anything was changed; `position`: the end.
    """
    progress, policy = position.progress, position.policy
    exposure, exposed = policy.exposure, situation.exposed
    if exposure is None or (exposed is None and policy.value_at_hand is None):
        return None
    found_dead = exposed is not None and deaths.found_dead(first, policy, exposed, position.now)
    dead = found_dead or deaths.shown(position)
    answered = isinstance(deaths.standing_of_value(first, policy), Identity)
    own_answered = answered and deaths.noted_id(first, policy) in (None, exposed)
    if exposed is None and dead and answered and len(progress.revoked_ids) == 1:
        (exposed,) = progress.revoked_ids  # the value answered 200 before this one revoke, and answers 401 after it
    key = next((one for one in first.live if one.key_id == exposed), None)
    return Incident(
        key_id=exposed,
        since=exposure.since,
        found_dead=found_dead,
        dead=dead,
        died_at=_first(events, "prove") if dead and key else None,
        phases=_phases(events),
        last_used_at=key.last_used_at if key else None,
        last_used_from=key.last_used_from if key else "",
        used_since=_used_since(key, exposure),
        also_revoked=tuple(key_id for key_id in progress.revoked_ids if key_id != exposed),
        holders=_holders(position.snapshot, events, policy),
        left_out=named(position.snapshot.holders.found) if position.snapshot.holders else "",
        alive=not dead and (key is not None or own_answered),
    )


def _used_since(key: LiveKey | None, exposure: Exposure) -> bool | None:
    """Say whether it was used since the exposure; `None` where that cannot be known."""
    if key is None or exposure.since is None:
        return None
    return key.last_used_at is not None and key.last_used_at >= exposure.since


def _holders(last: Snapshot, events: tuple[Event, ...], policy: Policy) -> tuple[str, ...] | None:
    put = _first(events, "put")
    if last.runs is None or isinstance(last.runs, RotateError) or put is None:
        return None
    return tuple(run.url for run in holders(last.runs, put + MARGIN, policy.run.run_id))


def _phases(events: tuple[Event, ...]) -> tuple[tuple[str, float], ...]:
    if not events:
        return ()
    started = events[0].at.timestamp() - events[0].seconds
    found = ((name, _first(events, name)) for name in PHASES)
    return tuple((name, round(at.timestamp() - started, 3)) for name, at in found if at)


def _first(events: tuple[Event, ...], name: str) -> datetime | None:
    return next((event.at for event in events if event.name == name and event.outcome is Outcome.APPLIED), None)
