"""Whose keys a run is about: no other repository's, whatever they are named, and the same on a laptop and in a job."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from rotate.frontends import cli
from rotate.sandbox.faults import Fault
from rotate.sandbox.neon.records import StoredKey
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, Story, personal
from rotate.sandbox.world import World
from tests.frontends.test_cli import environment, flags
from tests.scenarios.test_places import several_places
from tests.support.resealing import resealed
from tests.support.runner import Runner
from tests.support.stories import at_rest, tells, untouched

NOTE = "NEON_API_KEY_ROTATION"
# Their homes had the same four digits in the earlier form of the marker.
TWINS = ("acme/service-229", "acme/service-484")
FORMER = "acme-neon_babe.17000000001.1.abcd1"


def of_twin(world: World, number: int) -> tuple[dict[str, str], StoredKey]:
    """Give the first run of one of the two, and its key."""
    repository = TWINS[number]
    world.github.add_repository(repository)
    user = next((key.user for key in world.neon.issued()), None) or world.neon.add_user("ada")
    old = world.neon.add_key(user, name=f"by hand {number}", created_days_ago=200)
    world.github.set_secret(repository, "NEON_API_KEY", old.value, updated_days_ago=200)
    run = world.github.add_run(repository)
    return {
        "INPUT_API_KEY": old.value,
        "INPUT_OLD_KEY_ID": str(old.key_id),
        "INPUT_KEY_NAME": "acme-neon",
        "INPUT_API_HOST": world.neon.url,
        "INPUT_GITHUB_TOKEN": world.github.add_token(repositories={repository: PERMISSIONS}),
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": world.github.url,
        "GITHUB_REPOSITORY": repository,
        "GITHUB_REPOSITORY_ID": str(world.github.repository(repository).repository_id),
        "GITHUB_EVENT_NAME": "schedule",
        "GITHUB_RUN_ID": str(run.run_id),
        "GITHUB_RUN_ATTEMPT": "1",
    }, old


def holds(world: World, repository: str) -> str:
    return world.github.secret(repository, "NEON_API_KEY") or ""


def test_two_repositories_whose_homes_had_the_same_digits_never_touch_each_others_keys(
    world: World, runner: Runner
) -> None:
    runs = [of_twin(world, 0), of_twin(world, 1)]
    for _ in "123":
        for number, (inputs, old) in enumerate(runs):
            value = holds(world, TWINS[number])
            first = {"INPUT_OLD_KEY_ID": ""} if value != old.value else {}
            tells(runner.run({**inputs, "INPUT_API_KEY": value, **first}), "rotated", 0)
            assert [world.neon.is_live(holds(world, name)) for name in TWINS] == [True, True]
            assert old.key_id not in [key.key_id for key in world.neon.live_keys()]
    assert len(world.neon.live_keys()) == len(TWINS)


def test_a_key_of_the_earlier_form_is_ours_only_where_the_note_names_it(world: World, runner: Runner) -> None:
    inputs, old = of_twin(world, 0)
    tells(runner.run(inputs), "rotated", 0)
    theirs = world.neon.add_key(old.user, name=FORMER, created_days_ago=3)
    # What an earlier version left: the confirmed key has a name of that form too.
    mine = world.neon.add_key(old.user, name=FORMER.replace("abcd", "mine"), created_days_ago=2)
    note = json.loads(world.github.variable(TWINS[0], NOTE) or "")
    note["previous"] = [
        {
            "key_id": mine.key_id,
            "fingerprint": None,
            "superseded_at": "2026-01-01T00:00:00+00:00",
            "revoke_after": "2026-01-01T00:00:00+00:00",
            "drain": False,
        }
    ]
    world.github.set_variable(TWINS[0], NOTE, resealed(json.dumps(note), holds(world, TWINS[0])))
    tells(runner.run({**inputs, "INPUT_API_KEY": holds(world, TWINS[0]), "INPUT_OLD_KEY_ID": ""}), "rotated", 0)
    alive = [key.value for key in world.neon.live_keys()]
    assert (theirs.value in alive, mine.value in alive, old.value in alive) == (True, False, False)


def test_old_key_id_may_not_name_a_key_that_another_repositorys_rotation_keeps(world: World, runner: Runner) -> None:
    (first, _), (second, old) = of_twin(world, 0), of_twin(world, 1)
    tells(runner.run(first), "rotated", 0)
    theirs = next(key for key in world.neon.live_keys() if key.value == holds(world, TWINS[0]))
    ended = runner.run({**second, "INPUT_OLD_KEY_ID": str(theirs.key_id)})
    tells(ended, "refused", 3)
    assert ended.reasons == ["key-of-another-lineage"]
    (problem,) = ended.report["problems"]
    assert f"key {theirs.key_id} ({theirs.name})" in problem["message"]
    assert f"exposed_key_id: {theirs.key_id}" in problem["remedy"]
    assert (holds(world, TWINS[1]), world.neon.is_live(theirs.value)) == (old.value, True)


@pytest.mark.parametrize("home", ["ffff", "0123456789abc"])
def test_nor_one_whose_marker_has_another_home_in_either_form(home: str, world: World, runner: Runner) -> None:
    story = personal(world)
    named = world.neon.add_key(story.old_key.user, name=f"octo-org-payments_{home}.17000000001.1.abcd1")
    tells(runner.run(story.environment(), old_key_id=str(named.key_id)), "refused", 3)
    untouched(world, story)


def test_a_key_of_the_earlier_form_that_may_be_ours_is_taken_at_a_persons_word(world: World, runner: Runner) -> None:
    inputs, old = of_twin(world, 0)
    mine = world.neon.add_key(old.user, name=FORMER, created_days_ago=200)
    world.github.set_secret(TWINS[0], "NEON_API_KEY", mine.value)
    tells(runner.run({**inputs, "INPUT_API_KEY": mine.value, "INPUT_OLD_KEY_ID": str(mine.key_id)}), "rotated", 0)
    assert not world.neon.is_live(mine.value)


def test_an_exposed_key_dies_whosever_marker_it_bears(world: World, runner: Runner) -> None:
    (first, _), (second, _) = of_twin(world, 0), of_twin(world, 1)
    tells(runner.run(first), "rotated", 0)
    theirs = next(key for key in world.neon.live_keys() if key.value == holds(world, TWINS[0]))
    world.github.set_secret(TWINS[1], "NEON_API_KEY", theirs.value)
    leaked = {
        "INPUT_API_KEY": theirs.value,
        "INPUT_EXPOSED": "true",
        "INPUT_EXPOSED_KEY_ID": str(theirs.key_id),
        "INPUT_OLD_KEY_ID": "",
    }
    tells(runner.run({**second, **leaked, "INPUT_REASON": "seen in a log"}), "rotated", 0)
    assert not world.neon.is_live(theirs.value)


def test_a_laptop_and_a_job_mean_the_same_lineage_after_a_rename_too(world: World, runner: Runner) -> None:
    story = personal(world)
    token = world.github.add_token(repositories=dict.fromkeys((REPOSITORY, "octo-org/billing"), PERMISSIONS))
    laptop = {**environment(story.environment()), "GH_TOKEN": token}
    tells(runner.run(story.environment()), "rotated", 0)
    first = at_rest(world, story)
    world.github.rename_repository(REPOSITORY, "octo-org/billing")
    lost = world.neon.add_key(story.old_key.user, name=first.name[:-5] + "lost1")
    given = ["--api-host", world.neon.url, "--repository", "octo-org/billing"]
    assert cli.main(["rotate", *given], {**laptop, "NEON_API_KEY": first.value}) == 0
    assert [world.neon.is_live(key.value) for key in (first, lost)] == [False, False]
    assert world.neon.is_live(world.github.secret("octo-org/billing", "NEON_API_KEY") or "")


def test_without_a_name_of_ones_own_the_notes_lineage_counts_whatever_the_destinations_are(
    world: World, runner: Runner
) -> None:
    story, token = several_places(world)
    given = {"github_token": token, "stores": "actions", "ignore_holders": "*"}
    tells(runner.run(story.environment(), organization="octo-org", **given), "rotated", 0)
    lineage = json.loads(world.github.variable(REPOSITORY, NOTE) or "")["lineage"]
    value = world.github.secret("octo-org", "NEON_API_KEY") or ""
    world.github.set_secret(REPOSITORY, "NEON_API_KEY", value)
    changed = {"repositories": REPOSITORY, "give_up": "github://orgs/octo-org*", "old_key_id": None, "api_key": value}
    refused = runner.run(story.environment(), key_name="another", **changed, **given)
    tells(refused, "refused", 3)
    assert refused.reasons == ["note-of-another-lineage"]
    ended = runner.run(story.environment(), **changed, **given)
    tells(ended, "rotated", 0)
    assert (lineage, lineage) == (ended.report["lineage"], ended.outputs["key_name"].partition("_")[0])


def test_a_repository_whose_number_cannot_be_had_is_not_rotated_for_on_a_laptop(world: World) -> None:
    story = personal(world)
    given = flags(world, "--old-key-id", str(story.old_key.key_id))
    token = world.github.add_token(repositories={"octo-org/other": PERMISSIONS})
    assert cli.main(["rotate", *given], {**environment(story.environment()), "GH_TOKEN": token}) == 3
    untouched(world, story)


Given = Callable[[dict[str, str]], dict[str, str]]


@pytest.mark.parametrize(
    ("given", "code", "told"),
    [
        (lambda job: job, 0, "is alive and 0 minutes old"),
        (lambda job: {**job, "GITHUB_REPOSITORY_ID": ""}, 3, "nothing tells how old this key is"),
    ],
    ids=["in a job", "where nothing tells the repository's number"],
)
def test_a_check_without_a_token_takes_no_key_for_ours_that_may_be_anothers(
    given: Given, code: int, told: str, world: World, runner: Runner
) -> None:
    story = personal(world)
    tells(runner.run(story.environment()), "rotated", 0)
    job = {name: text for name, text in given(story.environment_now()).items() if name != "INPUT_GITHUB_TOKEN"}
    policy = runner.workspace / "policy.yml"
    policy.write_text(
        "version: 1\ncredentials:\n  - authenticate_with: ${INPUT_API_KEY}\n    max_age: 30d\n    destinations:\n"
        "      - type: github_secret\n        secret: NEON_API_KEY\n"
    )
    ended = runner.run(job, command="check", old_key_id=None, policy="policy.yml")
    assert ended.code == code, ended.stdout
    assert told in ended.stdout


@pytest.mark.parametrize(
    ("fault", "warned"),
    [
        (lambda story: {"kind": "hook", "call": lambda *_: story.world.neon.revoke(story.old_key.key_id)}, True),
        (lambda _: {"kind": "lost_reply"}, False),
    ],
    ids=["revoked by somebody else", "the reply was lost"],
)
def test_a_key_that_is_gone_when_it_is_to_be_revoked_is_told_as_gone_once_the_list_shows_it(
    fault: Callable[[Story], dict[str, Any]], warned: bool, world: World, runner: Runner
) -> None:
    story = personal(world)
    world.faults.add(Fault(**fault(story), server="neon", method="DELETE"))
    ended = runner.run(story.environment())
    tells(ended, "rotated", 0)
    old = story.old_key.key_id
    said = f"key {old} is gone, though Neon did not say that this run revoked it: its value answers 401 (200 before), "
    assert said + "absent from the list" in ended.stdout
    assert ("revoke-found-no-key" in [one["reason"] for one in ended.report["warnings"]]) == warned
    at_rest(world, story)
