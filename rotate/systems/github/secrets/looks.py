"""The looks that only some runs make: what they need is loaded then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rotate.protocol.facts.model import HolderFacts, Neighbours, ShadowFacts
from rotate.systems.github.settings.model import Place
from rotate.systems.github.wire.client import GitHub

if TYPE_CHECKING:
    from rotate.protocol.decisions.shadowing import Sight
    from rotate.systems.github.secrets.holders import Sought
    from rotate.systems.github.wire.allowance import Need

Reached = Sequence[tuple[GitHub, Place]]


def shadows(reached: Reached, need: Need, wanted: Callable[[], Sight]) -> ShadowFacts:
    """Look for what hides a destination. `need`: how many requests the rotation itself will ask of a connection."""
    from rotate.systems.github.secrets.shadow_places import Ours
    from rotate.systems.github.secrets.shadows import look

    ours = [Ours(github, place.address, place.secret_name, place.ignore_shadows) for github, place in reached]
    return look(ours, wanted, need)


def holders(reached: Reached, *, exposed: bool) -> HolderFacts:
    """Look for who else has a secret of the name. After an exposure nobody looked for shadows."""
    from rotate.systems.github.secrets.holders import look

    return look(_sought(reached), environments_too=exposed)


def neighbours(reached: Reached, home: tuple[GitHub, str], absent: Sequence[str]) -> Neighbours:
    """Tell what there is beside absent destinations. `home`: the way to the workflow's repository, and its name."""
    from rotate.systems.github.secrets.holders import neighbours as beside

    return beside(*home, [one for one in _sought(reached) if one.label in absent])


def _sought(reached: Reached) -> list[Sought]:
    from rotate.systems.github.secrets.holders import Sought

    return [
        Sought(github, place.address, place.secret_name, (*place.ignore_shadows, *place.ignore_holders))
        for github, place in reached
    ]
