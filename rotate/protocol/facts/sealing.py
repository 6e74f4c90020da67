"""Codes that a text carries, of those who vouch for it (protocol: *Who may write the note*).

The codes are made and checked where the values are (`rotate.run.seals`). Here is only where they stand in the text:
under `seals`, by the fingerprint of the value that each was made with. They are codes of everything else that the text
says, in its one canonical form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from rotate.protocol.facts import texts

SEALS = "seals"


def attached(body: str, codes: Mapping[str, str]) -> str:
    """Give a text with its codes."""
    return json.dumps({**texts.parsed(body), SEALS: dict(codes)})


def detached(text: str) -> tuple[str, Mapping[str, str]]:
    """Give the canonical form of what a text says, and the codes that it carries.

    Raises:
        ValueError: it is no such text.
    """
    data = texts.parsed(text)
    codes = texts.mapping(data.pop(SEALS, {}))
    return texts.canonical(data), {name: texts.text(code) for name, code in codes.items()}
