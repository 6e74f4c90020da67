"""One field of a secret in a KV store: read, overwritten with a check that nothing changed meanwhile, and read back.

Sources: api-docs/secret/kv/kv-v2: a write names the version that it replaces (`options.cas`; 0: none may be there), and
is refused with 400 where another is the latest; a merge patch sends one field alone, and needs `patch`; a secret whose
latest version was deleted answers 404 with its metadata. kv-v1: a write replaces all fields, without a check.
system/internal-ui-mounts: whoever reaches a path is told the mount and its version. system/capabilities-self: what the
token may. A token that is wrong and one that may not are 403 alike. OpenBao 2.7.2 was asked for each of these.
"""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from functools import partial
from typing import NamedTuple, TypeAlias, cast
from urllib.parse import quote

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
from rotate.systems.vault.client import opened
from rotate.systems.vault.system import SERVICE
from rotate.wire.http import Style
from rotate.wire.outcome import SUCCESS, Answer

Row: TypeAlias = dict[str, object]
MISSING, REFUSED = frozenset({404}), frozenset({400})
MISMATCH = "check-and-set"
MOST_TRIES = 5
MERGE = {"Content-Type": "application/merge-patch+json"}


class Mount(NamedTuple):
    """A KV store: where it is mounted (with a slash behind), and its version."""

    path: str
    version: int


class SecretField(Readable):
    """Implements `ports.Destination`. `_fields`: all that the secret held when it was last read; `None`: there was
    none. `_patches`: the token may send the one field alone. `_writes`: the fields that
    this run writes."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._client, self._where, self._field = opened(means), address.where, address.name
        self._fields: Row | None = None
        self._writes = means.once(f"fields of {self._where} at vault", set[str])
        self._writes.add(self._field)
        self._version, self._patches = 0, False

    def observe(self) -> DestinationFacts:
        """Read it, and what the token may do there."""
        facts, doing = super().observe(), f"ask what the token may at {self.name}"
        path = self._path().removeprefix("/")
        answer = self._client.ask(Ask("POST", "/sys/capabilities-self", doing, body={"paths": [path]}, looks=True))
        able = inside(row_of(answer, doing), "data").get(path) or row_of(answer, doing).get(path)
        may = {str(one) for one in able} if isinstance(able, list) else set()
        self._patches = bool(may & {"patch", "root"}) and self._mount().version > 1
        wanted = {"create"} if self._fields is None else {"update", "patch"}
        if not may & {*wanted, "root"}:
            message = f"The token reads {self.name}, and may not write it: Vault says that it may {sorted(may)} alone."
            raise Refused("destination-not-allowed", message, SERVICE.give)
        return replace(facts, may_write=True)

    def read(self) -> Stored | None:
        """Read the secret, and take the field. A secret, or a field, that is not there is a proven absence."""
        doing, second = f"read {self.name}", self._mount().version > 1
        answer = self._client.ask(Ask("GET", self._path(), doing, takes=MISSING))
        whole = row_of(answer, doing)
        data = inside(whole, "data")
        metadata = inside(data, "metadata")
        if answer.status in MISSING:
            self._fields, self._version = None, 0
            self._must_be_absent(whole, metadata, doing)
            return None
        fields = data.get("data") if second else whole.get("data")
        version = metadata.get("version", 0)
        if not isinstance(fields, dict) or not isinstance(version, int):
            raise words.unexpected(SERVICE, doing, "not with a secret")
        self._fields, self._version = fields, version
        value = fields.get(self._field)
        if value is None:
            return None
        if not isinstance(value, str):
            message = f"{self.name} holds no text, but a value with parts. Nothing was changed there."
            raise Refused("destination-refers", message, "Name a field of its own for the key.")
        others: Row = {f"field {name}": _hidden(one) for name, one in fields.items() if name not in self._writes}
        others |= {"custom metadata": _hidden(metadata.get("custom_metadata"))}
        return Stored(Secret(value), others, version=str(version))

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Write the field over the very version that was read. Where only other fields changed since, or another
        destination of this run lies in the same secret, it is read and written once more."""
        with self._means.once(f"writes to {self._where} at vault", threading.Lock):
            if self._mount().version == 1:
                self.read()  # no check tells what came in between
            tries = 0
            while True:
                tries += 1
                ask = self._write_of(secret, hindered)
                answer = self._client.ask(ask)
                if answer.status in SUCCESS:
                    return self._must_be_taken(answer, ask.doing)
                if MISMATCH not in answer.text:
                    raise self._refused(ask, answer)
                found = self.read()
                if found and found.value == secret:
                    return None  # a try of ours whose reply was lost
                if tries == MOST_TRIES or (found and found.value) != (over and over.value):
                    raise self._changed(ask, answer)

    def _write_of(self, secret: Secret, hindered: Hindered | None) -> Ask:
        doing, field = f"write {self.name}", {self._field: secret.reveal()}
        body: Row = {"data": {**(self._fields or {}), **field}, "options": {"cas": self._version}}
        ask = Ask("POST", self._path(), doing, body=body, hindered=hindered, value=secret, takes=REFUSED)
        if self._mount().version == 1:
            return replace(ask, body=body["data"])
        if self._patches and self._fields is not None:
            return replace(ask, verb="PATCH", body={**body, "data": field}, style=self._merging())
        return ask

    def _must_be_taken(self, answer: Answer, doing: str) -> None:
        """Take the answer to a write: KV 2 names the version that it made, KV 1 says nothing."""
        said = answer.json()
        version = inside(said, "data").get("version") if isinstance(said, dict) else None
        if not (version if self._mount().version > 1 else not answer.text.strip()):
            raise words.unexpected(SERVICE, doing, "not as to a write", Outcome.UNKNOWN)

    def _refused(self, ask: Ask, answer: Answer) -> RotateError:
        failure = self._client.failure(replace(ask, takes=frozenset()), answer)
        return failure or words.unexpected(SERVICE, ask.doing, "not as to a write", Outcome.UNKNOWN)

    def _changed(self, ask: Ask, answer: Answer) -> DestinationError:
        """Word that somebody else wrote the same field meanwhile: what is theirs is not overwritten."""
        message = f"Could not {ask.doing}: somebody else wrote there since it was read a moment ago."
        outcome = Outcome.UNKNOWN if answer.doubtful else Outcome.NO_EFFECT
        state = "" if answer.doubtful else " Nothing was changed there."
        return DestinationError("destination-changed", f"{message}{state}", "Run it again.", outcome=outcome)

    def _must_be_absent(self, whole: Row, metadata: Row, doing: str) -> None:
        """Tell what is not there from what was deleted, and from a path that leads nowhere."""
        if metadata:
            message = f"The latest version of {self.name} was deleted. Nothing was changed there."
            remedy = (
                "If that was a mistake: `vault kv undelete`. Else write the secret once by hand, then run this again."
            )
            raise Refused("destination-deleted", message, remedy)
        errors = whole.get("errors")
        if errors:
            said = words.unexpected(SERVICE, doing, f"there is no such place ({errors})")
            raise Refused(
                "destination-absent", said.message, f"Check the address and `VAULT_NAMESPACE`. {SERVICE.give}"
            )

    def _path(self) -> str:
        mount = self._mount()
        rest = quote(f"{self._where}/".removeprefix(mount.path).rstrip("/"))
        return f"/{quote(mount.path)}{'data/' if mount.version > 1 else ''}{rest}"

    def _mount(self) -> Mount:
        return mount_of(self._means, self._client, self._where)

    def _merging(self) -> Style:
        style = self._client.service.style
        return style._replace(headers={**style.headers, **MERGE})


