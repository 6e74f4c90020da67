"""What an address says, in the names of the fields that it is the short form of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from rotate.address import Address, parsed
from rotate.registry import GITHUB, SYSTEMS, kinds, system
from rotate.settings.model import DEFAULT_NAME, Elsewhere
from rotate.settings.parse import Problems, shown, truth

if TYPE_CHECKING:
    from rotate.system import System

ORGANIZATIONS, ELSEWHERE = "orgs/", "elsewhere"
OPTIONS = ("environment", "store")
WHERE = ("repository", "repositories", "organization", "environments", "stores")
NOTHING: Mapping[str, str] = MappingProxyType({})
REMEDY = (
    "    destinations: |\n      github://octo-org/payments\n      github://octo-org/payments?environment=production"
)


def fields(text: str, beside: Mapping[str, str] = NOTHING) -> dict[str, str]:
    """Give what the fields of a destination would say; where it says nothing that is known, or other fields `beside` it
    say where, the text as `to`: `judge` tells why."""
    try:
        return {"to": text} if _beside(beside) else _fields(parsed(text))
    except ValueError:
        return {"to": text}


def judge(texts: Mapping[str, str], problems: Problems) -> None:
    """Say what is wrong with an address of which `fields` made nothing."""
    if name := _beside(texts):
        message = f"`to` and `{name}` stand in one destination; it is one or the other."
        problems.say("input-invalid", message, f"Remove `{name}`: an address says all of where it is.", "to")
        return
    try:
        _fields(parsed(texts["to"]))
    except ValueError as error:
        message = f"`{shown(texts['to'])}` is no address of a destination: {error}."
        problems.say("address-invalid", message, REMEDY, "to")


def _beside(texts: Mapping[str, str]) -> str:
    return next((name for name in WHERE if texts.get(name)), "")


def apart(spots: Sequence[Mapping[str, str]]) -> tuple[list[Mapping[str, str]], tuple[Elsewhere, ...]]:
    """Tell GitHub's places from those of other systems."""
    others = [spot for spot in spots if spot.get(ELSEWHERE)]
    found = tuple(_elsewhere(spot, leads=spot is spots[0]) for spot in others)
    return [spot for spot in spots if spot not in others], found


def _elsewhere(spot: Mapping[str, str], *, leads: bool) -> Elsewhere:
    at = parsed(spot[ELSEWHERE])
    at = at._replace(name=at.name or spot.get("secret_name", DEFAULT_NAME))
    return Elsewhere(at, truth(spot, "create", Problems()), leads)


def keeper(found: Sequence[Elsewhere], home: str, problems: Problems) -> Address | None:
    """Give who keeps the note and the lock where no repository does: the first that can."""
    able = next((one.address for one in found if system(one.address.kind).notebook), None)
    if found and not (home or able):
        message = "Nothing says where the note and the lock are kept: no destination has a place for them."
        problems.say("input-missing", message, "    repository: owner/name", "destinations")
    return None if home else able


def _fields(at: Address) -> dict[str, str]:
    if at.kind in SYSTEMS:
        return _of(system(at.kind), at)
    if at.kind != GITHUB:
        raise ValueError(f"its kind is none of: {', '.join(kinds())}")
    if at.options.keys() - set(OPTIONS):
        raise ValueError("behind `?` a GitHub address takes `environment` or `store`")
    where = at.where.rstrip("/")
    of_organization = where.startswith(ORGANIZATIONS)
    owner = {"organization" if of_organization else "repository": where.removeprefix(ORGANIZATIONS)}
    return {**owner, **at.options, **({"secret_name": at.name} if at.name else {})}


def _of(one: System, at: Address) -> dict[str, str]:
    if at.options.keys() - set(one.options):
        known = " or ".join(f"`{name}`" for name in one.options) or "nothing"
        raise ValueError(f"behind `?` this kind of address takes {known}")
    if wrong := one.wrong(at):
        raise ValueError(wrong)
    return {ELSEWHERE: str(at)}
