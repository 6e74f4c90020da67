"""One rotation into ten systems: they go side by side, so that all take no longer than the slowest of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench.measure import FAR
from rotate.sandbox.ledger import Entry
from tests.support.benches import BENCHES
from tests.support.laptop import Laptop

# GitHub keeps the note of all of them.
TEN = (
    "aws-secretsmanager",
    "azure-keyvault",
    "bitbucket",
    "circleci-context",
    "doppler",
    "gcp-secretmanager",
    "gitlab",
    "hcp-terraform",
    "infisical",
    "vault",
)


def chain(entries: Sequence[Entry]) -> int:
    """Count the round trips in sequence: the longest chain in which each began after the one before had ended."""
    lengths: list[tuple[float, int]] = []
    for entry in sorted(entries, key=lambda one: one.started):
        length = 1 + max((size for ended, size in lengths if ended <= entry.started), default=0)
        lengths.append((entry.ended or entry.started, length))
    return max(size for _, size in lengths)


def test_ten_systems_take_no_more_round_trips_than_the_slowest_and_three(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with ExitStack() as stack:
        benches = [stack.enter_context(BENCHES[name]()) for name in TEN]
        laptop = Laptop(benches[0], capsys, tmp_path)
        webs = [bench.web for bench in benches if bench.web]
        for bench, web in zip(benches, webs, strict=True):
            bench.write(laptop.story.old_key.value)
            laptop.environment |= web.environment
            web.world.ledger.reset()
            web.world.latency = FAR
        code = laptop.first(to=",".join(str(web.address) for web in webs))
        for web in webs:
            web.world.latency = 0.0
        assert code == 0, laptop.told
        (new,) = laptop.live
        assert [bench.held() for bench in benches] == [new.value] * len(TEN)
        asked = {web.server: web.world.ledger.entries for web in webs}
    keys = [entry for entry in asked[webs[0].server] if entry.server in ("neon", "github")]
    each = {name: chain([*keys, *(one for one in found if one.server == name)]) for name, found in asked.items()}
    assert chain([one for found in asked.values() for one in found]) <= max(each.values()) + 3, each
