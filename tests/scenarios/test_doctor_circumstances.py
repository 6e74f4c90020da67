"""`doctor` on what surrounds a destination: what protects its environment, and on which plan its owner is."""

from __future__ import annotations

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import REPOSITORY
from rotate.sandbox.world import World
from tests.support.apps import ELSEWHERE, GRANTED, installed
from tests.support.doctors import CALLS, MAY, WORKFLOW, found, only_reads, prepare, ready, warned
from tests.support.openapi import check
from tests.support.runner import Runner
from tests.support.stories import tells

FILE = ".github/workflows/rotate.yml"
LIST = f"/repos/{REPOSITORY}/environments"
SEES = {**MAY, "environments": "read"}
RENAMED = "octo-org/checkout"
PROTECTED = [
    ({}, ""),
    ({"reviewers": 1, "minutes": 1}, "; a job waits for its reviewer, a job waits 1 minute"),
    ({"reviewers": 2}, "; a job waits for one of 2 reviewers"),
    ({"minutes": 30, "branches": True}, "; a job waits 30 minutes, for chosen branches alone"),
]


@pytest.mark.parametrize(("protection", "said"), PROTECTED)
def test_what_protects_an_environment_is_told(
    protection: dict[str, int], said: str, world: World, runner: Runner
) -> None:
    given = ready(world, SEES)
    for name in ("Production", "staging"):
        world.github.add_environment(REPOSITORY, name, **protection)
    ended = runner.run(given, environments="PRODUCTION,staging", create="true")
    tells(ended, "unchanged", 0)
    for name in ("PRODUCTION", "staging"):
        state, told = found(ended)[f"github://{REPOSITORY}?environment={name}#NEON_API_KEY"]
        assert (state, told) == ("not known", f"may read; write is not shown; nothing is stored yet{said}")
    assert world.ledger.count("GET", LIST) == 1, "once for both"
    only_reads(world)
    check(world.ledger)


def test_that_it_is_not_known_what_protects_it_is_told_and_no_problem(world: World, runner: Runner) -> None:
    given = ready(world, SEES)
    world.github.add_environment(REPOSITORY, "production", reviewers=1)
    world.faults.add(Fault("status", path=LIST, code=403, times=None))
    ended = runner.run(given, environments="production", create="true")
    tells(ended, "unchanged", 0)
    assert found(ended)[f"github://{REPOSITORY}?environment=production#NEON_API_KEY"][1].endswith(
        "; what protects it is not known"
    )


def test_an_environment_that_is_not_there_is_to_be_made(world: World, runner: Runner) -> None:
    given = ready(world, SEES)
    for command in ("doctor", "rotate"):
        ended = runner.run(given, environments="nope", command=command)
        tells(ended, "refused", 3)
        assert ended.reasons == ["environment-missing"]
        assert "GitHub Pro, Team and Enterprise alone" in ended.report["problems"][0]["remedy"]
    world.github.repository(REPOSITORY).private = False
    assert "Enterprise" not in runner.run(given, environments="nope").report["problems"][0]["remedy"]
    only_reads(world)


def test_the_environment_of_a_renamed_repository_is_looked_for_under_its_new_name(world: World, runner: Runner) -> None:
    given = ready(world)
    world.github.add_environment(REPOSITORY, "production", minutes=30)
    world.github.rename_repository(REPOSITORY, RENAMED)
    given["INPUT_GITHUB_TOKEN"] = world.github.add_token(repositories={RENAMED: SEES})
    there = runner.run(given, environments="production", create="true")
    tells(there, "unchanged", 0)
    assert found(there)[f"github://{REPOSITORY}?environment=production#NEON_API_KEY"][1].endswith(
        "; a job waits 30 minutes"
    )
    (problem,) = runner.run(given, environments="nope").report["problems"]
    assert problem["reason"] == "environment-missing"
    assert problem["message"].startswith(f"{RENAMED} has no environment nope")


def test_an_environment_that_may_not_be_seen_is_not_said_to_be_missing(world: World, runner: Runner) -> None:
    given = ready(world, SEES)
    world.faults.add(Fault("status", path=f"/repos/{REPOSITORY}", code=404, times=None))
    ended = runner.run(given, environments="nope")
    assert ended.reasons == ["github-repository-not-found"]
    assert found(ended)[f"github://{REPOSITORY}?environment=nope#NEON_API_KEY"][0] == "to mend"


