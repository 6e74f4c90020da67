"""The loop over fakes: the order of things, signals, and bugs that end in a report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rotate.errors import DestinationError, ExitCode, InvariantViolated, Outcome, SourceError
from rotate.protocol.facts.cadence import Cadence
from rotate.protocol.facts.model import Liveness
from rotate.protocol.facts.moves import Authority, ProveDead, Put, Status, Verify
from rotate.protocol.facts.note_texts import read_note, write_lock
from rotate.protocol.facts.policy import Command
from rotate.run import engine as engine_module
from rotate.run.act import PROOF_WAITS, REVOKE_WAITS, Performer
from rotate.run.look import Observer
from rotate.secret import Secret
from tests.support.bench_of_fakes import V3, Bench, kept
from tests.support.build import LINEAGE, NOW, PLACE, RUN, key, minted, note, pending, policy

LOST = SourceError("neon-unreachable", "no answer", outcome=Outcome.UNKNOWN)


def hands_of(bench: Bench) -> Performer:
    world = bench.world()
    return Performer(world, policy(), Observer(world, policy()))


def test_a_rotation_tells_each_step_in_order_and_closes_its_connections() -> None:
    bench = Bench()
    report = bench.run()
    assert (report.status, report.exit_code) == (Status.ROTATED, ExitCode.DONE)
    told = [event.step for event in bench.listener.events]
    assert told == [0, 1, 0, 2, 3, 4, 3, 5, 6, 8, 8, 9, 10, 11]
    assert list(bench.source.keys) == [4]
    assert bench.destination.held == Secret("v4")
    assert read_note(bench.notebook.note or "", "").confirmed
    assert (bench.notebook.lock, bench.closed) == (None, 1)
    assert report.trigger == "no rotate_after is set: every run rotates"


def test_a_plan_tells_what_would_be_done_and_does_nothing() -> None:
    bench = Bench()
    report = bench.run(policy(value_at_hand=V3, command=Command.PLAN))
    assert report.status is Status.PLANNED
    assert f"revoke key 3 ({key(3).name})" in report.plan
    assert (list(bench.source.keys), bench.notebook.lock) == ([3], None)


def test_a_plan_with_nothing_to_do_says_so() -> None:
    asked = policy(value_at_hand=V3, command=Command.PLAN, cadence=Cadence(timedelta(days=99)))
    assert Bench().run(asked).status is Status.UNCHANGED


def test_a_plan_that_would_finish_an_earlier_rotation_says_that_nothing_is_issued() -> None:
    bench = Bench(note=kept(note(pending=replace(pending(4), fingerprint=V3))))
    bench.source.keys[4] = key(4)
    report = bench.run(policy(value_at_hand=V3, command=Command.PLAN))
    assert any("nothing is issued" in sentence for sentence in report.plan)


def test_a_plan_breaks_a_stale_lock_only_in_words() -> None:
    stale = write_lock(replace(RUN, run_id=5, nonce="zzzz"), NOW - timedelta(hours=1), timedelta())
    bench = Bench(lock=stale)
    report = bench.run(policy(value_at_hand=V3, command=Command.PLAN))
    assert "take the rotation lock, breaking the stale one of run 5" in report.plan
    assert bench.notebook.lock == stale


def test_a_plan_without_an_end_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:

    from rotate.protocol.story import plan

    monkeypatch.setattr(plan, "MAX_BATCHES", 2)
    report = Bench().run(policy(value_at_hand=V3, command=Command.PLAN))
    assert (report.exit_code, report.problems[0].reason) == (ExitCode.BUG, "no-end-in-sight")


def test_a_run_without_an_end_is_a_bug_that_revokes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "MOST_BATCHES", 4)
    bench = Bench()
    report = bench.run()
    assert (report.exit_code, report.problems[0].reason) == (ExitCode.BUG, "no-end-in-sight")
    assert report.state.startswith("Unknown: the steps show")
    assert 3 in bench.source.keys
    assert bench.closed == 1


@pytest.mark.parametrize("call", ["list_keys", "take_lock", "issue", "put", "confirm", "revoke"])
def test_a_bug_anywhere_ends_in_a_report_without_its_text(call: str) -> None:
    bench = Bench()
    bench.trouble.before[call] = ZeroDivisionError("napi_secret")
    report = bench.run()
    assert (report.status, report.exit_code) == (Status.FAILED, ExitCode.BUG)
    assert "ZeroDivisionError at fakes.py:" in report.problems[0].message
    assert "napi_secret" not in repr(report)
    assert 3 in bench.source.keys


def test_a_bug_before_anything_was_seen_is_told_as_itself() -> None:
    bench = Bench()
    bench.trouble.before["observe"] = ZeroDivisionError()
    report = bench.run()
    assert report.problems[0].reason == "internal-error"
    assert report.policy is None


def stop_at(bench: Bench, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the run to stop while a call is under way."""
    plain: Callable[[str, Callable[[], None]], None] = bench.trouble.meet

    def meet(name: str, effect: Callable[[], None] = lambda: None) -> None:
        if name == call:
            bench.stop.set()
        plain(name, effect)

    monkeypatch.setattr(bench.trouble, "meet", meet)


