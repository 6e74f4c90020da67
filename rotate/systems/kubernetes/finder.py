"""Every key of the Secrets that a login may list, in the whole cluster or else namespace by namespace.

Sources: Kubernetes' OpenAPI description (`GET /api/v1/secrets` lists those of all namespaces) and its documentation,
"API Concepts", "Retrieving large results sets in chunks": `limit`, and `metadata.continue` for the next page. Whoever
may not list something hears 403, whether it is there or not. A list has all values, in base64.
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
from rotate.service.listing import PAGE, among, decoded, followed, rows_in, seen
from rotate.systems.kubernetes.client import part
from rotate.systems.kubernetes.secret import cluster
from rotate.wire.outcome import Answer

FORBIDDEN = frozenset({403})
RIGHTS = "`find` needs the verb `list` on `secrets`: in the cluster (a ClusterRole), or in each namespace."


def find(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find`, for the current context and those of the destinations."""
    contexts = dict.fromkeys(("", *(at.options.get("context", "") for at in known)))
    for context in contexts:
        ours = [at.where.partition("/")[0] for at in known if at.options.get("context", "") == context]
        client = cluster(means, context)
        look = partial(_of, client, context, wanted, means)
        yield from among(_places(client, ours), look, one="Kubernetes namespace", remedy=RIGHTS)


def _places(client: Client, ours: Sequence[str]) -> Iterator[str]:
    """Give the paths of lists: one of all Secrets, or one for each namespace where that may not be read."""
    first = Ask("GET", "/api/v1/secrets", "list all Secrets", {"limit": "1"}, takes=FORBIDDEN)
    if client.ask(first).status not in FORBIDDEN:
        yield "/api/v1/secrets"
        return
    ask = Ask("GET", "/api/v1/namespaces", "list the namespaces", {"limit": str(PAGE)}, takes=FORBIDDEN)
    names = [str(part(row, "metadata").get("name")) for row in _rows(client, ask)]
    yield from (f"/api/v1/namespaces/{name}/secrets" for name in dict.fromkeys((*ours, *names)))


def _of(client: Client, context: str, wanted: Wanted, means: Means, path: str) -> Iterator[FoundSecret]:
    options = {"context": context} if context else {}
    for row in _rows(client, Ask("GET", path, f"list {path}", {"limit": str(PAGE)})):
        metadata = part(row, "metadata")
        where = f"{metadata.get('namespace')}/{metadata.get('name')}"
        for name, held in part(row, "data").items():
            address = str(Address("kubernetes", where, options, name))
            yield from seen(address, name, wanted, means, text=decoded(held))


def _rows(client: Client, ask: Ask) -> Iterator[dict[str, object]]:
    def rows(answer: Answer) -> list[dict[str, object]]:
        return [] if answer.status in FORBIDDEN else rows_in(client, answer, ask.doing, "items")

    def after(answer: Answer) -> Ask | None:
        more = part(answer.json(), "metadata").get("continue")
        return replace(ask, query={**ask.query, "continue": str(more)}) if more else None

    for page in followed(client, ask, rows, after):
        yield from page
