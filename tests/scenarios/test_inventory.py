"""`inventory`: every key in reach, what covers it, what stands out. Nothing is changed, and no value is told."""

from __future__ import annotations

import json

import httpx
import jsonschema
import pytest
import yaml

from rotate.sandbox.stories import ORGANIZATION, PERMISSIONS, REPOSITORY
from rotate.sandbox.world import World
from tests.support.inventories import Holding, found, only_reads, silent, warned
from tests.support.runner import ROOT, Runner
from tests.support.several import several
from tests.support.stories import tells

PROJECT = {"org_id": ORGANIZATION, "project_id": "tiny-lake"}
SCHEMA = json.loads((ROOT / "docs/report.schema.json").read_text())
WITH_POLICY = "tests/support/policy_entrypoint.py"


def test_every_key_in_reach_is_told_with_what_stands_out(world: World, runner: Runner) -> None:
    holding = Holding(world)
    ended = runner.run(holding.environment(), max_age="365d")
    tells(ended, "unchanged", 0)
    only_reads(world.ledger)
    silent(holding, ended)
    jsonschema.validate(ended.report, SCHEMA, format_checker=jsonschema.FormatChecker())
    assert found(ended) == {
        holding.left.key_id: ["creator-left", "too-old", "several"],
        holding.github.key_id: ["personal-in-ci", "auto-minted"],
        holding.minted.key_id: ["never-used", "auto-minted"],
        holding.hostile.key_id: ["unused", "too-old"],
        holding.later.key_id: ["too-old"],
    }
    rows = {row["id"]: row for row in ended.report["inventory"]["keys"]}
    assert set(rows) == {key.key_id for key in world.neon.live_keys()}
    assert next(iter(ended.report["inventory"]["keys"]))["id"] == holding.left.key_id
    assert rows[holding.well.key_id] | {"created_at": "", "last_used_at": ""} == {
        "id": holding.well.key_id,
        "name": "payments",
        "scope": "project",
        "account": ORGANIZATION,
        "project_id": "tiny-lake",
        "created_at": "",
        "age_days": 60,
        "created_by": {"id": holding.bob.account_id, "name": "bob"},
        "last_used_at": "",
        "last_used_from": "192.0.2.10",
        "origin": "by hand",
        "credential": None,
        "findings": [],
    }
    assert [(one["kind"], one["keys"], one["members"]) for one in ended.report["inventory"]["accounts"]] == [
        ("user", 4, None),
        ("organization", 4, 2),
    ]
    assert ended.report["state"] == "Nothing was changed: this command only reads."
    assert "Inventory: 8 keys of 2 accounts; findings: 2 high, 5 medium, 3 low" in ended.stdout
    assert ended.summary.startswith("## ✅ Inventory: 8 keys of 2 accounts")
    assert "### Keys of the account and its organizations" in ended.summary
    assert "<script" not in ended.summary
    assert "\u202e" not in ended.stdout + ended.summary


def test_it_asks_three_times_and_twice_for_each_organization(world: World, runner: Runner) -> None:
    holding = Holding(world)
    world.neon.add_organization("org-other", admins=[holding.ada])
    runner.run(holding.environment())
    assert sorted(world.ledger.transcript("neon")) == sorted(
        [
            "neon GET /auth -> 200",
            "neon GET /users/me/organizations -> 200",
            "neon GET /api_keys -> 200",
            *(
                f"neon GET /organizations/{name}/{what} -> 200"
                for name in (ORGANIZATION, "org-other")
                for what in ("api_keys", "members?limit=500")
            ),
        ]
    )


def test_the_look_for_changes_would_see_one(world: World) -> None:
    """The control: a command that revoked a key would be caught."""
    holding = Holding(world)
    value = holding.story.old_key.value
    httpx.delete(
        f"{world.neon.url}/api_keys/{holding.hostile.key_id}", headers={"Authorization": f"Bearer {value}"}
    ).raise_for_status()
    with pytest.raises(AssertionError):
        only_reads(world.ledger)


@pytest.mark.parametrize(
    ("fail_on", "reasons"),
    [
        ("high", ["creator-left", "personal-in-ci"]),
        ("Medium", ["creator-left", "personal-in-ci", "never-used", "unused"]),
        ("several, unused", ["unused", "several"]),
        ("too-old,near-limit", []),
    ],
)
def test_a_run_fails_on_what_it_was_told_to(fail_on: str, reasons: list[str], world: World, runner: Runner) -> None:
    holding = Holding(world)
    ended = runner.run(holding.environment(), fail_on=fail_on)
    tells(ended, "refused" if reasons else "unchanged", 3 if reasons else 0)
    assert ended.reasons == [f"inventory-{reason}" for reason in reasons]
    assert ended.stdout.count("::error title=inventory-") == len(reasons)
    assert ("Keys need a person: " in ended.stdout) is bool(reasons)
    only_reads(world.ledger)
    silent(holding, ended)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"fail_on": "creator-left, galaxy"}, "fail_on"),
        ({"sarif": "../keys.sarif"}, "sarif"),
        ({"html": "/srv/keys.html"}, "html"),
        ({"html": ".git/hooks/x"}, "html"),
    ],
)
def test_a_wrong_wish_is_told_and_nothing_is_contacted(
    changes: dict[str, str], field: str, world: World, runner: Runner
) -> None:
    ended = runner.run(Holding(world).environment(), **changes)
    assert (ended.code, ended.reasons, len(world.ledger)) == (2, ["input-invalid"], 0)
    assert f"`{field}`" in ended.stdout


