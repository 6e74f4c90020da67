"""What seldom happens, told or refused as it should be."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from rotate.errors import InvariantViolated, Outcome, Refused, SourceError
from rotate.frontends.demo import Narrator
from rotate.protocol.decisions import guards
from rotate.protocol.decisions.machine import decide
from rotate.protocol.decisions.overlap import MOST_POLLS, wait_for
from rotate.protocol.decisions.position import Position
from rotate.protocol.decisions.recovery import assess
from rotate.protocol.facts.cadence import Cadence
from rotate.protocol.facts.model import LiveRun
from rotate.protocol.facts.moves import Finish, Issue, Lock, Observe, Restore, Status, WriteNote
from rotate.protocol.facts.note import PreviousKey
from rotate.protocol.facts.policy import Command, Overlap, Policy
from rotate.protocol.facts.progress import Progress
from rotate.run.act import Performer
from rotate.run.look import Observer
from rotate.run.nowhere import Nowhere
from tests.reporters.test_incident import FOUND
from tests.settings.test_validate import CONTEXT, problems
from tests.support.bench_of_fakes import V3, Bench, kept
from tests.support.build import NOW, PLACE, confirmed, key, note, policy, snapshot

MINUTE = timedelta(minutes=1)


def reasons(asked: Policy, **seen: object) -> list[str]:
    found = snapshot(**seen)
    return [problem.reason for problem in guards.problems(found, assess(found, asked), asked, NOW)]


def test_the_narrator_announces_the_next_of_several_credentials() -> None:
    out = io.StringIO()
    Narrator(out).begin("NEON_API_KEY (1 of 2)")
    assert out.getvalue() == "\nNEON_API_KEY (1 of 2)\n─────────────────────\n"


def test_nothing_is_restored_without_the_old_value() -> None:
    bench = Bench()
    world = replace(bench.world(), at_hand=None)
    performer = Performer(world, policy(), Observer(world, policy()))
    with pytest.raises(InvariantViolated) as caught:
        performer.perform(Restore(PLACE))
    assert caught.value.reason == "nothing-to-restore"


def test_no_note_is_written_when_the_lease_is_over() -> None:
    bench = Bench()
    short = policy(lease=timedelta())
    world = bench.world()
    performer = Performer(world, short, Observer(world, short))
    performer.perform(Lock())
    before = bench.notebook.note
    ended = performer.perform(WriteNote(note(), confirmed=True))
    assert (ended.outcome, bool(ended.error)) == (Outcome.NO_EFFECT, True)
    assert bench.notebook.note == before


@pytest.mark.parametrize(
    "asked",
    [
        lambda notebook: notebook.run_completed(7),
        lambda notebook: notebook.take_lock("text", replacing=None),
        lambda notebook: notebook.release_lock("text"),
        lambda notebook: notebook.write_note("text"),
        lambda notebook: notebook.put_aside("text"),
        lambda notebook: notebook.ask("canary.yml", timedelta(minutes=1)),
    ],
)
def test_a_run_without_a_notebook_is_never_asked_to_write_one(asked: Callable[[Nowhere], object]) -> None:
    with pytest.raises(InvariantViolated) as caught:
        asked(Nowhere(""))
    assert caught.value.reason == "no-notebook-to-write"
    assert Nowhere("").alive() == ()


def test_a_plan_tells_how_long_the_run_stays_for_the_overlap() -> None:
    asked = policy(value_at_hand=V3, command=Command.PLAN, overlap=Overlap(2 * MINUTE, wait=5 * MINUTE))
    assert "wait for 2 minutes" in Bench().run(asked).plan


def test_a_check_of_a_key_that_could_not_be_asked_says_only_that() -> None:
    assert reasons(policy(command=Command.CHECK), issuer=SourceError("neon-unreachable", "?")) == ["neon-unreachable"]


def test_a_credential_that_is_not_due_is_not_held_back_by_the_cap() -> None:
    capped = policy(may_issue=False)
    assert reasons(capped) == ["max-rotations-reached"]
    assert reasons(replace(capped, cadence=Cadence(timedelta(days=999)))) == []


def test_a_key_that_was_not_used_since_its_exposure_needs_no_look_at_its_uses() -> None:
    unused = replace(FOUND, used_since=False)
    assert len(unused.to_do) == len(FOUND.to_do) - 1
    assert not any("Audit log" in step for step in unused.to_do)


def test_a_lock_for_which_there_is_no_notebook_after_all_ends_only_what_needs_a_note() -> None:
    refused = Refused("no-notebook", "no permission")
    progress = Progress(lock=Outcome.NO_EFFECT, lock_tries=1, lock_error=refused)
    step = decide(snapshot(), progress, policy(), NOW)
    assert isinstance(step, tuple)
    assert isinstance(step[0], Issue | Observe)
    ended = decide(snapshot(), progress, policy(overlap=Overlap(MINUTE)), NOW)
    assert isinstance(ended, Finish)
    assert [problem.reason for problem in ended.problems] == ["overlap-needs-notebook", "no-notebook"]


def test_there_is_nothing_to_wait_for_where_nothing_is_held() -> None:
    seen, asked = snapshot(), policy()
    assert wait_for(Position(seen, Progress(), asked, NOW, assess(seen, asked))) is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"overlap": "10d", "overlap_max": "5d"}, "`overlap_max` is shorter than `overlap`."),
        ({"wait": "6h"}, "`wait` is longer than 5 hours"),
        ({"jitter": "3d"}, "`jitter` makes a key due earlier than `rotate_after`"),
        ({"rotate_after": "2d", "jitter": "3d"}, "`jitter` makes a key due earlier than `rotate_after`"),
        ({"freeze": "christmas"}, "`freeze` has `christmas`"),
    ],
)
def test_spans_that_contradict_each_other_are_said(changes: dict[str, str], message: str) -> None:
    assert [message in problem.message for problem in problems(CONTEXT, **changes)] == [True]


def test_a_long_wait_for_a_straggler_looks_seldom_and_comes_to_an_end() -> None:
    bench = Bench()
    bench.readers.runs = (LiveRun(99, "octo-org/payments", "queued", NOW - timedelta(days=1), "https://x/99"),)
    rules = Overlap(length=timedelta(minutes=5), wait=timedelta(hours=5), drain=True)
    asked = policy(value_at_hand=V3, overlap=rules, lease=timedelta(hours=6))
    report = bench.run(asked)
    assert (report.status, report.revoked_key_ids) == (Status.ROTATED, ())
    assert 15 <= len(bench.clock.slept) <= MOST_POLLS + 2
    planned = Bench()
    planned.readers.runs = bench.readers.runs
    assert planned.run(replace(asked, command=Command.PLAN)).status is Status.PLANNED


@pytest.mark.parametrize("alive", [True, False])
def test_a_plan_of_a_sweep_looks_who_still_holds_a_key_that_the_note_says_is_drained(alive: bool) -> None:
    older = PreviousKey(2, None, NOW - timedelta(days=3), NOW - timedelta(days=2), drain=True)
    bench = Bench(note=kept(note(confirmed=replace(confirmed(3), fingerprint=V3), previous=(older,))))
    bench.source.keys[2] = key(2)
    if alive:
        bench.readers.runs = (LiveRun(99, "octo-org/payments", "queued", NOW - timedelta(days=9), "https://x/99"),)
    report = bench.run(policy(value_at_hand=V3, command=Command.PLAN, cadence=Cadence(timedelta(days=30))))
    assert any(sentence.startswith("revoke key") for sentence in report.plan) is not alive
