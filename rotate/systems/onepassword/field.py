"""One field of an item in 1Password: its value alone is replaced, read back and compared, with all of the item.

Source: the official description of Connect 1.7.1 (1Password/connect, docs/openapi/spec.yaml). Vaults and items are
found by name with a filter; elsewhere 26 characters name them. A PATCH takes `add`, `remove` and `replace` of RFC 6902,
with a field's id in the path, and answers with the whole item. It knows no `test`, nor any other check of a version. A
vault out of the token's sight is 403, and is not listed. 1Password refuses two changes of one vault at once
(1Password/onepassword-sdk-js, issue 151), so a run makes them one after the other. Beside what is described a field has
more, which changes by itself: `entropy`, and the code of a one-time password (1Password/connect-sdk-go, items.go).
"""

from __future__ import annotations

import json
import re
import threading

from rotate.address import Address
from rotate.errors import Outcome, Refused
from rotate.means import Means
from rotate.ports import Hindered, Receipt
from rotate.secret import Secret
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.readable import Readable, Stored
from rotate.systems.onepassword.system import SERVICE
from rotate.wire.outcome import Answer

Row = dict[str, object]
_ID = re.compile(r"[0-9a-z]{26}")
# What a write must leave of the item, beside its fields.
KEPT = ("title", "category", "urls", "favorite", "tags", "sections", "files")
OF_FIELD = ("id", "section", "type", "purpose", "label")
TEXTS = ("CONCEALED", "STRING")
ELSEWHERE = "op://"


class ItemField(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._client = Client(SERVICE, means)
        self._vault, _, self._item = address.where.partition("/")
        self._field, self._path, self._field_id = address.name, "", ""

    def read(self) -> Stored | None:
        """Read the item, and find the field in it. An item that is not there is not made: see `Refused`."""
        doing = f"read {self.name}"
        if not self._path:
            vault = self._id("/vaults", "name", self._vault, "vault")
            items = f"/vaults/{vault}/items"
            self._path = f"{items}/{self._id(items, 'title', self._item, 'item')}"
            self._means.once(f"fields of {self._path}", set[str]).add(self._field)
        item = self._row(self._client.ask(Ask("GET", self._path, doing)), doing, Outcome.NO_EFFECT)
        if state := item.get("state"):
            message = f"Could not {doing}: the item is {str(state).lower()}."
            raise Refused("destination-deleted", message, "Restore the item in 1Password, then run it again.")
        field = self._found(item, doing)
        return self._stored(item, field) if field else None

    def put(self, secret: Secret, hindered: Hindered | None = None) -> Receipt:
        """Write it, while this run writes no other field of the same vault."""
        with self._means.once(f"writes to {self._path.partition('/items/')[0]}", threading.Lock):
            return super().put(secret, hindered)

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Replace the value alone; where there is no such field, add one that is concealed."""
        doing, pointer = f"write {self.name}", self._field_id.replace("~", "~0").replace("/", "~1")
        field = {"label": self._field, "type": TEXTS[0], "value": secret.reveal()}
        op, again = "replace" if over and over.value else "add", over is not None
        change: Row = {"op": op, "path": f"/fields/{pointer}/value", "value": secret.reveal()}
        body = [change if over else {"op": op, "path": "/fields", "value": field}]
        answer = self._client.ask(
            Ask("PATCH", self._path, doing, body=body, again=again, hindered=hindered, value=secret)
        )
        self._row(answer, doing, Outcome.UNKNOWN)

    def _id(self, path: str, key: str, name: str, what: str) -> str:
        """Give the id of the one vault or item that has this name. Raises `Refused`: none has, or several."""
        if _ID.fullmatch(name):
            return name
        doing = f"find the {what} of {self.name}"
        answer = self._client.ask(Ask("GET", path, doing, {"filter": f'{key} eq "{name}"'}))
        named = [row for row in words.rows_of(SERVICE, answer.json(), doing) if row.get(key) == name]
        rows = [row for row in named if not row.get("state")] or named
        if not rows:
            message = f"Could not {doing}: this token sees no {what} of this name. Nothing was changed there."
            raise Refused("destination-absent", message, f"Check the spelling, or create the {what}. {SERVICE.give}")
        if len(rows) > 1:
            raise self._ambiguous(what)
        one = str(rows[0].get("id"))
        if not _ID.fullmatch(one):
            raise words.unexpected(SERVICE, doing, f"without the id of the {what}")
        return one

    def _ambiguous(self, what: str) -> Refused:
        message = f"{self.name} may be either of two: more than one {what} has this name. Nothing was changed there."
        return Refused("destination-ambiguous", message, f"Write the id of the {what} in place of its name.")

    def _row(self, answer: Answer, doing: str, outcome: Outcome) -> Row:
        row = answer.json()
        if not isinstance(row, dict) or row.get("id") != self._path.rpartition("/")[2]:
            raise words.unexpected(SERVICE, doing, "not with this item", outcome)
        return row

    def _found(self, item: Row, doing: str) -> Row | None:
        """Find the field: by its id, else by its label. Raises `Refused`: several have it, or it is no text."""
        fields = _rows(item.get("fields"))
        found = [row for row in fields if row.get("id") == self._field]
        found = found or [row for row in fields if row.get("label") == self._field]
        if len(found) > 1:
            raise self._ambiguous("field")
        if not found:
            return None
        field = found[0]
        if not isinstance(field.get("id"), str) or not isinstance(field.get("value", ""), str):
            raise words.unexpected(SERVICE, doing, "not with a field")
        if field.get("type", "STRING") not in TEXTS:
            message = f"{self.name} holds no text: its field is of the type {field['type']}. Nothing was changed there."
            raise Refused("destination-not-a-text", message, "Keep the key in a field of the type password or text.")
        return field

    def _stored(self, item: Row, field: Row) -> Stored:
        """Give the value; all else goes hidden, since it holds other secrets. What this run writes too may change."""
        self._field_id, value = str(field["id"]), str(field.get("value", ""))
        written = self._means.once(f"fields of {self._path}", set[str])
        others = [row for row in _rows(item.get("fields")) if not written & {str(row.get("id")), str(row.get("label"))}]
        beside = sorted([[row.get(name) for name in (*OF_FIELD, "value")] for row in others], key=str)
        own = [field.get(name) for name in OF_FIELD]
        kept = {**{name: item.get(name) for name in KEPT}, "other fields": beside, "field": own}
        flags = {name: Secret(json.dumps(told, sort_keys=True)) for name, told in kept.items()}
        return Stored(Secret(value), flags, value if value.startswith(ELSEWHERE) else "")


def _rows(found: object) -> list[Row]:
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
