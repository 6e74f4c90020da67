"""Batches of many moves: what was asked to stop stops, and what came of them is learned as one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rotate.errors import Outcome
from rotate.ports import Hindered, Receipt
from rotate.protocol.facts.moves import Confirm, Move, Put, Result, Status, Verify
from rotate.protocol.facts.progress import Progress, learn, learned
from rotate.run import engine as engine_module
from rotate.secret import Secret
from rotate.wire.together import MOST_AT_ONCE
from tests.run.test_engine import LOST
from tests.support.bench_of_fakes import V3, Bench
from tests.support.build import NOW, PLACE, pending, policy


def test_a_run_that_is_stopped_amid_many_writes_leaves_the_rest_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    names = (PLACE, *(f"octo-org/service-{number}" for number in range(200)))
    world = replace(bench.world(), destinations=dict.fromkeys(names, bench.destination))
    writes: list[str] = []

    def put(_: Secret, hindered: Hindered | None = None) -> Receipt:
        writes.append("")
        if len(writes) == 50:
            bench.stop.set()
        return Receipt(NOW)

    monkeypatch.setattr(bench.destination, "put", put)
    asked = policy(value_at_hand=V3, destinations=names)
    report = engine_module.Engine(world, asked, (bench.listener,)).run()
    assert report.status is Status.INCOMPLETE
    assert 50 <= len(writes) < 50 + MOST_AT_ONCE
    assert [problem.reason for problem in report.problems] == ["distribution-unfinished", "cancelled"]
    assert {place.state for place in report.places} == {"confirmed", "failed"}
    assert len(report.state) < 2000, "some are named, and the number of the others"


def test_a_run_whose_lease_ends_amid_many_writes_writes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    names = (PLACE, *(f"octo-org/service-{number}" for number in range(200)))
    world = replace(bench.world(), destinations=dict.fromkeys(names, bench.destination))
    writes: list[str] = []

    def put(_: Secret, hindered: Hindered | None = None) -> Receipt:
        writes.append("")
        if len(writes) == 50:
            bench.clock.time += timedelta(minutes=14)
        return Receipt(NOW)

    monkeypatch.setattr(bench.destination, "put", put)
    asked = policy(value_at_hand=V3, destinations=names, lease=timedelta(minutes=15))
    report = engine_module.Engine(world, asked, (bench.listener,)).run()
    assert (report.status, report.revoked_key_ids) == (Status.INCOMPLETE, ())
    assert 50 <= len(writes) < 50 + MOST_AT_ONCE
    assert [problem.reason for problem in report.problems] == ["distribution-unfinished", "lock-lost"]


def test_the_results_of_a_batch_are_learned_as_one_by_one() -> None:
    failed = Result(Outcome.UNKNOWN, error=LOST)
    results: list[tuple[Move, Result]] = [
        (Put("a", pending(4)), Result(Outcome.APPLIED)),
        (Put("b", pending(4)), failed),
        (Confirm("a"), Result(Outcome.APPLIED)),
        (Confirm("b"), failed),
        (Verify(pending(4)), Result(Outcome.APPLIED)),
    ]
    one_by_one = Progress()
    for move, result in results:
        one_by_one = learn(one_by_one, move, result)
    assert learned(Progress(), results) == one_by_one
