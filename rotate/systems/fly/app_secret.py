"""One secret of an app of Fly.io: overwritten by name, and known again by the digest that Fly.io keeps of it.

Sources: superfly/fly-go, flaps/flaps_secrets.go and secrets_types.go: a POST to the one name sets it and touches no
other, and tells its digest and the version of the app's secrets; the list tells each name, digest and time. How a
digest is made is told nowhere, so it is compared with the one in the answer to the write, not with one made here. A
value is shown to Machines of the app alone.
"""

from __future__ import annotations

from rotate.address import Address
from rotate.errors import Outcome
from rotate.means import Means
from rotate.ports import Hindered
from rotate.secret import Secret
from rotate.service import words
from rotate.service.description import Ask
from rotate.service.moments import moment
from rotate.service.readable import Readable, Stored, Taken
from rotate.systems.fly.system import SERVICE, client


def versions(means: Means, app: str) -> dict[str, int]:
    """Give what this run knows of an app's secrets: under `least`, the version that its last write made."""
    return means.once(f"versions of fly {app}", dict)


class AppSecret(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._client, self._key = client(means), address.name
        self._path = f"/apps/{address.where}/secrets"
        self._versions = versions(means, address.where)

    def read(self) -> Stored | None:
        """Find it in the list of its app."""
        doing = f"read {self.name}"
        row = self._client.ask(Ask("GET", self._path, doing)).json()
        listed = row.get("secrets") if isinstance(row, dict) else None
        rows = words.rows_of(SERVICE, listed, doing, "a list of secrets")
        found = next((one for one in rows if one.get("name") == self._key), None)
        return self._stored(found, doing) if found is not None else None

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> Taken:
        """Send the value. The same request sets it anew and creates it."""
        del over
        doing, body = f"write {self.name}", {"value": secret.reveal()}
        path = f"{self._path}/{self._key}"
        row = self._client.ask(Ask("POST", path, doing, body=body, hindered=hindered, value=secret)).json()
        version = row.get("version", row.get("Version")) if isinstance(row, dict) else None
        if not isinstance(row, dict) or row.get("name") != self._key or not isinstance(version, int):
            raise words.unexpected(SERVICE, doing, "not with the secret and its version", Outcome.UNKNOWN)
        self._versions["least"] = max(version, self._versions.get("least", 0))
        stored = self._stored(row, doing, Outcome.UNKNOWN)
        return Taken(stored.at, stored.version)

    def _ours(self, found: Stored, *, taken: bool) -> bool:
        """The digest counts: whether the same value, written again, gets another time is not known."""
        return taken and found.version == self._taken.version

    def _stored(self, row: dict[str, object], doing: str, outcome: Outcome = Outcome.NO_EFFECT) -> Stored:
        digest = row.get("digest")
        if not isinstance(digest, str) or not digest:
            raise words.unexpected(SERVICE, doing, "without the digest of the secret", outcome)
        return Stored(None, at=moment(row.get("updated_at")), version=digest)
