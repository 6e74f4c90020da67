"""The veil: every secret is hidden the instant it exists, and no text leaves without passing here.

An answer, or a message that was cut, may hold half a value, which no whole value matches: so parts are found too.
"""

from __future__ import annotations

import base64
import logging
import re
import threading
from typing import TextIO
from urllib.parse import quote

from rotate.errors import MOST_SEEN
from rotate.secret import SHAPES, Secret
from rotate.wire.workflow_commands import command, disarmed, send

HIDDEN = "***"
# What tells nothing: the first and the last line of a PEM file, and what is shorter than its shortest line.
ARMOUR, SHORTEST_LINE = "-----", 4
# Of any part that is too long, one piece of this length begins at a multiple of it.
STEP = (MOST_SEEN + 2) // 2
# How values of a kind all begin tells nothing.
_PREFIX = re.compile(r"(?:napi_|github_pat_|gh[opsur]_)?")


class Parts:
    """Knows the spellings of secrets, and where each short piece of them stands."""

    def __init__(self) -> None:
        self._at: dict[str, list[tuple[str, int]]] = {}

    def learn(self, spelling: str) -> None:
        """Take one more spelling in."""
        rest = _PREFIX.sub("", spelling, count=1)
        for start in range(len(rest) - STEP + 1):
            self._at.setdefault(rest[start : start + STEP], []).append((rest, start))

    def hidden(self, text: str, sign: str) -> str:
        """Put `sign` in the place of every part of a spelling that is longer than may be seen."""
        at = self._at
        met = [start for start in range(0, len(text) - STEP + 1, STEP) if text[start : start + STEP] in at]
        done, kept = 0, []
        for start in met:
            if start < done:
                continue
            spans = (_common(text, start, *one, done) for one in at[text[start : start + STEP]])
            first, last = max(spans, key=lambda span: span[1] - span[0])
            if last - first > MOST_SEEN:
                kept += [text[done:first], sign]
                done = last
        return "".join([*kept, text[done:]])


def _common(text: str, start: int, spelling: str, at: int, least: int) -> tuple[int, int]:
    """Stretch a piece that stands at `start` and, in the spelling, at `at`, as far as both are the same."""
    first, last, shift = start, start + STEP, at - start
    while first > least and first + shift > 0 and text[first - 1] == spelling[first - 1 + shift]:
        first -= 1
    while last < len(text) and last + shift < len(spelling) and text[last] == spelling[last + shift]:
        last += 1
    return first, last


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
