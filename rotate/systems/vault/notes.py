"""The note and the lock as secrets of their own, below the one that holds the key, in a KV store of version 2.

Source: api-docs/secret/kv/kv-v2: every write names the version that it replaces (`options.cas`; 0: none may be there),
and is refused with 400 where another is the latest. A deleted version still counts, so that a text is removed by a
version without it: that is checked as well, and needs no other right. A store of version 1 has no such check, and two
runs could not be told apart there.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import Outcome, Refused
from rotate.means import Means
from rotate.service import words
from rotate.service.description import Ask
from rotate.service.notes import Held, Texts
from rotate.systems.vault.client import opened
from rotate.systems.vault.field import MISMATCH, MISSING, REFUSED, inside, mount_of, row_of
from rotate.systems.vault.system import SERVICE

FIELD = "text"


class Secrets(Texts):
    """Implements `notes.Texts`."""

    most, kept = 500_000, "secret"

    def __init__(self, address: Address, means: Means) -> None:
        self._means, self._client = means, opened(means)
        self._where, self._credential = address.where, address.name

    def name(self, end: str) -> str:
        """Name it after the credential, below the secret that holds the key."""
        return f"{self._where}/{self._credential}_{end}"

    def read(self, end: str) -> Held:
        """Read it with its version: 0 where there never was one."""
        doing = f"read {self.name(end)}"
        answer = self._client.ask(Ask("GET", self._path(end), doing, takes=MISSING))
        whole = row_of(answer, doing)
        data = inside(whole, "data")
        text = inside(data, "data").get(FIELD)
        version = inside(data, "metadata").get("version", 0)
        unproven = answer.status in MISSING and whole.get("errors")
        if unproven or not isinstance(version, int) or not isinstance(text, str | None):
            raise words.unexpected(SERVICE, doing, "not with the secret")
        return Held(text, str(version))

    def write(self, end: str, text: str, over: Held) -> bool:
        """Write the next version, over the very one that was read."""
        return self._send(end, {FIELD: text}, over)

    def remove(self, end: str, over: Held) -> bool:
        """Write a version without a text."""
        return self._send(end, {}, over)

    def _send(self, end: str, fields: dict[str, str], over: Held) -> bool:
        body = {"data": fields, "options": {"cas": int(over.version)}}
        one = Ask("POST", self._path(end), f"write {self.name(end)}", body=body, again=False)
        answer = self._client.ask(replace(one, takes=REFUSED))
        if answer.status in REFUSED:
            if MISMATCH in answer.text:
                return False
            raise self._client.failure(one, answer) or words.unexpected(SERVICE, one.doing, "no", Outcome.UNKNOWN)
        if inside(row_of(answer, one.doing), "data").get("version") != int(over.version) + 1:
            raise words.unexpected(SERVICE, one.doing, "not with the next version", Outcome.UNKNOWN)
        return True

    def _path(self, end: str) -> str:
        mount = mount_of(self._means, self._client, self._where)
        if mount.version == 1:
            message = f"{mount.path} is a KV store of version 1: without check-and-set it keeps no lock."
            raise Refused("no-notebook", message, "Name a file that outlives the run:\n\n    note_file: …")
        rest = f"{self.name(end)}".removeprefix(mount.path)
        return f"/{quote(mount.path)}data/{quote(rest)}"
