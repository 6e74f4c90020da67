"""Every variable of the projects that a token reaches, and of those that their team shares.

Sources: the types of @vercel/sdk 1.28.35: `GET /v10/projects` goes on at `from`; `GET /v9/projects/{project}/
custom-environments` gives the slugs. A list has values in the clear for `plain` variables alone: the others are read by
their ids, one by one, and only where there are values to compare. A variable that stands for several environments is
told once: as the destination that it is, else by the first of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import RotateError
from rotate.means import Means
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.service.description import Ask
from rotate.service.listing import among, seen
from rotate.service.words import rows_of
from rotate.systems.vercel.address import SHARED, TARGETS
from rotate.systems.vercel.api import Api, text
from rotate.systems.vercel.system import SERVICE
from rotate.systems.vercel.variables import hidden, time_of


class Holder(NamedTuple):
    """What has variables. `names`: what an address may call it, the usual first. `number`: empty for a team."""

    names: tuple[str, ...]
    number: str


class Finder:
    """Looks at everything that the token reaches."""

    def __init__(self, known: Sequence[Address], wanted: Wanted, means: Means) -> None:
        self._known, self._wanted, self._means = {str(one) for one in known}, wanted, means
        self._api = Api(means)

    def everything(self) -> Iterator[FoundSecret | RotateError]:
        """Give what is wanted. Raises `RotateError`: the projects cannot be listed."""
        yield from among(self._holders(), self._of, one="Vercel project", remedy=SERVICE.give)

    def _holders(self) -> Iterator[Holder]:
        if self._api.team:
            yield Holder((SHARED,), "")
        doing = "list the projects"
        for row in self._api.rows("/v10/projects", "projects", doing, "from"):
            number = text(row, "id", doing)
            yield Holder((text(row, "name", doing), number), number)

    def _of(self, holder: Holder) -> Iterator[FoundSecret]:
        project, doing = f"/projects/{quote(holder.number, safe='')}", f"read the variables of {holder.names[0]}"
        listed = (f"/v10{project}/env", "envs") if holder.number else ("/v1/env", "data")
        path = f"/v1{project}/env" if holder.number else "/v1/env"
        for row in self._api.rows(*listed, doing):
            slugs = self._slugs(project, doing) if row.get("customEnvironmentIds") else {}
            name, each = str(row.get("key")), list(_options(row, slugs))
            addresses = [str(Address("vercel", where, one, name)) for where in holder.names for one in each]
            value = self._value(row, path, doing)
            for address in [one for one in addresses if one in self._known] or addresses[:1]:
                yield from seen(address, name, self._wanted, self._means, text=value, at=time_of(row))

    def _value(self, row: dict[str, object], path: str, doing: str) -> str | None:
        """Give the value where it is shown, and asked for."""
        if hidden(row):
            return None
        if row.get("type") != "plain":
            if not self._wanted.known:
                return None
            row = self._api.row(Ask("GET", f"{path}/{quote(text(row, 'id', doing), safe='')}", doing))
        value = row.get("value") if row.get("type") == "plain" or row.get("decrypted") is True else None
        return value if isinstance(value, str) else None

    def _slugs(self, project: str, doing: str) -> dict[str, str]:
        """Give the slugs of a project's own environments, by their ids."""
        path = f"/v9{project}/custom-environments"
        body = self._means.once(f"vercel {path}", lambda: self._api.row(Ask("GET", path, doing)))
        rows = rows_of(SERVICE, body.get("environments"), doing, "a list of environments")
        return {str(row.get("id")): str(row.get("slug")) for row in rows}


def _options(row: dict[str, object], slugs: dict[str, str]) -> Iterator[dict[str, str]]:
    """Give the options of an address for each environment that a variable stands for, the production first."""
    found, custom, branch = row.get("target"), row.get("customEnvironmentIds"), row.get("gitBranch")
    targets = [one for one in TARGETS if one in (found if isinstance(found, list) else [found])]
    yield from ({"target": one, **({"branch": str(branch)} if branch else {})} for one in targets)
    # Where an environment has no slug there, its id names it as well (`environmentSlugOrId`).
    yield from ({"custom": slugs.get(str(one), str(one))} for one in (custom if isinstance(custom, list) else []))
    if not (targets or custom):
        yield {}


def find(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find`. Raises `RotateError`: the projects cannot be listed."""
    return Finder(known, wanted, means).everything()
