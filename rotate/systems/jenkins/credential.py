"""One Secret text of Jenkins: its XML is read, the secret put in, and all else sent back as it was, to the byte.

Sources (jenkinsci/credentials-plugin): CredentialsStoreAction.java: `GET …/config.xml` has `<secret-redacted/>` in the
place of every secret; `POST` there reads the XML with the usual converters, for which that is an element like any
other, so that the secret becomes the text around it: empty (jenkinsci/jenkins hudson/util/Secret.java,
`fromString(reader.getValue())`). So it is never sent back, and a credential with more than one secret is not written.
It answers 200 with nothing, and drops whether the store took it (`updateByXml`), so it is read once more afterwards.
Without Credentials/View a store is 404, and so is each of its domains; else a domain lists its credentials
(docs/user.adoc), which proves that one is absent. `createCredentials` is 409 where the id is taken.
jenkinsci/plain-credentials-plugin StringCredentialsImpl.java: a Secret text has scope, id, description and secret.
"""

from __future__ import annotations

from typing import cast
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import Outcome, Refused
from rotate.means import Means
from rotate.ports import Hindered
from rotate.secret import Secret
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.readable import Readable, Stored
from rotate.systems.jenkins import config
from rotate.systems.jenkins.dialect import Dialect
from rotate.systems.jenkins.system import GLOBAL, SERVICE, SYSTEM_STORE
from rotate.wire.outcome import Answer

MISSING = frozenset({404})
TYPE = "type"


class SecretText(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        service = SERVICE.of(means.environment)
        self._client, self._looking = Client(service, means), cast("Dialect", service.style).looking
        folder, _, self._key = address.where.rpartition("/")
        jobs = "" if folder == SYSTEM_STORE else "".join(f"/job/{quote(one, safe='')}" for one in folder.split("/"))
        domain = quote(address.options.get("domain", GLOBAL), safe="")
        self._domain = f"{jobs}/credentials/store/{'folder' if jobs else SYSTEM_STORE}/domain/{domain}"
        self._path = f"{self._domain}/credential/{quote(self._key, safe='')}/config.xml"
        self._config: config.Config | None = None

    def read(self) -> Stored | None:
        """Read its XML; where it is not there, prove that by the list of its domain."""
        doing, self._config = f"read {self.name}", None
        answer = self._client.ask(Ask("GET", self._path, doing, takes=MISSING, style=self._looking))
        if answer.status in MISSING:
            self._absent()
            return None
        self._config = found = self._read(answer, doing)
        return Stored(None, {**found.parts, TYPE: found.kind})

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Send the XML that was read right before with the secret in it, or that of a new Secret text."""
        doing = f"write {self.name}"
        if self._config is None:
            path, body = f"{self._domain}/createCredentials", config.created(self._key, secret.reveal())
        else:
            path, body = self._path, self._config.holding(secret.reveal())
        ask = Ask("POST", path, doing, body=body, again=over is not None, hindered=hindered, value=secret)
        if self._client.ask(ask).text.strip():
            raise words.unexpected(SERVICE, doing, "not with nothing, as to a write", Outcome.UNKNOWN)

    def _look(self) -> Stored | None:
        """Refuse what is no Secret text, and one that holds more than its secret."""
        stored = super()._look()
        found = self._config
        if stored and found and (found.kind, found.secrets, found.elsewhere) != (config.STRING, 1, 0):
            what = f"is of the type {found.kind}" if found.kind != config.STRING else "holds more than one secret"
            message = f"{self.name} is no Secret text of Jenkins: it {what}. Nothing was changed there."
            remedy = "Keep the key in a credential of its own, of the kind Secret text, and make that the destination."
            raise Refused("destination-not-a-text", message, remedy)
        return stored

    def _read(self, answer: Answer, doing: str) -> config.Config:
        row = answer.json()
        text = row.get("xml") if isinstance(row, dict) else None
        if not isinstance(text, str):
            raise words.unexpected(SERVICE, doing, "not with a credential in XML")
        if "\ufffd" in text:
            raise words.unexpected(SERVICE, doing, "with text that is not in UTF-8, and that a write would change")
        try:
            found = config.parsed(text)
        except ValueError as error:
            raise words.unexpected(SERVICE, doing, f"of its XML this is wrong: {error}") from None
        if found.id != self._key:
            raise words.unexpected(SERVICE, doing, "with a credential of another id")
        return found

    def _absent(self) -> None:
        """Prove that the domain is there, that the user may view it, and that it lists no such credential."""
        doing = f"look for {self.name}"
        path = f"{self._domain}/api/json"
        row = self._client.ask(Ask("GET", path, doing, {"tree": "credentials[id]"}, style=self._looking)).json()
        listed = row.get("credentials") if isinstance(row, dict) else None
        rows = words.rows_of(SERVICE, listed, doing, "the list of a domain")
        if any(one.get("id") == self._key for one in rows):
            raise words.unexpected(SERVICE, doing, "at once that it is not there and, in its list, that it is")
