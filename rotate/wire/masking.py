"""The veil: every secret is hidden the instant it exists, and no text leaves without passing here."""

from __future__ import annotations

import base64
import logging
import re
from typing import TextIO
from urllib.parse import quote

from rotate.secret import SHAPES, Secret
from rotate.wire.workflow_commands import command, send

HIDDEN = "***"


class Veil:
    """Knows every secret of the run.

    `out` is the runner's standard output, where each secret is masked by a command; `None` where nobody reads commands.
    Libraries' loggers are silenced: what a run has to say, it says itself.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out
        self._spellings: list[str] = []
        logging.disable()

    def hide(self, secret: Secret) -> None:
        """Take a secret under the veil. Call it before anything else can see the value."""
        value = secret.reveal()
        if self._out is not None:
            send(self._out, command("add-mask", value))
        raw = value.encode()
        spellings = {value, quote(value, safe=""), base64.b64encode(raw).decode().rstrip("="), raw.hex()}
        self._spellings = sorted({*self._spellings, *spellings}, key=len, reverse=True)

    def scrub(self, text: str) -> str:
        """Give the text without any secret: those that are known, in every usual spelling, and what looks like one."""
        for spelling in self._spellings:
            text = text.replace(spelling, HIDDEN)
        return re.sub(SHAPES, HIDDEN, text)
