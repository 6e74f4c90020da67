"""One secret of a Worker. Nothing of its value can be read back: that Cloudflare took it is all the proof.

Sources: PyPI `cloudflare` 5.9.0 (`resources/workers/scripts`): `PUT …/secrets` creates or overwrites; `…/settings`
lists every binding with its type; the first of `…/deployments` serves the traffic. Cloudflare's documentation,
workers/configuration/secrets: the write makes a new version and deploys it at once; "if using gradual deployments",
`wrangler versions secret put` is to be used instead. cloudflare/workers-sdk, wrangler `secret/index.ts`: it is refused
(10215) where the latest version is not deployed; 10007 is a Worker that is not there, which wrangler would create. Its
issues: 10053 is a binding of another type that has the name.
"""

from __future__ import annotations

from urllib.parse import quote

from rotate.address import Address
from rotate.errors import DestinationError, Outcome, Refused
from rotate.means import Means
from rotate.ports import Hindered, Receipt
from rotate.protocol.facts.destination import DestinationFacts, Mark
from rotate.secret import Secret
from rotate.service.description import Ask
from rotate.service.readable import Readable, Stored
from rotate.systems.cloudflare.account import Account, Row, objects, unexpected
from rotate.systems.cloudflare.system import STORE

SECRET, REFERENCE = "secret_text", "secrets_store_secret"
BY_HAND = (
    "Deploy the latest version to all of the traffic, then run it again:\n\n    npx wrangler versions deploy\n\n"
    "Or keep the key in the Secrets Store, of which no version holds a copy (docs/systems/cloudflare.md)."
)


class WorkerSecret(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._account, self._key = Account(means), address.name
        self._script = address.where.partition("/")[2]
        self._path = f"/workers/scripts/{quote(self._script, safe='')}"

    def read(self) -> Stored | None:
        """Find it among all bindings of the Worker; its settings prove that it is absent."""
        one = Ask("GET", f"{self._path}/settings", f"read {self.name}")
        for row in objects(self._account.row(one).get("bindings", []), one):
            if row.get("name") == self._key:
                return Stored(None, {"type": row.get("type")}, _referred(row))
        return None

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Send it; the same call creates and overwrites, so that to repeat it does no harm."""
        del over
        body = {"name": self._key, "text": secret.reveal(), "type": SECRET}
        one = Ask("PUT", f"{self._path}/secrets", f"write {self.name}", body=body, hindered=hindered, value=secret)
        row = self._account.row(one)
        if (row.get("name"), row.get("type")) != (self._key, SECRET):
            raise unexpected(one, "not with a secret of this name")

    def confirm(self, before: DestinationFacts, receipt: Receipt | None) -> Mark:
        """Establish that the write stands, and that what serves the traffic has it."""
        mark = super().confirm(before, receipt)
        if why := self._waits():
            message = f"{self.name} holds the new value, but the Worker {why}: what serves may have the value before."
            raise DestinationError("cloudflare-version-waits", message, BY_HAND, outcome=Outcome.UNKNOWN)
        return mark

    def _look(self) -> Stored | None:
        """Refuse what is no secret, and a Worker of which the write would deploy more than the secret."""
        stored = super()._look()
        if stored and stored.flags["type"] != SECRET:
            kind = stored.flags["type"]
            message = f"{self.name} is no secret: the Worker has a binding of the type {kind} under this name."
            remedy = "Remove it from the Worker's configuration, add a secret of the same name, then run it again."
            raise Refused("destination-not-a-secret", f"{message} Nothing was changed there.", remedy)
        if why := self._waits():
            message = f"{self.name} cannot be written: the Worker {why}, and the write would deploy that at once."
            raise Refused("cloudflare-version-waits", f"{message} Nothing was changed there.", BY_HAND)
        return stored

    def _waits(self) -> str:
        """Say why the latest version does not serve all of the traffic; nothing where it does, and of a Worker that
        tells of no deployment, which is left to Cloudflare itself to judge."""
        doing = f"look at the deployments of {self.name}"
        deployments, versions = (Ask("GET", f"{self._path}/{what}", doing) for what in ("deployments", "versions"))
        past = objects(self._account.row(deployments).get("deployments", []), deployments)
        known = objects(self._account.row(versions).get("items", []), versions)
        if not past or not known:
            return ""
        serving = [str(one.get("version_id")) for one in objects(past[0].get("versions", []), deployments)]
        if serving == [str(max(known, key=_number).get("id"))]:
            return ""
        return "is deployed gradually" if len(serving) > 1 else "has a later version that is not deployed"


def _referred(row: Row) -> str:
    """Give the address of the secret that is used in its place; nothing where it is none."""
    if row.get("type") != REFERENCE:
        return ""
    return str(Address("cloudflare", f"{STORE}/{row.get('store_id')}", {}, str(row.get("secret_name"))))


def _number(version: Row) -> float:
    number = version.get("number")
    return number if isinstance(number, int | float) else 0
