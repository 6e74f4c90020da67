"""One Actions secret of Gitea or Forgejo. Nothing is told of its value, nor of when it was last written.

Sources: go-gitea/gitea models/secret/secret.go and routers/api/v1/repo/action.go, org/action.go; Forgejo's of the same
names. A PUT creates (201) or overwrites (204). It overwrites `data` *and* `description` (Forgejo has none), so that a
request without the description would empty it. `created_at` is set by the insert alone and never moves: a secret with
another one was deleted and created again. There is no read of one secret; the list comes in pages, with
`X-Total-Count`, and in Forgejo in no promised order. A name that begins with `GITEA_` is refused before anything is
looked up (services/secrets/validation.go), a body without `data` even before that (routers/api/v1/api.go, `bind`), and
a token without the scope before both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import DestinationError, Outcome
from rotate.means import Means
from rotate.ports import Hindered
from rotate.protocol.facts.destination import DestinationFacts
from rotate.secret import Secret
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.readable import Readable, Stored, Taken
from rotate.systems.gitea.system import ORGANIZATION, SERVICE

CREATED, OVERWRITTEN = 201, 204
REFUSED = frozenset({400, 422})
# `MAX_RESPONSE_ITEMS` of Gitea's configuration, if nobody changed it.
PAGE = 50
NO_NAME = "GITEA_"


class ActionsSecret(Readable):
    """Implements `ports.Destination`: the accepted answer is all the proof that there is."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._client, self._key = Client(SERVICE, means), address.name.upper()
        self._list = list_of(address.where)

    def observe(self) -> DestinationFacts:
        """Read it, and ask what the token may: one that only reads would fail at the write."""
        facts = super().observe()
        self._means.once(f"right to write {self._list} at gitea", self._may_write)
        return replace(facts, may_write=True)

    def read(self) -> Stored | None:
        """Find it in the list of its owner; it is absent where the whole list is without it."""
        for row in listed(self._client, self._list, f"read {self.name}"):
            if row.get("name") == self._key:
                return Stored(None, {"description": _described(row)}, version=str(row.get("created_at")))
        return None

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> Taken:
        """Send the value, and the description that was read right before.

        Raises:
            DestinationError: among others where somebody deleted it in that moment, so that it was created again.
        """
        doing, kept = f"write {self.name}", str(over.flags["description"]) if over else ""
        body = {"data": secret.reveal()} | ({"description": kept} if kept else {})
        ask = Ask("PUT", f"{self._list}/{self._key}", doing, body=body, hindered=hindered, value=secret)
        status = self._client.ask(ask).status
        if status not in (CREATED, OVERWRITTEN):
            raise words.unexpected(SERVICE, doing, f"with HTTP {status}, which tells of no write", Outcome.UNKNOWN)
        if over and status == CREATED:
            message = f"{self.name} was deleted right before the write, which created it again with the new value."
            remedy = "Find out who deletes it, and whether it is still needed. Then run it again, or leave it out."
            raise DestinationError("destination-changed", message, remedy, outcome=Outcome.UNKNOWN)
        return Taken(version=over.version if over else "")

    def _may_write(self) -> None:
        """Send what nobody can write (no such name can be, no value): without the right, the refusal is another."""
        doing = f"ask what the token may do with {self.name}"
        answer = self._client.ask(Ask("PUT", f"{self._list}/{NO_NAME}", doing, body={}, takes=REFUSED, looks=True))
        if answer.status not in REFUSED:
            raise words.unexpected(SERVICE, doing, f"with HTTP {answer.status} to what it must refuse")


def list_of(where: str) -> str:
    """Give the path of the secrets of a repository (`owner/name`) or an organization (`org/name`)."""
    owner, _, rest = where.partition("/")
    place = f"/orgs/{quote(rest)}" if owner == ORGANIZATION else f"/repos/{quote(owner)}/{quote(rest)}"
    return f"{place}/actions/secrets"


def listed(
    client: Client, path: str, doing: str, what: str = "secrets", key: str = "name"
) -> Iterator[dict[str, object]]:
    """Give every row of every page, and raise where they are not as many as the list says. `what`: what is listed;
    `key` tells one from another."""
    names, total, page = set[str](), 1, 0
    while len(names) < total:
        page += 1
        answer = client.ask(Ask("GET", path, doing, {"page": str(page), "limit": str(PAGE)}))
        rows, told = answer.json(), answer.headers.get("x-total-count", "")
        if not (isinstance(rows, list) and all(isinstance(one, dict) for one in rows) and told.isdecimal()):
            raise words.unexpected(SERVICE, doing, f"not with a list of {what} and their number")
        yield from rows
        seen, total = len(names), int(told)
        names |= {str(row.get(key)) for row in rows}
        if len(names) == seen:
            break  # nothing new, whatever the list says of its length
    if len(names) != total:
        raise words.unexpected(SERVICE, doing, f"its list has {len(names)} of the {total} {what} that it tells of")


def _described(row: dict[str, object]) -> str:
    """Give its description; Forgejo tells none."""
    told = row.get("description")
    return told if isinstance(told, str) else ""
