"""CPU of a rotation among 1 and among 10,000 keys of the same account: what each key more costs."""

from __future__ import annotations

import os
import subprocess
import tempfile

from bench.measure import QUIET, ROOT, environment
from rotate.sandbox.stories import personal
from rotate.sandbox.world import World

# Neon's own advice is to stay below so many.
MANY = 10_000
ROUNDS = 3


def cpu_among(others: int) -> float:
    """Rotate once beside so many keys that are not ours; give the CPU seconds of the whole run.

    Without a knock, which comes once in a lineage's life and lists the keys a number of times that it draws.

    Raises:
        RuntimeError: the rotation failed.
    """
    with World() as world, tempfile.TemporaryDirectory() as directory:
        story = personal(world)
        for number in range(others):
            world.neon.add_key(story.old_key.user, name=f"service {number}", last_used_days_ago=number % 90)
        given = environment(story.environment(), directory)
        with subprocess.Popen(QUIET, env=given, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"the rotation among {others} keys ended with {process.returncode}")
    return used.ru_utime + used.ru_stime


def cpu_more(many: int = MANY, rounds: int = ROUNDS) -> float:
    """Give how many CPU seconds a rotation takes more among many keys than alone, each the least of all rounds."""
    pairs = [(cpu_among(1), cpu_among(many)) for _ in range(rounds)]
    return min(pair[1] for pair in pairs) - min(pair[0] for pair in pairs)
