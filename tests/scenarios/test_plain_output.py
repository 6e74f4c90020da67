"""A terminal, a pipe or a file that has no ✓ takes the report all the same."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from rotate.sandbox.stories import personal
from rotate.sandbox.world import World
from tests.support.runner import ROOT
from tests.support.stories import at_rest


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii"])
def test_a_key_is_rotated_whatever_the_output_can_print(encoding: str, world: World) -> None:
    story = personal(world)
    given = story.environment()
    passed = {name: text for name, text in os.environ.items() if name.startswith(("COVERAGE_", "COV_", "PATH"))}
    secrets = {"NEON_API_KEY": given["INPUT_API_KEY"], "GITHUB_TOKEN": given["INPUT_GITHUB_TOKEN"]}
    where = ["--repository", story.repository, "--api-host", world.neon.url, "--old-key-id", str(story.old_key.key_id)]
    ended = subprocess.run(
        [sys.executable, "-B", "-m", "tests.support.quiet_cli", "rotate", *where],
        cwd=ROOT,
        env={**passed, **secrets, "GITHUB_API_URL": world.github.url, "PYTHONIOENCODING": encoding},
        capture_output=True,
        timeout=60,
        check=False,
    )
    told = ended.stdout.decode(encoding)
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ("ok  2 issue" in told, "[ok] Rotated" in told) == (True, True), told
    at_rest(world, story)
