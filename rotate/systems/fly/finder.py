"""Every secret of the apps of an organization, and of the apps of a run.

Sources: superfly/fly-go, flaps/flaps_apps.go: apps are listed for one organization (`org_slug`), all at once;
flaps_secrets.go: of a secret, name, digest and time. Which organizations there are is not told there, so `FLY_ORG`
says it, as it does to flyctl (internal/config/config.go). A deploy token reaches its own app alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import Incomplete, RotateError
from rotate.means import Means
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.listing import among, rows_in, seen
from rotate.service.moments import moment
from rotate.systems.fly.system import SERVICE, client

ORGANIZATION = "FLY_ORG"


def find(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find`. Raises `RotateError`: the apps cannot be listed."""
    asked = client(means)
    look = partial(_of, asked, wanted, means)
    ours = dict.fromkeys(at.where for at in known)
    yield from among(ours, look, one="app of Fly.io", remedy=SERVICE.give)
    if organization := means.environment.get(ORGANIZATION, "").strip():
        others = (name for name in _apps(asked, organization) if name not in ours)
        yield from among(others, look, one="other app of Fly.io", remedy=SERVICE.give)
        return
    message = f"Of {SERVICE.title}, the apps of destinations alone were looked at: nothing names an organization."
    yield Incomplete("find-incomplete", message, f"    env:\n      {ORGANIZATION}: acme")


def _apps(asked: Client, organization: str) -> Iterator[str]:
    ask = Ask("GET", "/apps", f"list the apps of {organization}", {"org_slug": organization})
    yield from (str(row.get("name")) for row in rows_in(asked, asked.ask(ask), ask.doing, "apps"))


def _of(asked: Client, wanted: Wanted, means: Means, app: str) -> Iterator[FoundSecret]:
    ask = Ask("GET", f"/apps/{quote(app, safe='')}/secrets", f"read the secrets of {app}")
    for row in rows_in(asked, asked.ask(ask), ask.doing, "secrets"):
        name = str(row.get("name"))
        yield from seen(str(Address("fly", app, name=name)), name, wanted, means, at=moment(row.get("updated_at")))
