"""What a remedy gives to paste for a workflow becomes flags and variables on the command line."""

from __future__ import annotations

import pytest

from rotate.frontends import cli
from rotate.frontends.pasted import for_command_line
from rotate.sandbox.stories import personal
from rotate.sandbox.world import World
from tests.frontends.test_cli import environment, flags

FLAGS = ("old_key_id", "exposed", "ignore_shadows", "give_up", "secret_name")
VARIABLES = {"current_key": ("NEON_CURRENT_KEY",), "github_token": ("GH_TOKEN", "GITHUB_TOKEN")}


@pytest.mark.parametrize(
    ("yaml", "spoken"),
    [
        ("    old_key_id: 1234567", "    --old-key-id 1234567"),
        ("    old_key_id: …    # the one in the secret", "    --old-key-id …    # the one in the secret"),
        ("    exposed: true", "    --exposed"),
        ("    ignore_shadows: '*'", "    --ignore-shadows '*'"),
        ("    ignore_shadows: preview/*, staging", "    --ignore-shadows 'preview/*, staging'"),
        ("    current_key: ${{ secrets.NEON_API_KEY }}", "    export NEON_CURRENT_KEY=…"),
        ("    github_token: ${{ secrets.X }}  # it", "    export GH_TOKEN=…  # it"),
        ("    time_limit: 24h", "    time_limit: 24h"),
        ("Set `old_key_id`:", "Set `old_key_id`:"),
        (
            "    give_up: |\n      a/b · actions · X\n      c/d\n\nElse:",
            "    --give-up 'a/b · actions · X,c/d'\n\nElse:",
        ),
        ("    give_up: |\n      a/b", "    --give-up a/b"),
    ],
)
def test_lines_that_set_an_input_become_flags_and_variables(yaml: str, spoken: str) -> None:
    assert for_command_line(yaml, FLAGS, VARIABLES) == spoken


def test_a_laptop_is_told_flags_and_they_work(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    story = personal(world)
    assert cli.main(["rotate", *flags(world)], environment(story.environment())) == 3
    told = capsys.readouterr().out
    line = next(line for line in told.splitlines() if line.startswith(f"    --old-key-id {story.old_key.key_id}"))
    assert "old_key_id:" not in told
    assert cli.main(["rotate", *flags(world), *line.partition("#")[0].split()], environment(story.environment())) == 0
