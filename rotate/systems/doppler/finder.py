"""Every secret of the configs that a token reaches.

Source: Doppler's API description (core.json): `GET /projects` and `GET /configs` come in numbered pages; `GET
/configs/config/secrets` gives all secrets of a config at once, `raw` as they were written. A restricted secret has no
value there. What a config has from another one is shown in both, and told in both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from rotate.address import Address
from rotate.errors import RotateError
from rotate.means import Means
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.listing import among, numbered, seen
from rotate.systems.doppler.login import login
from rotate.systems.doppler.secret import SECRETS
from rotate.systems.doppler.system import SERVICE, by_identity


def find(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find`. Raises `RotateError`: the projects, or the configs of one, cannot be listed."""
    del known
    client = Client(SERVICE, means, partial(login, means) if by_identity(means.environment) else None)
    look = partial(_of, client, wanted, means)
    yield from among(_configs(client), look, one="Doppler config", remedy=SERVICE.give)


def _configs(client: Client) -> Iterator[tuple[str, str]]:
    for project in numbered(client, Ask("GET", "/projects", "list the projects"), within="projects"):
        name = str(project.get("slug") or project.get("name"))
        ask = Ask("GET", "/configs", f"list the configs of {name}", {"project": name})
        for config in numbered(client, ask, within="configs"):
            yield name, str(config.get("name"))


def _of(client: Client, wanted: Wanted, means: Means, place: tuple[str, str]) -> Iterator[FoundSecret]:
    project, config = place
    doing = f"read the secrets of {project}/{config}"
    body = client.ask(Ask("GET", SECRETS, doing, {"project": project, "config": config})).json()
    rows = body.get("secrets") if isinstance(body, dict) else None
    if not isinstance(rows, dict):
        raise words.unexpected(SERVICE, doing, "not with secrets")
    for name, row in rows.items():
        raw = row.get("raw") if isinstance(row, dict) else None
        address = str(Address("doppler", f"{project}/{config}", name=name))
        yield from seen(address, name, wanted, means, text=raw if isinstance(raw, str) else None)
