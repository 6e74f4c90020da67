"""A command that only reads asks for no right to write."""

from __future__ import annotations

from rotate.sandbox.stories import REPOSITORY, personal
from rotate.sandbox.world import World
from tests.support.runner import Runner
from tests.support.stories import tells


def test_find_asks_to_read_alone(world: World, runner: Runner) -> None:
    story = personal(world)
    token = world.github.add_token(repositories={REPOSITORY: {"contents": "read"}})
    ended = runner.run(story.environment(), command="find", github_token=token, api_key=None)
    tells(ended, "unchanged", 0)
    remedies = [one["remedy"] for one in ended.report["warnings"] if one["reason"] == "find-incomplete"]
    assert any("**Dependabot secrets: read**" in remedy for remedy in remedies)
    assert not [remedy for remedy in remedies if "write" in remedy]


def test_a_check_asks_to_read_the_secret_alone_and_a_rotation_to_write_it(world: World, runner: Runner) -> None:
    story = personal(world)
    token = world.github.add_token(repositories={REPOSITORY: {"variables": "write"}})
    for command, asked in (("check", "**Secrets: read**"), ("rotate", "**Secrets: read and write**")):
        ended = runner.run(story.environment(), command=command, github_token=token)
        told = [one for one in ended.report["problems"] if one["reason"] == "github-permission-missing"]
        assert [asked in one["remedy"] for one in told] == [True]
