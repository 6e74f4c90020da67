"""The proof of a rotation, witness by witness: the control, the death, the list, the new value, its reach."""

from __future__ import annotations

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.ledger import Entry
from rotate.sandbox.world import World
from tests.support.runner import Runner
from tests.support.stories import STORIES, at_rest, held, lineage_keys, tells

PUT, DELETE = "*/actions/secrets/*", "*/api_keys/*"


def asked(world: World, value: str) -> list[Entry]:
    """Give the questions whether a value is alive, in order."""
    return [one for one in world.ledger.find("GET", "/auth") if one.request_headers["Authorization"].endswith(value)]


def number(world: World, method: str, path: str) -> int:
    """Give the number of the one request of its kind."""
    (entry,) = world.ledger.find(method, path)
    return entry.number


def from_then_on(world: World, method: str, path: str, *faults: Fault) -> None:
    """Put faults into force when the first such request arrives."""
    world.faults.add(Fault("hook", method=method, path=path, call=lambda *_: world.faults.add(*faults)))


@pytest.mark.parametrize("scope", STORIES)
def test_the_old_value_answers_200_after_the_write_and_before_the_revoke_and_401_after_it(
    scope: str, world: World, runner: Runner
) -> None:
    story = STORIES[scope](world)
    ended = runner.run(story.environment())
    tells(ended, "rotated", 0)
    written, revoked = number(world, "PUT", PUT), number(world, "DELETE", DELETE)
    old = asked(world, story.old_key.value)
    assert [one.status for one in old if written < one.number < revoked] == [200], "the control"
    assert [one.status for one in old if one.number > revoked] == [401], "the death"
    assert [one.status for one in asked(world, held(world, story)) if one.number > revoked] == [200], "the new value"
    lists = [one for one in world.ledger.find("GET", "*/api_keys") if one.number > revoked]
    assert [f'"id": {story.old_key.key_id},' in one.response_body.decode() for one in lists] == [False], "the list"
    proof = (ended.report["control"], ended.report["previous_value"], ended.report["current_value"])
    assert proof == ("alive", "dead", "alive")


@pytest.mark.parametrize(("code", "times"), [(403, 4), (404, 4), (503, 6)])
def test_only_401_counts_as_a_death_and_it_is_waited_for(code: int, times: int, world: World, runner: Runner) -> None:
    """Old value and new value are asked at once, and a 503 three times each before that counts as no answer."""
    story = STORIES["organization"](world)
    silence = Fault("status", server="neon", path="/auth", code=code, times=times)
    from_then_on(world, "DELETE", DELETE, silence)
    ended = runner.run(story.environment())
    tells(ended, "rotated", 0)
    assert silence.fired == times
    old = [one.status for one in asked(world, story.old_key.value) if one.number > number(world, "DELETE", DELETE)]
    assert old == [code] * (times // 2) + [401]
    assert ended.report["previous_value"] == "dead"
    assert "its value answers 401 (200 before)" in ended.stdout


def test_a_control_that_did_not_answer_is_told_and_no_word_is_said_of_it(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    from_then_on(world, "PUT", PUT, Fault("status", server="neon", path="/auth", code=503, times=3))
    ended = runner.run(story.environment())
    tells(ended, "rotated", 0)
    assert ended.report["control"] == "unknown"
    assert "control-missing" in [warning["reason"] for warning in ended.report["warnings"]]
    assert "(200 before)" not in ended.report["why"]


def test_a_key_that_goes_on_being_listed_is_not_reported_as_gone(world: World, hasty: Runner) -> None:
    story = STORIES["personal"](world)
    world.neon.list_lag = 1000
    ended = hasty.run(story.environment())
    tells(ended, "incomplete", 4)
    assert ended.reasons == ["still-listed"]
    assert ended.report["previous_value"] == "dead"
    after = [one for one in world.ledger.find("GET", "/api_keys") if one.number > number(world, "DELETE", DELETE)]
    assert len(after) == 6, "asked until the waits were used up"


def test_a_new_key_that_dies_during_the_run_is_a_failure_that_says_so(world: World, runner: Runner) -> None:
    story = STORIES["organization"](world)

    def kill(*_: object) -> None:
        world.neon.revoke(next(key.key_id for key in world.neon.live_keys() if key.value == held(world, story)))

    world.faults.add(Fault("hook", method="DELETE", path=DELETE, call=kill))
    ended = runner.run(story.environment())
    tells(ended, "failed", 1)
    assert ended.reasons == ["new-key-dead"]
    assert ended.report["current_value"] == "dead"


def test_a_key_that_reaches_further_than_the_old_one_is_written_nowhere_and_revoked(
    world: World, runner: Runner
) -> None:
    story = STORIES["project"](world)

    def widen(*_: object) -> None:
        world.neon.issued()[-1].project_id = None

    from_then_on(world, "POST", "*/api_keys", Fault("hook", server="neon", method="GET", times=None, call=widen))
    ended = runner.run(story.environment())
    tells(ended, "failed", 1)
    assert ended.reasons == ["verify-failed"]
    assert "bound to one project" in ended.stdout
    assert world.ledger.count("PUT") == 0
    assert world.neon.issued()[-1].revoked
    assert lineage_keys(world, story) == [story.old_key]
    at_rest(world, story)
