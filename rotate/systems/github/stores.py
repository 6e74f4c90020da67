"""Secrets in every place: public key, metadata, overwrite in place. There is no delete here, on purpose (S8).

GitHub OpenAPI: `…/secrets/public-key` and `…/secrets/{secret_name}` below the path of an `Address`. One write sets an
organization secret's value and access together, so what was read is sent back (facts: GitHub §2.4).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from rotate.errors import RotateError
from rotate.ports import Hindered, Receipt
from rotate.protocol.facts.destination import Access
from rotate.systems.github.address import Address
from rotate.systems.github.wire import words
from rotate.systems.github.wire.client import Body, GitHub
from rotate.systems.github.wire.pages import asked, rows
from rotate.wire.clock import dated
from rotate.wire.outcome import SUCCESS, Answer

NOT_FOUND = 404
CREATED = 201
CREATED_OR_UPDATED = frozenset({CREATED, 204})
SELECTED = "selected"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What a value is sealed for: `key_id` names it, `key` is 32 bytes in base64."""

    key_id: str
    key: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """What GitHub tells of a secret. `visibility` is an organization's alone; empty elsewhere."""

    updated_at: datetime
    visibility: str = ""


class Secrets:
    """The secrets of one place."""

    def __init__(self, github: GitHub, address: Address) -> None:
        self._github = github
        self._address = address

    def public_key(self) -> PublicKey:
        """Fetch the key to seal for; it proves read access.

        Raises:
            Refused: the token may not. DestinationError: no usable answer.
        """
        doing = f"read the public key of {self._address.label}"
        answer = asked(self._github, "GET", f"{self._address.path}/public-key", doing)
        row = answer.json()
        key_id, key = (row.get("key_id"), row.get("key")) if isinstance(row, dict) else (None, None)
        if answer.status not in SUCCESS or not isinstance(key_id, str) or not isinstance(key, str):
            raise self._refusal(doing, answer)
        return PublicKey(key_id, key)

    def metadata(self, name: str) -> Metadata | None:
        """Say when a secret was last written, and who may read it; `None` when it does not exist.

        A 404 also stands for an owner that the token may not see: `public_key` tells the two apart.

        Raises:
            Refused: the token may not. DestinationError: no usable answer.
        """
        doing = f"read when {name} of {self._address.label} was written"
        answer = asked(self._github, "GET", f"{self._address.path}/{name}", doing)
        if answer.status == NOT_FOUND:
            return None
        row = answer.json()
        if answer.status not in SUCCESS or not isinstance(row, dict):
            raise self._refusal(doing, answer)
        try:
            visibility = str(row["visibility"]) if self._address.of_organization else ""
            return Metadata(datetime.fromisoformat(row["updated_at"]), visibility)
        except (KeyError, TypeError, ValueError):
            raise self._refusal(doing, answer) from None

    def access(self, name: str, visibility: str) -> Access:
        """Give who may read an organization's secret; the repositories are asked for only where they are selected.

        Raises:
            Refused: the token may not. DestinationError: no usable answer.
        """
        if visibility != SELECTED:
            return Access(visibility)
        path = f"{self._address.path}/{name}/repositories"
        every = [*rows(self._github, path, "repositories", self._address.owner, self._address.permission)]
        ids = [number for row in every if isinstance(number := row.get("id"), int)]
        if len(ids) < len(every):
            raise words.unlike(f"list {path}", "a repository is not described")
        return Access(visibility, frozenset(ids))

    def put(
        self,
        name: str,
        key_id: str,
        encrypted_value: str,
        access: Callable[[], Access] | None = None,
        hindered: Hindered | None = None,
    ) -> Receipt:
        """Create or overwrite a secret; give which it was, and the time of the answer by GitHub's own clock.

        `access`: asked anew before each try who may read it, since the write replaces that too.

        Raises:
            RotateError: refused, or hindered (no effect), or no usable answer (unknown).
        """
        doing = f"write {name} of {self._address.label}"
        value: Body = {"encrypted_value": encrypted_value, "key_id": key_id}
        body = partial(_with_access, value, access) if access else value
        answer = asked(self._github, "PUT", f"{self._address.path}/{name}", doing, body, hindered=hindered)
        if answer.status not in CREATED_OR_UPDATED:
            raise words.write_refusal(doing, self._address.owner, self._address.permission, answer)
        return Receipt(dated(answer.headers.get("date", "")), created=answer.status == CREATED)

    def _refusal(self, doing: str, answer: Answer) -> RotateError:
        return words.refusal(doing, self._address.owner, self._address.permission, answer)


def _with_access(value: Body, access: Callable[[], Access]) -> Body:
    found = access()
    selected: Body = {"selected_repository_ids": sorted(found.repository_ids)} if found.visibility == SELECTED else {}
    return {**value, "visibility": found.visibility, **selected}
