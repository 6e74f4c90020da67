"""One secret of a cluster of Buildkite: its value alone is sent; the time of the write is the proof.

Sources (buildkite/docs): pages/apis/rest_api/clusters/secrets: no answer has the value; `PUT …/secrets/{id}/value`
"updates a secret's encrypted value only", `PUT …/secrets/{id}` the description and the policy, which are never sent
here; a name is unique within its cluster. pages/apis/rest_api: a list goes on where `Link` has a `next`.
pages/apis/rest_api/access_token: what the scopes of the token are, for which it needs none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import TypeAlias
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import Outcome, Refused
from rotate.means import Means
from rotate.ports import Hindered
from rotate.protocol.facts.destination import DestinationFacts
from rotate.secret import Secret
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.moments import moment
from rotate.service.readable import Readable, Stored, Taken
from rotate.systems.buildkite.system import SERVICE

Row: TypeAlias = dict[str, object]
FLAGS = ("description", "policy")
# What reads and what writes: pages/apis/managing_api_tokens, and so does buildkite-mcp-server (cluster_secrets.go). The
# page on secrets calls the first `read_secret_details`.
SCOPES = (("read_secrets_details", "read_secret_details"), ("write_secrets",))
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
NEXT = re.compile(r';\s*rel="?next\b')
MOST_PAGES, PAGE = 100, "100"


class ClusterSecret(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._client, self._key = Client(SERVICE, means), address.name
        self._organization, _, self._cluster = address.where.partition("/")
        self._clusters = f"/organizations/{quote(self._organization, safe='')}/clusters"
        self._id = ""

    def observe(self) -> DestinationFacts:
        """Read it, and whether the scopes of the token allow to write it. That its owner may, nothing tells before."""
        facts = super().observe()
        self._permitted()
        return facts

    def read(self) -> Stored | None:
        """Find it in the list of its cluster. That it is not there is believed to a token that may see secrets."""
        doing = f"read {self.name}"
        for row in self._rows(self._path(), doing):
            if row.get("key") == self._key:
                self._id = str(row.get("id"))
                return Stored(None, {name: row.get(name) for name in FLAGS}, at=_dated(row, doing))
        self._permitted()
        return None

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> Taken:
        """Send the value alone. A secret that is created has no policy: every job of the cluster may read it."""
        doing, body = f"write {self.name}", {"value": secret.reveal()}
        if over is None:
            body |= {"key": self._key}
            ask = Ask("POST", self._path(), doing, body=body, again=False, hindered=hindered, value=secret)
        else:
            path = f"{self._path()}/{quote(self._id, safe='')}/value"
            ask = Ask("PUT", path, doing, body=body, hindered=hindered, value=secret)
        row = self._client.ask(ask).json()
        if not isinstance(row, dict) or row.get("key") != self._key:
            raise words.unexpected(SERVICE, doing, "not with a secret of this name", Outcome.UNKNOWN)
        return Taken(at=_dated(row, doing, Outcome.UNKNOWN))

    def _permitted(self) -> None:
        """Refuse a token whose scopes are too few. They are asked for once in a run."""
        held = self._means.once("scopes of buildkite", self._scopes)
        missing = [names[0] for names in SCOPES if not any(name in held for name in names)]
        if missing:
            lack = " and ".join(f"`{one}`" for one in missing)
            message = f"The token may not read and write {self.name}: it has no scope {lack}."
            raise Refused("destination-not-allowed", message, SERVICE.give)

    def _scopes(self) -> list[object]:
        doing = "ask for the scopes of the token"
        row = self._client.ask(Ask("GET", "/access-token", doing)).json()
        scopes = row.get("scopes") if isinstance(row, dict) else None
        if not isinstance(scopes, list):
            raise words.unexpected(SERVICE, doing, "without `scopes`")
        return scopes

    def _path(self) -> str:
        """Give the path of the cluster's secrets; a cluster that is named by its name is looked for once in a run."""
        number = self._cluster
        if not ID.fullmatch(number):
            number = self._means.once(f"{self._organization}/{self._cluster} of buildkite", self._numbered)
        return f"{self._clusters}/{quote(number, safe='')}/secrets"

    def _numbered(self) -> str:
        rows = self._rows(self._clusters, f"look for {self.name}")
        found = [str(row.get("id")) for row in rows if row.get("name") == self._cluster]
        if len(found) == 1:
            return found[0]
        none = f"{self._organization} has no cluster of this name that the token sees"
        message = f"Could not find {self.name}: {'several clusters have this name' if found else none}."
        remedy = f"Check the spelling, or name the cluster by its id (Agents → the cluster → Settings). {SERVICE.give}"
        raise Refused("destination-absent", message, remedy)

    def _rows(self, path: str, doing: str) -> Iterator[Row]:
        """Give the rows of every page."""
        for page in range(1, MOST_PAGES + 1):
            answer = self._client.ask(Ask("GET", path, doing, {"page": str(page), "per_page": PAGE}))
            yield from words.rows_of(SERVICE, answer.json(), doing)
            if not NEXT.search(answer.headers.get("link", "")):
                return
        raise words.unexpected(SERVICE, doing, f"its list does not end within {MOST_PAGES} pages")


def _dated(row: Row, doing: str, outcome: Outcome = Outcome.NO_EFFECT) -> datetime:
    """Give the time of the last write, which has its zone."""
    if (found := moment(row.get("updated_at"))) is None:
        raise words.unexpected(SERVICE, doing, "without the time of the last write", outcome)
    return found
