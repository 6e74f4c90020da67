"""Somebody overwrites a place at any request of a run: nothing dies that the run saw there, and the schedule heals.

`KILL_MATRIX` and its seed say how much is played, as for the kill matrix itself.
"""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from rotate.sandbox.world import World
from tests.support.matrix import SEED, SIZE, drawn
from tests.support.meddlings import MODES, SCOPES, MeddledPlay, meddlings_of, perform, undisturbed
from tests.support.playing import enough, in_turn
from tests.support.zygote import Zygote

pytestmark = pytest.mark.timeout(1800)

PLAYED: dict[str, int | None] = {"slice": 2, "ci": 10, "all": None}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("scope", SCOPES)
def test_whoever_knows_of_no_rotation_loses_no_key_that_the_run_saw(
    scope: str, mode: str, world: World, tmp_path: Path, zygote: Zygote
) -> None:
    requests = undisturbed(scope, mode, world, tmp_path / "undisturbed", zygote)
    cases = drawn(meddlings_of(scope, mode, requests), PLAYED[SIZE], SEED)
    assert sum(in_turn(cases, perform, world, tmp_path, zygote)) >= enough(cases)


def test_a_run_that_revoked_what_it_saw_put_back_would_be_caught(world: World, tmp_path: Path, zygote: Zygote) -> None:
    play = MeddledPlay("organization", MODES["sweep after an overlap"], world, tmp_path, zygote)
    play.begin()
    play.meddle("second: old value")
    assert play.run(play.story.environment_now(), play.mode.environment).code == 4
    assert play.blind == []
    old, minter = play.story.old_key, play.story.inputs["api_key"]
    url = f"{world.neon.url}/organizations/{old.org_id}/api_keys/{old.key_id}"
    assert httpx.delete(url, headers={"Authorization": f"Bearer {minter}"}, trust_env=False).status_code == 200
    assert len(play.blind) == 1
