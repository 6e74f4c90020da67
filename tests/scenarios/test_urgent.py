"""Every red end of a run after an exposure begins with what is alive, and with the clicks that end it."""

from __future__ import annotations

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from tests.support.runner import Runner
from tests.support.stories import STORIES

URGENT = {"exposed": "true", "reason": "seen in a log"}
NOTHING_KNOWN: dict[str, dict[str, str | None]] = {
    "no reason": {"reason": None},
    "an input that is wrong": {"overlap": "soon"},
    "a token that is missing": {"github_token": None},
    "a certificate file that is not there": {"ca_bundle": "nowhere.pem"},
}


@pytest.mark.parametrize("what", NOTHING_KNOWN)
def test_a_run_that_contacted_nobody_says_first_that_the_key_may_live(what: str, world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    changes: dict[str, str | None] = {**URGENT, **NOTHING_KNOWN[what]}
    ended = runner.run(story.environment(), **changes)
    assert ended.code == 2, ended.stdout
    assert ended.summary.startswith("## ⛔ The exposed key may still be alive: this run did not get to it. ")
    assert "State now: THE EXPOSED KEY MAY STILL BE ALIVE. " in ended.stdout
    assert "  Next 1. Revoke the exposed key by hand, now. Neon → Account settings " in ended.stdout
    assert world.neon.is_live(story.old_key.value)


@pytest.mark.parametrize(
    ("fault", "alive"),
    [
        (Fault("status", server="github", code=503, times=None), "IS STILL ALIVE"),
        (Fault("status", server="neon", code=503, times=None), "MAY BE ALIVE"),
        (Fault("status", server="github", code=401, times=None), "IS STILL ALIVE"),
    ],
)
def test_an_outage_is_no_reason_to_wait_with_a_revoke(fault: Fault, alive: str, world: World, runner: Runner) -> None:
    story = STORIES["organization"](world)
    environment = story.environment()
    world.faults.add(fault)
    ended = runner.run(environment, **URGENT)
    assert ended.code in (1, 3), ended.stdout
    assert alive in ended.stdout
    assert "by hand, now. Neon → Account settings " in ended.summary
    assert "alive" in ended.summary.splitlines()[0]


def test_a_first_run_that_is_refused_says_it_too(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    world.github.vault(story.repository).secrets.clear()
    ended = runner.run(story.environment(), **URGENT, old_key_id=None, revoke_when="immediately")
    assert ended.code == 3
    assert "alive" in ended.summary.splitlines()[0]


@pytest.mark.parametrize("command", ["plan", "check"])
def test_a_command_that_only_looks_raises_no_alarm(command: str, world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    ended = runner.run(story.environment(), **URGENT, command=command, overlap="soon")
    assert ended.code == 2
    assert "MAY STILL BE ALIVE" not in ended.stdout
