"""The three ways in which an edit is refused. None of them shows text of the file: it may be the key."""

from __future__ import annotations

from rotate.errors import Refused

_BY_HAND = "Write the new value there by hand, or keep the key in a place that this program can write."


def unreadable(language: str, line: int, what: str) -> Refused:
    """The file is not what its name says. `line`: from 1; 0 where the whole file is meant."""
    where = f"line {line}: " if line else ""
    return Refused(
        "file-not-readable",
        f"The file cannot be read as {language}: {where}{what}. Nothing was changed.",
        "Mend the file, or say behind `?format=` what it is, then run it again.",
    )


def uneditable(what: str) -> Refused:
    """This one value cannot be replaced so that all the rest stays."""
    return Refused(
        "file-not-editable", f"The value cannot be replaced in place: {what}. Nothing was changed.", _BY_HAND
    )


def uncreatable(what: str) -> Refused:
    """A missing name cannot be added so that all the rest stays."""
    return Refused(
        "file-not-creatable", f"The name cannot be added to the file: {what}. Nothing was changed.", _BY_HAND
    )
