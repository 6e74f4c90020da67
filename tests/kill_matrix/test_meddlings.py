"""Somebody else writes at any request of a run. Who overwrites a place and knows of no rotation: nothing dies that the
run saw there, and the schedule heals. Who rewrites note and lock: no bystander dies, access stays, a kill still kills.

`KILL_MATRIX` and its seed say how much is played, as for the kill matrix itself.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import httpx
import pytest

from rotate.sandbox.world import World
from tests.support import meddlings, rewritings
from tests.support.matrix import SEED, SIZE, drawn
from tests.support.playing import enough, in_turn
from tests.support.zygote import Zygote

pytestmark = pytest.mark.timeout(1800)

KINDS: dict[ModuleType, dict[str, int | None]] = {
    meddlings: {"slice": 2, "ci": 10, "all": None},
    rewritings: {"slice": 2, "ci": 24, "all": None},
}
PLAYS = [
    pytest.param(kind, scope, mode, id=f"{kind.__name__.rpartition('.')[2]}, {scope}, {mode}")
    for kind in KINDS
    for scope in kind.SCOPES
    for mode in kind.MODES
]


@pytest.mark.parametrize(("kind", "scope", "mode"), PLAYS)
def test_whoever_has_no_key_or_knows_of_no_rotation_neither_ends_one_in_use_nor_keeps_one_alive(
    kind: ModuleType, scope: str, mode: str, world: World, tmp_path: Path, zygote: Zygote
) -> None:
    requests = kind.undisturbed(scope, mode, world, tmp_path / "undisturbed", zygote)
    cases = drawn(kind.cases_of(scope, mode, requests), KINDS[kind][SIZE], SEED)
    assert sum(in_turn(cases, kind.perform, world, tmp_path, zygote)) >= enough(cases)


def test_a_run_that_revoked_what_it_saw_put_back_would_be_caught(world: World, tmp_path: Path, zygote: Zygote) -> None:
    play = meddlings.MeddledPlay("organization", meddlings.MODES["sweep after an overlap"], world, tmp_path, zygote)
    play.begin()
    play.meddle("second: old value")
    assert play.run(play.story.environment_now(), play.mode.environment).code == 4
    assert play.blind == []
    old, minter = play.story.old_key, play.story.inputs["api_key"]
    url = f"{world.neon.url}/organizations/{old.org_id}/api_keys/{old.key_id}"
    assert httpx.delete(url, headers={"Authorization": f"Bearer {minter}"}, trust_env=False).status_code == 200
    assert len(play.blind) == 1
