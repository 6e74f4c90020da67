"""What docs/narrower-key.md tells people to do, done in the pretend world; and who is pointed there."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from rotate.sandbox.stories import ORGANIZATION, PROJECT, REPOSITORY
from rotate.sandbox.world import World
from tests.pages import ROOT
from tests.runner import Runner
from tests.scenarios.stories import STORIES, held, tells
from tests.zygote import Zygote

PAGE = (ROOT / "docs/narrower-key.md").read_text()
NOTE = "NEON_API_KEY_ROTATION"


def test_a_project_scoped_key_takes_the_place_of_a_personal_one(world: World, tmp_path: Path, zygote: Zygote) -> None:
    story = STORIES["personal"](world)
    assert Runner(tmp_path / "earlier", zygote).run(story.environment()).code == 0
    wider = held(world, story)
    user = story.old_key.user
    world.neon.add_organization(ORGANIZATION, admins=[user])
    world.neon.add_project(PROJECT, org_id=ORGANIZATION)
    minter = world.neon.add_key(user, name="minter")
    del world.github.repository(REPOSITORY).variables[NOTE]
    inputs = yaml.safe_load(PAGE.partition("```yaml\n")[2].partition("```")[0])
    asked = {name: str(text) for name, text in inputs.items()} | {"api_key": minter.value}
    tells(Runner(tmp_path / "narrower", zygote).run(story.environment(), **asked), "rotated", 0)
    now = world.neon.holder(held(world, story))
    assert now
    assert (now.scope, now.project_id) == ("project", PROJECT)
    assert world.neon.is_live(wider), "nothing is down until a person revokes it"
    routine = asked | {"current_key": now.value, "old_key_id": None}
    tells(Runner(tmp_path / "routine", zygote).run(story.environment_now(), **routine), "rotated", 0)


@pytest.mark.parametrize("scope", ["personal", "minter", "organization", "project"])
@pytest.mark.parametrize("command", ["check", "doctor"])
def test_who_holds_a_personal_key_is_pointed_to_the_page(
    command: str, scope: str, world: World, runner: Runner
) -> None:
    ended = runner.run(STORIES[scope](world).environment(), command=command)
    pointed = "docs/narrower-key.md" in ended.stdout or "can do in every organization and project" in ended.stdout
    assert pointed == (scope in {"personal", "minter"})
