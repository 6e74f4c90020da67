"""Every field of the secrets in the KV stores that a token reaches.

Sources: api-docs/system/internal-ui-mounts (whoever has a token is told the mounts that its policies let it see),
secret/kv/kv-v2 "List secrets" and kv-v1 (a list needs `list`, on `<mount>/metadata/<path>` in KV 2; a name that ends
with a slash is a folder; `?list=true` says what the verb LIST does; 404: nothing is there). Names alone are listed, so
each secret that may be read is read, and its values are compared with the keys of the lineage.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import RotateError
from rotate.means import Means
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.listing import among, seen
from rotate.systems.vault.client import opened
from rotate.systems.vault.field import inside
from rotate.systems.vault.system import SERVICE

MISSING = frozenset({404})
FOLDER = "/"
RIGHTS = (
    "`find` needs `list` on `<mount>/metadata/*` and `read` on `<mount>/data/*` (KV 1: both on `<mount>/*`) of what it "
    "should look at."
)


class Store:
    """One KV store. `_open`: folders and secrets in it, by their paths, that were not looked at yet."""

    def __init__(self, mount: str, version: int, client: Client) -> None:
        self._mount, self._second, self._client = mount, version > 1, client
        self._open = [""]

    def paths(self) -> Iterator[str]:
        """Give every path, the store itself first, as looking at folders brings them up."""
        while self._open:
            yield self._open.pop()

    def look(self, wanted: Wanted, means: Means, path: str) -> Iterator[FoundSecret]:
        """Look at one path: a folder brings up what lies in it, a secret gives the fields that are wanted."""
        if not path or path.endswith(FOLDER):
            self._open += [path + name for name in self._names(path)]
            return
        where = self._mount + path
        for name, text in self._fields(where, path).items():
            value = text if isinstance(text, str) else None
            yield from seen(str(Address("vault", where, name=name)), name, wanted, means, text=value)

    def _names(self, folder: str) -> list[str]:
        doing, metadata = f"list {self._mount}{folder} at Vault", "metadata/" if self._second else ""
        path = f"/{quote(f'{self._mount}{metadata}{folder}')}"
        answer = self._client.ask(Ask("GET", path, doing, {"list": "true"}, takes=MISSING))
        if answer.status in MISSING:
            return []
        keys = inside(answer.json(), "data").get("keys")
        if not isinstance(keys, list) or not all(isinstance(one, str) and one.strip(FOLDER) for one in keys):
            raise words.unexpected(SERVICE, doing, "not with a list of names")
        return keys

    def _fields(self, where: str, path: str) -> dict[str, object]:
        data = "data/" if self._second else ""
        ask = Ask("GET", f"/{quote(f'{self._mount}{data}{path}')}", f"read {where} at Vault", takes=MISSING)
        found = inside(self._client.ask(ask).json(), "data")
        return inside(found, "data") if self._second else found


def find(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find`. Raises `RotateError`: not even the stores can be listed."""
    del known
    client = opened(means)
    for mount, version in _stores(client):
        store = Store(mount, version, client)
        yield from among(store.paths(), partial(store.look, wanted, means), one="Vault secret", remedy=RIGHTS)


def _stores(client: Client) -> Iterator[tuple[str, int]]:
    doing = "list what is mounted in Vault"
    mounts = inside(inside(client.ask(Ask("GET", "/sys/internal/ui/mounts", doing)).json(), "data"), "secret")
    if not mounts:
        raise words.unexpected(SERVICE, doing, "not with mounts")
    for path, one in mounts.items():
        if inside(mounts, path).get("type") == "kv":
            yield path, 2 if inside(one, "options").get("version") == "2" else 1
