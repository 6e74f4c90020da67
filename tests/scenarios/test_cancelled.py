"""SIGINT and SIGTERM: the current move is finished, what went nowhere is undone, and the state is told."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from tests.support.runner import QUIET, Ended, Runner
from tests.support.stories import STORIES, access_was_never_lost, at_rest, lineage_keys, tells, untouched

SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
CLI = ("-m", "tests.support.quiet_cli", "rotate")
SCOPES = pytest.mark.parametrize("scope", ["personal", "organization"])
ANSWERED_AFTER = 0.6


@pytest.fixture(autouse=True)
def _not_ignored() -> Iterator[None]:
    """Who runs the tests under `nohup` hands its deafness down to them, and they to the program."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def cancelled_at(
    world: World, runner: Runner, scope: str, number: signal.Signals, method: str, path: str
) -> tuple[Ended, str]:
    """Cancel while the first request of this kind is under way."""
    story = STORIES[scope](world)
    process = runner.start(story.environment())
    world.faults.add(
        Fault("hook", method=method, path=path, call=lambda *_: process.send_signal(number)),
        Fault("delay", method=method, path=path, seconds=ANSWERED_AFTER, after=True),
    )
    return runner.collect(process), scope


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@SCOPES
def test_before_the_first_effect_nothing_is_changed(
    scope: str, number: signal.Signals, world: World, runner: Runner
) -> None:
    ended, _ = cancelled_at(world, runner, scope, number, "GET", "*/public-key")
    tells(ended, "refused", 3)
    assert ended.reasons == ["cancelled"]
    assert not [entry for entry in world.ledger if entry.method != "GET"]


@SIGNALS
@SCOPES
def test_a_key_that_was_written_nowhere_is_revoked_again(
    scope: str, number: signal.Signals, world: World, runner: Runner
) -> None:
    ended, _ = cancelled_at(world, runner, scope, number, "POST", "*api_keys")
    tells(ended, "failed", 1)
    assert "cancelled" in ended.reasons
    issued = world.neon.issued()[-1]
    assert issued.revoked
    assert ended.outputs["revoked_key_ids"] == str(issued.key_id)
    assert world.ledger.count("PUT") == 0


@SIGNALS
@SCOPES
def test_once_it_was_written_both_keys_stay_valid_and_the_next_run_finishes(
    scope: str, number: signal.Signals, world: World, runner: Runner
) -> None:
    story = STORIES[scope](world)
    process = runner.start(story.environment())
    world.faults.add(
        Fault("hook", method="PUT", call=lambda *_: process.send_signal(number)),
        Fault("delay", method="PUT", seconds=ANSWERED_AFTER, after=True),
    )
    ended = runner.collect(process)
    tells(ended, "incomplete", 4)
    assert "cancelled" in ended.reasons
    access_was_never_lost(world, story)
    assert len(lineage_keys(world, story)) == 2
    assert f"{story.secret_name}_ROTATION_LOCK" not in world.github.variables(story.repository)
    again = runner.run(story.environment_now())
    tells(again, "rotated", 0)
    assert at_rest(world, story).value == world.github.secret(story.repository, story.secret_name)


def test_waiting_for_a_retry_ends_at_once(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    process = runner.start(story.environment())
    world.faults.add(
        Fault("hook", server="neon", path="/auth", call=lambda *_: process.send_signal(signal.SIGTERM)),
        Fault("rate_limited", server="neon", path="/auth", retry_after=9, times=None),
    )
    ended = runner.collect(process)
    assert ended.code in (1, 3)
    untouched(world, story)


@pytest.mark.parametrize(
    "begins", [(QUIET,), ("-m", "tests.support.quiet_cli", "rotate")], ids=["action", "command line"]
)
def test_a_run_whose_log_nobody_reads_any_more_goes_on(begins: tuple[str, ...], world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    given = {name.removeprefix("INPUT_"): text for name, text in story.environment().items()}
    variables = {"NEON_API_KEY": given["API_KEY"], "GITHUB_TOKEN": given["GITHUB_TOKEN"]}
    options = ("--repository", story.repository, "--old-key-id", given["OLD_KEY_ID"], "--api-host", given["API_HOST"])
    words = begins if begins == (QUIET,) else (*begins, *options)
    with runner.start({**story.environment(), **variables}, words) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert (process.stderr.read(), process.wait(60)) == ("", 0)
    assert not world.neon.is_live(story.old_key.value)
    at_rest(world, story)
