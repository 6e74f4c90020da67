"""`local rotate`: which places of this machine hold the key that is to be replaced."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rotate.commands.local.looking import look
from rotate.commands.local.survey import Listening, Wanted
from rotate.errors import Refused, RotateError, counted
from rotate.machine import Sighting
from rotate.ports import Hide


class Held(NamedTuple):
    """Where the key lies. `addresses`: what a rotation can write. `by_hand`: what it cannot. `left_out`: what was not
    searched."""

    addresses: tuple[str, ...]
    by_hand: tuple[str, ...]
    left_out: tuple[RotateError, ...]


def holding(wanted: Wanted, hide: Hide) -> Held:
    """Search for the value that is to be replaced.

    Raises:
        Refused: no place that can be written holds it.
    """
    settings, watch = wanted.settings, Listening(wanted.tell)
    value = settings.current_key or settings.api_key
    seen = look(wanted.machine._replace(known=(value,), watch=watch), hide) if value else ()
    mine = [one for one in seen if one.value == value and not one.past]
    addresses = tuple(dict.fromkeys(one.address for one in mine if one.address))
    by_hand = tuple(_named(one) for one in mine if not one.address)
    if not addresses:
        raise Refused(
            "local-nowhere",
            f"The key at hand lies in no place of this machine that can be written ({counted(watch.files, 'file')} "
            "looked at). Nothing was changed.",
            "Give the key to be replaced as NEON_API_KEY, and see where keys lie:\n\n    neon-rotate local find",
        )
    return Held(addresses, by_hand, tuple(dict.fromkeys(watch.missed)))


def as_input(addresses: Sequence[str]) -> str:
    """Write them as the input `destinations` takes them: a comma there would end an address."""
    return "\n".join(one.replace(",", "%2C").replace("\n", "%0A") for one in addresses)


def _named(one: Sighting) -> str:
    return f"{one.path}:{one.line} ({one.what})" if one.line else f"{one.path} ({one.what})"
