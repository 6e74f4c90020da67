"""Every variable of the contexts that a token reaches, and of the projects that its owner follows.

Sources: the official description (api/openapi.yaml): `GET /me/collaborations` lists organizations with their slugs;
contexts and variables as in `variables`. No call of API v2 lists projects; `GET /projects` of API v1.1 gives those that
somebody follows, by `vcs_type`, `username` and `reponame` (circleci-docs, api/v1: "Projects"). Of an organization that
has its own type there, `circleci`, `vcs_url` ends with the ids of both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from rotate.address import Address
from rotate.errors import RotateError
from rotate.means import Means
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.listing import among, rows_in, seen
from rotate.service.moments import moment
from rotate.systems.circleci.system import CONTEXT, PROJECT, SERVICE
from rotate.systems.circleci.variables import all_of, listed

# What a project's slug calls a version control system (api-developers-guide, "Getting started").
VCS = {"github": "gh", "bitbucket": "bb"}


def find(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find`. Raises `RotateError`: organizations, or followed projects, cannot be listed."""
    client = Client(SERVICE, means)
    of_context, of_project = partial(_of_context, client, wanted, means), partial(_of_project, client, wanted, means)
    yield from among(_contexts(client), of_context, one="CircleCI context", remedy=SERVICE.give)
    ours = [at.where.partition("/")[2] for at in known if at.where.startswith(f"{PROJECT}/")]
    projects = dict.fromkeys((*ours, *_projects(means)))
    yield from among(projects, of_project, one="CircleCI project", remedy=SERVICE.give)


def _contexts(client: Client) -> Iterator[tuple[str, str]]:
    ask = Ask("GET", "/me/collaborations", "list the organizations")
    for organization in rows_in(client, client.ask(ask), ask.doing):
        slug = str(organization.get("slug"))
        for row in listed(client, "/context", f"list the contexts of {slug}", {"owner-slug": slug}):
            yield f"{CONTEXT}/{slug}/{row.get('name')}", str(row.get("id"))


def _projects(means: Means) -> Iterator[str]:
    client = Client(replace(SERVICE, root="/api/v1.1"), means)
    ask = Ask("GET", "/projects", "list the projects that the token's owner follows")
    for row in rows_in(client, client.ask(ask), ask.doing):
        kind, ids = str(row.get("vcs_type")), str(row.get("vcs_url")).rstrip("/").split("/")[-2:]
        yield f"{VCS[kind]}/{row.get('username')}/{row.get('reponame')}" if kind in VCS else "/".join((kind, *ids))


def _of_context(client: Client, wanted: Wanted, means: Means, context: tuple[str, str]) -> Iterator[FoundSecret]:
    where, number = context
    path = f"/context/{number}/environment-variable"
    for row in listed(client, path, f"read the variables of {where}", {}):
        name = str(row.get("variable"))
        address = str(Address("circleci", where, name=name))
        yield from seen(address, name, wanted, means, at=moment(row.get("updated_at")))


def _of_project(client: Client, wanted: Wanted, means: Means, slug: str) -> Iterator[FoundSecret]:
    for row in listed(client, all_of(slug), f"read the variables of {slug}", {}):
        name = str(row.get("name"))
        yield from seen(str(Address("circleci", f"{PROJECT}/{slug}", name=name)), name, wanted, means)
