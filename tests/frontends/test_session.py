"""Nothing gets out of a session as a traceback."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from rotate.context import Context
from rotate.errors import ExitCode
from rotate.frontends import session
from rotate.protocol.story.report import Report
from rotate.run.engine import Engine
from rotate.sandbox.world import World
from rotate.settings.action_inputs import read_context, read_inputs
from rotate.wire.clock import SystemClock
from tests.support.apps import installed, nothing_left
from tests.support.fakes import Listener
from tests.support.runner import with_inputs


def test_a_bug_outside_the_engine_becomes_a_report_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("napi_secret")

    monkeypatch.setattr("rotate.run.compose.compose", broken)
    listener, stop = Listener(), threading.Event()
    raw = {"api_key": "napi_secret", "github_token": "token"}
    context = Context(repository="octo-org/payments")
    report = session.run(raw, context, session.Surroundings([listener], lambda _: None, str, SystemClock(stop), stop))
    assert (report.exit_code, report.problems[0].reason) == (ExitCode.BUG, "internal-error")
    assert listener.reports == [report]
    assert "napi_secret" not in repr(report)


def broken(*_: object) -> Report:
    raise ZeroDivisionError("napi_secret")


def broken_at_its_end(engine: Engine, run: Callable[[Engine], Report] = Engine.run) -> Report:
    run(engine)
    return broken()


@pytest.mark.parametrize(
    ("place", "bug"),
    [("rotate.run.act.Performer.perform", broken), ("rotate.run.engine.Engine.run", broken_at_its_end)],
)
def test_what_an_app_was_given_is_given_back_after_a_bug_too(
    place: str, bug: Callable[..., Report], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, stop = installed(world), threading.Event()
    environment = with_inputs(app.story.environment(), **app.inputs)
    monkeypatch.setattr(place, bug)
    around = session.Surroundings([Listener()], lambda _: None, str, SystemClock(stop), stop)
    report = session.run(read_inputs(environment), read_context(environment), around)
    assert (report.exit_code, report.problems[0].reason) == (ExitCode.BUG, "internal-error")
    assert len(app.asked()) == 2
    nothing_left(app)