def mount_of(means: Means, client: Client, where: str) -> Mount:
    """Ask for the mount of a path and its version, once in a run."""
    return means.once(f"mount of {where} at vault", partial(_asked, client, where))


def _asked(client: Client, where: str) -> Mount:
    doing = f"ask where vault://{where} is mounted"
    answer = client.ask(Ask("GET", f"/sys/internal/ui/mounts/{quote(where)}", doing))
    data = inside(row_of(answer, doing), "data")
    path, kind, options = data.get("path"), data.get("type"), inside(data, "options")
    if kind != "kv" or not isinstance(path, str) or not where.startswith(path):
        message = f"vault://{where} lies in no KV store: Vault calls what is mounted there `{kind}`."
        raise Refused("destination-refers", message, "Name a field of a secret in a KV store.")
    return Mount(path, 2 if options.get("version") == "2" else 1)


def row_of(answer: Answer, doing: str) -> Row:
    """Give the object that an answer is. Raises `unexpected` where it is none."""
    row = answer.json()
    if not isinstance(row, dict):
        raise words.unexpected(SERVICE, doing, "not with an object")
    return row


def inside(row: object, name: str) -> Row:
    """Give an object within an object; an empty one where there is none."""
    inner = row.get(name) if isinstance(row, dict) else None
    return cast("Row", inner) if isinstance(inner, dict) else {}


def _hidden(value: object) -> Secret:
    """Keep what stands beside to compare it, and never to show it."""
    return Secret(json.dumps(value, sort_keys=True))
