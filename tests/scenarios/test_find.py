"""`find`: every place in reach that has the secret, and every line that mentions it. Nothing is changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import jsonschema
import pytest
import yaml

from rotate.frontends import cli
from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import REPOSITORY, personal
from rotate.sandbox.world import World
from rotate.systems.github.settings.model import Place, at_github
from tests.support.openapi import check
from tests.support.policies import asked
from tests.support.runner import ROOT, Ended, Runner
from tests.support.stories import tells

SECRET = "NEON_API_KEY"
SCHEMA = json.loads((ROOT / "docs/report.schema.json").read_text())
READ = {
    "secrets": "read",
    "dependabot_secrets": "read",
    "codespaces_secrets": "read",
    "agent_secrets": "read",
    "environments": "read",
    "actions": "read",
    "contents": "read",
}
WORKFLOW = """\
on: push
jobs:
  test:
    env:
      KEY: ${{ secrets.NEON_API_KEY }}
      OTHER: ${{ secrets.NEON_API_KEY_OLD }}
      SAME: ${{ secrets['neon_api_key'] }}
"""


def spread(world: World, may: Mapping[str, str] = READ) -> dict[str, str]:
    """Spread a key over an organization; give the environment of a step that has a token, and no key."""
    github, story = world.github, personal(world)
    github.add_organization("octo-org")
    for name in ("octo-org/web", "octo-org/old", "ada/notes"):
        github.add_repository(name)
        github.set_secret(name, SECRET, "other", updated_days_ago=3)
    github.set_secret("octo-org/web", SECRET, "other", store="dependabot")
    github.set_secret("octo-org", SECRET, "other", visibility="all", updated_days_ago=40)
    github.add_environment(REPOSITORY, "it's eu/west")
    github.set_secret(REPOSITORY, SECRET, "other", environment="it's eu/west")
    github.repository("octo-org/old").archived = True
    github.repository(REPOSITORY).files = {
        ".github/workflows/test.yml": WORKFLOW,
        ".github/workflows/README.md": "NEON_API_KEY",
        "README.md": "NEON_API_KEY",
    }
    github.repository("octo-org/web").files = {".github/workflows/none.yaml": "on: push\n"}
    organization = {f"organization_{name}": level for name, level in may.items()}
    seen = dict.fromkeys((REPOSITORY, "octo-org/web", "octo-org/old", "ada/notes"), may)
    token = github.add_token(repositories=seen, organizations={"octo-org": organization})
    environment = {name: text for name, text in story.environment().items() if name != "INPUT_API_KEY"}
    world.ledger.clear()
    return {**environment, "INPUT_GITHUB_TOKEN": token, "INPUT_COMMAND": "find"}


def labels(ended: Ended) -> dict[str, bool]:
    """Give each place that was found, and whether it is a destination."""
    return {
        f"{one['owner']} {one['environment'] or one['store']}": one["configured"]
        for one in ended.report["found"]["secrets"]
    }


def test_every_place_and_every_mention_in_reach_is_found(world: World, runner: Runner) -> None:
    ended = runner.run(spread(world))
    tells(ended, "unchanged", 0)
    assert labels(ended) == {
        "octo-org actions": False,
        "octo-org/payments actions": True,
        "octo-org/payments it's eu/west": False,
        "octo-org/web actions": False,
        "octo-org/web dependabot": False,
        "octo-org/old actions": False,
        "ada/notes actions": False,
    }
    found = ended.report["found"]
    assert [(one["path"], one["line"]) for one in found["mentions"]] == [
        (".github/workflows/test.yml", 5),
        (".github/workflows/test.yml", 7),
    ]
    assert found["repositories"] == 4
    shadowed = {one["owner"]: len(one["shadowed_by"]) for one in found["secrets"] if one["shadowed_by"]}
    assert shadowed == {"octo-org": 4, "octo-org/payments": 1}
    assert ended.report["state"] == "Nothing was changed: this command only reads."
    assert {entry.method for entry in world.ledger} == {"GET"}
    assert {entry.server for entry in world.ledger} == {"github"}
    check(world.ledger)


def test_the_log_and_the_summary_have_it_as_tables_and_as_a_policy(world: World, runner: Runner) -> None:
    ended = runner.run(spread(world))
    why = "7 secrets named NEON_API_KEY in reach, 6 of them no destination; 2 lines of workflow files mention it"
    assert ended.summary.startswith(f"## ✅ Found: {why}, in 4 repositories")
    assert "### Where the secret is" in ended.summary
    assert "| github://octo-org/old#NEON\\_API\\_KEY |" in ended.summary
    assert "| not a destination, archived |" in ended.summary
    assert "| octo-org/payments/.github/workflows/test.yml:5 | NEON\\_API\\_KEY |" in ended.summary
    assert ended.report["found"]["policy"] in ended.summary
    assert ended.report["found"]["policy"] in ended.stdout
    assert "  github://octo-org/web?store=dependabot#NEON_API_KEY  " in ended.stdout
    assert "a destination, hidden by 1 narrower" in ended.stdout


def test_a_destination_where_it_was_not_seen_is_told(world: World, runner: Runner) -> None:
    given = spread(world)
    world.github.add_repository("octo-org/empty")
    ended = runner.run(given, repositories=f"{REPOSITORY}, octo-org/empty")
    assert ended.report["found"]["missing"] == ["github://octo-org/empty#NEON_API_KEY"]
    assert "6 of them no destination, not seen in 1 destination;" in ended.summary.splitlines()[0]
    assert "github://octo-org/empty#NEON_API_KEY  not seen  a destination" in ended.stdout
    assert not list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(ended.report))


def test_a_destination_that_was_renamed_is_one_still(world: World, runner: Runner) -> None:
    given = spread(world)
    world.github.add_repository("octo-org/gone")
    world.github.rename_repository("octo-org/web", "octo-org/site")
    seen = dict.fromkeys((REPOSITORY, "octo-org/web", "octo-org/site"), READ)
    token = world.github.add_token(repositories=seen)
    ended = runner.run(given, repositories="octo-org/web, octo-org/gone", github_token=token)
    assert labels(ended)["octo-org/site actions"] is True
    assert ended.report["found"]["missing"] == ["github://octo-org/gone#NEON_API_KEY"]


def test_the_policy_means_every_place_that_can_be_written(world: World, runner: Runner) -> None:
    text = runner.run(spread(world)).report["found"]["policy"]
    (credential,) = asked(text).credentials
    assert sorted(map(spot, at_github(credential).places)) == [
        "ada/notes actions",
        "octo-org actions",
        "octo-org/payments actions",
        "octo-org/payments it's eu/west",
        "octo-org/web actions",
        "octo-org/web dependabot",
    ]
    (first, *_) = yaml.safe_load(text)["credentials"][0]["destinations"]
    assert first == {"type": "github_secret", "repositories": ["ada/notes", REPOSITORY], "stores": ["actions"]}


def spot(place: Place) -> str:
    return f"{place.owner} {place.environment or place.store}"


@pytest.mark.parametrize(
    ("missing", "kinds"),
    [
        ("contents", ["the workflow files of 4 "]),
        ("actions", ["the environments of 4 "]),
        ("environments", ["the environment secrets of 1 "]),
        ("dependabot_secrets", ["the dependabot secrets of an organization of 1 ", "the dependabot secrets of 4 "]),
    ],
)
def test_what_may_not_be_read_is_said_once_for_each_kind(
    missing: str, kinds: list[str], world: World, runner: Runner
) -> None:
    ended = runner.run(spread(world, {name: level for name, level in READ.items() if name != missing}))
    tells(ended, "unchanged", 0)
    told = [(one["reason"], one["message"].partition("(")[0]) for one in ended.report["warnings"]]
    assert told == [("find-incomplete", f"Not looked at: {kind}") for kind in kinds]


def test_many_that_may_not_be_read_are_named_in_part(world: World, runner: Runner) -> None:
    given = spread(world, {"secrets": "read"})
    seen = {f"octo-org/service-{number}": {"secrets": "read"} for number in range(12)}
    for name in seen:
        world.github.add_repository(name)
    token = world.github.add_token(repositories=seen)
    warnings = runner.run(given, github_token=token).report["warnings"]
    assert "Not looked at: the environments of 12 (octo-org/service-0, " in warnings[0]["message"]
    assert ", …)" in warnings[0]["message"]


def test_a_lost_file_is_said_and_the_rest_is_told(world: World, runner: Runner) -> None:
    given = spread(world)
    world.faults.add(Fault("lost_reply", method="GET", path="*/contents/.github/workflows/test.yml", times=None))
    world.faults.add(Fault("status", method="GET", path="*/web/contents/*", code=200, body="text", times=None))
    ended = runner.run(given)
    tells(ended, "unchanged", 0)
    (warning,) = ended.report["warnings"]
    assert "the workflow files of 2 (octo-org/web, octo-org/payments/.github/workflows/test.yml)" in warning["message"]
    assert len(labels(ended)) == 7


def test_a_token_that_is_none_is_refused(world: World, runner: Runner) -> None:
    given = spread(world)
    ended = runner.run(given, github_token="unknown")
    tells(ended, "refused", 3)
    assert ended.reasons == ["github-token-invalid"]
    missing = runner.run(given, github_token=None)
    assert missing.reasons == ["input-missing"]


def test_nothing_found_gives_no_policy(world: World, runner: Runner) -> None:
    ended = runner.run(spread(world), secret_name="NOWHERE")
    tells(ended, "unchanged", 0)
    assert ended.report["found"]["secrets"] == ended.report["found"]["mentions"] == []
    assert "policy file" not in ended.summary + ended.stdout


def test_a_policy_file_says_what_is_a_destination_and_needs_no_key(world: World, runner: Runner) -> None:
    given = spread(world)
    path = runner.workspace / ".github/neon-rotate.yml"
    path.parent.mkdir()
    path.write_text(
        "version: 1\ncredentials:\n  - current_key: ${NEON_API_KEY}\n    authenticate_with: ${NEON_MINTER_KEY}\n"
        "    destinations:\n      - type: github_secret\n        secret: NEON_API_KEY\n"
        "        repositories: ['octo-org/w*']\n        stores: [actions, dependabot]\n"
    )
    ended = runner.run(given, old_key_id=None)
    tells(ended, "unchanged", 0)
    assert {label for label, known in labels(ended).items() if known} == {
        "octo-org/web actions",
        "octo-org/web dependabot",
    }
    assert ended.report["steps"][0]["name"] == "resolve"


def test_a_laptop_needs_nothing_but_a_token(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    given = spread(world)
    laptop = {"GH_TOKEN": given["INPUT_GITHUB_TOKEN"], "GITHUB_API_URL": world.github.url}
    assert cli.main(["find"], laptop) == 0
    told = capsys.readouterr().out
    assert "✅ Found: 7 secrets named NEON_API_KEY in reach, 7 of them no destination" in told
    assert cli.main(["find", "--repository", "octo-org/web", "--stores", "actions,dependabot"], laptop) == 0
    assert "in reach, 5 of them no destination" in capsys.readouterr().out
