"""GitHub as a system: secrets of repositories, of their environments and of organizations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rotate.system import PickUp, Proof, System, Traits
from rotate.systems.github.address import KIND
from rotate.systems.github.settings.places import GitHubReader

if TYPE_CHECKING:
    from rotate.context import Context
    from rotate.line import Line
    from rotate.means import Means
    from rotate.system import Fields


def _fields() -> Fields:
    from rotate.systems.github.settings.fields import FIELDS

    return FIELDS


def _open(means: Means, context: Context) -> Line:
    from rotate.systems.github.line import GitHubLine

    return GitHubLine(means, context)


TRAITS = Traits(
    Proof.TIME,
    PickUp.NEXT_JOB,
    creates=True,
    keeps=("visibility", "selected repositories"),
    notes=True,
    lists=True,
    readers=True,
)
SYSTEM = System(KIND, TRAITS, _fields, GitHubReader(), _open)
