"""Who keeps the story outside the run: hears each move as it ends, adds what came of it, never changes the verdict."""

from __future__ import annotations

from dataclasses import replace

from rotate.protocol.facts.events import Event
from rotate.protocol.facts.moves import Status
from rotate.protocol.story.audit import Kept
from rotate.protocol.story.report import Report
from rotate.run.engine import Engine
from tests.support.bench_of_fakes import V3, Bench
from tests.support.build import policy
from tests.support.fakes import Listener


class FakeKeeper(Listener):
    """Implements `ports.Keeper`: counts the moves, or has a bug."""

    def __init__(self, bug: Exception | None = None) -> None:
        super().__init__()
        self.bug = bug

    def conclude(self, report: Report) -> Report:
        """Add the count."""
        if self.bug:
            raise self.bug
        self.reports.append(report)
        return replace(report, audit=Kept("audit", len(self.events), ""))


class Reader(Listener):
    """Looks how far a keeper is when it is told itself."""

    def __init__(self, keeper: FakeKeeper) -> None:
        super().__init__()
        self.keeper = keeper
        self.ahead: list[int] = []

    def tell(self, event: Event) -> None:
        """Compare."""
        super().tell(event)
        self.ahead.append(len(self.keeper.events) - len(self.events))


def test_a_keeper_hears_of_a_move_before_anybody_who_only_tells_it_on() -> None:
    keeper, bench = FakeKeeper(), Bench()
    reader = Reader(keeper)
    report = Engine(bench.world(), policy(value_at_hand=V3), [reader], [keeper]).run()
    assert reader.ahead == [0] * 14
    assert report.audit == Kept("audit", 14, "")
    assert keeper.reports == [replace(report, audit=None)]
    assert bench.closed == 1, "the run's own connections are closed by then"


def test_a_bug_in_a_keeper_is_told_without_its_text_and_the_next_is_still_asked() -> None:
    broken, sound = FakeKeeper(ZeroDivisionError("napi_secret")), FakeKeeper()
    report = Engine(Bench().world(), policy(value_at_hand=V3), [], [broken, sound]).run()
    assert (report.status, report.exit_code) == (Status.ROTATED, 0)
    assert [warning.reason for warning in report.warnings] == ["internal-error"]
    assert "napi_secret" not in repr(report)
    assert sound.reports