def test_the_files_are_written_and_one_that_cannot_be_is_a_warning(world: World, runner: Runner) -> None:
    holding = Holding(world)
    (runner.workspace / "out").symlink_to(runner.workspace.parent)
    ended = runner.run(holding.environment(), html="pages/keys.html", sarif="out/keys.sarif")
    tells(ended, "unchanged", 0)
    assert warned(ended) == ["report-not-written"]
    assert "it leads out of the workspace" in ended.stdout
    assert not (runner.workspace.parent / "keys.sarif").exists()
    assert "<script>alert" not in (runner.workspace / "pages/keys.html").read_text()
    silent(holding, ended)


def test_the_note_and_the_marker_tell_which_keys_a_credential_covers(world: World, runner: Runner) -> None:
    holding = Holding(world)
    assert runner.run(holding.story.environment()).code == 0
    ended = runner.run({**holding.environment(), **holding.story.environment_now(), "INPUT_COMMAND": "inventory"})
    covered = {row["id"]: row for row in ended.report["inventory"]["keys"] if row["credential"]}
    (current,) = covered.values()
    assert (current["credential"], current["origin"]) == ("NEON_API_KEY", "lineage")
    assert current["findings"] == ["personal-in-ci"]
    assert (
        "docs/narrower-key.md"
        in runner.run({**holding.story.environment_now(), "INPUT_COMMAND": "inventory"}, fail_on="high").stdout
    )


def test_a_key_that_a_person_named_is_covered_too(world: World, runner: Runner) -> None:
    holding = Holding(world)
    ended = runner.run({**holding.story.environment(), "INPUT_COMMAND": "inventory"})
    old = next(row for row in ended.report["inventory"]["keys"] if row["id"] == holding.story.old_key.key_id)
    assert (old["credential"], old["origin"], old["findings"]) == ("NEON_API_KEY", "by hand", ["personal-in-ci"])


def test_a_policy_file_is_one_inventory_and_each_key_is_asked_with_once(world: World, runner: Runner) -> None:
    story = several(world)
    ended = story.run(runner, command="inventory")
    tells(ended, "unchanged", 0)
    only_reads(world.ledger)
    asked = world.ledger.transcript("neon")
    assert len(asked) == len(set(asked)) == 5
    covered = {row["credential"]: row for row in ended.report["inventory"]["keys"] if row["credential"]}
    assert set(covered) == {"NEON_MINTER_KEY", "NEON_ORG_KEY", "NEON_PROJECT_KEY"}
    assert covered["NEON_MINTER_KEY"]["findings"] == [], "only a personal key can issue the others"
    assert "of 3)" not in ended.stdout


def test_an_open_issue_is_kept_until_nothing_is_found(world: World, runner: Runner) -> None:
    holding = Holding(world)
    token = world.github.add_token(repositories={REPOSITORY: {**PERMISSIONS, "issues": "write"}})
    asked = {**holding.environment(), "INPUT_GITHUB_TOKEN": token, "INPUT_ALERT_ISSUE": "true"}
    runs = []
    for fail_on in ("high", "high", "near-limit"):
        asked["INPUT_FAIL_ON"] = fail_on
        runs.append(runner.collect(runner.begin(asked, WITH_POLICY)))
    assert [one.report["alert"]["did"] for one in runs] == ["opened", "updated", "closed"]
    (issue,) = world.github.issues(REPOSITORY)
    assert issue.title == "neon-rotate: inventory needs a person"
    assert "<!-- raised by inventory: inventory-creator-left inventory-personal-in-ci -->" in issue.body
    only_reads(world.ledger)
    silent(holding, runs[0])


def write(runner: Runner, *credentials: dict[str, object]) -> None:
    """Write a policy file whose credentials' own values are not given, and whose last place needs a login."""
    places = [{"type": "github_secret", "repository": REPOSITORY}, {"to": "gitlab://group/app#NEON_API_KEY"}]
    usual = {"current_key": "${NEON_API_KEY}", "alert_issue": True}
    every = [{**usual, **one, "destinations": places[number : number + 1]} for number, one in enumerate(credentials)]
    (runner.workspace / ".github").mkdir()
    (runner.workspace / ".github/neon-rotate.yml").write_text(yaml.safe_dump({"version": 1, "credentials": every}))


def test_the_example_fails_where_it_says_and_its_issue_is_opened(world: World, runner: Runner) -> None:
    """The workflow's own step, and the policy file of the examples with an issue."""
    holding = Holding(world)
    (job,) = yaml.safe_load((ROOT / "examples/inventory.yml").read_text())["jobs"].values()
    step = job["steps"][-1]["with"]
    write(runner, {"old_key_id": holding.story.old_key.key_id}, {"name": "B", "scope": "project", **PROJECT})
    token = world.github.add_token(repositories={REPOSITORY: {**PERMISSIONS, "issues": "write"}})
    secrets = {"NEON_MINTER_KEY": holding.story.old_key.value, "ROTATE_GITHUB_TOKEN": token}
    given = {
        name: secrets.get(str(text).strip("${ }").removeprefix("secrets."), str(text)) for name, text in step.items()
    }
    around = {name: text for name, text in holding.environment().items() if not name.startswith("INPUT_")}
    inputs = {f"INPUT_{name.upper()}": text for name, text in given.items()}
    ended = runner.run({**around, **inputs, "INPUT_API_HOST": world.neon.url})
    tells(ended, "refused", 3)
    assert ended.report["alert"]["did"] == "opened"
    only_reads(world.ledger)
    assert found(ended)[holding.story.old_key.key_id] == ["personal-in-ci", "too-old"], "its value was not given"
    assert "inventory-too-old" in ended.reasons
