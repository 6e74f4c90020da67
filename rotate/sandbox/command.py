"""`python -m rotate.sandbox`: the pretend world by itself, until Ctrl-C, with the environment to rotate in it."""

from __future__ import annotations

import argparse
import shlex
import signal
from collections.abc import Sequence
from typing import TextIO

from rotate.sandbox.stories import STORIES, Story
from rotate.sandbox.world import World

NAMES = {"INPUT_API_KEY": "NEON_API_KEY", "INPUT_CURRENT_KEY": "NEON_CURRENT_KEY", "INPUT_GITHUB_TOKEN": "GITHUB_TOKEN"}


def main(arguments: Sequence[str] | None, out: TextIO) -> int:
    """Open a world, say how to rotate in it, and serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser("python -m rotate.sandbox", description=__doc__)
    parser.add_argument("--story", choices=list(STORIES), default="personal")
    parser.add_argument("--neon-port", type=int, default=0)
    parser.add_argument("--github-port", type=int, default=0)
    asked = parser.parse_args(arguments)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    with World(neon_port=asked.neon_port, github_port=asked.github_port) as world:
        for line in _directions(world, STORIES[asked.story](world)):
            print(line, file=out, flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    return 0


def _directions(world: World, story: Story) -> list[str]:
    environment = story.environment()
    secrets = [f"export {new}={shlex.quote(environment[old])}" for old, new in NAMES.items() if old in environment]
    flags = [
        f"--{name.removeprefix('INPUT_').lower().replace('_', '-')} {shlex.quote(text)}"
        for name, text in environment.items()
        if name.startswith("INPUT_") and name not in NAMES
    ]
    return [
        f"# A pretend Neon at {world.neon.url} and a pretend GitHub at {world.github.url}. Its keys open nothing.",
        f"export GITHUB_API_URL={world.github.url}",
        *secrets,
        f"neon-rotate rotate --repository {story.repository} {' '.join(flags)}",
    ]
