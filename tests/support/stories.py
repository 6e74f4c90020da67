"""What every scenario asks of a world after a rotation, whatever the scope."""

from __future__ import annotations

from collections.abc import Callable

from rotate.sandbox.neon.records import StoredKey
from rotate.sandbox.stories import Story, organization, personal, personal_with_minter, project
from rotate.sandbox.world import World
from tests.support.runner import Ended

STORIES: dict[str, Callable[[World], Story]] = {
    "personal": personal,
    "minter": personal_with_minter,
    "organization": organization,
    "project": project,
}
SCOPES = ("personal", "organization", "project")


def lineage_keys(world: World, story: Story) -> list[StoredKey]:
    """Give the live keys that this story is about: the old one and what was issued by marker."""
    return [
        key
        for key in world.neon.live_keys()
        if key.key_id == story.old_key.key_id or key.name.startswith(story.lineage + "_")
    ]


def held(world: World, story: Story) -> str:
    """Give the value that the repository secret holds."""
    return world.github.secret(story.repository, story.secret_name) or ""


def at_rest(world: World, story: Story) -> StoredKey:
    """Assert that one key of the lineage lives and the secret holds it; give that key."""
    alive = lineage_keys(world, story)
    assert [held(world, story)] == [key.value for key in alive], "the secret holds the one live key"
    assert f"{story.secret_name}_ROTATION_LOCK" not in world.github.variables(story.repository), "no lock is left"
    return alive[0]


def access_was_never_lost(world: World, story: Story) -> None:
    """Assert that the secret holds a live key right now."""
    assert world.neon.is_live(held(world, story)), "the secret holds a live key"


def untouched(world: World, story: Story) -> None:
    """Assert that nothing at all was changed."""
    assert held(world, story) == story.old_key.value
    assert lineage_keys(world, story) == [story.old_key]
    assert not [entry for entry in world.ledger if entry.method != "GET"]


def tells(ended: Ended, status: str, code: int) -> None:
    """Assert the verdict in every place where it is told."""
    assert (status, code) == (ended.outputs.get("status"), ended.code), ended.stdout + ended.stderr
    assert ended.report["status"] == status
    assert ended.report["exit_code"] == code
    assert ended.outputs["rotated"] == ("true" if status == "rotated" else "false")
    assert ended.stderr == ""
