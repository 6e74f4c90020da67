"""One key in several places of GitHub: all of them hold the new one, and each stays what it was."""

from __future__ import annotations

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, Story, personal
from rotate.sandbox.world import World
from tests.support.openapi import check
from tests.support.runner import Runner
from tests.support.stories import tells

EVERYWHERE = {**PERMISSIONS, "dependabot_secrets": "write", "environments": "write"}
ORGANIZATION = {"organization_secrets": "write", "organization_dependabot_secrets": "write"}
SECRET = "NEON_API_KEY"


def several_places(world: World) -> tuple[Story, str]:
    """A key in two stores of a repository and of its organization; the token may write them all."""
    story = personal(world)
    selected = world.github.add_repository("octo-org/service").repository_id
    world.github.add_organization("octo-org")
    for store in ("actions", "dependabot"):
        world.github.set_secret(REPOSITORY, SECRET, story.old_key.value, updated_days_ago=9, store=store)
        world.github.set_secret(
            "octo-org",
            SECRET,
            story.old_key.value,
            updated_days_ago=9,
            store=store,
            visibility="selected",
            selected=(selected,),
        )
    token = world.github.add_token(
        repositories={REPOSITORY: EVERYWHERE, "octo-org/service": EVERYWHERE}, organizations={"octo-org": ORGANIZATION}
    )
    return story, token


def held(world: World) -> set[str | None]:
    """Give every value that the four places hold."""
    return {world.github.secret(o, SECRET, s) for o in (REPOSITORY, "octo-org") for s in ("actions", "dependabot")}


def test_one_key_is_written_to_every_store_of_a_repository_and_an_organization(world: World, runner: Runner) -> None:
    story, token = several_places(world)
    ended = runner.run(
        story.environment(),
        github_token=token,
        repository=REPOSITORY,
        organization="octo-org",
        stores="actions,dependabot",
    )
    tells(ended, "rotated", 0)
    (value,) = held(world)
    assert world.neon.is_live(value or "")
    assert not world.neon.is_live(story.old_key.value)
    kept = world.github.vault("octo-org", "dependabot").secrets[SECRET]
    assert (kept.visibility, len(kept.selected)) == ("selected", 1)
    assert len(ended.report["destinations"]) == 4
    check(world.ledger)


def test_one_place_that_fails_keeps_the_old_key_alive_and_the_next_run_finishes(world: World, runner: Runner) -> None:
    story, token = several_places(world)
    inputs = {"github_token": token, "organization": "octo-org", "stores": "actions,dependabot"}
    fault = Fault("status", method="PUT", path="/orgs/octo-org/dependabot/*", code=403, times=None)
    world.faults.add(fault)
    first = runner.run(story.environment(), repository=REPOSITORY, **inputs)
    tells(first, "incomplete", 4)
    assert world.neon.is_live(story.old_key.value)
    world.faults.reset()
    again = runner.run(story.environment_now(), repository=REPOSITORY, **inputs)
    tells(again, "rotated", 0)
    (value,) = held(world)
    assert world.neon.is_live(value or "")
    assert not world.neon.is_live(story.old_key.value)


def test_an_environment_secret_is_written_and_the_repositorys_own_is_not(world: World, runner: Runner) -> None:
    story, token = several_places(world)
    world.github.add_environment(REPOSITORY, "production/eu")
    world.github.set_secret(REPOSITORY, SECRET, story.old_key.value, updated_days_ago=9, environment="production/eu")
    others = f"{REPOSITORY}, dependabot"
    ended = runner.run(story.environment(), github_token=token, environments="production/eu", ignore_holders=others)
    tells(ended, "rotated", 0)
    assert world.neon.is_live(world.github.secret(REPOSITORY, SECRET, environment="production/eu") or "")
    assert world.github.secret(REPOSITORY, SECRET) == story.old_key.value
    check(world.ledger)


def test_runs_of_every_repository_that_reads_an_organization_secret_hold_the_key(world: World, runner: Runner) -> None:
    story, token = several_places(world)
    busy = world.github.add_run("octo-org/service", started_days_ago=1, created_days_ago=1)
    inputs = {"github_token": token, "organization": "octo-org", "overlap": "1s", "wait": "3s"}
    inputs["ignore_holders"] = "octo-org/dependabot"
    ended = runner.run(story.environment(), **inputs)
    tells(ended, "rotated", 0)
    assert world.neon.is_live(story.old_key.value)
    assert f"runs/{busy.run_id} may hold it" in ended.outputs["pending_revocation"]
    world.github.add_run("octo-org/service", run_id=busy.run_id, status="completed")
    world.clock.advance(60)
    assert runner.run(story.environment_now(), api_key=world.github.secret("octo-org", SECRET), **inputs).code == 0
    assert not world.neon.is_live(story.old_key.value)


def test_a_selection_that_is_shown_in_part_takes_the_secret_from_nobody(world: World, runner: Runner) -> None:
    story, token = several_places(world)
    kept = world.github.vault("octo-org").secrets[SECRET]
    kept.selected = tuple(world.github.add_repository(f"octo-org/r{number}").repository_id for number in range(6))
    part = {"total_count": 6, "repositories": [{"id": number} for number in kept.selected[:2]]}
    world.faults.add(Fault("status", path="*/repositories", code=200, body=part, times=None))
    ended = runner.run(story.environment(), github_token=token, organization="octo-org", stores="actions,dependabot")
    tells(ended, "refused", 3)
    assert set(ended.reasons) == {"list-not-whole"}
    assert len(kept.selected) == 6
    assert world.neon.is_live(story.old_key.value)
    assert not world.ledger.find("PUT")
