"""MCP clients as a system: `mcp://<client>#<server>`.

Sources: `clients.py` says where each client's files are, `servers.py` where a key stands in them. Nothing is asked over
a network, and no variable holds a login: who may write the file may rotate the key in it. A client reads its file when
it starts, or when its server is started anew: until then the old key is in its memory, and a caution says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rotate.errors import Refused, RotateError
from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.system import PickUp, Proof, Traits
from rotate.systems.mcp.address import FOLDER, KIND, SCOPE, USUAL, wrong

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.machine import Machine, Sighting
    from rotate.means import Means
    from rotate.ports import Destination, Hide


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.mcp.entry import Entry

    return Entry(at, means)


def _sightings(machine: Machine, hide: Hide) -> Iterator[Sighting]:
    from rotate.systems.mcp.sightings import sightings

    return sightings(machine, hide)


def _cautions(destinations: Sequence[Destination]) -> tuple[RotateError, ...]:
    """Say of each client that was given a new key how it takes it."""
    from rotate.systems.mcp.entry import Entry

    return tuple(
        Refused(
            "restart-by-hand",
            f"{one.name} has the new key. {one.client.title}, where it runs, goes on with the key before.",
            one.client.restart,
        )
        for one in destinations
        if isinstance(one, Entry) and one.wrote
    )


def _fields() -> tuple[Field, ...]:
    return (
        Field("client", Kind.TEXT, "The client, by the name that the table gives it"),
        Field(SCOPE, Kind.CHOICE, "Whose file: the person's, or that of the project", choices=("user", "project")),
        Field(FOLDER, Kind.TEXT, "A project's folder, for the servers that Claude Code keeps for it alone"),
    )


SYSTEM = plain(
    Parts(
        KIND,
        ("{client}",),
        (SCOPE, FOLDER),
        wrong,
        _open,
        usual=USUAL,
        examples=("mcp://cursor#Neon", "mcp://codex?scope=project#Neon"),
        named=False,
        cautions=_cautions,
    ),
    Traits(
        Proof.VALUE,
        PickUp.AT_READ,
        compare_and_set=True,
        keeps=("every other byte", "mode", "owner", "ACL", "links"),
    ),
    _fields,
)._replace(sightings=_sightings)
