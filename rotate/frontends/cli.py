"""The command line: the same commands as the action, on a laptop, in another CI system, or in the image.

Secrets come from the environment alone: an argument list is readable by every process of the machine.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NoReturn

from rotate import __version__
from rotate.context import Context
from rotate.frontends import session
from rotate.frontends.pasted import for_command_line
from rotate.ports import Reporter, Scrub
from rotate.protocol.facts.model import Scope
from rotate.protocol.facts.policy import Command
from rotate.reporters import for_runner, for_terminal
from rotate.secret import Secret
from rotate.settings.action_inputs import read_context
from rotate.settings.asked import IN_THE_FILE, policy_of
from rotate.settings.inputs import INPUTS
from rotate.settings.parse import without_values
from rotate.wire.clock import SystemClock, stop_on_signals
from rotate.wire.masking import Veil
from rotate.wire.plain_letters import forgiving
from rotate.wire.workflow_commands import disarmed

ABOUT = "Rotate a Neon API key without breaking anything, and prove that the old one is dead."
SECRETS_FROM = """\
secrets, from the environment only:
  NEON_API_KEY      the key to authenticate with: the one being replaced, or the minter
  NEON_CURRENT_KEY  the key being replaced, when NEON_API_KEY is the minter
  GITHUB_TOKEN      a token that may write the repository's secrets and variables; GH_TOKEN counts before it
  GITHUB_APP_PRIVATE_KEY  the private key of a GitHub App, in place of a token; with --app-id
"""
EXIT_CODES = """\
exit codes:
  0   done, or nothing to do          3   refused: nothing was changed
  1   failed: the key in use is safe  4   incomplete: both keys are valid, run it again
  2   wrong input, nothing contacted  70  a bug; nothing was revoked after it
"""
START = """\
first steps:
  neon-rotate demo                                       watch it work against a pretend Neon and GitHub
  neon-rotate plan   --repository owner/name             what would be done; changes nothing
  neon-rotate rotate --repository owner/name --old-key-id 1234567

"""
WHAT = {
    Command.ROTATE: "issue a new key, prove it, write it, revoke the old one, prove it dead",
    Command.PLAN: "say what rotate would do; change nothing",
    Command.CHECK: "is the key alive, of the stated scope, and is nothing left over? change nothing",
    Command.SWEEP: "revoke what an earlier rotation left; issue nothing",
    Command.SYNC: "write the value at hand to every destination that does not surely hold it",
    Command.FIND: "where the secret is in everything the token reaches, and who mentions it; change nothing",
    Command.DOCTOR: "is everything in place: permissions, note, lock, key, workflows? change nothing",
    Command.INVENTORY: "every key of the account and its organizations, and what stands out; change nothing",
    Command.AUDIT: "verify the audit's chain of hashes; contact nobody, need no key",
}
VARIABLES = {
    "api_key": ("NEON_API_KEY",),
    "current_key": ("NEON_CURRENT_KEY",),
    # As `gh` does: a codespace sets GITHUB_TOKEN by itself, and whoever sets the other means it.
    "github_token": ("GH_TOKEN", "GITHUB_TOKEN"),
    "app_private_key": ("GITHUB_APP_PRIVATE_KEY",),
}


class Parser(ArgumentParser):
    """Tells what is wrong with the arguments, but not what may be a key among them."""

    def error(self, message: str) -> NoReturn:
        """Say it, and end."""
        super().error(disarmed(without_values(message)))


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] | None = None) -> int:
    """Read the arguments (the process's own by default), do what they ask, and give the exit code."""
    given = os.environ if environment is None else environment
    forgiving(sys.stdout)
    asked = _parser().parse_args(arguments)
    if asked.command == "demo":
        from rotate.frontends import demo

        return demo.main(asked.story, sys.stdout)
    stop = stop_on_signals()
    raw, context = _inputs(asked, given), read_context(given)
    veil = Veil(sys.stdout if context.in_actions else None)
    for name in VARIABLES.keys() & raw.keys():
        veil.hide(Secret(raw[name]))
    around = session.Surroundings(
        _reporters(asked, raw, context, veil.scrub, given),
        veil.hide,
        veil.scrub,
        SystemClock(stop),
        stop,
        given,
    )
    if asked.command == Command.AUDIT:
        return session.inspect(asked.file, around).exit_code
    return session.run(raw, context, around).exit_code


def _reporters(
    asked: Namespace, raw: Mapping[str, str], context: Context, scrub: Scrub, environment: Mapping[str, str]
) -> tuple[Reporter, ...]:
    """Tell the terminal; in a step of a workflow, all whom the action tells."""
    report, colour = asked.report or "", _colour(environment)
    if not context.in_actions:
        in_a_file = IN_THE_FILE if policy_of(raw, context) else {}
        variables = {name: names for name, names in VARIABLES.items() if name not in in_a_file}
        spoken = partial(for_command_line, flags=vars(asked).keys() - in_a_file.keys(), variables=variables)
        return for_terminal(sys.stdout, scrub, docs=context.docs, report=report, colour=colour, spoken=spoken)
    files = {"output": context.output_file, "summary": context.summary_file}
    return for_runner(sys.stdout, scrub, **files, workspace=report or context.workspace, docs=context.docs)


def _inputs(asked: Namespace, environment: Mapping[str, str]) -> dict[str, str]:
    """Bring flags and variables into the form that the action's inputs have."""
    flags = {name: text.strip() for name, text in vars(asked).items() if isinstance(text, str) and name != "report"}
    secrets = {name: _first(environment, names) for name, names in VARIABLES.items()}
    return {name: text for name, text in {**flags, **secrets}.items() if text}


def _first(environment: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := environment.get(name, "").strip())), "")


def _colour(environment: Mapping[str, str]) -> bool:
    return sys.stdout.isatty() and not environment.get("NO_COLOR")


def _parser() -> ArgumentParser:
    parser = Parser(
        "neon-rotate",
        description=ABOUT,
        epilog=START + SECRETS_FROM + "\n" + EXIT_CODES,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"neon-rotate {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command, what in WHAT.items():
        one = commands.add_parser(
            command.value,
            help=what,
            description=what[0].upper() + what[1:] + ".",
            epilog=EXIT_CODES if command is Command.AUDIT else SECRETS_FROM + "\n" + EXIT_CODES,
            formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if command is Command.AUDIT:
            one.add_argument("file", metavar="FILE", help="the audit: JSON lines")
            one.add_argument("--report", metavar="DIRECTORY", help="write the JSON report there")
        else:
            _flags(one)
    story = commands.add_parser("demo", help="rotate a key in a pretend world and tell each step; needs no account")
    story.add_argument(
        "--story", choices=[scope.value for scope in Scope], default="personal", help="which kind of key"
    )
    return parser


def _flags(parser: ArgumentParser) -> None:
    for one in INPUTS:
        flag = f"--{one.name.replace('_', '-')}"
        if one.takes:
            parser.add_argument(flag, metavar=one.takes, help=one.about)
        elif one.about:
            parser.add_argument(flag, action="store_const", const="true", help=one.about)
    parser.add_argument("--report", metavar="DIRECTORY", help="write the JSON report there")
