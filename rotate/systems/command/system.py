"""A program as a system: `command:<program>?prove=<program>&pass=<NAME>:…&timeout=<time>#NAME`.

The escape hatch for every place that nothing else here writes. The address holds one file and no arguments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rotate.address import Address, parsed
from rotate.errors import ConfigurationError, RotateError
from rotate.fields import Field, Kind
from rotate.machine import this_machine
from rotate.plain import Parts, plain
from rotate.system import PickUp, Proof, Traits
from rotate.systems.command.program import PASS, PROVE, TIMEOUT, USUAL_TIME, found, passed

if TYPE_CHECKING:
    from rotate.means import Means
    from rotate.ports import Destination

VARIABLES = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(:[A-Za-z_][A-Za-z0-9_]*)*")
# Five minutes at most: a lock lasts fifteen, and the old key waits meanwhile.
TIME = re.compile(r"([1-9]|[1-9][0-9]|[12][0-9]{2}|300)s|[1-5]m")
WINDOWS_PATH = re.compile(r"[A-Za-z]:\\.+")
A_PROGRAM = "is one program without arguments: `./put-key`, an absolute path, or a name on the PATH"


def wrong(at: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    if at.slashes or not _is_program(at.where):
        return f"behind `command:`, without slashes, {A_PROGRAM}"
    if PROVE in at.options and not _is_program(at.options[PROVE]):
        return f"behind `prove=` {A_PROGRAM}"
    if PASS in at.options and not VARIABLES.fullmatch(at.options[PASS]):
        return "behind `pass=` are names of environment variables, with a `:` between several"
    return "" if TIME.fullmatch(at.options.get(TIMEOUT, USUAL_TIME)) else "`timeout` is `1s` to `300s`, or `1m` to `5m`"


def _is_program(text: str) -> bool:
    """Say whether a text is a path that begins with `./` or at the root, or a bare name."""
    if WINDOWS_PATH.fullmatch(text):
        return True
    path = text.removeprefix("./")
    rooted = path != text or text.startswith("/")
    parts = path.removeprefix("/").split("/")
    return (rooted or len(parts) == 1) and not {"", ".", ".."} & set(parts)


def _lacks_at(environment: Mapping[str, str], names: Sequence[str]) -> tuple[RotateError, ...]:
    return tuple(problem for name in names for problem in _lacking(environment, parsed(name)))


def _lacking(environment: Mapping[str, str], at: Address) -> Iterator[RotateError]:
    """Say which programs of an address are not there, and which variables that it passes on are not set."""
    for program in filter(None, (at.where, at.options.get(PROVE, ""))):
        if found(program, this_machine(environment)) is None:
            yield ConfigurationError(
                "command-missing",
                f"The program `{program}` of {at} is not there, or this user may not execute it.",
                "An address holds the path of one program, from the folder in which this runs, and no arguments. In a "
                "workflow, check the repository out before this step, with the program executable in it:\n\n"
                f"    git update-index --chmod=+x {program}",
            )
    for name in passed(at):
        if name not in environment:
            yield ConfigurationError(
                "destination-token-missing",
                f"{at} passes `{name}` on to its program, and it is not set.",
                f"Set it, or take it out of `pass`:\n\n    env:\n      {name}: ${{{{ secrets.{name} }}}}",
            )


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.command.place import Command

    return Command(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("program", Kind.TEXT, "The program that gets the key on its standard input: a path, or a name"),
        Field(PROVE, Kind.TEXT, "The program that says whether a key is what stands there"),
        Field(PASS, Kind.TEXT, "Names of environment variables that both get, such as `SSH_AUTH_SOCK:DEPLOY_HOST`"),
        Field(TIMEOUT, Kind.TEXT, "How long each may take, up to `5m`; `60s` if left out"),
    )


SYSTEM = plain(
    Parts(
        "command",
        ("{program}",),
        (PROVE, PASS, TIMEOUT),
        wrong,
        _open,
        usual={TIMEOUT: USUAL_TIME},
        examples=("command:./put-key",),
        slashes=False,
    ),
    Traits(Proof.ACCEPTED, PickUp.AT_READ, else_proof=Proof.VALUE),
    _fields,
)._replace(lacks_at=_lacks_at)
