"""One secret of a Doppler config: written only over the value that was read, read back and compared.

Sources: Doppler's API description (core.json). `GET …/secrets` with a filter shows `raw`, `note` and `rawVisibility`;
`…/secrets/names` the names alone, by which an absence is proven. `POST …/secrets` with `change_requests` is processed
only if `originalValue` and `originalVisibility` match; what is left out stays; an `originalName` of null is a new one.
Which status a mismatch has is not documented: after any refusal the secret is read again, which tells. Doppler computes
`${NAME}` and `${project.config.NAME}` in a raw value (docs.doppler.com/docs/secrets-referencing). A config may inherit
from others (docs.doppler.com/docs/config-inheritance). Inferred, not documented there: a config shows what it inherits
from in `inherits`, the root config is named as its environment, and `locked` does not hinder the write of a secret.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

from rotate.address import Address
from rotate.errors import DestinationError, Outcome, Refused, RotateError
from rotate.means import Means
from rotate.ports import Hindered
from rotate.protocol.facts.destination import DestinationFacts
from rotate.secret import Secret
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.readable import Readable, Stored
from rotate.systems.doppler.login import login
from rotate.systems.doppler.system import SERVICE, by_identity
from rotate.wire.outcome import SUCCESS, Answer, without

SECRETS, CONFIG = "/configs/config/secrets", "/configs/config"
MISSING, REFUSED = frozenset({404}), frozenset({400, 409, 412, 422})
UNTOLD = frozenset({400, 401, 403, 404})
_REFERENCE = re.compile(r"\$\{([^}]+)\}")


class ConfigSecret(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._client = Client(SERVICE, means, partial(login, means) if by_identity(means.environment) else None)
        self._project, _, self._config = address.where.partition("/")
        self._secret = address.name
        self._place = {"project": self._project, "config": self._config}

    def observe(self) -> DestinationFacts:
        """Read it; beside it, look whether the config has it from another one."""
        facts = super().observe()
        if facts.mark is not None and (source := self._inherited()):
            message = (
                f"{self.name} has no value of its own: the config has it from {source}. Nothing was changed there."
            )
            raise Refused("destination-refers", message, f"Make {source} the destination: this config then has it too.")
        return facts

    def read(self) -> Stored | None:
        """Read it; where it is not shown, prove by the names that it is not there."""
        doing = f"read {self.name}"
        answer = self._client.ask(self._reading(self._place, doing))
        if answer.status in SUCCESS:
            rows = _secrets(answer)
            if rows is None:
                raise words.unexpected(SERVICE, doing, "not with secrets")
            if self._secret in rows:
                return self._stored(rows[self._secret], doing)
        names = self._client.ask(Ask("GET", f"{SECRETS}/names", f"look for {self.name}", self._place)).json()
        listed = names.get("names") if isinstance(names, dict) else None
        if not isinstance(listed, list) or self._secret in listed:
            raise words.unexpected(SERVICE, doing, "not with the secret, and the list of names does not show why")
        return None

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Write it over what was read, and nothing else; create it masked."""
        change: dict[str, object] = {"name": self._secret, "originalName": self._secret, "value": secret.reveal()}
        if over is None:
            change |= {"originalName": None, "visibility": "masked"}
        else:
            if over.value:
                change["originalValue"] = over.value.reveal()
            if over.flags["visibility"]:
                change["originalVisibility"] = over.flags["visibility"]
        doing, body = f"write {self.name}", {**self._place, "change_requests": [change]}
        one = Ask("POST", SECRETS, doing, body=body, takes=REFUSED, hindered=hindered, value=secret)
        answer = self._client.ask(one)
        if answer.status in SUCCESS:
            self._must_be_taken(answer, secret, doing)
        elif failure := self._refused(one, answer, secret, over):
            raise failure

    def _reading(self, place: dict[str, str], doing: str) -> Ask:
        return Ask("GET", SECRETS, doing, {**place, "secrets": self._secret}, takes=MISSING)

    def _must_be_taken(self, answer: Answer, secret: Secret, doing: str) -> None:
        """Believe a 2xx only where it shows the new value: a change that waits for somebody's approval does not."""
        row = (_secrets(answer) or {}).get(self._secret)
        raw = row.get("raw") if isinstance(row, dict) else ""
        if raw is not None and (not isinstance(raw, str) or Secret(raw) != secret):
            what = "its answer does not show the new value: it may wait for an approval"
            raise words.unexpected(SERVICE, doing, what, Outcome.UNKNOWN)

    def _refused(self, one: Ask, answer: Answer, secret: Secret, over: Stored | None) -> RotateError | None:
        """Look what stands there: ours, from a try whose reply was lost; somebody else's; or what was there before."""
        failure = words.failure(SERVICE, replace(one, takes=frozenset()), answer, _said(answer, secret, over), "")
        try:
            found = self.read()
        except RotateError:
            return failure
        if found and found.value == secret:
            return None
        if (found and (found.value, found.flags)) == (over and (over.value, over.flags)):
            return failure
        message = f"Could not {one.doing}: somebody else changed it meanwhile.{words.STATES[answer.outcome]}"
        return DestinationError("destination-changed", message, words.LATER, outcome=answer.outcome)

    def _stored(self, row: object, doing: str) -> Stored:
        if not isinstance(row, dict) or not isinstance(row.get("raw"), str | None) or "raw" not in row:
            raise words.unexpected(SERVICE, doing, "not with a secret")
        raw, flags = row["raw"], {"visibility": row.get("rawVisibility"), "note": row.get("note")}
        found = _REFERENCE.search(raw or "")
        refers = self._address(found[1]) if found else ""
        return Stored(None if raw is None else Secret(raw), flags, refers)

    def _address(self, reference: str) -> str:
        """Give the address of what a reference means: `NAME`, `config.NAME` or `project.config.NAME`."""
        *place, name = reference.split(".")
        project, config = [*(self._project, self._config)[: max(0, 2 - len(place))], *place][-2:]
        return f"doppler://{project}/{config}#{name}"

    def _inherited(self) -> str:
        """Say which config it has the secret from, as far as this token is told; nothing where it is its own."""
        answer = self._client.ask(Ask("GET", CONFIG, f"read the config of {self.name}", self._place, takes=UNTOLD))
        body = answer.json() if answer.status in SUCCESS else None
        row = body.get("config") if isinstance(body, dict) else None
        if not isinstance(row, dict):
            return ""
        for parent in row.get("inherits") or []:
            if isinstance(parent, dict):
                return f"doppler://{parent.get('project')}/{parent.get('config')}#{self._secret}"
        environment = row.get("environment")
        if row.get("root") is not False or not isinstance(environment, str) or environment == self._config:
            return ""
        return f"doppler://{self._project}/{environment}#{self._secret}" if self._as_in(environment) else ""

    def _as_in(self, config: str) -> bool:
        """Say whether the root config shows the same: Doppler does not tell its secrets from a branch's own copies."""
        one = self._reading({"project": self._project, "config": config}, f"compare {self.name} with `{config}`")
        answer = self._client.ask(replace(one, takes=UNTOLD))
        row = (_secrets(answer) or {}).get(self._secret) if answer.status in SUCCESS else None
        raw = row.get("raw") if isinstance(row, dict) else None
        ours = self._before.value if self._before else None
        return isinstance(raw, str) and ours == Secret(raw)


def _secrets(answer: Answer) -> dict[str, object] | None:
    row = answer.json()
    found = row.get("secrets") if isinstance(row, dict) else None
    return found if isinstance(found, dict) else None


def _said(answer: Answer, secret: Secret, over: Stored | None) -> str:
    """Give its words without either value that was sent."""
    text = without(secret, answer.text)
    return text.replace(over.value.reveal(), "***") if over and over.value and over.value.reveal() else text
