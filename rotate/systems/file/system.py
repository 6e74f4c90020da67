"""Text files as a system: `file:<path>#<where>`.

A consumer sees a new value whenever it reads the file, and most read it when they start. No program can be asked which
value it runs with, and nothing here starts one anew: were that counted as `after a restart`, a laptop's `.env` could
not be rotated without an overlap. So it is said after each write (`restart-by-hand`), and whoever wants to give the
programs time says `overlap`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rotate.fields import Field, Kind
from rotate.plain import Parts, PlainLine, PlainReader, plain
from rotate.system import PickUp, Place, Proof, Texts, Traits
from rotate.systems.file.address import FORMAT, canonical, wrong

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.context import Context
    from rotate.errors import RotateError
    from rotate.means import Means
    from rotate.ports import Destination
    from rotate.problems import Problems

TRACKED = "allow_tracked"


class FileReader(PlainReader):
    """Reads paths, and whether git may keep the file: a term of the place, and no part of its name."""

    def _wrong(self, at: Address) -> str:
        at = canonical(at)
        where = at.where
        while where.startswith("../"):
            where = where.removeprefix("../")
        return super()._wrong(at._replace(where=where))

    def _address(self, texts: Texts, problems: Problems) -> Address:
        return canonical(super()._address(texts, problems))

    def place(self, raw: Texts, texts: Texts, context: Context, problems: Problems) -> Place:
        """Check one address, and what is allowed beside it."""
        from rotate.settings.parse import truth

        place = super().place(raw, texts, context, problems)
        allowed = truth(texts, TRACKED, problems)
        return place._replace(own=allowed, terms=(*place.terms, allowed))


class FileLine(PlainLine):
    """Opens a place with what is allowed there."""

    def _destination(self, place: Place) -> Destination:
        from rotate.address import parsed
        from rotate.systems.file.value import FileValue

        return FileValue(parsed(place.name), self._means, allow_tracked=place.own is True, creates=place.creates)


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.file.value import FileValue

    return FileValue(canonical(at), means)


def _cautions(destinations: Sequence[Destination]) -> tuple[RotateError, ...]:
    from rotate.systems.file.value import FileValue

    return tuple(one for found in destinations if isinstance(found, FileValue) for one in found.cautions())


def _fields() -> tuple[Field, ...]:
    return (
        Field("path", Kind.TEXT, "The file: absolute, from `~/`, or from the folder where the program is started"),
        Field(FORMAT, Kind.TEXT, "Its format, where its name does not tell it"),
        Field(TRACKED, Kind.TRUTH, "Write the file although git keeps it: the key is then in the next commit"),
    )


PARTS = Parts(
    "file",
    ("{path}",),
    (FORMAT,),
    wrong,
    _open,
    examples=("file:.env", "file:values.yaml#neon.apiKey"),
    cautions=_cautions,
    slashes=False,
)
TRAITS = Traits(
    Proof.VALUE,
    PickUp.AT_READ,
    creates=True,
    compare_and_set=True,
    keeps=("every other byte", "mode", "owner", "ACL", "links"),
)
SYSTEM = plain(PARTS, TRAITS, _fields)._replace(
    reader=FileReader(PARTS, TRAITS), open=lambda means, _: FileLine(PARTS, means)
)
