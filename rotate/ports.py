"""What a source, a destination, a notebook, a reporter, a clock and a veil can do.

Adapters implement these and raise nothing but `RotateError`s; `outcome` on the error says what is known of the
effect. The engine works on these alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias, runtime_checkable

from rotate.errors import RotateError
from rotate.protocol.facts.destination import DestinationFacts, Mark
from rotate.protocol.facts.model import LiveKey, LiveRun, NoNotebook, Standing
from rotate.secret import Secret

if TYPE_CHECKING:
    from rotate.protocol.facts.events import Event
    from rotate.protocol.story.report import Report

Hide: TypeAlias = Callable[[Secret], None]
# Why a write must not be sent any more, asked right before each time that it is; `None` where it may.
Hindered: TypeAlias = Callable[[], RotateError | None]
Scrub: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Issued:
    """A key that the source created, and its value, which is shown this once."""

    key: LiveKey
    secret: Secret


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a destination said about a write. `accepted_at`: by the destination's own clock, if it told.

    `created`: nothing was there before.
    """

    accepted_at: datetime | None
    created: bool = False


@dataclass(frozen=True, slots=True)
class Pages:
    """The texts in a notebook. `None` is a proven absence. `locked_at`: when the lock was taken, by the notebook's own
    clock; `None` where it does not tell. `abandoned`: the process that took the lock is gone, for certain.
    """

    note: str | None
    lock: str | None
    locked_at: datetime | None = None
    abandoned: bool = False


class Source(Protocol):
    """A system that issues and revokes."""

    def identify(self, secret: Secret) -> Standing:
        """Say whom a value acts for, or that it is dead. Raises `SourceError` when that cannot be known."""

    def list_keys(self, authority: Secret) -> tuple[LiveKey, ...]:
        """Give every live key of the scope."""

    def issue(self, authority: Secret, name: str, hide: Hide) -> Issued:
        """Create a key. `hide` is called with the value before anything else can print it."""

    def verify(self, issued: Secret, account_id: str) -> None:
        """Prove that a new value works, for this account and no wider scope. Raises `SourceError` if not."""

    def revoke(self, authority: Secret, key_id: int) -> None:
        """End a key; return only when the source confirms it for this very id."""

    def ahead(self) -> timedelta:
        """Give by how much the source's clock is ahead of the run's; nothing where it has not told its time."""


class Destination(Protocol):
    """A place that must hold the current secret."""

    @property
    def name(self) -> str:
        """A stable name, for people and for the note."""

    def observe(self) -> DestinationFacts:
        """Prove read access, fetch what a write needs, and say when the secret was last written."""

    def put(self, secret: Secret, hindered: Hindered | None = None) -> Receipt:
        """Overwrite the secret in place. Safe to repeat with the same value, but never while `hindered` says why not:
        such a write waits its turn, and is repeated, for minutes."""

    def confirm(self, before: DestinationFacts, receipt: Receipt | None) -> Mark:
        """Establish that the write stands, and that it is ours; give its time by the destination's clock, or what it
        holds. `receipt` is `None` when the reply was lost. Raises if it does not, or if nothing shows whose it is.
        """

    def written(self) -> Mark | None:
        """Say when the secret was last written, or what it holds, and no more: the last look. `None`: nothing."""


@runtime_checkable
class TakesKeyId(Protocol):
    """A destination that stores, or hands on, which key a value is of."""

    def take_key_id(self, key_id: int) -> None:
        """Hear it, before each `put`. Where the id is not known, nothing is said."""


class Stage(StrEnum):
    """How far a deploy is."""

    RUNNING = "is still at work"
    DONE = "has succeeded"
    FAILED = "did not succeed"


class Deploy(NamedTuple):
    """What a service tells of one deploy. `told`: how it calls its state, and the page or the command that shows more;
    never what the deploy itself printed, since that may hold values."""

    stage: Stage
    told: str = ""


class Deployment(Protocol):
    """What starts anew whatever runs with an earlier value: a deploy, a restart, a rollout."""

    @property
    def unit(self) -> str:
        """Name what is started anew, for people. Places with one name are started together, once."""

    def ready(self) -> None:
        """Raise `RotateError` where it is known before any write that it cannot be started."""

    def start(self) -> str:
        """Start it, so that it takes what is stored now, and give the id to look at it by."""

    def look(self, started: str) -> Deploy:
        """Say how far it is. Where another deploy that began later took its place, tell of that one."""


class Notebook(Protocol):
    """Where the note and the lock outlive a run."""

    @property
    def where(self) -> tuple[str, str]:
        """Name the note and the lock, for people."""

    @property
    def shared(self) -> bool:
        """Whether other repositories that rotate the same secret find both there too; known once both were read."""

    def read(self) -> Pages | NoNotebook:
        """Read both; `NoNotebook` when there is provably nowhere to keep them."""

    def run_completed(self, run_id: int, repository: str = "") -> bool | None:
        """Say whether a workflow run is over, or unknown to who should know it; `None` when that cannot be known.
        `repository`: whose run it says it is."""

    def take_lock(self, text: str, *, replacing: str | None) -> None:
        """Create the lock atomically, removing first a stale one that reads `replacing`.

        Raises `Refused` when somebody holds it.
        """

    def release_lock(self, text: str) -> None:
        """Remove the lock if it still has this text."""

    def write_note(self, text: str) -> None:
        """Create or overwrite the note."""

    def put_aside(self, text: str) -> str:
        """Keep what stood in the note's place beside it, and say where."""


class Readers(Protocol):
    """Who may hold a value that is being superseded."""

    def alive(self) -> tuple[LiveRun, ...]:
        """Give every workflow run that is not over, in every repository that reads the secret."""


class Canary(Protocol):
    """A workload that uses the secret where it is stored, as its consumers do."""

    def ask(self, workflow: str, patience: timedelta) -> str:
        """Run it, wait for its end, and give the run's page. Raises `DestinationError` unless it succeeded: without
        effect if it ended otherwise, else with an unknown outcome.

        Returns early when the run was asked to stop.
        """


class Listener(Protocol):
    """Somebody who is told. Sees no secret, raises nothing that could end the run."""

    def tell(self, event: Event) -> None:
        """Hear of one move, as it ends."""


class Reporter(Listener, Protocol):
    """Somebody who tells it on, once the run has ended."""

    def begin(self, credential: str) -> None:
        """Hear that the next of several credentials begins."""

    def close(self, report: Report) -> None:
        """Hear the whole story."""


class Keeper(Listener, Protocol):
    """Somebody who keeps the story, or alarms a person, outside this run, and whose doing is itself a part of it.

    Never changes the verdict.
    """

    def conclude(self, report: Report) -> Report:
        """Hear the whole story, and add what came of the keeping."""


class Clock(Protocol):
    """The time, and waiting that a signal can cut short."""

    def now(self) -> datetime:
        """Give the time in UTC: GitHub's, once it has told it."""

    def monotonic(self) -> float:
        """Give seconds that only grow."""

    def hear(self, date: str, sent: float) -> None:
        """Hear GitHub's time: the `Date` header of an answer, and the monotonic second when its question was sent."""

    def ahead(self) -> timedelta | None:
        """Give by how much this machine's clock is ahead of GitHub's; `None` where GitHub has not told its time."""

    def sleep(self, seconds: float) -> None:
        """Wait, or return at once when the run was asked to stop."""

    def stopping(self) -> bool:
        """Say whether the run was asked to stop, so that no wait lasts."""
