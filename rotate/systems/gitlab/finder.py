"""Every variable of GitLab that a token may read: of projects, of groups, and of the instance.

Sources: doc/api/projects.md and doc/api/groups.md (`min_access_level`: 40 is Maintainer, who may read the variables of
a project; 50 is Owner, who may read those of a group), doc/api/instance_level_ci_variables.md (administrators alone;
others get 403). A list of variables shows their values, but for hidden ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import RotateError
from rotate.means import Means
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.listing import among, numbered, seen
from rotate.systems.gitlab.address import EVERY_SCOPE, GROUP, INSTANCE, PROJECT
from rotate.systems.gitlab.system import SERVICE

# Kind of place → the field that names it, and the least role that may read its variables.
_OWNERS = {PROJECT: ("path_with_namespace", "40"), GROUP: ("full_path", "50")}
FORBIDDEN = frozenset({403})


class Finder:
    """Looks at everything that the token reaches."""

    def __init__(self, wanted: Wanted, means: Means) -> None:
        self._wanted, self._means = wanted, means
        self._client = Client(SERVICE, means)

    def everything(self) -> Iterator[FoundSecret | RotateError]:
        """Give what is wanted of every project and group, and of the instance, where the token is an administrator's.

        Raises:
            RotateError: projects or groups cannot be listed.
        """
        for kind in _OWNERS:
            yield from among(self._owners(kind), self._of, one=f"GitLab {kind}", remedy=SERVICE.needs)
        ask = Ask("GET", "/admin/ci/variables", "read the variables of the instance", takes=FORBIDDEN)
        if self._client.ask(ask).status not in FORBIDDEN:
            yield from self._of(INSTANCE)

    def _owners(self, kind: str) -> Iterator[str]:
        field, least = _OWNERS[kind]
        for row in numbered(self._client, Ask("GET", f"/{kind}s", f"list the {kind}s", {"min_access_level": least})):
            yield f"{kind}/{row.get(field)}"

    def _of(self, where: str) -> Iterator[FoundSecret]:
        kind, _, path = where.partition("/")
        owner = "/admin/ci" if kind == INSTANCE else f"/{kind}s/{quote(path, safe='')}"
        for row in numbered(self._client, Ask("GET", f"{owner}/variables", f"read the variables of {where}")):
            name, value, scope = str(row.get("key")), row.get("value"), str(row.get("environment_scope", EVERY_SCOPE))
            options = {} if scope == EVERY_SCOPE else {"scope": scope}
            address = str(Address("gitlab", where, options, name))
            yield from seen(address, name, self._wanted, self._means, text=value if isinstance(value, str) else None)


def find(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find`. The destinations of the run lie within the token's reach too."""
    del known
    return Finder(wanted, means).everything()
