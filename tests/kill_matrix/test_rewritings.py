"""Somebody rewrites note and lock at any request of a run: no bystander dies, access stays, and a kill still kills.

`KILL_MATRIX` and its seed say how much is played, as for the kill matrix itself.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rotate.sandbox.world import World
from tests.support.matrix import SEED, SIZE, drawn
from tests.support.playing import enough, in_turn, undisturbed
from tests.support.rewritings import REWRITTEN, SCOPES, perform, rewritings_of
from tests.support.zygote import Zygote

pytestmark = pytest.mark.timeout(1800)

PLAYED: dict[str, int | None] = {"slice": 2, "ci": 24, "all": None}


@pytest.mark.parametrize("mode", REWRITTEN)
@pytest.mark.parametrize("scope", SCOPES)
def test_whoever_has_no_key_neither_ends_one_nor_keeps_one_alive(
    scope: str, mode: str, world: World, tmp_path: Path, zygote: Zygote
) -> None:
    requests = undisturbed(scope, mode, world, tmp_path / "undisturbed", zygote)
    cases = drawn(rewritings_of(scope, mode, requests), PLAYED[SIZE], SEED)
    assert sum(in_turn(cases, perform, world, tmp_path, zygote)) >= enough(cases)
