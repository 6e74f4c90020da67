"""A personal access token ends: that is told two weeks before, and in the refusal afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY
from rotate.sandbox.world import World
from tests.support.apps import installed
from tests.support.runner import Runner
from tests.support.stories import tells


def expires_in(days: float) -> Callable[[World], str]:
    """Give what hands out a token that ends after so many days, as GitHub tells with every answer to it."""
    repositories = {REPOSITORY: PERMISSIONS}

    def token(world: World) -> str:
        ends = world.clock.now() + timedelta(days=days)
        return world.github.add_token(repositories=repositories, expires_at=ends, told=True)

    return token


@pytest.mark.parametrize(("days", "warned"), [(13.5, ["github-token-expires"]), (14.5, [])])
def test_a_token_that_ends_soon_is_a_warning(days: float, warned: list[str], world: World, runner: Runner) -> None:
    app = installed(world)
    ended = runner.run(app.story.environment(), github_token=expires_in(days)(world))
    tells(ended, "rotated", 0)
    found = ended.report["warnings"]
    assert [one["reason"] for one in found] == warned
    assert not warned or f"{world.clock.now() + timedelta(days=days):%Y-%m-%d}" in found[0]["message"]
    assert not warned or "in 13 days" in found[0]["message"]


def test_a_token_that_ends_amid_a_run_is_refused_with_its_day(world: World, runner: Runner) -> None:
    app = installed(world)
    token = expires_in(1)(world)
    world.faults.add(Fault("hook", method="POST", path="/api_keys", call=lambda *_: world.advance(2 * 86400)))
    ended = runner.run(app.story.environment(), github_token=token)
    assert ended.code == 1, ended.stdout
    told = [one["message"] for one in ended.report["problems"] if one["reason"] == "github-token-invalid"]
    assert any("GitHub said that it expires on" in message for message in told)
