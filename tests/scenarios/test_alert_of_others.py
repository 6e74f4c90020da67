"""In a public repository anybody may open an issue that begins as the alert does: the alarm never goes into it."""

from __future__ import annotations

import pytest

from rotate.errors import DestinationError
from rotate.sandbox.faults import Fault
from rotate.sandbox.github.issues import StoredIssue
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, personal
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.issues import RepositoryIssues
from rotate.systems.github.wire.client import GitHub
from rotate.wire.clock import SystemClock
from tests.support.apps import APP, GRANTED, Installed, installed
from tests.support.bench_of_places import stopped
from tests.support.openapi import check
from tests.support.runner import Ended, Runner, with_inputs
from tests.support.stories import tells

WITH_POLICY = "tests/support/policy_entrypoint.py"
ISSUES = f"/repos/{REPOSITORY}/issues"
BOT = f"app-{APP}[bot]"


def run(runner: Runner, environment: dict[str, str], **changes: str | None) -> Ended:
    given = with_inputs(environment, alert_issue="true", **changes)
    return runner.collect(runner.begin(given, WITH_POLICY))


def by_token(world: World) -> str:
    return world.github.add_token(repositories={REPOSITORY: {**PERMISSIONS, "issues": "write"}})


def first_line(issue: StoredIssue) -> str:
    return issue.body.splitlines()[0]


def test_an_issue_that_an_outsider_opened_first_is_left_alone(world: World, runner: Runner) -> None:
    story, token = personal(world), by_token(world)
    refused = run(runner, story.environment(), github_token=token, old_key_id=None)
    tells(refused, "refused", 3)
    (ours,) = world.github.issues(REPOSITORY)
    marker = first_line(ours)
    ours.state = "closed"
    theirs = world.github.add_issue(REPOSITORY, "t", f"{marker}\nnothing to see", author="mallory")
    again = run(runner, story.environment(), github_token=token, old_key_id=None)
    assert again.report["alert"]["did"] == "opened"
    assert (theirs.body, theirs.comments) == (f"{marker}\nnothing to see", [])
    tells(run(runner, story.environment(), github_token=token), "rotated", 0)
    assert [one.state for one in world.github.issues(REPOSITORY)] == ["closed", "open", "closed"]
    check(world.ledger)


def of_app(app: Installed) -> dict[str, str | None]:
    return {**app.inputs, "repositories": None, "repository": REPOSITORY}


def test_an_app_knows_its_own_by_its_number_and_no_persons_or_other_apps(world: World, runner: Runner) -> None:
    app = installed(world)
    app.home.permissions = {**GRANTED, "issues": "write"}
    environment = app.story.environment()
    opened = run(runner, environment, **{**of_app(app), "old_key_id": None})
    assert opened.report["alert"]["did"] == "opened"
    (ours,) = world.github.issues(REPOSITORY)
    assert (ours.author, ours.app_id) == (BOT, APP)
    forged = f"{first_line(ours)}\nforged"
    world.github.add_issue(REPOSITORY, "t", forged, author="mallory", app_id=APP)
    world.github.add_issue(REPOSITORY, "t", forged, author="other[bot]", app_id="77")
    ended = run(runner, app.story.environment(), **{**of_app(app), "old_key_id": None})
    assert (ended.report["alert"]["did"], ended.report["alert"]["number"]) == ("updated", 1)
    tells(run(runner, app.story.environment(), **of_app(app)), "rotated", 0)
    assert [one.state for one in world.github.issues(REPOSITORY)] == ["closed", "open", "open"]


@pytest.fixture
def issues(world: World) -> RepositoryIssues:
    """Those that the token of a job reaches, which is an App's that is not known."""
    world.github.add_repository(REPOSITORY)
    token = world.github.add_token(kind="actions", repositories={REPOSITORY: {"issues": "write"}})
    return RepositoryIssues(GitHub(world.github.url, Secret(token), SystemClock(stopped())), REPOSITORY)


def test_a_token_of_an_unknown_app_counts_what_bots_opened(world: World, issues: RepositoryIssues) -> None:
    number = issues.create("t", "mark ours")
    world.github.add_issue(REPOSITORY, "t", "mark theirs", author="mallory")
    assert [one.number for one in issues.beginning_with("mark")] == [number]
    issues.close()


@pytest.mark.parametrize("user", [None, "ada"])
def test_an_issue_without_an_author_is_nobodys(user: object, world: World, issues: RepositoryIssues) -> None:
    body = [{"number": 1, "body": "mark", "user": user}, "no issue"]
    world.faults.add(Fault("status", path=ISSUES, code=200, body=body))
    assert issues.beginning_with("mark") == ()
    issues.close()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", path="/user", code=500, times=None),
        Fault("status", path="/user", code=200, body={}),
        Fault("status", path="/user", code=200, body=["ada"]),
        Fault("rate_limited", path="/user", code=403, retry_after=900),
        Fault("lost_reply", path="/user", times=None),
    ],
)
def test_who_does_not_know_itself_raises_no_second_alert(fault: Fault, world: World, issues: RepositoryIssues) -> None:
    world.faults.add(fault)
    with pytest.raises(DestinationError) as caught:
        issues.beginning_with("mark")
    assert caught.value.reason == "alert-not-raised"
    assert world.ledger.count("GET", ISSUES) == 0
    issues.close()
