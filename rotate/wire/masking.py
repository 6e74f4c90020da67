"""The veil: every secret is hidden the instant it exists, and no text leaves without passing here."""

from __future__ import annotations

import base64
import logging
import re
import threading
from typing import TextIO
from urllib.parse import quote

from rotate.secret import SHAPES, Secret
from rotate.wire.parts import Parts
from rotate.wire.workflow_commands import command, disarmed, send

HIDDEN = "***"
# What tells nothing: the first and the last line of a PEM file, and what is shorter than its shortest line.
ARMOUR, SHORTEST_LINE = "-----", 4


class Veil:
    """Knows every secret of the run.

    `out` is the runner's standard output, where each secret is masked by a command; `None` where nobody reads commands.
    Libraries' loggers are silenced: what a run has to say, it says itself.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out
        self._spellings: list[str] = []
        self._parts = Parts()
        self._lock = threading.Lock()
        logging.disable()

    def hide(self, secret: Secret) -> None:
        """Take a secret under the veil. Call it before anything else can see the value.

        One of several lines, such as a private key, is hidden line by line, as a log would show it.
        """
        lines = [line.strip() for line in secret.reveal().replace("\\n", "\n").splitlines()]
        for line in lines if len(lines) > 1 else [secret.reveal()]:
            if len(lines) == 1 or (len(line) >= SHORTEST_LINE and not line.startswith(ARMOUR)):
                self._hide(line)

    def _hide(self, value: str) -> None:
        raw = value.encode()
        spellings = {value, quote(value, safe=""), base64.b64encode(raw).decode().rstrip("="), raw.hex()}
        # Several installations may be given their tokens at the same time.
        with self._lock:
            if self._out is not None:
                send(self._out, command("add-mask", value))
            for spelling in spellings - set(self._spellings):
                self._parts.learn(spelling)
            self._spellings = sorted({*self._spellings, *spellings}, key=len, reverse=True)

    def scrub(self, text: str) -> str:
        """Give the text as it may leave: without any secret, and with nothing in it that the runner would obey.

        Hidden are those that are known, in every usual spelling, and their parts; and what looks like one. What no
        encoding can take, such as half a pair of surrogates, is replaced.
        """
        for spelling in self._spellings:
            text = text.replace(spelling, HIDDEN)
        text = re.sub(SHAPES, HIDDEN, self._parts.hidden(text, HIDDEN))
        return disarmed(text.encode(errors="replace").decode())
