"""After an exposure: the exposed key dies as early as was asked, and everything is told that a person needs to know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from tests.support.openapi import check
from tests.support.runner import Ended, Runner
from tests.support.stories import STORIES, at_rest, held, lineage_keys, tells, untouched

# Longer than importing a library takes, so that requests which wait only for that do not look like a chain.
FAR = 0.8
MINTED = [scope for scope in STORIES if scope != "personal"]
SEEN = "seen in a public log"


def expose(runner: Runner, environment: dict[str, str], **inputs: str | None) -> Ended:
    """Run as somebody does who was just told."""
    return runner.run(environment, exposed="true", reason=SEEN, **inputs)


@pytest.mark.parametrize("scope", STORIES)
def test_the_exposed_key_is_dead_after_four_round_trips(scope: str, world: World, runner: Runner) -> None:
    story = STORIES[scope](world)
    environment = story.environment()
    world.latency = FAR
    ended = expose(runner, environment)
    tells(ended, "rotated", 0)
    assert world.ledger.longest_chain(until=lambda entry: entry.method == "DELETE" and entry.server == "neon") <= 4
    at_rest(world, story)
    check(world.ledger)


@pytest.mark.parametrize("scope", STORIES)
@pytest.mark.parametrize("when", ["primary", "all"])
def test_it_says_first_that_the_exposed_key_is_dead(scope: str, when: str, world: World, runner: Runner) -> None:
    story = STORIES[scope](world)
    ended = expose(runner, story.environment(), revoke_when=when)
    tells(ended, "rotated", 0)
    at_rest(world, story)
    assert not world.neon.is_live(story.old_key.value)
    assert ended.summary.startswith(f"## ✅ The exposed key {story.old_key.key_id} is dead ")
    found = ended.report["incident"]
    assert (found["key_id"], found["dead"], found["found_dead"]) == (story.old_key.key_id, True, False)
    assert list(found["seconds"]) == ["issue", "put", "revoke", "prove"]
    assert list(found["seconds"].values()) == sorted(found["seconds"].values())
    assert found["died_at"]
    assert ended.report["control"] == "alive"
    assert ended.report["previous_value"] == "dead"


@pytest.mark.parametrize("scope", MINTED)
def test_revoking_first_kills_it_before_there_is_a_new_one(scope: str, world: World, runner: Runner) -> None:
    story = STORIES[scope](world)
    ended = expose(runner, story.environment(), revoke_when="immediately")
    tells(ended, "rotated", 0)
    changes = [line for line in world.ledger.transcript() if line.startswith("neon") and " GET " not in line]
    assert [line.split()[1] for line in changes] == ["DELETE", "POST"]
    at_rest(world, story)


def test_a_key_that_must_issue_its_own_successor_is_not_revoked_first(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    ended = expose(runner, story.environment(), revoke_when="immediately")
    tells(ended, "refused", 3)
    assert ended.reasons == ["immediately-needs-minter"]
    assert world.neon.is_live(story.old_key.value)
    assert world.github.variables(story.repository) == {}, "the lock was given back"


def test_use_since_the_exposure_and_runs_that_hold_it_are_told(world: World, runner: Runner) -> None:
    story = STORIES["organization"](world)
    environment = story.environment()
    other = world.github.add_run(story.repository)
    since = datetime.now(UTC) - timedelta(days=1)
    ended = expose(runner, environment, exposed_at=since.isoformat())
    found = ended.report["incident"]
    assert found["used_since_exposure"] is True
    assert found["last_used_from"]
    assert [url.rpartition("/")[2] for url in found["runs_holding_it"]] == [str(other.run_id)]
    assert "AFTER the exposure" in ended.summary
    assert "Re-run these workflow runs" in ended.summary


def test_what_an_overlap_left_dies_with_it(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    tells(runner.run(story.environment(), overlap="24h"), "rotated", 0)
    current = next(key for key in lineage_keys(world, story) if key.value == held(world, story))
    ended = expose(runner, story.environment_now(), overlap="24h")
    tells(ended, "rotated", 0)
    assert ended.report["incident"]["key_id"] == current.key_id
    assert ended.report["incident"]["also_revoked"] == [story.old_key.key_id]
    at_rest(world, story)


def test_an_older_exposed_key_dies_alone(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    tells(runner.run(story.environment(), overlap="24h"), "rotated", 0)
    issued = len(world.neon.issued())
    ended = expose(runner, story.environment_now(), exposed_key_id=str(story.old_key.key_id), overlap="24h")
    tells(ended, "rotated", 0)
    assert len(world.neon.issued()) == issued, "the key in use is not the exposed one"
    at_rest(world, story)


@pytest.mark.parametrize("scope", MINTED)
def test_a_key_found_dead_is_replaced_where_a_minter_is_at_hand(scope: str, world: World, runner: Runner) -> None:
    story = STORIES[scope](world)
    environment = story.environment()
    world.neon.revoke(story.old_key.key_id)
    ended = expose(runner, environment)
    tells(ended, "rotated", 0)
    assert ended.report["incident"]["found_dead"] is True
    at_rest(world, story)


def test_a_key_found_dead_that_is_all_there_is_leads_to_three_clicks(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    environment = story.environment()
    world.neon.revoke(story.old_key.key_id)
    ended = expose(runner, environment)
    tells(ended, "refused", 3)
    assert ended.reasons[0] == "exposed-value-refused"
    assert "Create new API key" in ended.stdout
    assert f"The exposed key {story.old_key.key_id} may be alive: nothing shows it dead." in ended.summary


def test_a_revoke_that_fails_makes_the_run_fail_and_says_the_click(world: World, runner: Runner) -> None:
    story = STORIES["organization"](world)
    world.faults.add(Fault("status", method="DELETE", path="*/api_keys/*", code=500, times=99))
    ended = expose(runner, story.environment())
    tells(ended, "failed", 1)
    assert ended.reasons[0] == "exposed-key-alive"
    assert ended.summary.startswith(f"## ❌ The exposed key {story.old_key.key_id} is still alive. ")
    assert f"Revoke key {story.old_key.key_id} now" in ended.stdout


def test_a_put_that_fails_leaves_the_exposed_key_and_says_so(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    world.faults.add(Fault("status", method="PUT", path="*/secrets/*", code=403, times=99))
    ended = expose(runner, story.environment())
    tells(ended, "failed", 1)
    assert ended.reasons[0] == "exposed-key-alive"
    assert lineage_keys(world, story) == [story.old_key], "never a lock-out: the secret still works"


def test_a_plan_after_an_exposure_takes_no_lock(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    ended = expose(runner, story.environment(), command="plan")
    tells(ended, "planned", 0)
    untouched(world, story)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"exposed": "true"}, "needs a `reason`"),
        ({"exposed": "true", "reason": "x", "command": "sweep"}, "no meaning for `sweep`"),
        ({"exposed_key_id": "12"}, "`exposed` is not true"),
        ({"exposed_at": "yesterday"}, "no time in ISO 8601"),
        ({"exposed": "true", "reason": "x", "exposed_key_id": "first"}, "no number"),
        ({"revoke_when": "soon"}, "none of primary | immediately | all"),
    ],
)
def test_a_wrong_request_is_told_before_anything_is_contacted(
    inputs: dict[str, str], message: str, world: World, runner: Runner
) -> None:
    ended = runner.run(STORIES["personal"](world).environment(), **inputs)
    assert ended.code == 2
    assert message in ended.stdout
    assert not list(world.ledger)
