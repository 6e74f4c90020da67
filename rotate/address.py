"""One text that names one place: `<kind>://<where>?<what tells it from its neighbours>#<the name of the value>`.

It is the same in the inputs, the policy file, the note, the log, the summary and the report. `kind` picks the system;
what stands behind it is the system's. No host, no login and no value ever stands in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import quote, unquote

_FORM = re.compile(
    r"(?P<kind>[a-z][a-z0-9-]*):(?P<slashes>//)?(?P<where>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<name>.*))?"
)
_ENCODED = re.compile(r"%(?![0-9A-Fa-f]{2})")
# What needs no encoding where it stands: a reader should see the names as they are.
_WHERE, _OPTION, _NAME = "/:@!$'()*,;=+~", "/:@!$'()*,;~", "/:@!$&'()*,;=?+~"
_NONE: Mapping[str, str] = MappingProxyType({})


class Address(NamedTuple):
    """One place, taken apart and decoded. `options`: by their names; those that say the usual are left out."""

    kind: str
    where: str
    options: Mapping[str, str] = _NONE
    name: str = ""
    slashes: bool = True

    def __str__(self) -> str:
        """Give the one canonical text: options by their names, encoded only where that is needed."""
        options = "&".join(
            f"{quote(key, _OPTION)}={quote(text, _OPTION)}" for key, text in sorted(self.options.items())
        )
        where = f"{self.kind}:{'//' if self.slashes else ''}{quote(self.where, _WHERE)}"
        return where + (f"?{options}" if options else "") + (f"#{quote(self.name, _NAME)}" if self.name else "")


def parsed(text: str) -> Address:
    """Take an address apart.

    Raises:
        ValueError: it is none, with what is wrong about it, without a part of the text.
    """
    found = _FORM.fullmatch(text)
    if not found:
        small = _FORM.fullmatch(text.lower())
        raise ValueError("its kind has small letters" if small else "it has no kind, as in `github://owner/name`")
    if _ENCODED.search(text):
        raise ValueError("a `%` stands for itself only as `%25`")
    if not found["where"]:
        raise ValueError("it does not say where")
    options: dict[str, str] = {}
    for part in found["query"].split("&") if found["query"] is not None else ():
        key, equals, value = part.partition("=")
        if not (key and equals and value):
            raise ValueError("behind `?` it takes `name=value`, with `&` between several")
        if unquote(key) in options:
            raise ValueError("an option stands in it twice")
        options[unquote(key)] = unquote(value)
    slashes = found["slashes"] is not None
    return Address(found["kind"], unquote(found["where"]), options, unquote(found["name"] or ""), slashes)
