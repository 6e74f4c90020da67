"""Finds parts of secrets: an answer, or a message that was cut, may hold half a value, which no whole value matches."""

from __future__ import annotations

import re

from rotate.errors import MOST_SEEN

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
            first, last = max((_common(text, start, *one, done) for one in at[text[start : start + STEP]]), key=_length)
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


def _length(span: tuple[int, int]) -> int:
    return span[1] - span[0]
