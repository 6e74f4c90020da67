"""One key in many repositories: few requests, and a run that is cut off amid the writes is finished by the next."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from rotate.protocol.facts.note_texts import read_note
from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, Story, personal
from rotate.sandbox.world import World
from tests.support.runner import Runner
from tests.support.stories import tells

SECRET = "NEON_API_KEY"
NOTE = "NEON_API_KEY_ROTATION"
OTHERS = tuple(f"octo-org/service-{number:02d}" for number in range(39))
# In the first rotation of a key that was made by hand: three more stores, and what the organization shares.
OTHERS_OF_NAME = 4
PUT = "/repos/*/actions/secrets/NEON_API_KEY"


@pytest.fixture
def story(world: World) -> Story:
    """A personal key in forty repositories."""
    told = personal(world)
    for name in OTHERS:
        world.github.add_repository(name)
        world.github.set_secret(name, SECRET, told.old_key.value, updated_days_ago=9)
    token = world.github.add_token(repositories=dict.fromkeys((REPOSITORY, *OTHERS), PERMISSIONS))
    many = {"repository": REPOSITORY, "repositories": ",".join(OTHERS), "github_token": token}
    return Story(world, told.old_key, {**told.inputs, **many})


def held(world: World) -> set[str | None]:
    """Give every value that the forty places hold."""
    return {world.github.secret(name, SECRET) for name in (REPOSITORY, *OTHERS)}


def test_a_place_takes_six_requests_at_first_and_one_that_nothing_is_due_for_takes_none(
    world: World, runner: Runner, story: Story
) -> None:
    tells(runner.run(story.environment()), "rotated", 0)
    (value,) = held(world)
    assert world.neon.is_live(value or "")
    of_places = [world.ledger.find(path=f"/repos/{name}*") for name in OTHERS]
    assert {len(found) for found in of_places} == {6 + OTHERS_OF_NAME}, (
        "public key, write time, owner; environments; the write; write time"
    )
    assert world.ledger.count("PUT", PUT) == 40
    world.ledger.clear()
    tells(runner.run(story.environment_now()), "rotated", 0)
    assert world.ledger.count(path="/repos/octo-org/service-*") == 39 * 5, "their environments were looked at before"
    world.ledger.clear()
    again = runner.run(story.environment_now(), rotate_after="30d")
    tells(again, "unchanged", 0)
    assert world.ledger.count(path="/repos/octo-org/service-*") == 0


def test_a_place_of_an_organization_takes_one_less_and_its_list_one_for_a_hundred(
    world: World, runner: Runner, story: Story
) -> None:
    world.github.add_organization("octo-org")
    tells(runner.run(story.environment()), "rotated", 0)
    assert len(held(world)) == 1
    of_places = [world.ledger.find(path=f"/repos/{name}*") for name in OTHERS]
    assert {len(found) for found in of_places} == {5 + OTHERS_OF_NAME}, (
        "public key, write time; environments; the write; write time"
    )
    assert world.ledger.count("GET", "/orgs/octo-org/repos") == 1
    world.ledger.clear()
    tells(runner.run(story.environment_now(), rotate_after="30d"), "unchanged", 0)
    assert world.ledger.count(path="/orgs/*") == 0, "nothing was due"


def test_an_archived_one_among_many_is_found_in_the_list(world: World, runner: Runner, story: Story) -> None:
    world.github.add_organization("octo-org")
    world.github.repository(OTHERS[7]).archived = True
    ended = runner.run(story.environment())
    tells(ended, "refused", 3)
    assert ended.reasons == ["repository-not-writable"]
    assert len(world.neon.live_keys()) == 2, "none was issued"


def test_a_run_that_is_killed_amid_the_writes_is_finished_by_the_next_with_the_same_key(
    world: World, tmp_path: Path, story: Story
) -> None:
    world.faults.add(Fault("death_after", method="PUT", path=PUT, nth=20))
    first = Runner(tmp_path / "first")
    process = first.start(story.environment())
    world.victim = process.pid
    assert first.collect(process).code == -signal.SIGKILL
    world.faults.reset()
    assert world.neon.is_live(story.old_key.value), "whoever was not reached goes on with it"
    assert len(held(world)) == 2, "some hold the new key and some do not yet"
    world.ledger.clear()
    second = Runner(tmp_path / "second").run(story.environment_now())
    tells(second, "rotated", 0)
    (value,) = held(world)
    lineage = [key.value for key in world.neon.live_keys() if key.name.startswith(story.lineage)]
    assert lineage == [value], "no key is left behind"
    assert not world.neon.is_live(story.old_key.value)
    assert world.ledger.count("POST", server="neon") == 0, "it finishes with the key at hand"
    assert world.ledger.count("PUT", PUT) == 40
    assert world.ledger.count(path="/repos/octo-org/service-*") == 39 * 6
    note = read_note(world.github.variable(REPOSITORY, NOTE) or "", NOTE)
    assert (len(note.destinations), note.pending) == (40, None)


def test_what_would_outlast_the_job_is_not_begun(world: World, runner: Runner, story: Story) -> None:
    places = [{"type": "github_secret", "repository": name} for name in (REPOSITORY, *OTHERS)]
    credential = {"old_key_id": story.old_key.key_id, "destinations": places}
    file = {"version": 1, "pace": "advised", "time_limit": "30s", "credentials": [credential]}
    path = runner.workspace / ".github" / "neon-rotate.yml"
    path.parent.mkdir()
    path.write_text(json.dumps(file))
    apart = dict.fromkeys(("repository", "repositories", "old_key_id"))
    for changes in ({}, {"dry_run": "true"}):
        world.ledger.clear()
        ended = runner.run(story.environment(), **apart, **changes)
        tells(ended, "refused", 3)
        assert ended.reasons == ["longer-than-time-limit"]
        assert (world.ledger.count("PUT"), world.ledger.count("POST")) == (0, 0)
        assert world.ledger.count(path="/repos/octo-org/service-*") == 0
    file["time_limit"] = "2m"
    path.write_text(json.dumps(file))
    planned = runner.run(story.environment(), **apart, dry_run="true")
    tells(planned, "planned", 0)
    assert "all of it takes 1 minute at least: the services that hold the key limit requests" in planned.report["plan"]
    assert world.ledger.count(path="/repos/octo-org/service-*") == 39 * (4 + OTHERS_OF_NAME), "a plan looks everywhere"


def test_without_a_notebook_every_place_is_looked_at_before_the_key_is_issued(
    world: World, runner: Runner, story: Story
) -> None:
    token = world.github.add_token(repositories={name: {"secrets": "write"} for name in (REPOSITORY, *OTHERS[:-1])})
    ended = runner.run(story.environment(), github_token=token)
    tells(ended, "refused", 3)
    assert ended.reasons == ["github-repository-not-found"]
    assert world.ledger.count("POST", server="neon") == 0
