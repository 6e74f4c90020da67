"""A note in which places have the names of earlier versions is read, and written anew with addresses."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, personal
from rotate.sandbox.world import World
from tests.support.resealing import rewrite
from tests.support.runner import Runner
from tests.support.stories import held, tells

OTHER, NOTE = "octo-org/other", "NEON_API_KEY_ROTATION"
FORMER = [f"{REPOSITORY} · actions · NEON_API_KEY", f"{OTHER} · dependabot · NEON_API_KEY"]
ADDRESSES = f"github://{REPOSITORY}, github://{OTHER}?store=dependabot"


@pytest.mark.parametrize(
    ("now", "reasons"), [(ADDRESSES, []), (f"github://{REPOSITORY}", ["destination-dropped"])], ids=["all", "one less"]
)
def test_an_earlier_versions_note_knows_its_places(now: str, reasons: list[str], world: World, runner: Runner) -> None:
    story = personal(world)
    world.github.add_repository(OTHER)
    world.github.set_secret(OTHER, "NEON_API_KEY", story.old_key.value, store="dependabot", updated_days_ago=9)
    rights = {**PERMISSIONS, "dependabot_secrets": "write"}
    token = world.github.add_token(repositories={REPOSITORY: rights, OTHER: rights})
    inputs: Mapping[str, str] = {"github_token": token, "repository": ""}
    tells(runner.run(story.environment(), destinations=ADDRESSES, **inputs), "rotated", 0)
    assert noted(world) == [f"github://{REPOSITORY}#NEON_API_KEY", f"github://{OTHER}?store=dependabot#NEON_API_KEY"]
    rewrite(world, REPOSITORY, NOTE, held(world, story), destinations=FORMER)
    ended = runner.run(story.environment_now(), destinations=now, old_key_id=None, **inputs)
    assert (ended.code, ended.reasons) == (3 if reasons else 0, reasons)
    if reasons:
        assert f"github://{OTHER}?store=dependabot#NEON_API_KEY" in ended.report["problems"][0]["message"]
        assert noted(world) == FORMER
    else:
        assert all(name.startswith("github://") for name in noted(world))


def noted(world: World) -> list[str]:
    """Give the destinations that the note names."""
    return list(json.loads(world.github.variable(REPOSITORY, NOTE) or "")["destinations"])
