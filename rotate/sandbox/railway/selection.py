"""Which fields a GraphQL document asks for: enough of the language for documents without fragments, aliases and
directives."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

from rotate.sandbox.exchange import Json

Selection: TypeAlias = dict[str, "Selection"]
_ARGUMENTS = re.compile(r"\([^()]*\)")
_TOKENS = re.compile(r"[{}]|\w+")


class Asked(NamedTuple):
    """A document: whether it only reads, what it selects, and its text."""

    reads: bool
    selected: Selection
    text: str


def asked(document: str) -> Asked:
    """Read a document of one operation."""
    operation, _, rest = _ARGUMENTS.sub("", document).partition("{")
    return Asked(not operation.lstrip().startswith("mutation"), _fields(iter(_TOKENS.findall(rest))), document)


def _fields(tokens: Iterator[str]) -> Selection:
    found: Selection = {}
    last = ""
    while (token := next(tokens, "}")) != "}":
        if token == "{":
            found[last] = _fields(tokens)
        else:
            last = token
            found[last] = {}
    return found


def only(value: Json, selection: Mapping[str, Selection]) -> Json:
    """Give of a value what is selected; the whole of what has no fields of its own."""
    if isinstance(value, list):
        return [only(one, selection) for one in value]
    if not selection or not isinstance(value, dict):
        return value
    return {name: only(value[name], inner) for name, inner in selection.items()}
