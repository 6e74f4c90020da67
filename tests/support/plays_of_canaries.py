"""A rotation with a canary: what may hold an older key is cut off only once a consumer of the new one succeeded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rotate.sandbox.github.records import Run
from rotate.sandbox.world import World
from tests.support.canaries import FILE, MAY, with_canary
from tests.support.plays import Play
from tests.support.runner import Ended
from tests.support.stories import held

SECONDS = 2.0  # two looks of a run that waits for it


class CanaryPlay(Play):
    """`unproven`: keys that somebody may have held, revoked before the canary succeeded with what the secret held."""

    def __init__(self, *story: Any) -> None:
        self.unproven: list[int] = []
        self._known: set[str] = set()
        self._dead: set[int] = set()
        self._asked: dict[int, tuple[Run, str]] = {}
        super().__init__(*story)

    def _prepare(self) -> None:
        self.world.github.add_workflow(self.story.repository, FILE, seconds=SECONDS)
        self._may({self.story.repository: MAY})

    def _given(self, environment: dict[str, str], workspace: Path) -> dict[str, str]:
        return with_canary(self.story, environment, workspace)

    def _look(self, world: World | None = None) -> None:
        super()._look(world)
        value = held(self.world, self.story)
        self._known.add(value)
        for run in list(self.world.github.repository(self.story.repository).runs.values()):
            if run.path.endswith(FILE):
                self._asked.setdefault(run.run_id, (run, value))
        died = {key.key_id for key in self.world.neon.issued() if key.revoked and key.value in self._known} - self._dead
        self._dead |= died
        if not any(run.conclusion == "success" and known == value for run, known in self._asked.values()):
            self.unproven += sorted(died)

    def finish(self, ended: Ended) -> None:
        """Assert that besides."""
        super().finish(ended)
        assert self.unproven == [], "an older key goes only after the canary has succeeded with the new value"
