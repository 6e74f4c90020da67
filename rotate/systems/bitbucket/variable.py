"""One Pipelines variable of Bitbucket: overwritten in place with all that its list shows of it, its value alone new.

Sources: the official description (api.bitbucket.org/swagger.json): a variable is `{type, uuid, key, value, secured}`,
of a secured one the value is empty; a write goes to its `uuid` and takes the whole object; a list goes on at `next`, of
which the query is used, so that no other host is ever asked. Some lists leave `next` out and go on all the same
(jira.atlassian.com BCLOUD-13806, BCLOUD-20796, as atlassian-python-api works around them): they end when as many rows
as `size` says have come, or a page is not full. Whether a PUT keeps what is not sent is not documented, so everything
is sent back: without `secured` a secret could become readable. The environments (`GET …/environments`, which the
extract lacks) have a `uuid` and a `name`. `X-OAuth-Scopes` of an answer tells what a token may
(support.atlassian.com/bitbucket-cloud/kb/how-to-fetch-the-scope-of-a-token-via-command-line).
Lists may lag behind a write by some seconds (DrFaust92/terraform-provider-bitbucket, resource_deployment_variable.go
waits five), so they are looked at for longer than others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import ClassVar, TypeAlias
from urllib.parse import parse_qsl, quote, urlsplit

from rotate.address import Address
from rotate.errors import Outcome, Refused
from rotate.means import Means
from rotate.ports import Hindered
from rotate.protocol.facts.destination import DestinationFacts
from rotate.secret import Secret
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask, Service
from rotate.service.readable import Readable, Stored, Taken
from rotate.systems.bitbucket.system import EMAIL, REPOSITORY, SERVICE, WORKSPACE
from rotate.wire.http import basic

Row: TypeAlias = dict[str, object]
PAGE, MOST_PAGES = {"pagelen": "100"}, 100  # 100 is the largest that the description allows
SCOPES = "x-oauth-scopes"
READING = frozenset({"pipeline", "pipeline:write", "read:pipeline:bitbucket", "write:pipeline:bitbucket"})
WRITING = frozenset({"pipeline:variable", "admin:pipeline:bitbucket"})


class Variable(Readable):
    """Implements `ports.Destination`."""

    waits: ClassVar[tuple[float, ...]] = (0.0, 1.0, 2.0, 4.0, 8.0)

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._client, self._key = Client(_service(means.environment), means), address.name
        self._kind, self._workspace, *rest = address.where.split("/", 3)
        self._repository, self._environment = [*rest, "", ""][:2]
        self._row, self._scopes = Row(), frozenset[str]()

    def observe(self) -> DestinationFacts:
        """Read it, and what Bitbucket says that the token may: one that only reads would fail at the write."""
        facts = super().observe()
        if self._scopes & READING and not self._scopes & WRITING:
            message = f"The token reads {self.name}, and may not write it: it has no scope for that."
            raise Refused("destination-not-allowed", message, SERVICE.give)
        return facts

    def read(self) -> Stored | None:
        """Find it in the list of its holder; a list that ends without it proves that it is absent."""
        doing = f"read {self.name}"
        for row in self._rows(self._path(), doing):
            if row.get("key") == self._key:
                self._row = {name: one for name, one in row.items() if name != "value"}
                return self._stored(row, doing)
        return None

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> Taken:
        """Send it back with the new value; create it secured."""
        doing, path = f"write {self.name}", self._path()
        if over is None:
            body: Row = {"type": "pipeline_variable", "key": self._key, "secured": True}
            ask = Ask("POST", path, doing, again=False)
        else:
            body = {"type": "pipeline_variable", **self._row}
            ask = Ask("PUT", f"{path}/{quote(over.version, safe='')}", doing)
        body |= {"value": secret.reveal()}
        row = self._client.ask(replace(ask, body=body, hindered=hindered, value=secret)).json()
        if not isinstance(row, dict) or row.get("key") != self._key:
            raise words.unexpected(SERVICE, doing, "not with a variable of this name", Outcome.UNKNOWN)
        return Taken(version=str(row.get("uuid") or ""))

    def _stored(self, row: Row, doing: str) -> Stored:
        """Take a variable apart. One that was deleted and created again has another `uuid`: that is its version."""
        value, secured, uuid = row.get("value"), row.get("secured"), row.get("uuid")
        if not isinstance(secured, bool) or not isinstance(uuid, str):
            raise words.unexpected(SERVICE, doing, "not with a variable and whether it is secured")
        if not secured and not isinstance(value, str):
            raise words.unexpected(SERVICE, doing, "without the value of a variable that is not secured")
        return Stored(None if secured else Secret(str(value)), {"secured": secured}, version=uuid)

    def _path(self) -> str:
        """Give the path of the variables of its holder. That of an environment is asked for once in a run."""
        if self._kind == WORKSPACE:
            return f"/workspaces/{self._workspace}/pipelines-config/variables"
        holder = f"/repositories/{self._workspace}/{self._repository}"
        if self._kind == REPOSITORY:
            return f"{holder}/pipelines_config/variables"
        found = partial(self._uuid, f"{holder}/environments")
        uuid = self._means.once(f"environment {self._environment} of {holder} at bitbucket", found)
        return f"{holder}/deployments_config/environments/{quote(uuid, safe='')}/variables"

    def _uuid(self, path: str) -> str:
        for row in self._rows(path, f"look for {self.name}"):
            if row.get("name") == self._environment:
                return str(row.get("uuid"))
        message = f"Could not find {self.name}: {self._repository} has no environment of this name that is shown."
        raise Refused("destination-absent", message, f"Check the spelling of the address. {SERVICE.give}")

    def _rows(self, path: str, doing: str) -> Iterator[Row]:
        """Give the rows of every page."""
        query: Mapping[str, str] = PAGE
        seen = 0
        for page in range(1, MOST_PAGES + 1):
            answer = self._client.ask(Ask("GET", path, doing, query))
            self._scopes = frozenset(answer.headers.get(SCOPES, "").replace(",", " ").split())
            found = answer.json()
            whole = found if isinstance(found, dict) else {}
            rows = words.rows_of(SERVICE, whole.get("values"), doing)
            yield from rows
            seen += len(rows)
            if not _goes_on(whole, len(rows), seen):
                return
            after = dict(parse_qsl(urlsplit(str(whole.get("next") or "")).query))
            query = after or {**PAGE, "page": str(page + 1)}
        raise words.unexpected(SERVICE, doing, f"its list does not end within {MOST_PAGES} pages")


def _goes_on(whole: Row, rows: int, seen: int) -> bool:
    """Say whether a list has more, after a page of so many `rows` and so many `seen` in all."""
    size, length = whole.get("size"), whole.get("pagelen")
    if whole.get("next"):
        return True
    if isinstance(size, int):
        return seen < size
    return rows >= (length if isinstance(length, int) else int(PAGE["pagelen"]))


def _service(environment: Mapping[str, str]) -> Service:
    """Give how it is asked: a person's API token goes with the e-mail address of the account."""
    email = environment.get(EMAIL, "").strip()
    return replace(SERVICE, style=basic(email)) if email else SERVICE
