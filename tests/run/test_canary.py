"""The canary in the loop over fakes: when it is asked, what is told of it, and how a run ends without its success."""

from __future__ import annotations

from datetime import timedelta

from rotate.errors import DestinationError, ExitCode
from rotate.protocol.facts.moves import Status
from rotate.protocol.facts.policy import Canary
from tests.support.bench_of_fakes import V3, Bench
from tests.support.build import policy


def test_a_canary_is_asked_between_the_note_and_the_fence_and_its_page_is_told() -> None:
    bench = Bench()
    report = bench.run(policy(value_at_hand=V3, canary=Canary("canary.yml", timedelta(minutes=3))))
    assert report.status is Status.ROTATED
    assert [event.step for event in bench.listener.events] == [0, 1, 0, 2, 3, 4, 3, 5, 6, 8, 7, 8, 9, 10, 11]
    (told,) = [event for event in bench.listener.events if event.name == "canary"]
    assert (told.subject, told.ok) == ("canary.yml", True)
    assert told.detail == "it succeeded with the new value: https://github.example/octo-org/payments/actions/runs/88"
    assert bench.canary.asked == [("canary.yml", timedelta(minutes=3))]


def test_a_canary_that_fails_ends_the_run_with_both_keys_and_the_lock_given_back() -> None:
    bench = Bench()
    bench.trouble.before["ask"] = DestinationError("canary-failed", "It ended as failure.")
    report = bench.run(policy(value_at_hand=V3, canary=Canary("canary.yml")))
    assert (report.status, report.exit_code) == (Status.INCOMPLETE, ExitCode.INCOMPLETE)
    assert [problem.reason for problem in report.problems] == ["canary-failed"]
    assert report.warnings == ()
    assert (sorted(bench.source.keys), bench.notebook.lock) == ([3, 4], None)
    assert "No destination lost a valid key. Live keys of this lineage: 3 (previous), 4 (current)." in report.state
    (told,) = [event for event in bench.listener.events if event.name == "canary"]
    assert not told.ok
