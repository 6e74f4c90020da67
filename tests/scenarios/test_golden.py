"""What a person reads, word for word: the log and the job summary of each kind of ending.

`UPDATE_GOLDEN=1` writes the files anew; look at the difference before committing it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import Story, organization, personal
from rotate.sandbox.world import World
from tests.support.runner import Ended, Runner

GOLDEN = Path(__file__).resolve().parent / "golden"
CHANGING = (
    (r"::add-mask::\S+", "::add-mask::…"),
    (r"\d+\.\d+ s\b", "0.00 s"),
    (r"\| \d+\.\d\d \|", "| 0.00 |"),
    (r"(Seconds to \w+:) \d+\.\d\d", r"\1 0.00"),
    (r"(key(?:\\?_|_)[0-9a-z]{13}\.\d+\.1\.)[a-z0-9]{4}(\d)", r"\1xxxx\2"),
    (r"fingerprint [0-9a-f]{12}", "fingerprint 0123456789ab"),
    (r"(Started|died:|Seen dead:|died \||dead \|) \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", r"\1 2026-01-01 00:00:00 UTC"),
    (r"(next rotation|due since) \d{4}-\d\d-\d\d \d\d:\d\d UTC", r"\1 2026-01-01 00:00 UTC"),
    # The look that tells whether the key is alive goes out beside the list, and counts as a use in some runs only.
    (
        r"(Last use seen .*?UTC from )[\d.]+(: AFTER the exposure)(?: \(this run's own look counts as a use\))?",
        r"\g<1>192.0.2.10\2",
    ),
    (r"request [0-9a-f-]{36}", "request 00000000-0000-0000-0000-000000000000"),
)


def settled(ended: Ended) -> str:
    """Give the log and the summary without what changes from run to run; moves of one batch end in any order."""
    text = f"{ended.stdout}\n──────── job summary ────────\n{ended.summary}"
    for pattern, stable in CHANGING:
        text = re.sub(pattern, stable, text)
    return text


def rotated(world: World, runner: Runner) -> Ended:
    """An organization key is rotated."""
    return runner.run(organization(world).environment(), reason="exposed in a log of CI")


def first_run(world: World, runner: Runner) -> Ended:
    """Nothing says which key is replaced."""
    return runner.run(personal(world).environment(), old_key_id=None)


def planned(world: World, runner: Runner) -> Ended:
    """What would be done."""
    return runner.run(personal(world).environment(), command="plan", rotate_after="30d")


def exposed(world: World, runner: Runner) -> Ended:
    """Somebody else knows an organization key; a run under way holds it."""
    environment = organization(world).environment()
    world.github.add_run("octo-org/payments")
    since = "2026-01-31T22:15:00Z"
    return runner.run(environment, exposed="true", exposed_at=since, reason="seen in the log of run 4711")


def old_key_stays(world: World, runner: Runner) -> Ended:
    """Neon does not take the revoke."""
    story = personal(world)
    world.faults.add(Fault("status", server="neon", method="DELETE", code=500, times=None))
    return runner.run(story.environment())


def wrong_input(world: World, runner: Runner) -> Ended:
    """Every problem at once."""
    story: Story = personal(world)
    return runner.run(story.environment(), api_key=None, scope="galaxy", rotate_after="soon", repository="payments")


SCENES = {scene.__name__: scene for scene in (rotated, first_run, planned, exposed, old_key_stays, wrong_input)}


@pytest.mark.parametrize("scene", SCENES)
def test_it_reads_word_for_word(scene: str, world: World, runner: Runner) -> None:
    told, path = settled(SCENES[scene](world, runner)), GOLDEN / f"{scene}.txt"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(told)
    assert told == path.read_text()
