"""Connections that a test opened, closed when it ends."""

from __future__ import annotations

from typing import Protocol, TypeVar


class Closable(Protocol):
    """Something with connections."""

    def close(self) -> None:
        """End them."""
        ...


C = TypeVar("C", bound=Closable)
OPEN: list[Closable] = []


def keep(closable: C) -> C:
    """Remember to close it."""
    OPEN.append(closable)
    return closable
