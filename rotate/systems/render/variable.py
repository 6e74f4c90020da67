"""One environment variable of a service or an environment group: written by itself, read back and compared.

Sources: Render's description of its API: "Add or update environment variable" is about one variable;
`PUT /services/{id}/env-vars` replaces all of them, and is never used. An answer has `key` and `value` alone: what
Render generated, or takes from a database, is shown as its text (render-oss/terraform-provider-render,
env_group_cassette.yaml), so that a reference cannot be told from a value. A group's write is answered with the group.
"""

from __future__ import annotations

from urllib.parse import quote

from rotate.address import Address
from rotate.errors import Outcome
from rotate.means import Means
from rotate.ports import Hindered
from rotate.secret import Secret
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.readable import SHOWN, Readable, Stored
from rotate.systems.render.holder import path_of
from rotate.systems.render.system import SERVICE

MISSING = frozenset({404})


class Variable(Readable):
    """Implements `ports.Destination`: the value is the proof."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._client, self._address = Client(SERVICE, means), address

    def read(self) -> Stored | None:
        """Read it; where it is not there, prove by what has the variables that this is seen."""
        doing, holder = f"read {self.name}", self._holder()
        answer = self._client.ask(Ask("GET", self._path(holder), doing, takes=MISSING))
        if answer.status in MISSING:
            self._client.ask(Ask("GET", holder, f"look for {self.name}"))
            return None
        row = answer.json()
        text = row.get("value") if isinstance(row, dict) and row.get("key") == self._address.name else None
        if not isinstance(text, str):
            raise words.unexpected(SERVICE, doing, "not with a variable of this name")
        return Stored(Secret(text), tail=text[-SHOWN:])

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Send the value. Of a group the answer holds all variables: nothing of it is told."""
        del over  # the same call creates and overwrites, so that to repeat it does no harm
        doing, body, path = f"write {self.name}", {"value": secret.reveal()}, self._path(self._holder())
        ask = Ask("PUT", path, doing, body=body, hindered=hindered, value=secret)
        if not isinstance(self._client.ask(ask).json(), dict):
            raise words.unexpected(SERVICE, doing, "not with a variable", Outcome.UNKNOWN)

    def _holder(self) -> str:
        return path_of(self._client, self._address, self._means)

    def _path(self, holder: str) -> str:
        return f"{holder}/env-vars/{quote(self._address.name, safe='')}"
