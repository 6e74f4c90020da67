"""One secret of a key vault: a new version with everything that the latest had, read back and compared.

Sources: Azure/azure-rest-api-specs specification/keyvault/data-plane/Secrets/stable/2025-07-01/secrets.json: a PUT
makes a new version; content type, tags and attributes are those of a version, so they are sent back; a GET without one
gives the latest (azure-keyvault-secrets 4.12.0 then sends a `/` behind the name); a secret behind a certificate is
`managed` and has a `kid`. MicrosoftDocs/azure-docs articles/key-vault/secrets/about-secrets.md: `exp` and `nbf` only
inform, and an expired secret is still given out; times are whole seconds. So the value, which is exact, tells one write
from another, and no time does.

Key Vault has no check-and-set. What somebody wrote between the last look and the write is superseded, not lost: its
version stays, and the list of versions shows it where the identity may list them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from rotate.address import Address
from rotate.errors import DestinationError, Outcome, Refused
from rotate.means import Means
from rotate.ports import Hindered, Receipt
from rotate.protocol.facts.destination import DestinationFacts, Mark
from rotate.secret import Secret
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.readable import Readable, Stored
from rotate.systems.azure_keyvault import refusals
from rotate.systems.azure_keyvault.cloud import TENANT, TOKEN, cloud_of
from rotate.systems.azure_keyvault.login import log_in
from rotate.systems.azure_keyvault.system import SERVICE
from rotate.systems.azure_keyvault.versions import FORBIDDEN, QUERY, Asks, attributes_of, listed, version_of
from rotate.wire.outcome import REFUSAL, SUCCESS, Answer

MISSING = frozenset({refusals.NOT_FOUND})
ATTRIBUTES = ("enabled", "nbf", "exp")


class VaultSecret(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        vault, _, self._secret = address.where.partition("/")
        self._path, self._made = f"/secrets/{self._secret}", set[str]()
        environment = means.environment
        given = bool(environment.get(TOKEN, "").strip())
        service = replace(SERVICE, usual=f"https://{vault}.{cloud_of(environment).suffix}")
        client = Client(service, means, None if given else partial(log_in, means))
        tenant = "" if given else environment.get(TENANT, "").strip()
        self._ask: Asks = partial(refusals.ask, client, tenant=tenant)

    def observe(self) -> DestinationFacts:
        """Read it; where it is not there, ask whether a deleted one holds its name, which then takes no write."""
        facts = super().observe()
        if facts.mark is None:
            path, doing = f"/deletedsecrets/{self._secret}", f"look for {self.name} among the deleted"
            if self._ask(Ask("GET", path, doing, QUERY, takes=frozenset(REFUSAL))).status in SUCCESS:
                raise refusals.deleted(self.name)
        return facts

    def read(self) -> Stored | None:
        """Read the latest version."""
        doing = f"read {self.name}"
        answer = self._ask(Ask("GET", f"{self._path}/", doing, QUERY, takes=MISSING))
        return None if answer.status in MISSING else self._stored(answer, doing)

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Make a new version, with all that the one before had."""
        doing, body = f"write {self.name}", {"value": secret.reveal(), **_kept(over)}
        answer = self._ask(Ask("PUT", self._path, doing, QUERY, body, hindered=hindered, value=secret))
        self._made.add(self._stored(answer, doing, Outcome.UNKNOWN).version)

    def confirm(self, before: DestinationFacts, receipt: Receipt | None) -> Mark:
        """Read it back; then look for what somebody wrote between this run's last look and its write."""
        mark = super().confirm(before, receipt)
        if version := self._between():
            raise DestinationError(
                "destination-written-between",
                f"{self.name} holds the new key, but somebody else wrote there between this run's last look and its "
                f"write: the version {version}, which is not the latest any more.",
                "Find out who writes there, and whether that value is needed: it is kept as that version. Then run "
                "this again. Nothing is revoked until then.",
                outcome=Outcome.UNKNOWN,
            )
        return mark

    def _look(self) -> Stored | None:
        """Refuse what belongs to a certificate, and what would be expired as soon as it is written."""
        stored = super()._look()
        if stored and stored.flags["managed"]:
            raise Refused(
                "destination-owned",
                f"{self.name} belongs to a certificate of the same name, which Key Vault keeps itself. Nothing was "
                "changed there.",
                "Store the key in a secret of its own, and make that the destination.",
            )
        expiry = stored.flags["exp"] if stored else None
        if isinstance(expiry, int) and expiry <= self._means.clock.now().timestamp():
            raise Refused(
                "destination-expired",
                f"{self.name} has expired (`exp`), and a new version keeps the date: it would be expired at once. "
                "Nothing was changed there.",
                "Set a later date, which the new version then has too:\n\n"
                "    az keyvault secret set-attributes --vault-name … --name … --expires 2030-01-31T00:00:00Z",
            )
        return stored

    def _between(self) -> str:
        """Give a version that is newer than the one that was replaced, and has not our value; nothing where there is
        none, or where the versions cannot be listed. A write whose reply was lost and was repeated is ours twice."""
        found = listed(self._ask, self._secret, f"list the versions of {self.name}")
        over = self._kept.version if self._kept else ""
        if found is None or (over and over not in found):
            return ""
        since = found.get(over, -1)
        newer = [version for version, created in found.items() if created > since and version not in self._made]
        return next((version for version in newer if self._value_of(version) != self._put), "")

    def _value_of(self, version: str) -> Secret | None:
        """Read one version; a disabled one gives nothing."""
        doing = f"read the version {version} of {self.name}"
        answer = self._ask(Ask("GET", f"{self._path}/{version}", doing, QUERY, takes=FORBIDDEN))
        return None if answer.status in FORBIDDEN else self._stored(answer, doing).value

    def _stored(self, answer: Answer, doing: str, outcome: Outcome = Outcome.NO_EFFECT) -> Stored:
        """Take an answer apart: it must be of this secret."""
        row = answer.json()
        if not isinstance(row, dict) or not isinstance(row.get("value"), str):
            raise words.unexpected(SERVICE, doing, "not with a secret", outcome)
        version = version_of(row, self._secret)
        if not version:
            raise words.unexpected(SERVICE, doing, "with another secret", outcome)
        attributes = attributes_of(row)
        flags = {
            "contentType": row.get("contentType"),
            "tags": row.get("tags") or {},
            **{name: attributes.get(name) for name in ATTRIBUTES},
            "managed": bool(row.get("managed") or row.get("kid")),
        }
        return Stored(Secret(row["value"]), flags, version=version)


def _kept(over: Stored | None) -> dict[str, object]:
    """Give what a new version is sent along: all that stood there, and nothing that did not."""
    flags = over.flags if over else {}
    kept = {name: flags[name] for name in ("contentType", "tags") if flags.get(name)}
    attributes = {name: flags[name] for name in ATTRIBUTES if flags.get(name) is not None}
    return {**kept, **({"attributes": attributes} if attributes else {})}
