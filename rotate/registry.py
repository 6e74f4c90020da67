"""Which systems there are, as text: one that a run does not use imports nothing."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rotate.system import System

# Kind → where its description is: `module:name`. GitHub's places have short inputs of their own beside their addresses.
SYSTEMS: dict[str, str] = {}
GITHUB = "github"


def kinds() -> tuple[str, ...]:
    """Name every kind of address."""
    return (GITHUB, *sorted(SYSTEMS))


def system(kind: str) -> System:
    """Load what a system says of itself.

    Raises:
        KeyError: there is none of this kind.
    """
    module, _, name = SYSTEMS[kind].partition(":")
    described: System = getattr(import_module(module), name)
    return described
