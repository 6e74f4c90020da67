"""One secret in a folder of Infisical: overwritten with its value alone, read back and compared.

Sources (Infisical/infisical, backend/src): server/routes/v4/secret-router.ts: a PATCH leaves what is not sent, and its
answer is `approval` in place of `secret` where a change must be approved first: nothing is written until then.
services/secret/secret-service.ts: that befalls the tokens of people alone, not of machine identities.
services/secret-v2-bridge/secret-v2-bridge-service.ts: who may not describe or read a secret gets 403, and 404 means
that it, or its folder, is not there, as with a list; with `include_imports` an imported one is shown with the
environment and folder that it comes from; a PATCH answers with a comment that is none. There is no check of a version.
services/secret-v2-bridge/secret-reference-fns.ts: `${NAME}` and `${environment.folder.NAME}` are references.
A value is trimmed by a write (v4/secret-router.ts).
"""

from __future__ import annotations

import json
import re

from rotate.address import Address
from rotate.errors import DestinationError, Outcome, Refused
from rotate.means import Means
from rotate.ports import Hindered
from rotate.secret import Secret
from rotate.service import words
from rotate.service.description import Ask
from rotate.service.readable import Readable, Stored
from rotate.systems.infisical.login import opened
from rotate.systems.infisical.system import SERVICE
from rotate.wire.outcome import Answer

SECRETS = "/v4/secrets"
MISSING = frozenset({404})
FLAGS = ("secretComment", "skipMultilineEncoding", "secretReminderNote", "secretReminderRepeatDays")
_REFERENCE = re.compile(r"\$\{([^}]+)\}")


class FolderSecret(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._client = opened(means)
        self._project, environment, *folders = address.where.split("/")
        self._secret = address.name
        folder = f"/{'/'.join(folders)}"
        self._place = {"projectId": self._project, "environment": environment, "secretPath": folder}

    def read(self) -> Stored | None:
        """Read it, imported ones too; where it is not there, prove by the list of the folder that the folder is."""
        doing = f"read {self.name}"
        query = {**self._place, "type": "shared", "include_imports": "true"}
        answer = self._client.ask(Ask("GET", f"{SECRETS}/{self._secret}", doing, query, takes=MISSING))
        if answer.status in MISSING:
            self._must_be_unlisted()
            return None
        row = self._row(answer, doing, Outcome.NO_EFFECT)
        origin = self._address(str(row.get("environment")), str(row.get("secretPath")), self._secret)
        if origin != self._address(self._place["environment"], self._place["secretPath"], self._secret):
            return Stored(None, refers=origin)
        return self._stored(row, doing)

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Send the value alone, unless it stands there: that would only ask somebody for one more approval."""
        if over and over.value == secret:
            return
        doing, body = f"write {self.name}", {**self._place, "type": "shared", "secretValue": secret.reveal()}
        verb, path, again = "PATCH" if over else "POST", f"{SECRETS}/{self._secret}", over is not None
        answer = self._client.ask(Ask(verb, path, doing, body=body, again=again, hindered=hindered, value=secret))
        found = answer.json()
        if isinstance(found, dict) and "secret" not in found and isinstance(found.get("approval"), dict):
            message = (
                f"{self.name} was not written: Infisical made a change request of it, which waits for an approval. "
                "What stood there still does, and the request holds the new key."
            )
            remedy = (
                "Have the request approved (the project → Secrets → Change Requests), then run it again. Or close it "
                "and log in as a machine identity: such a policy binds people. Nothing is revoked before."
            )
            raise DestinationError("destination-awaits-approval", message, remedy, outcome=Outcome.UNKNOWN)
        self._row(answer, doing, Outcome.UNKNOWN)

    def _must_be_unlisted(self) -> None:
        doing = f"look for {self.name}"
        query = {**self._place, "viewSecretValue": "false", "include_imports": "true"}
        found = self._client.ask(Ask("GET", SECRETS, doing, query)).json()
        rows = found.get("secrets") if isinstance(found, dict) else None
        if not isinstance(rows, list) or any(isinstance(row, dict) and self._is_it(row) for row in rows):
            raise words.unexpected(SERVICE, doing, "the list of its folder does not show that it is absent")

    def _is_it(self, row: dict[str, object]) -> bool:
        return row.get("secretKey") == self._secret and row.get("type", "shared") == "shared"

    def _row(self, answer: Answer, doing: str, outcome: Outcome) -> dict[str, object]:
        """Take an answer apart: it must be of this name, and of what everybody has."""
        found = answer.json()
        row = found.get("secret") if isinstance(found, dict) else None
        if not isinstance(row, dict) or not self._is_it(row):
            raise words.unexpected(SERVICE, doing, "not with this secret", outcome)
        return row

    def _stored(self, row: dict[str, object], doing: str) -> Stored:
        """Give what it is. Raises `Refused`: its value is hidden, or Infisical itself writes there."""
        text = row.get("secretValue")
        if not isinstance(text, str):
            raise words.unexpected(SERVICE, doing, "not with a value")
        if row.get("secretValueHidden"):
            message = f"Could not {doing}: Infisical hides the value from this identity, so no write could be proven."
            raise Refused("destination-not-allowed", message, f"Let it read the value. {SERVICE.give}")
        if row.get("isRotatedSecret"):
            message = f"{self.name} is written by a secret rotation of Infisical, which would overwrite the new key."
            raise Refused("destination-owned", message, "Store the key in a secret of its own.")
        tags = [str(tag.get("slug")) for tag in _rows(row.get("tags"))]
        metadata = sorted(json.dumps(one, sort_keys=True) for one in _rows(row.get("secretMetadata")))
        # Metadata may be encrypted, so it is treated as a secret.
        more = {"tags": sorted(tags), "secretMetadata": Secret(str(metadata))}
        found = _REFERENCE.search(text)
        return Stored(
            Secret(text), {name: row.get(name) for name in FLAGS} | more, self._meant(found[1]) if found else ""
        )

    def _meant(self, reference: str) -> str:
        """Give the address of what a reference means: `NAME` of the same folder, or `environment.folder.NAME`."""
        *place, name = reference.split(".")
        environment, *folders = place or [self._place["environment"]]
        return self._address(environment, f"/{'/'.join(folders)}" if place else self._place["secretPath"], name)

    def _address(self, environment: str, folder: str, name: str) -> str:
        return f"infisical://{self._project}/{environment}{folder.rstrip('/')}#{name}"


def _rows(found: object) -> list[dict[str, object]]:
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
