"""One key of a Kubernetes Secret: patched over the very version that was read, read back and compared.

Sources: Kubernetes' OpenAPI description (`data` in base64; `PATCH` with `application/merge-patch+json`); its
documentation, "API Concepts" and sig-architecture's api-conventions.md ("Concurrency Control and Consistency": a
`resourceVersion` that is sent and is not the stored one is answered with 409; "Response Status Kind": `reason` and
`details`); "Secrets" (`immutable`). A 404 of the API server names what was not found: it asks whether somebody may see
a thing before it looks for it, so what may not be seen is 403.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from dataclasses import replace
from functools import cached_property
from threading import Lock
from typing import NamedTuple

from rotate.address import Address
from rotate.errors import DestinationError, Outcome, Refused, RotateError
from rotate.means import Means
from rotate.ports import Hindered, Receipt
from rotate.protocol.facts.destination import DestinationFacts
from rotate.secret import Secret
from rotate.service import words
from rotate.service.description import Ask
from rotate.service.readable import Readable, Stored
from rotate.systems.kubernetes.client import MERGE, Cluster, part
from rotate.systems.kubernetes.owners import hindrance
from rotate.systems.kubernetes.system import SERVICE
from rotate.wire.outcome import SUCCESS, Answer

MISSING, CHANGED = frozenset({404}), frozenset({409})
FLAGS = ("labels", "annotations")


class Around(NamedTuple):
    """What the last look showed of the Secret around the key. `version` is empty where there is no Secret."""

    version: str = ""
    hindered: Refused | None = None


class SecretKey(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._namespace, _, self._secret = address.where.partition("/")
        self._context, self._key = address.options.get("context", ""), address.name
        self._list = f"/api/v1/namespaces/{self._namespace}/secrets"
        self._around = Around()
        # The version is the Secret's: two keys of it must not be written at once.
        self._turn = means.once(f"writes of {address._replace(name='')}", Lock)

    @cached_property
    def _client(self) -> Cluster:
        return cluster(self._means, self._context)

    def observe(self) -> DestinationFacts:
        """Read it, see whose it is, and ask whether it may be written."""
        facts = super().observe()
        if self._around.hindered:
            raise self._around.hindered
        verb, name = ("patch", self._secret) if self._around.version else ("create", "")
        may = self._client.may(verb, self._namespace, "secrets", name=name)
        if may is False and (facts.mark is not None or self._around.version):
            message = f"The login reads {self.name}, and may not write it: it lacks the verb `{verb}` on `secrets`."
            raise Refused("destination-not-allowed", message, SERVICE.give)
        return replace(facts, may_write=may is True)

    def put(self, secret: Secret, hindered: Hindered | None = None) -> Receipt:
        """Overwrite it, while this run writes no other key of the same Secret."""
        with self._turn:
            return super().put(secret, hindered)

    def read(self) -> Stored | None:
        """Read it. That the Secret, or the key in it, is not there is an absence."""
        self._around = Around()
        one = Ask("GET", f"{self._list}/{self._secret}", f"read {self.name}", takes=MISSING)
        answer = self._client.ask(one)
        if answer.status in SUCCESS:
            return self._stored(answer, one.doing)
        status = answer.json()
        shown = part(status).get("reason") == "NotFound" and part(status, "details").get("kind") == "secrets"
        if failure := None if shown else self._client.failure(replace(one, takes=frozenset()), answer):
            raise failure
        return None

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Put the value alone into the version that was just read; create a Secret where there is none."""
        version = over.version if over else self._around.version
        if why := self._around.hindered:
            raise DestinationError(why.reason, why.message, why.remedy)
        encoded = Secret(b64encode(secret.reveal().encode()).decode())
        self._means.hide(encoded)
        doing, data = f"write {self.name}", {self._key: encoded.reveal()}
        if version:
            path, body = f"{self._list}/{self._secret}", {"metadata": {"resourceVersion": version}, "data": data}
            one = Ask("PATCH", path, doing, body=body, style=MERGE)
        else:
            made = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self._secret}, "type": "Opaque"}
            one = Ask("POST", self._list, doing, body={**made, "data": data})
        one = replace(one, hindered=hindered, value=secret)
        answer = self._client.ask(replace(one, takes=CHANGED))
        if answer.status in CHANGED:
            if not self._stands(secret) and (failure := self._client.failure(one, answer)):
                raise failure
        elif (found := self._stored(answer, doing, Outcome.UNKNOWN)) is None or found.value != secret:
            raise words.unexpected(SERVICE, doing, "its answer does not show the new value", Outcome.UNKNOWN)

    def _stands(self, secret: Secret) -> bool:
        """Say whether what stands there is ours: from a try whose reply was lost, as far as can be seen."""
        try:
            found = self.read()
        except RotateError:
            return False
        return bool(found and found.value == secret)

    def _stored(self, answer: Answer, doing: str, outcome: Outcome = Outcome.NO_EFFECT) -> Stored | None:
        """Take an answer apart: it must be of this Secret. Of the other keys nothing is kept."""
        row = part(answer.json())
        metadata, data = part(row, "metadata"), row.get("data") or {}
        version = metadata.get("resourceVersion")
        ours = (metadata.get("namespace"), metadata.get("name")) == (self._namespace, self._secret)
        if not ours or not isinstance(version, str) or not version or not isinstance(data, dict):
            raise words.unexpected(SERVICE, doing, "not with the Secret", outcome)
        self._around = Around(version, hindrance(self.name, row))
        if self._key not in data:
            return None
        flags = {"type": row.get("type"), **{name: metadata.get(name) for name in FLAGS}}
        return Stored(_decoded(data[self._key], doing, outcome), flags, version=version)


def _decoded(held: object, doing: str, outcome: Outcome) -> Secret:
    try:
        text = b64decode(held, validate=True).decode() if isinstance(held, str) else None
    except (binascii.Error, UnicodeError):
        text = None
    if text is None:
        message, remedy = f"Could not {doing}: what stands there is no text.", "Keep the key in a place of its own."
        raise DestinationError("destination-not-a-text", message, remedy, outcome=outcome)
    return Secret(text)


def cluster(means: Means, context: str) -> Cluster:
    """Give the one client of a context in this run."""
    return means.once(f"cluster {context}", lambda: Cluster(means, context))
