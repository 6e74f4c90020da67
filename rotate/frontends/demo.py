"""Run a story in the sandbox and narrate it: the whole job, without an account, in a few seconds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from rotate.context import REASONS
from rotate.errors import ExitCode
from rotate.frontends import session
from rotate.protocol.facts.events import Event
from rotate.protocol.story.report import Report
from rotate.reporters.step_summary import render
from rotate.secret import Secret
from rotate.settings.action_inputs import read_context, read_inputs
from rotate.wire.clock import SystemClock

if TYPE_CHECKING:
    from rotate.sandbox.stories import Story
    from rotate.sandbox.world import World

NEEDS = """\
The demo plays in a pretend world that is an extra of its own. From a clone: make demo
With pip: install neon-rotate[sandbox]. It is not in the image, so that the image cannot act out a rotation.
"""
WHY = {
    "observe": "Preflight: every reading goes out at once, every guard is heard, nothing is changed yet.",
    "lock": "Two runs at once could break each other, so one variable is created atomically.",
    "issue": "Neon shows a value once. Its name carries a marker, so that a lost reply can be found again.",
    "verify": "A key that does not work, or reaches further than the old one, is never spread.",
    "put": "Sealed for the repository's public key (libsodium), overwritten in place, never deleted.",
    "knock": "No call maps a value to its id. The row that follows a pattern which only this run knows is the one.",
    "note": "What the next run needs to know if this one dies now. Never a secret.",
    "confirm": "Accepted is not stored: the write time must have moved.",
    "probe": "The control: a 401 afterwards proves nothing about a key that was dead before.",
    "fence": "Nothing irreversible with a lock that somebody else has taken over.",
    "revoke": "Only now, and with the new key: every destination surely holds it.",
    "prove": "Only a 401 is a death certificate. The list is the second witness.",
    "release": "The next run may begin.",
}


def main(story: str, out: TextIO) -> int:
    """Play `personal`, `organization` or `project`; give 0 if the rotation and every check from outside held."""
    try:
        from rotate.sandbox import stories
        from rotate.sandbox.world import World
    except ImportError:
        out.write(NEEDS)
        return ExitCode.CONFIGURATION
    scripts: dict[str, Callable[[World], Story]] = {
        "personal": stories.personal,
        "organization": stories.organization,
        "project": stories.project,
    }
    with World() as world:
        world.neon.use_grain = 0.0  # the finer Neon's times, the shorter the knock
        return _play(world, scripts[story](world), out)


def _play(world: World, story: Story, out: TextIO) -> int:
    narrator = Narrator(out)
    environment = story.environment()
    old = story.old_key
    narrator.chapter("The world before")
    narrator.say(f"A pretend Neon at {world.neon.url} and a pretend GitHub at {world.github.url}.")
    narrator.fact(f"key {old.key_id} ({old.name})", _answers(live=world.neon.is_live(old.value)))
    narrator.fact(f"secret {story.secret_name} of {story.repository}", "holds that key")
    narrator.chapter("The rotation")
    stop = threading.Event()
    around = session.Surroundings([narrator], _nothing_to_hide, str, SystemClock(stop), stop)
    report = session.run(read_inputs(environment), read_context(environment), around)
    narrator.chapter("The world after, seen from outside")
    held = world.github.secret(story.repository, story.secret_name) or ""
    new = next((key for key in world.neon.live_keys() if key.value == held), None)
    dead = not world.neon.is_live(old.value)
    narrator.fact(f"key {old.key_id} ({old.name})", _answers(live=not dead))
    narrator.fact(f"the sealed box for {story.secret_name}, opened by GitHub", _holds(new.key_id if new else None))
    narrator.chapter("The job summary that a workflow run would show")
    out.write(render(report, REASONS) + "\n")
    return report.exit_code if report.exit_code or (new and dead) else ExitCode.FAILED


def _answers(*, live: bool) -> str:
    return "answers 200: alive" if live else "answers 401: dead"


def _holds(key_id: int | None) -> str:
    return f"holds key {key_id}, which is alive" if key_id else "holds no key that is alive"


def _nothing_to_hide(_: Secret) -> None:
    """The pretend world's keys open nothing."""


class Narrator:
    """Implements `ports.Reporter` for somebody who watches for the first time."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._said: set[str] = set()

    def chapter(self, title: str) -> None:
        """Begin a part of the story."""
        self._out.write(f"\n{title}\n{'─' * len(title)}\n")

    def say(self, sentence: str) -> None:
        """Tell one sentence."""
        self._out.write(f"{sentence}\n")

    def fact(self, subject: str, state: str) -> None:
        """Tell how something stands."""
        self._out.write(f"  {subject}\n      → {state}\n")

    def begin(self, credential: str) -> None:
        """Tell that the next of several credentials begins."""
        self.chapter(credential)

    def tell(self, event: Event) -> None:
        """Tell one move, and why it is made."""
        mark = "✓" if event.ok else "✗"
        self._out.write(f"  {event.step:>2} {mark} {event.name} {event.subject}\n")
        if event.detail:
            self._out.write(f"       → {event.detail}\n")
        why = WHY.get(event.name, "")
        if why and why not in self._said:
            self._said.add(why)
            self._out.write(f"       {why}\n")
        self._out.flush()

    def close(self, report: Report) -> None:
        """Tell how it ended."""
        self._out.write(f"\n  {report.status}: {report.why}\n")
