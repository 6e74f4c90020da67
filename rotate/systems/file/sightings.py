"""Every key that lies in a file of a machine: below the person's home folder and where the program was started, and in
the past of the checkout.

Which line of a file a destination can write is told by the scanner of its format. Whatever a program writes for itself,
and whatever is kept of what was once typed, is shown with what a person does there instead: nothing here writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePath

from rotate.address import Address
from rotate.edit.formats import format_of, slots
from rotate.edit.scan import Hit, Holding, Left, Scan
from rotate.edit.where import text_of
from rotate.errors import Refused, RotateError, counted, one_line
from rotate.machine import Machine, Sighting
from rotate.ports import Hide
from rotate.secret import Secret
from rotate.systems.file import past
from rotate.systems.file.holders import Holder, holder

KIND = "file"


def sightings(machine: Machine, hide: Hide) -> Iterator[Sighting]:
    """Give every key in the files of the machine, then those in the past of the checkout alone."""
    scan = Scan([one.reveal().encode() for one in machine.known])
    told = 0
    for holding in scan.folders([str(machine.home), str(past.checkout(machine.folder) or machine.folder)]):
        machine.watch.passed(scan.left.files - told)
        told = scan.left.files
        if holding:
            yield from _seen(holding, machine, hide)
    machine.watch.passed(scan.left.files - told)
    for problem in _left_out(scan.left):
        machine.watch.left_out(problem)
    yield from past.sightings(machine, hide)


def _seen(holding: Holding, machine: Machine, hide: Hide) -> Iterator[Sighting]:
    """Tell what holds each value of a file, and which address would write it."""
    path, kind = Path(holding.path), holder(PurePath(holding.path), machine.platform)
    places = _places(holding) if kind.address else {}
    for hit in holding.hits:
        value = Secret(hit.value.decode())
        hide(value)
        where = places.get(hit.start, "")
        address = str(Address(KIND, str(path), name=where, slashes=False)) if where else ""
        yield Sighting(
            path,
            hit.line,
            value,
            kind.what,
            address,
            "" if address else _remedy(kind, hit),
            general=True,
            past=kind.past,
        )


def _remedy(kind: Holder, hit: Hit) -> str:
    if not hit.text:
        return "A program keeps it in a file of its own: give that program the new key, or remove the key there."
    return kind.remedy.format(line=hit.line)


def _places(holding: Holding) -> dict[int, str]:
    """Give what an address says of each value of a file that stands there by itself, by the byte where it begins."""
    language = format_of(PurePath(holding.path))
    try:
        found = slots(holding.data, language) if language else ()
    except Refused:
        return {}
    values = {hit.value.decode(): hit for hit in holding.hits}
    named = [(slot, text_of(slot.path)) for slot in found if slot.value in values and not slot.refers]
    names = [name for _, name in named]
    return {
        hit.start: name
        for slot, name in named
        for hit in holding.hits
        if slot.start <= hit.start < slot.end and names.count(name) == 1
    }


def _left_out(left: Left) -> Iterator[RotateError]:
    """Say what was not searched: a key may lie there all the same."""
    for paths, why in (
        (left.large, "larger than 16 MiB"),
        (left.binary, "no text, and searched only in the first 64 KiB"),
        (left.closed, "closed to this user"),
        (left.deep, "a folder deeper than 16 others"),
        (left.crowded, "a file with more than a hundred values, beyond these"),
    ):
        if paths:
            message = f"Not searched: {counted(len(paths), 'path')}, {why}; the first is {one_line(paths[0])}."
            yield Refused("local-not-searched", message, "If a key may lie there, look by hand: grep -a napi_ <file>")
