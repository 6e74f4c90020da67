"""The recovery table of the protocol, row by row: what an interrupted run left behind, and what the next one does."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

import pytest

from rotate.errors import DestinationError, Outcome
from rotate.protocol.facts.policy import Exposure, OnFailure
from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import Story
from rotate.sandbox.world import World
from rotate.secret import Secret
from tests.support.bench_of_fakes import V3, Bench, kept, known
from tests.support.build import NOW, PLACE, key, note, policy
from tests.support.fakes import FakeDestination, Trouble
from tests.support.runner import Ended, Runner
from tests.support.stories import STORIES, access_was_never_lost, at_rest, lineage_keys, tells

SCOPES = pytest.mark.parametrize("scope", ["personal", "organization"])
NOTE = "NEON_API_KEY_ROTATION"
NOTED = "*/actions/variables*"
YOUNG = "30d"  # a key that was just issued is not due: whatever is done has another reason


def cut_off(world: World, runner: Runner, story: Story, fault: Fault) -> None:
    """Run, and die at this request."""
    world.faults.add(fault)
    process = runner.start(story.environment())
    world.victim = process.pid
    runner.collect(process)
    world.victim = None
    assert fault.fired
    world.faults.reset()
    access_was_never_lost(world, story)
    world.ledger.clear()


def again(runner: Runner, story: Story, **inputs: str) -> Ended:
    """Run as the schedule does."""
    return runner.run(story.environment_now(), rotate_after=YOUNG, **inputs)


def issued(world: World) -> int:
    """Count the keys that were issued since the last cut."""
    return world.ledger.count("POST", "*api_keys")


@SCOPES
def test_a_reply_to_issue_that_is_lost_is_superseded_by_the_same_run(scope: str, world: World, runner: Runner) -> None:
    story = STORIES[scope](world)
    world.faults.add(Fault("lost_reply", method="POST", path="*api_keys"))
    ended = runner.run(story.environment())
    tells(ended, "rotated", 0)
    lost = world.neon.issued()[-2]
    assert ended.outputs["revoked_key_ids"] == f"{story.old_key.key_id},{lost.key_id}"
    at_rest(world, story)


@SCOPES
def test_a_write_whose_reply_is_lost_and_whose_repeat_is_refused_does_not_cost_the_key(
    scope: str, world: World, runner: Runner
) -> None:
    story = STORIES[scope](world)
    world.faults.add(Fault("lost_reply", method="PUT"))
    world.faults.add(Fault("status", method="PUT", code=403, times=None))
    ended = runner.run(story.environment())
    tells(ended, "incomplete", 4)
    assert ended.reasons[-1] == "write-not-confirmed", "nothing shows whose write stands"
    world.faults.reset()
    tells(again(runner, story), "rotated", 0)
    at_rest(world, story)


@SCOPES
@pytest.mark.parametrize(
    ("fault", "finished"),
    [
        (Fault("death_after", method="POST", path="*api_keys"), False),
        (Fault("death_before", method="PUT"), False),
        (Fault("death_after", method="PUT"), True),
        (Fault("death_before", method="PATCH", path=NOTED), True),
    ],
    ids=["after the issue", "before the put", "after the put", "before the confirmed note"],
)
def test_a_run_that_died_before_the_confirmed_note_is_finished_or_superseded(
    scope: str, fault: Fault, finished: bool, world: World, runner: Runner
) -> None:
    story = STORIES[scope](world)
    cut_off(world, runner, story, replace(fault))
    ended = again(runner, story)
    tells(ended, "rotated", 0)
    # The pending note and the put go out together: the value at hand is finished with where both arrived.
    assert issued(world) == 1 or (finished and issued(world) == 0)
    assert issued(world) == 0 or "was never confirmed" in ended.report["trigger"]
    at_rest(world, story)


@SCOPES
def test_a_run_that_died_after_the_confirmed_note_is_finished_without_a_new_key(
    scope: str, world: World, runner: Runner
) -> None:
    story = STORIES[scope](world)
    cut_off(world, runner, story, Fault("death_before", server="neon", method="DELETE"))
    ended = again(runner, story)
    tells(ended, "rotated", 0)
    assert (issued(world), ended.outputs["revoked_key_ids"]) == (0, str(story.old_key.key_id))
    at_rest(world, story)


@pytest.mark.parametrize("kind", ["status", "reset"])
def test_a_revoke_that_is_refused_or_unknown_is_incomplete_until_it_succeeds(
    kind: Literal["status", "reset"], world: World, hasty: Runner
) -> None:
    story = STORIES["personal"](world)
    world.faults.add(Fault(kind, server="neon", method="DELETE", code=403, times=None))
    tells(hasty.run(story.environment()), "incomplete", 4)
    world.ledger.clear()
    ended = again(hasty, story)
    tells(ended, "incomplete", 4)
    assert (ended.reasons[0], issued(world)) == ("revoke-failed", 0)
    world.faults.reset()
    tells(again(hasty, story), "rotated", 0)
    assert issued(world) == 0
    at_rest(world, story)


def test_a_destination_that_fails_for_good_costs_no_further_key_while_it_stays_broken(
    world: World, hasty: Runner
) -> None:
    story = STORIES["personal"](world)
    unread: dict[str, Any] = {"method": "GET", "path": "*/actions/secrets/NEON_API_KEY", "code": 500, "times": None}
    world.faults.add(Fault("status", nth=3, **unread))
    tells(hasty.run(story.environment()), "incomplete", 4)
    world.ledger.clear()
    for _ in range(2):
        world.faults.reset()
        world.faults.add(Fault("status", nth=3, **unread))
        ended = again(hasty, story)
        tells(ended, "incomplete", 4)
        assert ended.reasons[0] == "distribution-unfinished"
    world.faults.reset()
    tells(again(hasty, story), "rotated", 0)
    assert issued(world) == 0
    at_rest(world, story)


@SCOPES
def test_a_note_that_somebody_deleted_makes_every_key_of_the_lineage_an_older_one(
    scope: str, world: World, runner: Runner
) -> None:
    story = STORIES[scope](world)
    cut_off(world, runner, story, Fault("death_after", method="PUT"))
    world.github.repository(story.repository).variables.pop(NOTE, None)
    tells(again(runner, story), "rotated", 0)
    assert issued(world) == 1
    at_rest(world, story)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [(lambda text: text[:-9], "note-unreadable"), (lambda text: text.replace(": 3,", ": 4,", 1), "note-too-new")],
    ids=["garbled", "of a newer schema"],
)
def test_a_note_that_cannot_be_read_is_refused_with_the_remedy(
    spoil: object, reason: str, world: World, runner: Runner
) -> None:
    story = STORIES["personal"](world)
    runner.run(story.environment())
    assert callable(spoil)
    text = spoil(world.github.variable(story.repository, NOTE) or "")
    world.github.set_variable(story.repository, NOTE, text)
    world.ledger.clear()
    ended = runner.run(story.environment_now())
    tells(ended, "refused", 3)
    assert (ended.reasons, len(lineage_keys(world, story))) == ([reason], 1)
    assert ended.report["problems"][0]["remedy"]
    assert not [entry for entry in world.ledger if entry.method != "GET"]


def test_an_exposed_key_dies_and_who_is_left_with_it_is_named_before() -> None:
    known = note(destinations=(PLACE, "github://octo-org/old#NEON_API_KEY"))
    assert known.confirmed
    bench = Bench(note=kept(replace(known, confirmed=replace(known.confirmed, fingerprint=V3))))
    report = bench.run(policy(value_at_hand=V3, exposure=Exposure()))
    (warning,) = [one for one in report.warnings if one.reason == "destination-dropped"]
    assert "octo-org/old" in warning.message
    told = [event.name for event in bench.listener.events]
    assert told.index("warn") < told.index("revoke")
    assert told.count("warn") == 1
    assert report.revoked_key_ids == (3,)


def test_a_first_run_takes_the_users_word_for_the_confirmed_note(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    tells(runner.run(story.environment()), "rotated", 0)
    written = json.loads(world.github.variable(story.repository, NOTE) or "")
    assert written["confirmed"]["key_id"] == at_rest(world, story).key_id
    assert not world.neon.is_live(story.old_key.value)


@pytest.mark.parametrize(
    ("choice", "alive", "held", "status"),
    [(OnFailure.HOLD, [3, 4], "v4", "incomplete"), (OnFailure.RESTORE, [3], "v3", "failed")],
)
def test_a_write_that_does_not_stand_is_held_or_restored_as_was_asked(
    choice: OnFailure, alive: list[int], held: str, status: str
) -> None:
    bench = Bench()
    bench.trouble.before["confirm"] = DestinationError("write-not-confirmed", "no", outcome=Outcome.UNKNOWN)
    report = bench.run(policy(value_at_hand=V3, on_failure=choice))
    assert (report.status, list(bench.source.keys), bench.destination.held) == (status, alive, Secret(held))
    assert bench.notebook.lock is None


def test_what_was_put_back_does_not_vouch_for_a_place_that_an_earlier_run_wrote() -> None:
    """Nothing tells that the other place holds the confirmed key, so the note must not say that its write stands."""
    bench = Bench()
    bench.source.keys[4] = key(4)  # it was lost amid its distribution, and the other place may hold it
    bench.trouble.before["confirm"] = DestinationError("write-not-confirmed", "no", outcome=Outcome.UNKNOWN)
    other = FakeDestination(Trouble({"put": DestinationError("write-refused", "no")}))
    other.wrote = NOW + timedelta(hours=1)
    bench.more["other"] = other
    places = (PLACE, "other")
    bench.notebook.note = kept(known(destinations=places))
    report = bench.run(policy(destinations=places, value_at_hand=V3, on_failure=OnFailure.RESTORE))
    assert (report.status, sorted(bench.source.keys), bench.destination.held) == ("failed", [3, 4], Secret("v3"))
    written = json.loads(bench.notebook.note or "")
    assert written["pending"]["key_id"] == 5, "the note stays as it was before what was put back"
