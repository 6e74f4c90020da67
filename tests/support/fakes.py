"""In-memory source, destination, notebook and clock that honour the ports, and fail where they are told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rotate.errors import Refused
from rotate.ports import Hide, Hindered, Issued, Pages, Receipt
from rotate.protocol.facts.destination import DestinationFacts
from rotate.protocol.facts.events import Event
from rotate.protocol.facts.model import Dead, LiveKey, LiveRun, NoNotebook, Standing
from rotate.protocol.story.report import Report
from rotate.secret import Secret
from tests.support.build import ADA, NOW, PLACE, key


@dataclass
class Trouble:
    """What goes wrong: a call by name raises once, before its effect (`before`) or after it (`after`)."""

    before: dict[str, Exception] = field(default_factory=dict)
    after: dict[str, Exception] = field(default_factory=dict)

    def meet(self, name: str, effect: Callable[[], None] = lambda: None) -> None:
        """Go through a call."""
        if name in self.before:
            raise self.before.pop(name)
        effect()
        if name in self.after:
            raise self.after.pop(name)


class FakeSource:
    """Implements `ports.Source`: values are `v<id>`."""

    def __init__(self, trouble: Trouble, *keys: LiveKey) -> None:
        self.keys = {one.key_id: one for one in keys}
        self.trouble = trouble

    def identify(self, secret: Secret) -> Standing:
        """Alive if listed."""
        self.trouble.meet("identify")
        return ADA if secret.reveal() in [f"v{key_id}" for key_id in self.keys] else Dead()

    def list_keys(self, authority: Secret) -> tuple[LiveKey, ...]:
        """All of them."""
        self.trouble.meet("list_keys")
        return tuple(self.keys.values())

    def issue(self, authority: Secret, name: str, hide: Hide) -> Issued:
        """The next id, a second younger."""
        new = key(max(self.keys) + 1, name)
        self.trouble.meet("issue", lambda: self.keys.__setitem__(new.key_id, new))
        secret = Secret(f"v{new.key_id}")
        hide(secret)
        return Issued(new, secret)

    def verify(self, issued: Secret, account_id: str) -> None:
        """Nothing to find fault with."""
        self.trouble.meet("verify")

    def ahead(self) -> timedelta:
        """By nothing."""
        return timedelta()

    def revoke(self, authority: Secret, key_id: int) -> None:
        """Gone."""
        self.trouble.meet("revoke", lambda: self.keys.__delitem__(key_id))


class FakeDestination:
    """Implements `ports.Destination`."""

    name = PLACE

    def __init__(self, trouble: Trouble) -> None:
        self.held = Secret("v3")
        self.wrote: datetime | None = NOW
        self.trouble = trouble

    def observe(self) -> DestinationFacts:
        """Written long ago, or at the time that is told."""
        self.trouble.meet("observe")
        return DestinationFacts(self.wrote)

    def put(self, secret: Secret, hindered: Hindered | None = None) -> Receipt:
        """Hold it."""
        self.trouble.meet("put", lambda: setattr(self, "held", secret))
        return Receipt(NOW)

    def confirm(self, before: DestinationFacts, receipt: Receipt | None) -> datetime:
        """It stands."""
        self.trouble.meet("confirm")
        return NOW

    def written(self) -> datetime | None:
        """At the time that is told."""
        self.trouble.meet("written")
        return self.wrote


class FakeNotebook:
    """Implements `ports.Notebook`."""

    where = ("The note", "The lock")
    shared = False

    def __init__(self, trouble: Trouble, note: str | None = None, lock: str | None = None) -> None:
        self.note, self.lock, self.bad = note, lock, ""
        self.trouble = trouble

    def read(self) -> Pages | NoNotebook:
        """Both."""
        self.trouble.meet("read")
        return Pages(self.note, self.lock)

    def run_completed(self, run_id: int, repository: str = "") -> bool | None:
        """Nobody knows."""
        return None

    def take_lock(self, text: str, *, replacing: str | None) -> None:
        """Atomic."""
        self.trouble.meet("take_lock")
        if self.lock != replacing:
            raise Refused("lock-held", "held")
        self.lock = text

    def release_lock(self, text: str) -> None:
        """Only ours."""
        self.trouble.meet("release_lock")
        self.lock = None if self.lock == text else self.lock

    def write_note(self, text: str) -> None:
        """Keep it."""
        self.trouble.meet("write_note", lambda: setattr(self, "note", text))

    def put_aside(self, text: str) -> str:
        """Keep it."""
        self.trouble.meet("put_aside", lambda: setattr(self, "bad", text))
        return "the bad note"


class FakeReaders:
    """Implements `ports.Readers`: the runs it was given."""

    def __init__(self, trouble: Trouble) -> None:
        self.runs: tuple[LiveRun, ...] = ()
        self.trouble = trouble

    def alive(self) -> tuple[LiveRun, ...]:
        """All of them."""
        self.trouble.meet("alive")
        return self.runs


class FakeCanary:
    """Implements `ports.Canary`: it succeeds, and is counted."""

    def __init__(self, trouble: Trouble) -> None:
        self.asked: list[tuple[str, timedelta]] = []
        self.trouble = trouble

    def ask(self, workflow: str, patience: timedelta) -> str:
        """Succeed."""
        self.asked.append((workflow, patience))
        self.trouble.meet("ask")
        return "https://github.example/octo-org/payments/actions/runs/88"


class FakeClock:
    """Implements `ports.Clock`: waiting only moves the hands, and is counted. `ring` is what happens meanwhile."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.time = NOW
        self.stopped = False
        self.ring: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        """Stand still but for waits."""
        return self.time

    def monotonic(self) -> float:
        """Stand still but for waits."""
        return (self.time - NOW).total_seconds()

    def hear(self, date: str, sent: float) -> None:
        """Keep its own time."""

    def ahead(self) -> timedelta | None:
        """Nobody told it another time."""
        return None

    def sleep(self, seconds: float) -> None:
        """Move on."""
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)
        self.ring()

    def stopping(self) -> bool:
        """Say what was set."""
        return self.stopped


class Listener:
    """Implements `ports.Reporter`."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.events: list[Event] = []
        self.reports: list[Report] = []

    def begin(self, credential: str) -> None:
        """Remember it."""
        self.begun.append(credential)

    def tell(self, event: Event) -> None:
        """Remember it."""
        self.events.append(event)

    def close(self, report: Report) -> None:
        """Remember it."""
        self.reports.append(report)
