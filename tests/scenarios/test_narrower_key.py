"""What docs/narrower-key.md tells people to do, done in the pretend world; and who is pointed there."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml

from bench.haste import Haste
from rotate.sandbox.faults import Fault
from rotate.sandbox.neon.records import StoredKey
from rotate.sandbox.stories import ORGANIZATION, PROJECT, Story
from rotate.sandbox.world import World
from tests.support.matrix import SEED
from tests.support.pages import ROOT
from tests.support.runner import Runner, with_inputs
from tests.support.stories import STORIES, held, tells
from tests.support.zygote import Zygote

PAGE = (ROOT / "docs/narrower-key.md").read_text()


@dataclass(frozen=True, slots=True)
class Wide:
    """A world in which a secret holds a personal key, and what the page says to do about it."""

    story: Story
    wider: StoredKey
    minter: StoredKey
    inputs: dict[str, str]


@pytest.fixture
def wide(world: World) -> Wide:
    """Let a secret hold a personal key, made by hand, of a person who may also issue keys of an organization."""
    return made(world)


def made(world: World) -> Wide:
    """Make that world."""
    story = STORIES["personal"](world)
    user = story.old_key.user
    world.neon.add_organization(ORGANIZATION, admins=[user])
    world.neon.add_project(PROJECT, org_id=ORGANIZATION)
    minter = world.neon.add_key(user, name="minter")
    said = yaml.safe_load(PAGE.partition("```yaml\n")[2].partition("```")[0])
    inputs = {name: str(text) for name, text in said.items()}
    inputs |= {"api_key": minter.value, "current_key": story.old_key.value, "old_key_id": str(story.old_key.key_id)}
    return Wide(story, story.old_key, minter, inputs)


def narrowed(world: World, wide: Wide) -> StoredKey:
    """Assert that the secret holds a living key of the project, and that the minter lives; give that key."""
    now = world.neon.holder(held(world, wide.story))
    assert now
    assert (now.scope, now.project_id) == ("project", PROJECT)
    assert world.neon.is_live(now.value)
    assert world.neon.is_live(wide.minter.value)
    return now


@pytest.fixture
def haste(world: World) -> Haste:
    """Let the world pass faster, for steps that knock."""
    rushing = Haste(speed=20.0)
    rushing.rush(world.clock)
    return rushing


@pytest.mark.parametrize("word", ["its id", "auto"])
def test_the_page_puts_a_project_scoped_key_in_place_of_a_personal_one(
    word: str, world: World, wide: Wide, tmp_path: Path, zygote: Zygote, haste: Haste
) -> None:
    inputs = wide.inputs | ({"old_key_id": "auto"} if word == "auto" else {})
    ended = Runner(tmp_path / "1", zygote, haste, knocks=True).run(wide.story.environment(), **inputs)
    tells(ended, "rotated", 0)
    assert ended.report["trigger"] == "the secret holds a key of scope personal, and is to hold a narrower one"
    assert ended.outputs["revoked_key_ids"] == str(wide.wider.key_id)
    assert not world.neon.is_live(wide.wider.value)
    now = narrowed(world, wide)
    routine = wide.inputs | {"current_key": now.value, "old_key_id": None, "from_scope": None}
    tells(Runner(tmp_path / "2", zygote).run(wide.story.environment_now(), **routine), "rotated", 0)


def test_a_wider_key_that_nobody_named_lives_and_is_told(world: World, wide: Wide, runner: Runner) -> None:
    ended = runner.run(wide.story.environment(), **wide.inputs | {"old_key_id": None})
    tells(ended, "rotated", 0)
    assert [one["reason"] for one in ended.report["warnings"]] == ["wider-key-left"]
    assert ended.outputs["revoked_key_ids"] == ""
    assert world.neon.is_live(wide.wider.value)
    narrowed(world, wide)


def test_what_a_note_knows_needs_no_knock(world: World, wide: Wide, tmp_path: Path, zygote: Zygote) -> None:
    assert Runner(tmp_path / "earlier", zygote).run(wide.story.environment()).code == 0
    known = world.neon.holder(held(world, wide.story))
    assert known
    inputs = wide.inputs | {"current_key": known.value, "old_key_id": str(known.key_id)}
    ended = Runner(tmp_path / "narrower", zygote).run(wide.story.environment_now(), **inputs)
    tells(ended, "rotated", 0)
    assert ended.outputs["revoked_key_ids"] == str(known.key_id)
    narrowed(world, wide)


@pytest.mark.parametrize("knocks", [True, False])
def test_the_minter_that_was_named_by_mistake_lives(
    knocks: bool, world: World, wide: Wide, tmp_path: Path, zygote: Zygote, haste: Haste
) -> None:
    wrong = wide.inputs | {"old_key_id": str(wide.minter.key_id)}
    ended = Runner(tmp_path / "1", zygote, haste, knocks=knocks).run(wide.story.environment(), **wrong)
    assert ended.outputs["revoked_key_ids"] == ""
    assert (ended.reasons, ended.code) == ((["old-key-contradicted"], 4) if knocks else ([], 0))
    assert ("wider-key-left" in ended.stdout) != knocks
    now = narrowed(world, wide)
    assert world.neon.is_live(wide.wider.value)
    right = wide.inputs | {"current_key": now.value, "rotate_after": "30d"}
    again = Runner(tmp_path / "2", zygote, haste, knocks=True).run(wide.story.environment_now(), **right)
    # Where an earlier run was shown which key it is, the corrected line is enough.
    assert world.neon.is_live(wide.wider.value) != knocks
    assert again.code == 0
    narrowed(world, wide)


def test_the_minter_itself_is_never_revoked(world: World, wide: Wide, tmp_path: Path, zygote: Zygote) -> None:
    same = wide.inputs | {"api_key": wide.wider.value}
    refused = Runner(tmp_path / "1", zygote).run(wide.story.environment(), **same)
    tells(refused, "refused", 3)
    assert refused.reasons == ["old-key-is-minter"]
    added = Runner(tmp_path / "2", zygote).run(wide.story.environment(), **same | {"old_key_id": None})
    tells(added, "rotated", 0)
    assert "it is the minter" in added.stdout
    assert world.neon.is_live(wide.wider.value)
    narrowed(world, wide)


def test_the_key_of_another_account_cannot_go(world: World, wide: Wide, runner: Runner) -> None:
    other = world.neon.add_user("another@example.com")
    world.neon.organizations()[0].admins.append(other)
    minter = world.neon.add_key(other, name="minter of another account")
    ended = runner.run(wide.story.environment(), **wide.inputs | {"api_key": minter.value})
    tells(ended, "refused", 3)
    assert ended.reasons == ["another-account"]
    assert world.neon.is_live(wide.wider.value)


def test_a_key_of_the_organization_is_narrowed_to_a_project(
    world: World, tmp_path: Path, zygote: Zygote, haste: Haste
) -> None:
    story = STORIES["organization"](world)
    world.neon.add_project(PROJECT, org_id=ORGANIZATION)
    inputs = {"scope": "project", "project_id": PROJECT}
    pointed = Runner(tmp_path / "1", zygote, haste).run(story.environment(), **inputs)
    tells(pointed, "refused", 3)
    assert "    from_scope: organization" in pointed.stdout
    inputs |= {"from_scope": "organization"}
    ended = Runner(tmp_path / "2", zygote, haste, knocks=True).run(story.environment(), **inputs)
    tells(ended, "rotated", 0)
    assert ended.outputs["revoked_key_ids"] == str(story.old_key.key_id)
    now = world.neon.holder(held(world, story))
    assert now
    assert (now.scope, now.project_id) == ("project", PROJECT)
    assert not world.neon.is_live(story.old_key.value)


def test_an_overlap_holds_the_wider_key_until_a_later_run(
    world: World, wide: Wide, tmp_path: Path, zygote: Zygote, haste: Haste
) -> None:
    inputs = wide.inputs | {"overlap": "1h"}
    first = Runner(tmp_path / "1", zygote, haste, knocks=True).run(wide.story.environment(), **inputs)
    tells(first, "rotated", 0)
    assert first.outputs["revoked_key_ids"] == ""
    assert [one["key_id"] for one in json.loads(first.outputs["pending_revocation"])] == [wide.wider.key_id]
    assert "wider-key-left" not in first.stdout
    world.clock.advance(2 * 3600)
    now = inputs | {"current_key": narrowed(world, wide).value, "command": "sweep"}
    swept = Runner(tmp_path / "2", zygote, haste).run(wide.story.environment_now(), **now)
    assert swept.outputs["revoked_key_ids"] == str(wide.wider.key_id), swept.stdout
    narrowed(world, wide)


def test_killed_anywhere_the_next_run_ends_it(world: World, tmp_path: Path, zygote: Zygote) -> None:
    haste = Haste(speed=20.0)
    for number in range(8 + int(SEED) % 6, 80, 6):
        world.reset()
        story = made(world)
        haste.rush(world.clock)
        world.faults.add(Fault("death_before", number=number))
        killed = Runner(tmp_path / f"{number} killed", zygote, haste, knocks=True)
        process = killed.begin(with_inputs(story.story.environment(), **story.inputs))
        world.victim = process.pid
        code = killed.collect(process).code
        world.victim = None
        world.faults.reset()
        assert world.neon.is_live(held(world, story.story))
        if code == 0:
            break
        now = with_inputs(story.story.environment_now(), **story.inputs | {"current_key": held(world, story.story)})
        ended = Runner(tmp_path / f"{number}", zygote, haste, knocks=True).run(now)
        assert ended.code in (0, 4), ended.stdout
        narrowed(world, story)
        assert len([key for key in world.neon.live_keys() if key.project_id == PROJECT]) == 1, ended.stdout
    assert number > 40, "it was killed in the midst of everything"


ROW = {"id": 3300001, "name": "of the organization", "created_at": "2026-01-01T00:00:00Z", "created_by": {}}
LISTS = {
    "the personal list cannot be read": Fault("status", method="GET", path="/api_keys", code=500, times=None),
    "one id stands in both": Fault("status", path="/organizations/*/api_keys", code=200, body=[ROW], times=None),
}


@pytest.mark.parametrize("case", LISTS)
def test_without_two_lists_that_differ_nothing_is_changed(case: str, world: World, wide: Wide, runner: Runner) -> None:
    assert wide.wider.key_id == ROW["id"]
    world.faults.add(replace(LISTS[case]))
    ended = runner.run(wide.story.environment(), **wide.inputs)
    tells(ended, "failed", 1)
    assert ended.reasons == ["neon-unexpected-answer"]
    assert held(world, wide.story) == wide.wider.value


WRONG: dict[str, dict[str, str | None]] = {
    "wider": {"scope": "organization", "from_scope": "project", "project_id": None},
    "as wide": {"from_scope": "project"},
    "no word": {"from_scope": "everything"},
    "nothing to replace": {"old_key_id": "none"},
    "exposed": {"exposed": "true"},
    "no value": {"current_key": None},
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_be_is_told_before_contact(case: str, world: World, wide: Wide, runner: Runner) -> None:
    ended = runner.run(wide.story.environment(), **{**wide.inputs, **WRONG[case]})
    assert ended.code == 2
    assert "from_scope" in ended.stdout
    assert not len(world.ledger)


@pytest.mark.parametrize("scope", ["personal", "minter", "organization", "project"])
@pytest.mark.parametrize("command", ["check", "doctor"])
def test_who_holds_a_personal_key_is_pointed_to_the_page(
    command: str, scope: str, world: World, runner: Runner
) -> None:
    ended = runner.run(STORIES[scope](world).environment(), command=command)
    pointed = "docs/narrower-key.md" in ended.stdout or "can do in every organization and project" in ended.stdout
    assert pointed == (scope in {"personal", "minter"})
