"""An App that GitHub does not let in is refused in words, with what to do, and nothing is changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rotate.sandbox.world import World
from tests.support.apps import APP, ELSEWHERE, GRANTED, Installed, installed, nothing_left
from tests.support.runner import Runner
from tests.support.stories import tells, untouched


def _not_installed(app: Installed) -> None:
    app.world.github.apps.uninstall(app.elsewhere)


def _suspended(app: Installed) -> None:
    app.elsewhere.suspended = True


def _other_key(app: Installed) -> None:
    app.world.github.apps.add(APP)


def _no_secrets(app: Installed) -> None:
    app.elsewhere.permissions = {**GRANTED, "secrets": "read"}


REFUSALS: list[tuple[Callable[[Installed], None], str, str]] = [
    (_not_installed, "github-app-not-installed", f"is not installed for {ELSEWHERE}"),
    (_suspended, "github-app-suspended", "The installation of the GitHub App 123456 for octo-labs is suspended."),
    (_other_key, "github-app-key-refused", "A JSON web token could not be decoded"),
    (_no_secrets, "github-app-permission-missing", "repository permission **Secrets**: read and write"),
]


@pytest.mark.parametrize(("spoil", "reason", "words"), REFUSALS, ids=[spoil.__name__ for spoil, *_ in REFUSALS])
def test_an_app_that_is_not_let_in_is_refused_in_words(
    spoil: Callable[[Installed], None], reason: str, words: str, world: World, runner: Runner
) -> None:
    app = installed(world)
    spoil(app)
    if reason == "github-app-key-refused":
        world.github.apps.install(APP, "octo-org", GRANTED)
    ended = runner.run(app.story.environment(), **app.inputs)
    tells(ended, "refused", 3)
    assert reason in ended.reasons
    problem = next(one for one in ended.report["problems"] if one["reason"] == reason)
    assert words in problem["message"]
    assert problem["remedy"]
    nothing_left(app)
    changes = [entry for entry in world.ledger if entry.method != "GET"]
    assert {entry.route for entry in changes} <= {*app.asked(), "/installation/token"}, "nothing was changed"


def test_a_wrong_key_is_no_bug(world: World, runner: Runner) -> None:
    app = installed(world)
    broken = "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"
    ended = runner.run(app.story.environment(), **{**app.inputs, "app_private_key": broken})
    tells(ended, "refused", 3)
    assert "github-app-key-refused" in ended.reasons
    untouched(world, app.story)


@pytest.mark.parametrize("seconds", [-3600, -90, 150, 3600])
def test_a_machine_whose_clock_is_off_signs_again_with_githubs_time(
    seconds: float, world: World, runner: Runner
) -> None:
    app = installed(world)
    world.advance(seconds)
    tells(runner.run(app.story.environment(), **app.inputs), "rotated", 0)
    assert app.rotated()
