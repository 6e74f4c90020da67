"""What a person reads of a refusal whose cause GitHub names: the cause, the whole link, and when it is over."""

from __future__ import annotations

import time

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import REPOSITORY, personal
from rotate.sandbox.world import World
from tests.support.runner import Runner
from tests.support.stories import access_was_never_lost, tells, untouched

SSO = "https://github.com/orgs/octo-org/sso?authorization_request=" + "AZSCKtL4U8yX1H3sCQIVnVgmjmon5fWxks5YrqhJ" * 5
UPGRADE = "Upgrade to GitHub Pro or make this repository public to enable this feature."


def test_the_link_to_the_single_sign_on_is_told_whole_everywhere(world: World, runner: Runner) -> None:
    story = personal(world)
    body = {"message": "Resource protected by organization SAML enforcement."}
    headers = {"X-GitHub-SSO": f"required; url={SSO}"}
    world.faults.add(Fault("status", server="github", code=403, body=body, headers=headers, times=None))
    ended = runner.run(story.environment())
    tells(ended, "refused", 3)
    assert set(ended.reasons) == {"github-sso-required"}
    for text in (ended.stdout, ended.summary, ended.report["problems"][0]["remedy"]):
        assert SSO in text
    untouched(world, story)


def test_an_environment_that_the_plan_does_not_have_is_told_so(world: World, runner: Runner) -> None:
    story = personal(world)
    world.github.add_environment(REPOSITORY, "production")
    fault = Fault("status", path="/repos/*/environments*", times=None, code=403, body={"message": UPGRADE})
    world.faults.add(fault)
    ended = runner.run(story.environment(), environments="production")
    tells(ended, "refused", 3)
    assert ended.reasons == ["github-plan"]
    assert "GitHub Pro, Team and Enterprise" in ended.summary
    assert "in a few minutes" not in ended.summary
    untouched(world, story)


def test_a_full_store_of_secrets_is_told_as_lasting(world: World, runner: Runner) -> None:
    story = personal(world)
    body = {"message": "Secret limit of 100 reached for this repository"}
    world.faults.add(Fault("status", method="PUT", path="/repos/*/actions/secrets/*", times=None, code=422, body=body))
    ended = runner.run(story.environment())
    assert ended.code == 1
    assert "github-secret-limit" in ended.reasons
    assert "Delete one that nobody needs" in ended.summary
    assert "in a few minutes" not in ended.summary
    access_was_never_lost(world, story)


def test_until_when_github_limits_requests_is_told(world: World, runner: Runner) -> None:
    story = personal(world)
    reset = int(time.time()) + 2700
    headers = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset)}
    body = {"message": "API rate limit exceeded for user ID 1."}
    fault = Fault("status", method="PUT", path="/repos/*/secrets/*", times=None, code=403, headers=headers, body=body)
    world.faults.add(fault)
    ended = runner.run(story.environment())
    assert "github-rate-limited" in ended.reasons
    over = time.strftime("%H:%M", time.gmtime(reset + -reset % 60))
    assert f"Run it again after {over} UTC" in ended.summary
    access_was_never_lost(world, story)


@pytest.mark.parametrize("command", ["rotate", "check", "plan"])
def test_a_page_that_answers_401_in_neons_place_is_no_death(command: str, world: World, runner: Runner) -> None:
    story = personal(world)
    world.faults.add(Fault("html", server="neon", code=401, times=None))
    ended = runner.run(story.environment(), command=command)
    assert set(ended.reasons) == {"neon-no-json"}
    assert "is dead" not in ended.summary
    untouched(world, story)
