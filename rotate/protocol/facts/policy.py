"""What was asked, as far as decisions need it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from rotate.protocol.facts.cadence import Cadence
from rotate.protocol.facts.marker import Lineage
from rotate.protocol.facts.model import LockFacts, Scope

ZERO = timedelta()
# Of more destinations than these, only the first is looked at before it is clear that one is to be written.
FEW = 20


class Command(StrEnum):
    """What was asked of this run. `plan` is `rotate` up to the first effect; `find`, `doctor`, `audit` need no key."""

    ROTATE = "rotate"
    PLAN = "plan"
    CHECK = "check"
    SWEEP = "sweep"
    SYNC = "sync"
    FIND = "find"
    DOCTOR = "doctor"
    INVENTORY = "inventory"
    AUDIT = "audit"


class RevokeWhen(StrEnum):
    """When an exposed key dies: once the primary destination holds the new one, before anything else, or last."""

    PRIMARY = "primary"
    IMMEDIATELY = "immediately"
    ALL = "all"


class OnStraggler(StrEnum):
    """What becomes of a key that is still in use when `overlap_max` has passed."""

    HOLD = "hold"
    REVOKE = "revoke"


class OnFailure(StrEnum):
    """What becomes of a distribution that cannot be finished: both keys stay valid, or the old value is put back."""

    HOLD = "hold"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Run:
    """Who acts: the workflow run (or process), and a token that no other run has."""

    run_id: int
    attempt: int
    nonce: str
    url: str = ""

    def holds(self, lock: LockFacts | None) -> bool:
        """Say whether a lock is this run's own."""
        mine = (self.run_id, self.attempt, self.nonce)
        return lock is not None and (lock.run_id, lock.attempt, lock.token) == mine


@dataclass(frozen=True, slots=True)
class Exposure:
    """Somebody else may know a key's value: since when, and its id if it is not the value at hand's.

    `break_lock`: a run that is at work is not waited for.
    """

    revoke_when: RevokeWhen = RevokeWhen.PRIMARY
    since: datetime | None = None
    key_id: int | None = None
    break_lock: bool = False


@dataclass(frozen=True, slots=True)
class Overlap:
    """How long the previous key stays valid beside the new one (protocol: step 7).

    `length`: from the confirmed write on. `wait`: how much of it this run may stay for. `drain`: nothing that may
    hold the previous value is alive. `most`: after so long `on_straggler` decides.
    """

    length: timedelta = ZERO
    wait: timedelta = ZERO
    drain: bool = False
    most: timedelta = timedelta(days=35)
    on_straggler: OnStraggler = OnStraggler.HOLD


@dataclass(frozen=True, slots=True)
class Canary:
    """A workflow, by its file's name, that must succeed with the new value before an older key goes.

    `wait`: how long it may take.
    """

    workflow: str
    wait: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Policy:
    """What was asked, as far as decisions need it.

    `destinations` are names, the primary first; all are required. `self_rotation`: the key being replaced is the
    one we authenticate with. `value_at_hand`: fingerprint of the value being replaced, if given. `old_key_id` and
    `nothing_before` are the user's word on the first run (`old_key_id: 123` and `old_key_id: none`). `may_issue`: the
    run has not yet issued as many keys as `max_rotations` allows. `shards`: the destinations are one of so many shards,
    which other jobs of this workflow run write at the same time; 0 when they are all. `rehearsal`: a `sync` ends before
    its first effect. `lasting`: how long the destinations' own limits make a rotation last, and `time_limit` how long
    it may. `give_up`: places that an earlier run wrote and that need not be written any more. `may_create`: the
    destinations that a first rotation may create. `find_old_key` and `old_key_name` are further words on the first
    run: `old_key_id: auto`, and a key's name. `pattern`: drawn at random, when a knock uses the old value; empty,
    nobody knocks. `refuted`: the id that was named, and which a knock showed to be another's than the old value's,
    `shown`. `from_scope`: the value at hand may reach so far, further than `scope`. `minter`: the fingerprint of the
    value that issues. `require_proof`: a place that shows nothing of a write is written only with a canary.
    `redeploys`: the destinations where a write stands only once what runs with the value was started anew.
    """

    command: Command
    scope: Scope
    lineage: Lineage
    destinations: tuple[str, ...]
    run: Run
    self_rotation: bool
    org_id: str | None = None
    project_id: str | None = None
    value_at_hand: str | None = None
    old_key_id: int | None = None
    nothing_before: bool = False
    cadence: Cadence = field(default_factory=Cadence)
    overlap: Overlap = field(default_factory=Overlap)
    canary: Canary | None = None
    exposure: Exposure | None = None
    on_failure: OnFailure = OnFailure.HOLD
    max_age: timedelta | None = None
    max_live_keys: int = 5
    may_issue: bool = True
    shards: int = 0
    rehearsal: bool = False
    lease: timedelta = field(default=timedelta(minutes=15))
    lasting: timedelta = ZERO
    time_limit: timedelta = timedelta(hours=6)
    give_up: tuple[str, ...] = ()
    may_create: tuple[str, ...] = ()
    find_old_key: bool = False
    old_key_name: str = ""
    pattern: tuple[bool, ...] = ()
    refuted: int | None = None
    shown: int | None = None
    from_scope: Scope | None = None
    minter: str = ""
    require_proof: bool = False
    redeploys: tuple[str, ...] = ()

    @property
    def rotates(self) -> bool:
        """Say whether a key may be issued (`plan` decides as `rotate` does)."""
        return self.command in (Command.ROTATE, Command.PLAN)

    @property
    def foresees(self) -> bool:
        """Say whether this run only tells what another would do."""
        return self.command is Command.PLAN or self.rehearsal

    @property
    def issues_nothing(self) -> bool:
        """Say whether the value at hand need only be alive: it need be able neither to issue nor to list."""
        return self.command in (Command.CHECK, Command.SYNC)

    @property
    def kills(self) -> bool:
        """Say whether an exposed key is to die whose id was named: nobody's note may stop that."""
        return self.exposure is not None and self.rotates and self.named_key_id is not None

    @property
    def named_key_id(self) -> int | None:
        """Give the id that the user named as the key being replaced."""
        return self.old_key_id or (self.exposure.key_id if self.exposure else None)


def holder_word(owner: str, store: str, environment: str) -> str:
    """Give the word under which `ignore_holders` takes a place: its owner, and what within the owner it is."""
    within = environment or ("" if store == "actions" else store)
    return f"{owner}/{within}" if within else owner
