"""What an address says, in the names of the fields that it is the short form of."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rotate.address import Address, parsed
from rotate.settings.parse import Problems, shown

ORGANIZATIONS = "orgs/"
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


def _fields(at: Address) -> dict[str, str]:
    if at.kind != "github":
        raise ValueError("its kind is none of: github")
    if at.options.keys() - set(OPTIONS):
        raise ValueError("behind `?` a GitHub address takes `environment` or `store`")
    where = at.where.rstrip("/")
    of_organization = where.startswith(ORGANIZATIONS)
    owner = {"organization" if of_organization else "repository": where.removeprefix(ORGANIZATIONS)}
    return {**owner, **at.options, **({"secret_name": at.name} if at.name else {})}
