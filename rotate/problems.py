"""What is wrong with what was asked: all of it is collected, and nothing stops at the first."""

from __future__ import annotations

from rotate.errors import ConfigurationError, RotateError


class Problems:
    """Collects what is wrong, each with the name of the input that it is about (empty: no input's)."""

    def __init__(self, prefix: str = "") -> None:
        """Begin with nothing wrong. `prefix` stands before the name of every input."""
        self.found: list[tuple[str, RotateError]] = []
        self._prefix = prefix

    def say(self, reason: str, message: str, remedy: str, field: str = "") -> None:
        """Add a problem with the input."""
        self.add(ConfigurationError(reason, message, remedy), field)

    def add(self, problem: RotateError, field: str = "") -> None:
        """Add any problem."""
        self.found.append((self._prefix + field, problem))

    def within(self, place: int) -> Problems:
        """Collect into the same list what is wrong with one destination; its number stands before the names."""
        inner = Problems(f"{place}.")
        inner.found = self.found
        return inner
