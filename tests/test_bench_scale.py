"""The benchmark of many repositories: its least time is one that no schedule beats, and a small size is measured."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from bench import loops, scale
from bench.plot import draw
from bench.table import Row, lines
from rotate.sandbox.github.limits import Limits
from rotate.sandbox.ledger import Entry
from tests.clients.test_places_of_clients import needs

LIMITS = Limits(900, 100, hourly=5000)


def sent(method: str, count: int) -> list[Entry]:
    """So many requests, whenever they were made."""
    return [Entry(number, "github", method, "", "/", {}, 0.0) for number in range(count)]


@pytest.mark.parametrize(
    ("entries", "seconds"),
    [
        (sent("GET", 900), 0.0),
        (sent("GET", 901), 60.0),
        (sent("PUT", 181), 60.0),
        (sent("PUT", 1801), 600.0),
        (sent("GET", 5000), 300.0),
        (sent("GET", 5001), 3600.0),
        (sent("GET", 5901), 3660.0),
    ],
)
def test_the_least_time_is_that_of_the_limits(entries: list[Entry], seconds: float) -> None:
    assert scale.least(entries, LIMITS, 0) == seconds
    assert scale.least(entries, LIMITS, 10**6) == 60_000.0


def test_a_small_size_is_measured_against_the_limits() -> None:
    row = scale.run("neon-rotate", 3, 1.0)
    assert (row.refused, row.size, row.written) == (0, 3, 3)
    assert row.requests * 3 == pytest.approx(3 * 9 + 14)
    assert 20 < row.megabytes < 200
    loop = scale.run("PyGithub", 3, 20.0)
    assert (loop.refused, loop.requests, loop.written) == (0, 2.0, 3)


@pytest.mark.clients
def test_a_loop_over_githubs_own_cli_is_measured_and_goes_on_where_it_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needs(shutil.which("gh"), "no gh")
    row = scale.run("gh", 3, 1.0)
    assert (row.refused, row.requests, row.written) == (0, 2.0, 3)
    assert 10 < row.megabytes < 200
    monkeypatch.setattr(scale, "HOURLY", {3: 4})
    stopped = scale.run("gh", 3, 1.0)
    assert (stopped.refused, stopped.written) == (1, 2)
    assert stopped.requests * 3 == pytest.approx(5)


def test_the_value_is_in_no_argument_of_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = tmp_path / "gh"
    stand_in.write_text('#!/bin/sh\necho "$@" >>"$HOME/arguments"\ncat >>"$HOME/input"\nexit 1\n')
    stand_in.chmod(0o755)
    for name, text in {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": tmp_path, "GH_CONFIG_DIR": tmp_path}.items():
        monkeypatch.setenv(name, str(text))
    assert loops.gh(["o/a", "o/b"], "a token") > 0
    told = (tmp_path / "arguments").read_text().splitlines()
    assert told == [f"secret set {loops.NAME} --repo {name}" for name in ("o/a", "o/b")]
    assert (tmp_path / "input").read_text() == loops.VALUE * 2


def test_without_githubs_cli_its_loop_is_left_out_unless_it_must_be_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("REQUIRE_CLIENTS", raising=False)
    assert scale.loops() == ("PyGithub",)
    assert capsys.readouterr().out == "gh is not on this machine: its loop is left out\n"
    monkeypatch.setenv("REQUIRE_CLIENTS", "1")
    with pytest.raises(RuntimeError, match="gh is not on this machine"):
        scale.loops()


def test_a_run_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "PERMISSIONS", {"metadata": "read"})
    with pytest.raises(RuntimeError, match="ended with"):
        scale.run("neon-rotate", 2, 1.0)


def test_a_goal_that_is_missed_is_told_and_a_loop_has_none() -> None:
    met = Row("neon-rotate", 1000, 10.0, 1000, 60.0, wall=600.0, least=600.0, refused=0, requests=5.0, server=1.0)
    assert not met.over
    for change in ({"written": 999}, {"refused": 1}, {"wall": 631.0}, {"megabytes": 90.1}):
        missed = replace(met, **change)
        assert (missed.over, str(missed).endswith("  OVER")) == (True, True)
        assert not replace(missed, who="gh").over
    assert not replace(met, size=100, written=100, wall=700.0).over, "below a minute it is its own start"


def test_a_picture_names_each_line_that_did_the_work() -> None:
    ours = Row("neon-rotate", 1, 1.0, 1, 60.0, wall=2.0, least=0.5, refused=0, requests=5.0, server=1.0)
    rows = [ours, replace(ours, size=1000, written=1000, wall=610.0, least=600.0)]
    rows += [replace(ours, who="gh"), replace(ours, who="gh", size=1000, written=150)]
    assert lines(rows) == {
        "least": [(1, 0.5), (1000, 600.0)],
        "neon-rotate": [(1, 2.0), (1000, 610.0)],
        "a loop over gh secret set": [(1, 2.0)],
    }
    picture = draw(lines(rows))
    assert picture.count("<polyline") == 3
    assert picture.startswith("<svg ")
    assert ">least<" in picture
