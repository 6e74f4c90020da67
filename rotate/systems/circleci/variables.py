"""One variable of a context or a project of CircleCI. No value can be read back.

Of a context's variable CircleCI tells when it was last written; of a project's the last four characters. Both write
calls create what is not there (a typing error makes a new variable), so existence is looked up first.

Sources: the official description (api/openapi.yaml) and CircleCI's own client (CircleCI-Public/circleci-cli
internal/apiclient/context.go, project.go): `PUT …/environment-variable/{name}` and `POST /project/{slug}/envvar` create
or overwrite; restrictions of a context are objects of their own, which a write of a value leaves alone; a list goes on
at `next_page_token`. `created-at` is called `created_at` in newer answers; neither is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import Outcome, Refused
from rotate.means import Means
from rotate.ports import Hindered
from rotate.secret import Secret
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.moments import moment
from rotate.service.readable import Readable, Stored, Taken
from rotate.systems.circleci.system import ORGANIZATION_PARTS, SERVICE
from rotate.wire.clock import dated
from rotate.wire.outcome import Answer

MISSING = frozenset({404})
# 500 contexts in an organization, 100 variables in a context (security/contexts).
MOST_PAGES = 100
MASK, SHOWN = "xxxx", 4


class ContextVariable(Readable):
    """Implements `ports.Destination`: the time of the write is the proof."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._client, self._key = Client(SERVICE, means), address.name
        _, *parts = address.where.split("/")
        self._owner, self._context = "/".join(parts[:ORGANIZATION_PARTS]), "/".join(parts[ORGANIZATION_PARTS:])

    def read(self) -> Stored | None:
        """Find it in the list of its context."""
        doing = f"read {self.name}"
        for row in listed(self._client, self._path(), doing, {}):
            if row.get("variable") == self._key:
                if at := moment(row.get("updated_at")):
                    return Stored(None, at=at)
                raise words.unexpected(SERVICE, doing, "without the time of the last write")
        return None

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> Taken:
        """Send the value; the time that CircleCI says counts, by its own clock."""
        del over  # the same call creates and overwrites, so that to repeat it does no harm
        doing, body = f"write {self.name}", {"value": secret.reveal()}
        path = f"{self._path()}/{self._key}"
        ask = Ask("PUT", path, doing, body=body, hindered=hindered, value=secret)
        return _taken(self._client.ask(ask), doing, "variable", self._key)

    def _path(self) -> str:
        """Give the path of the context's variables. Its number is asked for once in a run."""
        number = self._means.once(f"contexts of {self._owner} at circleci", self._contexts).get(self._context)
        if number is None:
            message = f"Could not find {self.name}: {self._owner} has no context of this name that the token sees."
            raise Refused("destination-absent", message, f"Check the spelling of the address. {SERVICE.give}")
        return f"/context/{quote(number, safe='')}/environment-variable"

    def _contexts(self) -> dict[str, str]:
        rows = listed(self._client, "/context", f"look for {self.name}", {"owner-slug": self._owner})
        return {str(row.get("name")): str(row.get("id")) for row in rows}


class ProjectVariable(Readable):
    """Implements `ports.Destination`: its last four characters are the proof."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._client, self._key = Client(SERVICE, means), address.name
        self._all = all_of(address.where.partition("/")[2])

    def read(self) -> Stored | None:
        """Read it; where it is not there, prove that by the project's list."""
        doing = f"read {self.name}"
        answer = self._client.ask(Ask("GET", f"{self._all}/{self._key}", doing, takes=MISSING))
        if answer.status in MISSING:
            if any(row.get("name") == self._key for row in listed(self._client, self._all, doing, {})):
                raise words.unexpected(SERVICE, doing, "at once that it is not there and, in its list, that it is")
            return None
        row = answer.json()
        value = row.get("value") if isinstance(row, dict) and row.get("name") == self._key else None
        if not isinstance(value, str) or not value.startswith(MASK):
            raise words.unexpected(SERVICE, doing, "not with a masked variable of this name")
        return Stored(None, tail=value.removeprefix(MASK)[-SHOWN:])

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> Taken:
        """Send the value."""
        del over  # as above
        doing, body = f"write {self.name}", {"name": self._key, "value": secret.reveal()}
        ask = Ask("POST", self._all, doing, body=body, hindered=hindered, value=secret)
        return _taken(self._client.ask(ask), doing, "name", self._key)


def all_of(slug: str) -> str:
    """Give the path of a project's variables."""
    return f"/project/{quote(slug, safe='')}/envvar"


def listed(client: Client, path: str, doing: str, query: dict[str, str]) -> Iterator[dict[str, object]]:
    """Give the rows of every page."""
    for _ in range(MOST_PAGES):
        found = client.ask(Ask("GET", path, doing, query)).json()
        row = found if isinstance(found, dict) else {}
        yield from words.rows_of(SERVICE, row.get("items"), doing)
        if not row.get("next_page_token"):
            return
        query = {**query, "page-token": str(row["next_page_token"])}
    raise words.unexpected(SERVICE, doing, f"its list does not end within {MOST_PAGES} pages")


def _taken(answer: Answer, doing: str, named: str, key: str) -> Taken:
    """Take the answer to a write: it must be about this variable where it names one (the description allows a mere
    `message` too), and say when it was made. The time that it tells of the variable is by the clock of what is read
    back; without it, that of the answer counts."""
    row = answer.json()
    if not isinstance(row, dict) or row.get(named, key) != key:
        raise words.unexpected(SERVICE, doing, "not with a variable of this name", Outcome.UNKNOWN)
    at = moment(row.get("updated_at")) or dated(answer.headers.get("date", ""))
    if at is None:
        raise words.unexpected(SERVICE, doing, "without the time of the write", Outcome.UNKNOWN)
    return Taken(at=at)
