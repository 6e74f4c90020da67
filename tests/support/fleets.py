"""One key in an environment of the home repository, from which jobs read it, and in other repositories."""

from __future__ import annotations

import signal
from collections.abc import Mapping, Sequence

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, Story
from rotate.sandbox.world import World
from tests.support.runner import Ended, Runner

SECRET = "NEON_API_KEY"


class Fleet:
    """The world of one such key; `held` is what the others hold at first."""

    def __init__(self, world: World, story: Story, environment: str, others: Sequence[str], held: str) -> None:
        self.world, self.story, self.others = world, story, tuple(others)
        self._environment = environment
        world.github.add_environment(REPOSITORY, environment)
        world.github.set_secret(REPOSITORY, SECRET, story.old_key.value, environment=environment)
        world.github.vault(REPOSITORY).secrets.pop(SECRET)
        for name in others:
            world.github.add_repository(name)
            world.github.set_secret(name, SECRET, held, updated_days_ago=50)
        may = {**PERMISSIONS, "environments": "write"}
        self.token = world.github.add_token(repositories=dict.fromkeys((REPOSITORY, *others), may))

    @property
    def value(self) -> str:
        """What a job reads when it starts."""
        return self.world.github.secret(REPOSITORY, SECRET, environment=self._environment) or ""

    def held(self) -> list[str]:
        """What each of the others holds."""
        return [self.world.github.secret(name, SECRET) or "" for name in self.others]

    def killed(self, runner: Runner, environment: Mapping[str, str], at: Fault) -> Ended:
        """Run once, and be killed at a request."""
        self.world.faults.add(at)
        process = runner.begin(environment)
        self.world.victim = process.pid
        ended = runner.collect(process)
        assert ended.code == -signal.SIGKILL
        self.world.victim = None
        self.world.faults.reset()
        return ended
