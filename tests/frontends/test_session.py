"""Nothing gets out of a session as a traceback."""

from __future__ import annotations

import threading

import pytest

from rotate.errors import ExitCode
from rotate.frontends import session
from rotate.settings.model import Context
from rotate.wire.clock import SystemClock
from tests.fakes import Listener


def test_a_bug_outside_the_engine_becomes_a_report_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("napi_secret")

    monkeypatch.setattr("rotate.compose.compose", broken)
    listener, stop = Listener(), threading.Event()
    raw = {"api_key": "napi_secret", "github_token": "token"}
    context = Context(repository="octo-org/payments")
    report = session.run(raw, context, session.Surroundings([listener], lambda _: None, str, SystemClock(stop), stop))
    assert (report.exit_code, report.problems[0].reason) == (ExitCode.BUG, "internal-error")
    assert listener.reports == [report]
    assert "napi_secret" not in repr(report)
