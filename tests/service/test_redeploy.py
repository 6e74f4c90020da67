"""Which start a place waits for, and how a start that another took over is told from one that failed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from rotate.errors import DestinationError
from rotate.means import Means
from rotate.ports import Deploy, Receipt, Stage
from rotate.protocol.facts.destination import DestinationFacts, Held, Mark
from rotate.secret import Secret
from rotate.service.redeploy import Redeployed
from rotate.wire.network import Network
from tests.support.fakes import FakeClock

VALUE = Secret("a-value-of-a-test")
FACTS = DestinationFacts(None)


class Shelf:
    """A destination that takes everything; `silent`: without a reply."""

    def __init__(self, name: str, *, silent: bool = False) -> None:
        self.name, self.silent = name, silent

    def observe(self) -> DestinationFacts:
        return FACTS

    def put(self, secret: Secret, hindered: object = None) -> Receipt:
        del secret, hindered
        if self.silent:
            raise DestinationError("no-reply", "No reply came.", "Wait.")
        return Receipt(None)

    def confirm(self, before: DestinationFacts, receipt: Receipt | None) -> Mark:
        del before, receipt
        return Held("x")

    def written(self) -> Mark | None:
        return Held("x")


class Consumers:
    """Starts are numbered from 1; `stages` says how each stands."""

    unit = "what reads it"

    def __init__(self) -> None:
        self.started: list[int] = []
        self.looked: list[str] = []
        self.stages: dict[str, list[Stage]] = {}
        self.meanwhile: Callable[[], None] = lambda: None

    def ready(self) -> None:
        """It always is."""

    def start(self) -> str:
        self.started.append(len(self.started) + 1)
        return str(self.started[-1])

    def look(self, started: str) -> Deploy:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        self.looked.append(started)
        return Deploy((self.stages.get(started) or [Stage.DONE]).pop(0), f"start {started}")


def places(consumers: Consumers, *names: str, silent: bool = False) -> list[Redeployed]:
    means = Means({}, FakeClock(), lambda _: None, Network())
    minute = timedelta(minutes=1)
    return [Redeployed(Shelf(name, silent=silent), consumers, minute, means) for name in names]


def test_places_of_one_unit_share_the_start_that_is_later_than_all_their_writes() -> None:
    consumers = Consumers()
    one, other = places(consumers, "one", "other")
    for place in (one, other):
        place.put(VALUE)
    assert [place.confirm(FACTS, Receipt(None)) for place in (one, other)] == [Held("x")] * 2
    assert (consumers.started, one.written()) == ([1], Held("x"))


def test_a_write_after_the_start_needs_another() -> None:
    consumers = Consumers()
    one, other = places(consumers, "one", "other")
    one.put(VALUE)
    one.confirm(FACTS, Receipt(None))
    other.put(VALUE)
    other.confirm(FACTS, Receipt(None))
    assert consumers.started == [1, 2]
    one.confirm(FACTS, Receipt(None))
    assert consumers.started == [1, 2], "the second start is later than its write too"


def test_a_write_whose_reply_was_lost_counts() -> None:
    consumers = Consumers()
    one, other = places(consumers, "one", "other", silent=True)
    with pytest.raises(DestinationError):
        one.put(VALUE)
    one.confirm(FACTS, None)
    with pytest.raises(DestinationError):
        other.put(VALUE)
    other.confirm(FACTS, None)
    assert consumers.started == [1, 2]


def test_a_start_that_our_own_later_one_took_over_has_not_failed() -> None:
    consumers = Consumers()
    one, other = places(consumers, "one", "other")
    one.put(VALUE)
    consumers.stages["1"] = [Stage.FAILED]

    def meanwhile() -> None:
        other.put(VALUE)
        other.confirm(FACTS, Receipt(None))

    consumers.meanwhile = meanwhile
    one.confirm(FACTS, Receipt(None))
    assert (consumers.started, consumers.looked) == ([1, 2], ["2", "1", "2"])


def test_a_start_that_failed_is_told_and_one_that_lasts_is_looked_at_until_it_is_over() -> None:
    consumers = Consumers()
    (one,) = places(consumers, "one")
    one.put(VALUE)
    consumers.stages["1"] = [Stage.RUNNING, Stage.RUNNING, Stage.FAILED]
    with pytest.raises(DestinationError, match="start 1") as told:
        one.confirm(FACTS, Receipt(None))
    assert (told.value.reason, consumers.looked) == ("redeploy-failed", ["1"] * 3)


def test_a_start_that_does_not_end_is_given_up_after_so_many_looks() -> None:
    consumers = Consumers()
    (one,) = places(consumers, "one")
    one.put(VALUE)
    consumers.stages["1"] = [Stage.RUNNING] * 20
    with pytest.raises(DestinationError) as told:
        one.confirm(FACTS, Receipt(None))
    assert told.value.reason == "redeploy-unfinished"
    assert len(consumers.looked) == 8, "after 0, 2, 4, 8, 15, 15, 15 and 1 seconds"


def test_whoever_is_asked_to_stop_waits_no_longer_and_says_so() -> None:
    consumers, clock = Consumers(), FakeClock()
    means = Means({}, clock, lambda _: None, Network())
    one = Redeployed(Shelf("one"), consumers, timedelta(minutes=1), means)
    one.put(VALUE)
    consumers.stages["1"] = [Stage.RUNNING] * 20
    clock.stopped = True
    with pytest.raises(DestinationError, match="this run was asked to stop") as told:
        one.confirm(FACTS, Receipt(None))
    assert (told.value.reason, consumers.looked) == ("redeploy-unfinished", ["1"])
