"""Names from outside that are written as commands: the runner obeys none of them, wherever they come to stand."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, personal
from rotate.sandbox.world import World
from rotate.wire import masking
from tests.support.runner import Ended, Runner
from tests.support.runner_commands import obeyed

NAMES = ("x ##[stop-commands]zz", "::stop-commands::zz", "a\r\n::add-mask::3300\n##[set-env name=A]b")
OURS = {"add-mask", "error", "warning"}
ALERTED = """\
version: 1
audit: audit.jsonl
credentials:
  - alert_issue: true
    old_key_id: {key_id}
    destinations:
      - type: github_secret
"""


def texts(value: object) -> Iterator[str]:
    """Give each text of a JSON value: a step may print a single one."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from texts(one)


def commands(ended: Ended) -> set[str]:
    """Give the name of every command in the log, in every file, and in every single text of those."""
    records = [json.loads(line) for line in ended.files.get("workspace/audit.jsonl", "").splitlines()]
    printed = [ended.stderr, *ended.files.values(), *ended.outputs.values(), *texts([ended.report, records])]
    return {found.name for text in printed for found in obeyed(text)}


def rotated(world: World, runner: Runner, **changes: str) -> Ended:
    story = personal(world)
    for name in NAMES:
        world.neon.add_key(story.old_key.user, name=name, created_days_ago=1)
    (runner.workspace / ".github").mkdir(exist_ok=True)
    policy = ALERTED.format(key_id=story.old_key.key_id)
    (runner.workspace / ".github/neon-rotate.yml").write_text(policy)
    token = world.github.add_token(repositories={REPOSITORY: {**PERMISSIONS, "issues": "write"}})
    return runner.run(story.environment(), old_key_id=None, github_token=token, **changes)


@pytest.mark.parametrize("message", ["##[stop-commands]zz", "\n::stop-commands::zz"])
def test_no_name_and_no_message_from_outside_commands_the_runner(message: str, world: World, runner: Runner) -> None:
    echo = {"message": message}
    world.faults.add(Fault("status", server="neon", method="DELETE", code=422, body=echo, times=None))
    ended = rotated(world, runner, reason="because ##[error]x")
    assert ended.code == 4, ended.stdout
    assert {found.name for found in obeyed(ended.stdout)} <= OURS
    assert commands(ended) == set()
    assert "stop-commands" in ended.stdout, "they are told, in pieces"
    (issue,) = world.github.issues(REPOSITORY)
    assert list(obeyed(issue.body)) == []


def test_the_runner_would_have_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(masking, "disarmed", str)
    assert [found.name for name in NAMES for found in obeyed(masking.Veil().scrub(name))] == [
        "stop-commands",
        "stop-commands",
        "add-mask",
        "set-env",
    ]
