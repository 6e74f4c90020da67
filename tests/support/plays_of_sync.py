"""A key that stands at home and is written to other places by `sync`, whole or a shard of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rotate.sandbox.stories import PERMISSIONS
from rotate.sandbox.world import World
from tests.support.plays import Play
from tests.support.runner import Ended, with_inputs
from tests.support.stories import held

STALE = "stale"


class SyncPlay(Play):
    """`strange`: what a place held that is neither what it held before nor the value at hand."""

    def __init__(self, *story: Any) -> None:
        self.strange: list[str] = []
        super().__init__(*story)

    def _prepare(self) -> None:
        for place in self.mode.places:
            self.world.github.add_repository(place)
            self.world.github.set_secret(place, self.story.secret_name, STALE, updated_days_ago=50)
        self._may(dict.fromkeys((self.story.repository, *self.mode.places), PERMISSIONS))

    def _given(self, environment: dict[str, str], workspace: Path) -> dict[str, str]:
        if environment.get("INPUT_COMMAND") != "sync":
            return environment
        value = held(self.world, self.story)
        return with_inputs(environment, api_key=value, current_key=None, old_key_id=None)

    def begin(self) -> None:
        """Remember which keys there are: no sync issues or revokes any."""
        super().begin()
        self._keys = [(key.key_id, key.revoked) for key in self.world.neon.issued()]

    def _look(self, world: World | None = None) -> None:
        super()._look(world)
        home, *others = self._held()
        self.strange += (text for text in others if text not in (home, STALE))

    def finish(self, ended: Ended) -> None:
        """Assert that its places hold what stands at home, those of other shards what they held, and that is all."""
        assert [(key.key_id, key.revoked) for key in self.world.neon.issued()] == self._keys, "no key comes or goes"
        home, *others = self._held()
        assert home == self.alive[-1].value, "the value at hand is the newest live key's"
        expected = [home if place in self.mode.written else STALE for place in self.mode.places]
        assert others == expected, "every place that is to be written holds the value, and no other"
        assert self.strange == [], "at no moment does a place hold anything else"
        assert self.is_noted(), "the note confirms it still"
        assert not self.is_locked, "no lock is left"
        assert not self.lost, f"access was lost at requests {self.lost}"
        self.nothing_else_was_touched()
