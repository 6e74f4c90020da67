"""Every secret of Secret Manager in the projects of a run.

Sources: discovery document of secretmanager v1: `projects.secrets.list` (`pageSize`, `nextPageToken`; its names have
the number of the project), also of a location, at that location's own endpoint; `versions.access` gives a value. A
secret whose latest version cannot be read (400: disabled, 404: there is none) is told by its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from rotate.address import Address
from rotate.errors import Incomplete, RotateError
from rotate.means import Means
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.listing import PAGE, among, decoded, followed, seen
from rotate.service.words import rows_of
from rotate.systems.gcp import answers
from rotate.systems.gcp.login import GoogleClient
from rotate.systems.gcp.system import SERVICE, service_of
from rotate.wire.outcome import SUCCESS, Answer

UNREAD = frozenset({400, 404})
# Where Google's libraries and its CLI find the usual project.
PROJECTS = ("GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT")
RIGHTS = "`find` needs the role Secret Manager Viewer in the project, and Secret Accessor to compare values."


def find(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find`. Raises `RotateError`: the secrets of a project cannot be listed."""
    named = next((means.environment[name] for name in PROJECTS if means.environment.get(name)), "")
    ours = [(at.where.partition("/")[0], at.options.get("location", "")) for at in known]
    places = dict.fromkeys((*ours, *([(named, "")] if named else [])))
    if not places:
        message = f"{SERVICE.title} was not looked at: nothing names a project."
        yield Incomplete("find-incomplete", message, "    env:\n      GOOGLE_CLOUD_PROJECT: acme-prod")
    for project, location in places:
        client = GoogleClient(service_of(location), means)
        look = partial(_of, client, location, wanted, means, project)
        yield from among(_names(client, project, location), look, one="secret of Google Cloud", remedy=RIGHTS)


def _path(project: str, location: str) -> str:
    return f"/projects/{project}{f'/locations/{location}' if location else ''}/secrets"


def _names(client: Client, project: str, location: str) -> Iterator[str]:
    ask = Ask("GET", _path(project, location), f"list the secrets of {project}", {"pageSize": str(PAGE)})

    def rows(answer: Answer) -> list[dict[str, object]]:
        body = answer.json()  # an empty list is left out
        return rows_of(SERVICE, body.get("secrets", []) if isinstance(body, dict) else None, ask.doing)

    def after(answer: Answer) -> Ask | None:
        token = answers.row_of(answer).get("nextPageToken")
        return replace(ask, query={**ask.query, "pageToken": str(token)}) if token else None

    for page in followed(client, ask, rows, after):
        yield from (str(row.get("name")).rpartition("/")[2] for row in page)


def _of(client: Client, location: str, wanted: Wanted, means: Means, project: str, name: str) -> Iterator[FoundSecret]:
    path = f"{_path(project, location)}/{name}/versions/latest:access"
    answer = client.ask(Ask("GET", path, f"read the secret {name}", takes=UNREAD))
    payload = answers.row_of(answer).get("payload") if answer.status in SUCCESS else None
    options = {"location": location} if location else {}
    address = str(Address("gcp-secretmanager", f"{project}/{name}", options))
    data = payload.get("data") if isinstance(payload, dict) else None
    yield from seen(address, name, wanted, means, text=decoded(data))