def test_a_repository_whose_secrets_may_not_be_seen_lacks_no_environment(world: World, runner: Runner) -> None:
    given = ready(world)
    world.faults.add(Fault("status", path=f"/repos/{REPOSITORY}/actions/secrets/public-key", code=404, times=None))
    assert runner.run(given).reasons == ["github-repository-not-found"]


def test_reviewers_of_whom_none_is_told_are_waited_for(world: World, runner: Runner) -> None:
    given = ready(world, SEES)
    world.github.add_environment(REPOSITORY, "production", minutes=5)
    rule = {"id": 1, "node_id": "GA_1", "type": "required_reviewers"}
    rows = [{"name": "production", "protection_rules": [{**rule, "reviewers": []}, rule]}]
    world.faults.add(Fault("status", path=LIST, code=200, body={"total_count": 1, "environments": rows}, times=None))
    told = found(runner.run(given, environments="production"))
    assert told[f"github://{REPOSITORY}?environment=production#NEON_API_KEY"][1].endswith("for one of 2 reviewers")


RUNS_IN = [
    ("runs-on: ubuntu-latest\n    environment: guarded", ["environment-waits"]),
    ("runs-on: ubuntu-latest\n    environment: {name: Guarded, url: x}", ["environment-waits"]),
    ("runs-on: ubuntu-latest\n    environment: timed", ["environment-waits"]),
    ("runs-on: ubuntu-latest\n    environment: branches", []),
    ("runs-on: ubuntu-latest\n    environment: open", []),
    ("runs-on: ubuntu-latest\n    environment: new", []),
    ("runs-on: ubuntu-latest\n    environment: ${{ inputs.where }}", []),
    ("runs-on: ubuntu-latest\n    environment: {url: x}", []),
]


@pytest.mark.parametrize(("lines", "warnings"), RUNS_IN)
def test_a_rotation_that_waits_for_a_person_is_warned_of(
    lines: str, warnings: list[str], world: World, runner: Runner
) -> None:
    given = ready(world, text=WORKFLOW.replace("runs-on: ubuntu-latest", lines))
    guard(world)
    ended = runner.run(given)
    tells(ended, "unchanged", 0)
    assert warned(ended) == warnings
    told = {about.rpartition(" ")[2]: state for about, (state, _) in found(ended).items() if "environment" in about}
    assert told in (
        {},
        {"new": "not known"},
        *({name: "in order"} for name in ("guarded", "Guarded", "timed", "branches", "open")),
    )
    check(world.ledger)


def test_the_environment_that_the_workflow_for_an_organization_is_given_counts(world: World, runner: Runner) -> None:
    given = ready(world, text=f"concurrency: one\n{CALLS}    with: {{environment: guarded}}\n")
    guard(world)
    ended = runner.run(given)
    assert warned(ended) == ["environment-waits"]
    assert "a job waits for its reviewer, a job waits 5 minutes" in ended.report["warnings"][0]["message"]
    assert "up to 30 days" in ended.report["warnings"][0]["message"]
    world.faults.add(Fault("status", path=LIST, code=403, times=None))
    assert warned(runner.run(given)) == ["workflows-not-judged"]


def test_what_a_destination_and_a_workflow_have_in_common_is_asked_for_once(world: World, runner: Runner) -> None:
    text = WORKFLOW.replace("runs-on: ubuntu-latest", "runs-on: ubuntu-latest\n    environment: guarded")
    given = ready(world, SEES, text)
    guard(world)
    ended = runner.run(given, environments="guarded")
    assert warned(ended) == ["environment-waits"]
    assert world.ledger.count("GET", LIST) == 1


def guard(world: World) -> None:
    """Found environments that differ in what protects them."""
    world.github.add_environment(REPOSITORY, "guarded", reviewers=1, minutes=5)
    world.github.add_environment(REPOSITORY, "timed", minutes=1)
    world.github.add_environment(REPOSITORY, "branches", branches=True)
    world.github.add_environment(REPOSITORY, "open")


