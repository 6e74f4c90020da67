"""The Neon CLI as a system: `neon-cli://<profile>`.

Sources: npm `neon` 6.2.3 (`neonctl` is its former name): where it keeps profiles and their credentials. It reads them
with every command, so that the next one uses the new key.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.system import PickUp, Proof, Traits
from rotate.systems.neon_cli.address import wrong

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.machine import Machine, Sighting
    from rotate.means import Means
    from rotate.ports import Destination, Hide


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.neon_cli.profile import Profile

    return Profile(at, means)


def _sightings(machine: Machine, hide: Hide) -> Iterator[Sighting]:
    from rotate.systems.neon_cli.sightings import sightings

    return sightings(machine, hide)


def _fields() -> tuple[Field, ...]:
    return (
        Field("profile", Kind.TEXT, "The name of the profile, as `neon profile list` shows it"),
        Field("dir", Kind.TEXT, "The CLI's folder, as its `--config-dir` names it: the whole path"),
    )


SYSTEM = plain(
    Parts("neon-cli", ("{profile}",), ("dir",), wrong, _open, examples=("neon-cli://DEFAULT",), named=False),
    Traits(Proof.VALUE, PickUp.AT_READ, keeps=("every other byte of its file, and who may read it",)),
    _fields,
)._replace(sightings=_sightings)
