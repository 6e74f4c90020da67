"""The systems that a run works with, each opened when it is first asked for and closed at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rotate.context import Context
from rotate.errors import RotateError
from rotate.line import Line
from rotate.means import Means
from rotate.registry import system
from rotate.settings.model import Settings


class Lines:
    """One way to each system, whichever credentials use it."""

    def __init__(self, means: Means, context: Context) -> None:
        self.means = means
        self._context = context
        self._open: dict[str, Line] = {}

    def of(self, settings: Settings) -> Iterator[Line]:
        """Give the ways to the systems that take part in the run of one credential."""
        return self.named(settings.kinds)

    def named(self, kinds: Iterable[str]) -> Iterator[Line]:
        """Give the ways to systems by their kinds."""
        for kind in kinds:
            if kind not in self._open:
                self._open[kind] = system(kind).open(self.means, self._context)
            yield self._open[kind]

    def close(self) -> tuple[RotateError, ...]:
        """Close all, and say what could not be ended as it should. Once is enough."""
        left = tuple(problem for line in self._open.values() for problem in line.close())
        self._open.clear()
        self.means.close()
        return left
