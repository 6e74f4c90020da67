"""`neon-rotate local`: what it takes, who is asked before a write, and how far a search is."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from rotate.context import Context
from rotate.errors import RotateError, one_line
from rotate.frontends import session
from rotate.machine import this_machine
from rotate.settings.inputs import INPUTS
from rotate.settings.local import INPUTS as OURS
from rotate.settings.local import of_machine
from rotate.settings.places import words
from rotate.wire.workflow_commands import disarmed, send

if TYPE_CHECKING:
    from rotate.commands.local.survey import Wanted
    from rotate.protocol.story.report import Report
    from rotate.run.lines import Lines
    from rotate.settings.model import Settings

ABOUT = "where keys lie on this machine, and write the standing one in the place of those that it superseded"
WHAT = {
    "find": "where keys lie on this machine and in this checkout; changes nothing, asks nobody",
    "apply": "write the standing key, NEON_API_KEY, where a superseded one lies",
    "rotate": "rotate the key, and write the new one wherever the old one lies",
    "pull": "fetch the standing key from a secret manager, and write it where a superseded one lies",
}
FIND, APPLY, ROTATE, PULL = WHAT
# A search that takes longer than so many seconds says how far it is, so often a second.
QUIET, OFTEN = 2.0, 0.2
CLEARED = "\r\x1b[K"
LONGEST = 1000


def with_find(arguments: Sequence[str]) -> list[str]:
    """Let `local` alone mean `local find`."""
    first, *rest = [*arguments, ""]
    bare = first == "local" and rest[0] not in WHAT and rest[0] not in ("-h", "--help")
    return ["local", FIND, *arguments[1:]] if bare else list(arguments)


def add(parser: ArgumentParser, flags: Callable[[ArgumentParser], None], epilog: str) -> None:
    """Add the words that may follow, each with its flags. `flags` adds those of a rotation."""
    inner = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    for word, about in WHAT.items():
        one = inner.add_parser(
            word,
            help=about,
            description=f"{about[0].upper()}{about[1:]}.",
            epilog=epilog,
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if word == ROTATE:
            flags(one)
            one.add_argument("--dry-run", action="store_const", const="true", help="say what would be done")
        else:
            _flags(one, word)
        if word != FIND:
            one.add_argument("--yes", action="store_true", help="write without a question")


def _flags(parser: ArgumentParser, word: str) -> None:
    for one in INPUTS:
        if one.name in OURS:
            parser.add_argument(f"--{one.name.replace('_', '-')}", metavar=one.takes, help=one.about)
    if word == FIND:
        parser.add_argument("--probe", action="store_true", help="ask Neon whether each value lives")
    if word == PULL:
        parser.add_argument("--from", dest="source", metavar="ADDRESS", required=True, help="where it is fetched")
        parser.add_argument("--destinations", metavar="ADDRESSES", help="write these, in place of a search")
    parser.add_argument("--report", metavar="DIRECTORY", help="write the JSON report there")


def run(asked: Namespace, raw: Mapping[str, str], context: Context, around: session.Surroundings) -> Report:
    """Do what was asked, and tell the reporters."""
    if asked.what == ROTATE:
        return _rotate(asked, raw, context, around)
    return session.beside(raw, context, around, partial(_work, asked, raw, context, around))


def _work(
    asked: Namespace, raw: Mapping[str, str], context: Context, around: session.Surroundings, lines: Lines
) -> Report:
    from rotate.commands.local import apply
    from rotate.commands.local.find import find
    from rotate.commands.local.noted import noted
    from rotate.commands.local.writing import Doors
    from rotate.protocol.story.report import without_contact

    settings, problems = of_machine(raw, context, around.hide, key=asked.what == APPLY)
    if problems:
        return without_contact(problems, around.clock.now(), around.clock.now())
    note, unread = noted(settings, context, lines, around.stop)
    with _wanted(asked, settings, around) as begun:
        wanted = replace(begun, note=note, unread=unread)
        if asked.what == FIND:
            return find(wanted, lines.means)
        doors = Doors(settings, context, lines, around.stop)
        if asked.what == APPLY:
            return apply.apply(wanted, lines.means, doors, settings.api_key)
        standing = apply.pulled(doors, asked.source, around.hide)
        if asked.destinations:
            return apply.into(words(asked.destinations), wanted, lines.means, doors, standing)
        return apply.apply(wanted, lines.means, doors, standing)


def _rotate(asked: Namespace, raw: Mapping[str, str], context: Context, around: session.Surroundings) -> Report:
    """Rotate, with every place that holds the key and can be written as a destination."""
    run = {**raw, "command": ROTATE}
    settings, problems = of_machine(raw, context, around.hide, key=True)
    if problems:
        return session.run(run, context, around, problems)
    found = session.guarded(partial(_places, asked, settings, around))
    if isinstance(found, RotateError):
        return session.run(run, context, around, (found,))
    if settings.keeper and not raw.get("repository"):
        run["note_file"] = settings.keeper.where
    run["destinations"] = "\n".join(filter(None, (found, raw.get("destinations", ""))))
    return session.run(run, context, around)


def _places(asked: Namespace, settings: Settings, around: session.Surroundings) -> str:
    """Give every place that holds the key, as the input takes them. Raises `Refused` where nobody agrees to them."""
    from rotate.commands.local.rotating import as_input, holding
    from rotate.commands.local.writing import not_agreed

    with _wanted(asked, settings, around) as wanted:
        found = holding(wanted, around.hide)
        missed = [problem.message for problem in found.left_out]
        if not (asked.dry_run or wanted.agreed(found.addresses, [*found.by_hand, *missed])):
            raise not_agreed(found.addresses)
    return as_input(found.addresses)


@contextmanager
def _wanted(asked: Namespace, settings: Settings, around: session.Surroundings) -> Iterator[Wanted]:
    from rotate.commands.local.survey import Wanted

    person = Person(around, yes=asked.what != FIND and asked.yes)
    try:
        machine = this_machine(around.environment)
        yield Wanted(settings, machine, person.hear, person.agrees, probe=asked.what == FIND and asked.probe)
    finally:
        person.alone()


class Person:
    """Who sits at the terminal, where there is one: sees how far a search is, and agrees to writes. `yes`: they have
    agreed already."""

    def __init__(self, around: session.Surroundings, *, yes: bool) -> None:
        self._out, self._told, self._in = sys.stdout, sys.stderr, sys.stdin
        self._clock, self._scrub, self._yes = around.clock, around.scrub, yes
        self._next = around.clock.monotonic() + QUIET
        self._shown = False

    def hear(self, files: int) -> None:
        """Show how many files were looked at so far, in one line of a terminal, once a search takes long."""
        now = self._clock.monotonic()
        if now >= self._next and self._told.isatty():
            self._next, self._shown = now + OFTEN, True
            self._told.write(f"\r{files:,} files looked at … ")
            self._told.flush()

    def alone(self) -> None:
        """Take that line away."""
        if self._shown:
            self._told.write(CLEARED)
            self._told.flush()
            self._shown = False

    def agrees(self, addresses: Sequence[str], by_hand: Sequence[str] = ()) -> bool:
        """Show what would be written, and what a person must write by hand; ask, where somebody can answer."""
        self.alone()
        self._say("These places would hold the new key:", addresses)
        self._say("These hold the old one too, or may, and are to be looked at by hand:", by_hand)
        if self._yes:
            return True
        if not (self._in.isatty() and self._out.isatty()):
            return False
        self._out.write("Write it there? [y/N] ")
        self._out.flush()
        return self._in.readline().strip().lower() in ("y", "yes")

    def _say(self, heading: str, places: Sequence[str]) -> None:
        for line in (heading, *(f"  {one_line(place, LONGEST)}" for place in places)) if places else ():
            send(self._out, disarmed(self._scrub(line)))