@pytest.mark.parametrize(
    ("plan", "may", "warnings", "told"),
    [
        ("free", "read", ["organization-plan-free"], "free"),
        ("team", "read", [], "team"),
        ("enterprise", "read", [], "enterprise"),
        ("free", "none", [], None),
    ],
)
def test_an_organization_whose_private_repositories_cannot_read_its_secret_is_warned_of(
    plan: str, may: str, warnings: list[str], told: str | None, world: World, runner: Runner
) -> None:
    given = ready(world)
    world.github.add_organization("octo-org").plan = plan
    world.github.set_secret("octo-org", "NEON_API_KEY", "old", visibility="private")
    organizations = {"octo-org": {"organization_secrets": "write", "organization_plan": may}}
    token = world.github.add_token(repositories={REPOSITORY: MAY}, organizations=organizations)
    ended = runner.run(given, organization="octo-org", github_token=token)
    tells(ended, "unchanged", 0)
    assert warned(ended) == warnings
    assert found(ended).get("Plan of octo-org", (None, None))[1] == told
    check(world.ledger)


@pytest.mark.parametrize(
    "fault", [Fault("reset", path="/orgs/octo-org", times=None), Fault("html", path="/orgs/octo-org")]
)
def test_a_plan_that_is_not_told_is_not_spoken_of(fault: Fault, world: World, runner: Runner) -> None:
    given = ready(world)
    world.github.add_organization("octo-org")
    world.github.set_secret("octo-org", "NEON_API_KEY", "old", visibility="private")
    organizations = {"octo-org": {"organization_secrets": "write", "organization_plan": "read"}}
    token = world.github.add_token(repositories={REPOSITORY: MAY}, organizations=organizations)
    world.faults.add(Fault(fault.kind, path=fault.path, times=None))
    ended = runner.run(given, organization="octo-org", github_token=token)
    tells(ended, "unchanged", 0)
    assert "Plan of octo-org" not in found(ended)


@pytest.mark.parametrize(("granted", "told"), [({"organization_plan": "read"}, "free"), ({}, None)])
def test_an_app_is_told_the_plan_that_it_was_granted_to_see(
    granted: dict[str, str], told: str | None, world: World, runner: Runner
) -> None:
    app = installed(world)
    given = prepare(world, app.story.environment())
    world.github.organization("octo-org").plan = "free"
    world.github.set_secret("octo-org", "NEON_API_KEY", "old", visibility="private")
    app.home.permissions = {**GRANTED, "organization_secrets": "write", **granted}
    ended = runner.run(given, **{**app.inputs, "repositories": None, "organization": "octo-org"})
    tells(ended, "unchanged", 0)
    assert found(ended).get("Plan of octo-org", (None, None))[1] == told


def test_an_app_is_told_what_protects_an_environment_of_a_repository_elsewhere(world: World, runner: Runner) -> None:
    app = installed(world)
    given = prepare(world, app.story.environment())
    world.github.add_environment(ELSEWHERE, "production", minutes=30)
    app.elsewhere.permissions = {**GRANTED, "environments": "write"}
    ended = runner.run(given, **{**app.inputs, "repositories": ELSEWHERE, "environments": "production"})
    told = found(ended)[f"github://{ELSEWHERE}?environment=production#NEON_API_KEY"][1]
    assert told.endswith("; nothing is stored yet; a job waits 30 minutes")


def test_an_app_that_the_organization_has_not_installed_is_told_no_plan_and_all_else_is_looked_at(
    world: World, runner: Runner
) -> None:
    app = installed(world)
    given = prepare(world, app.story.environment())
    world.github.add_organization("octo-third")
    ended = runner.run(given, **{**app.inputs, "repositories": None, "organization": "octo-third"})
    tells(ended, "refused", 3)
    assert ended.reasons == ["github-app-not-installed"]
    seen = found(ended)
    assert seen["github://orgs/octo-third#NEON_API_KEY"][0] == "to mend"
    assert seen["`api_key`"][0] == "in order"
    assert "Plan of octo-third" not in seen


def test_an_organization_that_is_none_is_on_no_plan(world: World, runner: Runner) -> None:
    given = ready(world)
    ended = runner.run(given, organization="nobody")
    tells(ended, "refused", 3)
    assert found(ended)["github://orgs/nobody#NEON_API_KEY"][0] == "to mend"
    assert world.ledger.count("GET", "/orgs/nobody") == 1
    assert "Plan of nobody" not in found(ended)
