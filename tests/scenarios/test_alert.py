"""The alert over several runs of the entry point: one issue a lineage, opened, kept, closed; never a second one."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from rotate.sandbox.faults import Fault, Kind
from rotate.sandbox.github.issues import StoredIssue
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, Story, organization, personal
from rotate.sandbox.world import World
from tests.support.openapi import check as agree
from tests.support.runner import Ended, Runner, with_inputs
from tests.support.stories import tells
from tests.test_nothing_leaks import assert_silent

WITH_POLICY = "tests/support/policy_entrypoint.py"
ISSUES = f"/repos/{REPOSITORY}/issues*"


def token(world: World, **permissions: str) -> str:
    """A token that may also use issues, unless told otherwise."""
    granted = {**PERMISSIONS, "issues": "write", **permissions}
    return world.github.add_token(repositories={REPOSITORY: granted})


@pytest.fixture
def runner(hasty: Runner) -> Runner:
    """What fails here is tried again and again, which takes its time."""
    return hasty


def run(runner: Runner, world: World, story: Mapping[str, str], **changes: str | None) -> Ended:
    """Run once with an alert in the policy."""
    asked = {"alert_issue": "true", "github_token": token(world), **changes}
    ended = runner.collect(runner.begin(with_inputs(story, **asked), WITH_POLICY))
    for issue in issues(world):
        assert not any(canary in text for text in (issue.title, issue.body, *issue.comments) for canary in _all(world))
    return ended


def _all(world: World) -> list[str]:
    return [key.value for key in world.neon.issued()]


def issues(world: World) -> list[StoredIssue]:
    return world.github.issues(REPOSITORY)


def states(world: World) -> list[str]:
    return [issue.state for issue in issues(world)]


def warned(ended: Ended) -> list[str]:
    return [warning["reason"] for warning in ended.report["warnings"]]


def revoke_fails(world: World) -> None:
    world.faults.add(Fault("status", server="neon", method="DELETE", code=500, times=None))


def test_it_is_opened_on_failure_updated_on_the_next_and_closed_on_recovery(world: World, runner: Runner) -> None:
    story = personal(world)
    world.github.add_issue(REPOSITORY, "Of somebody else", "body")
    revoke_fails(world)
    first = run(runner, world, story.environment())
    tells(first, "incomplete", 4)
    assert first.report["alert"] == {
        "did": "opened",
        "number": 2,
        "url": f"https://github.example.com/{REPOSITORY}/issues/2",
    }
    body = issues(world)[1].body
    assert body.splitlines()[3].startswith("## ⚠️ Incomplete, run it again: ")
    second = run(runner, world, story.environment_now())
    tells(second, "incomplete", 4)
    assert (states(world), second.report["alert"]["did"]) == (["open", "open"], "updated")
    assert issues(world)[1].body != body, "its run is the latest"
    world.faults.reset()
    third = run(runner, world, story.environment_now())
    tells(third, "rotated", 0)
    assert (states(world), third.report["alert"]["did"]) == (["open", "closed"], "closed")
    assert issues(world)[1].comments[-1].startswith("✅ Rotated: ")
    assert third.report["alert"]["url"] in third.summary
    for ended in (first, second, third):
        assert_silent(world, story, ended)
    agree(world.ledger)


def test_a_stale_key_alarms_and_the_same_check_ends_it(world: World, runner: Runner) -> None:
    story = personal(world)
    environment = story.environment()
    world.neon.revoke(story.old_key.key_id)
    for _ in range(2):
        tells(run(runner, world, environment, command="check"), "refused", 3)
    assert states(world) == ["open"]
    assert "api-key-dead" in issues(world)[0].body
    fresh = world.neon.add_key(story.old_key.user, name="made by hand")
    tells(run(runner, world, environment, command="check", api_key=fresh.value), "unchanged", 0)
    assert states(world) == ["closed"]


def test_two_lineages_have_two_issues(world: World, runner: Runner) -> None:
    one, other = personal(world), organization(world)
    revoke_fails(world)
    first = run(runner, world, one.environment())
    second = run(runner, world, other.environment(), key_name="another", secret_name="OTHER")
    assert [first.report["alert"]["number"], second.report["alert"]["number"]] == [1, 2]
    world.faults.reset()
    tells(run(runner, world, one.environment_now()), "rotated", 0)
    assert states(world) == ["closed", "open"]


@pytest.mark.parametrize(("level", "listed"), [("none", 403), ("read", 200)])
def test_without_the_permission_the_verdict_stands_with_a_warning(
    level: str, listed: int, world: World, runner: Runner
) -> None:
    story = personal(world)
    revoke_fails(world)
    ended = run(runner, world, story.environment(), github_token=token(world, issues=level))
    tells(ended, "incomplete", 4)
    assert (warned(ended)[-1], ended.report["alert"]) == ("alert-not-raised", None)
    assert "**Issues: Read and write**" in ended.report["warnings"][-1]["remedy"]
    assert world.ledger.find("GET", ISSUES)[0].status == listed


def test_where_issues_are_off_the_remedy_says_so(world: World, runner: Runner) -> None:
    story = personal(world)
    world.github.repository(REPOSITORY).has_issues = False
    revoke_fails(world)
    ended = run(runner, world, story.environment())
    tells(ended, "incomplete", 4)
    assert "Issues are turned off" in ended.report["warnings"][-1]["remedy"]
    world.faults.add(Fault("status", method="GET", path=ISSUES, code=410, body={"message": "Issues are disabled"}))
    ended = run(runner, world, story.environment_now())
    assert "Issues are turned off" in ended.report["warnings"][-1]["remedy"], "to a list too"


FAILURES: tuple[Kind, ...] = ("lost_reply", "html", "truncated")


@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_whatever_fails_there_is_never_a_second_issue(kind: Kind, method: str, world: World, runner: Runner) -> None:
    story = personal(world)
    revoke_fails(world)
    world.faults.add(Fault(kind, method=method, path=ISSUES, times=3))
    ended = run(runner, world, story.environment())
    tells(ended, "incomplete", 4)
    assert warned(ended)[-1] == "alert-not-raised"
    world.faults.reset()
    revoke_fails(world)
    run(runner, world, story.environment_now())
    assert states(world) == ["open"]


def test_an_alert_among_hundreds_of_issues_is_found(world: World, runner: Runner) -> None:
    story = personal(world)
    for number in range(150):
        world.github.add_issue(REPOSITORY, "t", "", pull_request=number % 2 == 0)
    revoke_fails(world)
    run(runner, world, story.environment())
    world.advance(5)
    for other in issues(world)[:150]:
        other.body = ("" if other.pull_request else "quoted: ") + issues(world)[150].body
        other.updated_at = world.clock.now()
    ended = run(runner, world, story.environment_now())
    assert ended.report["alert"] == {**ended.report["alert"], "did": "updated", "number": 151}
    assert (len(issues(world)), world.ledger.count("PATCH", ISSUES)) == (151, 1)


def test_a_thousand_are_looked_at_and_no_more(world: World, runner: Runner) -> None:
    story = personal(world)
    for _ in range(1001):
        world.github.add_issue(REPOSITORY, "t", "b")
    tells(run(runner, world, story.environment()), "rotated", 0)
    assert world.ledger.count("GET", ISSUES) == 10


def test_nothing_is_asked_of_issues_by_a_plan_a_wrong_request_or_where_no_alert_is_wanted(
    world: World, runner: Runner
) -> None:
    story = personal(world)
    run(runner, world, story.environment(), command="plan", old_key_id=None)
    run(runner, world, story.environment(), scope="galaxy")
    run(runner, world, story.environment(), alert_issue=None, old_key_id=None)
    assert (world.ledger.count(path=ISSUES), states(world)) == (0, [])


def test_the_alert_comes_after_the_audit(world: World, runner: Runner) -> None:
    story: Story = personal(world)
    revoke_fails(world)
    ended = run(runner, world, story.environment(), audit="audit.jsonl")
    assert (ended.report["alert"]["did"], ended.report["audit"]["file"]) == ("opened", "audit.jsonl")
    assert_silent(world, story, ended)
