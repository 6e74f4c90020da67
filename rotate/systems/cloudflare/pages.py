"""One variable of a Pages project, in one of its two environments: what is not sent stays as it is.

Sources: PyPI `cloudflare` 5.9.0 (`resources/pages/projects`): `PATCH /pages/projects/{name}` takes any part of a
project, and `null` for a variable to remove. cloudflare/workers-sdk, wrangler `pages/secret/index.ts`: a secret is sent
by this call with itself alone in `deployment_configs.<environment>.env_vars`, and `wrangler_config_hash` as it was;
terraform-provider-cloudflare#5632: a variable that is not sent stays. A secret (`secret_text`) is shown without its
value, plain text with it. Cloudflare's documentation, pages/functions/wrangler-configuration: once a project is
deployed with a Wrangler file, that is the source of truth for plain text, and secrets stay outside of it.
"""

from __future__ import annotations

from urllib.parse import quote

from rotate.address import Address
from rotate.errors import Refused
from rotate.means import Means
from rotate.ports import Hindered
from rotate.secret import Secret
from rotate.service.description import Ask
from rotate.service.readable import Readable, Stored
from rotate.systems.cloudflare.account import Account, Row, unexpected
from rotate.systems.cloudflare.system import PRODUCTION

SECRET, PLAIN, FILE = "secret_text", "plain_text", "wrangler_config_hash"


class PagesVariable(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._account, self._key = Account(means), address.name
        self._environment = address.options.get("environment", PRODUCTION)
        self._path = f"/pages/projects/{quote(address.where.partition('/')[2], safe='')}"
        self._file: object = None

    def read(self) -> Stored | None:
        """Find it in the project's configuration, which proves that it is absent."""
        one = Ask("GET", self._path, f"read {self.name}")
        return self._stored(self._account.row(one), one)

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Send the one variable with the type that it has; create it as a secret."""
        kind = over.flags["type"] if over else SECRET
        config: Row = {"env_vars": {self._key: {"type": kind, "value": secret.reveal()}}}
        if self._file:
            config[FILE] = self._file
        body = {"deployment_configs": {self._environment: config}}
        one = Ask("PATCH", self._path, f"write {self.name}", body=body, hindered=hindered, value=secret)
        if self._stored(self._account.row(one), one) is None:
            raise unexpected(one, "without a variable of this name")

    def _look(self) -> Stored | None:
        """Refuse plain text that a Wrangler file would overwrite with the next deploy."""
        stored = super()._look()
        if stored and self._file and stored.flags["type"] == PLAIN:
            message = f"{self.name} stands as plain text in the project's Wrangler file, which overwrites it."
            remedy = "Take it out of `vars` in that file and deploy, then add it as a secret and run it again."
            raise Refused("destination-owned", f"{message} Nothing was changed there.", remedy)
        return stored

    def _stored(self, project: Row, one: Ask) -> Stored | None:
        """Take the project apart, as far as this environment goes."""
        config = inside(inside(project, "deployment_configs", one), self._environment, one)
        self._file = config.get(FILE)
        found = inside(config, "env_vars", one).get(self._key)
        if found is None:
            return None
        if not isinstance(found, dict) or found.get("type") not in (SECRET, PLAIN):
            raise unexpected(one, "with a variable that is neither plain text nor a secret")
        value = found.get("value") if found["type"] == PLAIN else None
        return Stored(Secret(value) if isinstance(value, str) else None, {"type": found["type"]})


def inside(row: Row, name: str, one: Ask) -> Row:
    """Give an object within an object; an empty one where there is none."""
    inner = row.get(name)
    if not isinstance(inner, dict | None):
        raise unexpected(one, f"its `{name}` is no object")
    return inner or {}
