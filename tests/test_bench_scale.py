"""The benchmark of many repositories: its least time is one that no schedule beats, and a small size is measured."""

from __future__ import annotations

import pytest

from bench import scale
from bench.plot import draw
from rotate.sandbox.github_limits import Limits
from rotate.sandbox.ledger import Entry

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
    assert (row.refused, row.size) == (0, 3)
    assert row.requests * 3 == pytest.approx(3 * 9 + 14)
    assert 20 < row.megabytes < 200
    loop = scale.run("PyGithub", 3, 20.0)
    assert (loop.refused, loop.requests) == (0, 2.0)


def test_a_run_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "PERMISSIONS", {"metadata": "read"})
    with pytest.raises(RuntimeError, match="ended with"):
        scale.run("neon-rotate", 2, 1.0)


def test_a_picture_names_each_line() -> None:
    picture = draw({"least": [(1, 0.5), (1000, 600)], "ours": [(1, 2), (1000, 610)]})
    assert picture.count("<polyline") == 2
    assert picture.startswith("<svg ")
    assert ">least<" in picture