@pytest.mark.parametrize(
    ("call", "status", "alive"),
    [
        ("observe", Status.REFUSED, [3]),
        ("take_lock", Status.REFUSED, [3]),
        ("issue", Status.FAILED, [3]),
        ("verify", Status.FAILED, [3]),
        ("put", Status.INCOMPLETE, [3, 4]),
        ("confirm", Status.INCOMPLETE, [3, 4]),
        ("revoke", Status.ROTATED, [4]),
    ],
)
def test_a_signal_stops_at_the_next_safe_point(
    call: str, status: Status, alive: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench()
    stop_at(bench, call, monkeypatch)
    report = bench.run()
    assert (report.status, list(bench.source.keys)) == (status, alive)
    assert bench.notebook.lock is None


def test_a_lost_issue_is_found_by_its_name_and_superseded() -> None:
    bench = Bench()
    bench.trouble.after["issue"] = LOST
    report = bench.run()
    assert report.status is Status.ROTATED
    assert list(bench.source.keys) == [5]
    assert report.revoked_key_ids == (3, 4)


def test_a_lost_issue_that_shows_up_only_at_the_end_is_revoked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list may lag behind: the key of the lost reply is seen only when the end is proven."""
    bench = Bench()
    bench.trouble.after["issue"] = LOST
    plain, looks = bench.source.list_keys, []

    def lagging(authority: Secret) -> Any:
        looks.append(1)
        return tuple(one for one in plain(authority) if one.key_id != 4 or len(looks) > 3)

    monkeypatch.setattr(bench.source, "list_keys", lagging)
    report = bench.run()
    assert report.status is Status.ROTATED
    assert list(bench.source.keys) == [5]


def test_a_stall_beyond_the_lease_stops_before_the_write(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    plain = bench.source.verify

    def slow(issued: Secret, account_id: str) -> None:
        bench.clock.time = NOW + timedelta(minutes=15)
        plain(issued, account_id)

    monkeypatch.setattr(bench.source, "verify", slow)
    report = bench.run()
    assert [problem.reason for problem in report.problems] == ["lock-lost"]
    assert list(bench.source.keys) == [3]
    assert bench.destination.held == Secret("v3")


def test_a_refused_put_fails_and_takes_the_key_back() -> None:
    bench = Bench()
    bench.trouble.before["put"] = DestinationError("github-permission-missing", "no")
    report = bench.run()
    assert (report.status, list(bench.source.keys)) == (Status.FAILED, [3])
    assert report.places[0].state == "failed"
    assert report.state == "The key in use is as it was; key 4 of this run was revoked again."


def test_a_revoke_that_fails_is_tried_again_later_and_then_left_to_the_next_run() -> None:
    bench = Bench()
    refused = SourceError("neon-unexpected-answer", "HTTP 500", outcome=Outcome.UNKNOWN)
    meet, tries = bench.trouble.meet, []

    def never(name: str, effect: Callable[[], None] = lambda: None) -> None:
        if name == "revoke":
            tries.append(len(bench.clock.slept))
            raise refused
        meet(name, effect)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bench.trouble, "meet", never)
        report = bench.run()
    assert (report.status, report.problems[0].reason) == (Status.INCOMPLETE, "revoke-failed")
    assert len(tries) == len(REVOKE_WAITS)
    assert bench.clock.slept == list(REVOKE_WAITS)
    assert bench.run().status is Status.ROTATED


def test_the_proof_is_asked_for_until_the_waits_are_used_up() -> None:
    bench = Bench()
    performer = hands_of(bench)
    move = ProveDead(frozenset({3}), Authority.ISSUER, previous=True, current=False)
    proof = performer.perform(move).proof
    assert proof
    assert proof.previous is Liveness.ALIVE
    assert bench.clock.slept == list(PROOF_WAITS)


def test_a_move_that_comes_too_early_is_a_bug() -> None:
    for move, reason in ((Put(PLACE, pending(4)), "no-pending-value"), (Verify(pending(4)), "no-pending-value")):
        with pytest.raises(InvariantViolated) as caught:
            hands_of(Bench()).perform(move)
        assert caught.value.reason == reason
    with pytest.raises(InvariantViolated) as caught:
        Observer(Bench().world(), minted()).seen()
    assert caught.value.reason == "nothing-observed"
    assert LINEAGE.holds(key(3).name)
