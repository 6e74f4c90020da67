"""One secret of a store of the Secrets Store: only the time of its last change is told of it.

Sources: PyPI `cloudflare` 5.9.0 (`types/secrets_store/stores`): a `PATCH` takes any of `value`, `scopes` and `comment`,
and answers with what it is then, with `modified`; wrangler `secrets-store/commands.ts` sends what shall change alone;
`search` finds a part of a name or a comment. Cloudflare's documentation (secrets-store/manage-secrets): a value can no
longer be read once it is stored; one store and 100 secrets an account.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import Refused
from rotate.means import Means
from rotate.ports import Hindered
from rotate.secret import Secret
from rotate.service.description import Ask
from rotate.service.moments import moment
from rotate.service.readable import Readable, Stored, Taken
from rotate.systems.cloudflare.account import Account, Row, objects, unexpected
from rotate.systems.cloudflare.system import SERVICE

FLAGS = ("scopes", "comment")
# Which services may use it: Workers, as the key's consumers are.
SCOPES = ["workers"]
STORES = "/secrets_store/stores"
ID = re.compile(r"[0-9a-f]{32}")


class StoreSecret(Readable):
    """Implements `ports.Destination`: the time of the write is the proof."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._account, self._key = Account(means), address.name
        self._store = address.where.partition("/")[2]
        self._id = ""

    def read(self) -> Stored | None:
        """Find it in its store; a list that can be read without it proves that it is absent."""
        one = Ask("GET", self._path(), f"read {self.name}", {"search": self._key})
        for row in self._account.rows(one):
            if row.get("name") == self._key and row.get("status") != "deleted":
                self._id = str(row.get("id"))
                return self._stored(row, one)
        return None

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> Taken:
        """Send the value alone; create it for Workers."""
        doing, value = f"write {self.name}", secret.reveal()
        if over is None:
            new = [{"name": self._key, "value": value, "scopes": SCOPES}]
            one = Ask("POST", self._path(), doing, body=new, again=False, hindered=hindered, value=secret)
            made = objects(self._account.ask(one).result, one)
            return Taken(at=self._stored(made[0] if made else {}, one).at)
        path = f"{self._path()}/{quote(self._id, safe='')}"
        one = Ask("PATCH", path, doing, body={"value": value}, hindered=hindered, value=secret)
        return Taken(at=self._stored(self._account.row(one), one).at)

    def _stored(self, row: Row, one: Ask) -> Stored:
        at = moment(row.get("modified"))
        if row.get("name") != self._key or at is None:
            raise unexpected(one, "not with a secret of this name and the time of its last change")
        return Stored(None, {name: row.get(name) for name in FLAGS}, at=at)

    def _path(self) -> str:
        """Give the path of the store's secrets. Its id is asked for once in a run."""
        store: str | None = self._store
        if not ID.fullmatch(self._store):
            store = self._means.once("stores of cloudflare", self._stores).get(self._store)
        if store is None:
            message = f"Could not find {self.name}: the account has no store of this name."
            raise Refused("destination-absent", message, f"Check the spelling of the address. {SERVICE.give}")
        return f"{STORES}/{quote(store, safe='')}/secrets"

    def _stores(self) -> Mapping[str, str]:
        rows = self._account.rows(Ask("GET", STORES, f"look for {self.name}"))
        return {str(row.get("name")): str(row.get("id")) for row in rows}
