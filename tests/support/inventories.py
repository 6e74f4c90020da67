"""An account and an organization with keys of every kind, and what must hold of an inventory of them."""

from __future__ import annotations

from collections.abc import Iterable

from rotate.sandbox.ledger import Entry
from rotate.sandbox.neon.records import StoredKey, User
from rotate.sandbox.stories import ORGANIZATION, REPOSITORY, personal
from rotate.sandbox.world import World
from tests.support.openapi import check
from tests.support.runner import Ended

HOSTILE = "<script>alert(1)</script>\"'><img src=//x>\u202e"


class Holding:
    """A story whose user belongs to an organization, with keys about which something stands out."""

    def __init__(self, world: World) -> None:
        self.world, self.story = world, personal(world)
        neon, self.ada = world.neon, self.story.old_key.user
        self.bob, self.eve = neon.add_user("bob"), neon.add_user("eve")
        neon.add_organization(ORGANIZATION, admins=[self.ada], members=[self.bob])
        self.github = neon.add_key(self.ada, name="API key for GitHub (x)", created_days_ago=3, last_used_days_ago=1)
        self.hostile = neon.add_key(self.ada, name=HOSTILE, created_days_ago=800, last_used_days_ago=300)
        self.minted = neon.add_key(self.bob, name="neonctl-init-17", org_id=ORGANIZATION, created_days_ago=9)
        self.left = self.of_organization(self.eve, "deploys", 700, 1)
        self.later = self.of_organization(self.bob, "deploys 2", 500, 5)
        self.well = self.of_organization(self.bob, "payments", 60, 0.5, project_id="tiny-lake")
        world.ledger.clear()

    def of_organization(self, user: User, name: str, made: float, used: float, **more: str) -> StoredKey:
        """Make one of the organization's."""
        return self.world.neon.add_key(
            user, name=name, org_id=ORGANIZATION, created_days_ago=made, last_used_days_ago=used, **more
        )

    def environment(self) -> dict[str, str]:
        """Give the environment of a step that asks for the inventory."""
        given = {name: text for name, text in self.story.environment().items() if name != "INPUT_OLD_KEY_ID"}
        self.world.ledger.clear()
        return {**given, "INPUT_COMMAND": "inventory"}


def only_reads(entries: Iterable[Entry]) -> None:
    """Assert that nothing was changed but the repository's issues, and that each exchange is as described."""
    every = list(entries)
    sent = [entry for entry in every if entry.method != "GET" and f"/repos/{REPOSITORY}/issues" not in entry.path]
    assert [entry.line for entry in sent] == []
    check(every)


def found(ended: Ended) -> dict[int, list[str]]:
    """Give the findings of each key that has any."""
    return {row["id"]: row["findings"] for row in ended.report["inventory"]["keys"] if row["findings"]}


def silent(holding: Holding, ended: Ended) -> None:
    """Assert that no value is in anything that came out, but for the runner's own masking command."""
    told = "\n".join(line for line in ended.stdout.splitlines() if not line.startswith("::add-mask::"))
    texts = [told, ended.stderr, *ended.files.values()]
    for key in holding.world.neon.issued():
        assert not any(key.value[-20:] in text for text in texts)


def warned(ended: Ended) -> list[str]:
    """Give the reasons of the warnings."""
    return [warning["reason"] for warning in ended.report["warnings"]]
