"""The pretend Cloudflare's Secrets Store: what is told of a secret, and never its value."""

from __future__ import annotations

import json

from rotate.sandbox.clock import Clock
from rotate.sandbox.cloudflare.answers import found, given, iso, paged
from rotate.sandbox.cloudflare.state import Kept, Store
from rotate.sandbox.exchange import Call, Json, RefusalError, Reply

FIELDS = ("value", "scopes", "comment")


class Stores:
    """`all`: the stores of the account."""

    def __init__(self, clock: Clock) -> None:
        """Start without any."""
        self.all: list[Store] = []
        self._clock = clock

    def stores(self, call: Call[str]) -> Reply:
        """Show the stores."""
        told = iso(self._clock.now())
        times: dict[str, Json] = {"created": told, "modified": told}
        return paged(call, [{"id": one.number, "name": one.name, **times} for one in self.all])

    def secrets(self, call: Call[str]) -> Reply:
        """Show the secrets of a store whose name or comment has what is searched for."""
        store, part = self._store(call), call.request.query.get("search", "")
        return paged(call, [_shape(store, one) for one in store.secrets if part in one.name + one.comment])

    def create(self, call: Call[str]) -> Reply:
        """Create secrets."""
        store, now, made = self._store(call), self._clock.now(), []
        for one in json.loads(call.request.body):
            if any(kept.name == one["name"] for kept in store.secrets):
                raise RefusalError(409, "1004 secret_name_already_exists")
            made.append(Kept(one["name"], one["value"], now, now, one["scopes"], one.get("comment", "")))
        store.secrets += made
        return given([_shape(store, one) for one in made])

    def edit(self, call: Call[str]) -> Reply:
        """Change of a secret what is sent."""
        store, number = self._store(call), call.params["id"]
        kept = found(next((one for one in store.secrets if one.number == number), None), "1001 secret_not_found")
        for name, value in call.document().items():
            if name not in FIELDS:
                raise RefusalError(400, f"1002 {name} cannot be changed")
            setattr(kept, name, value)
        kept.modified = self._clock.now()
        return given(_shape(store, kept))

    def _store(self, call: Call[str]) -> Store:
        number = call.params["store"]
        return found(next((one for one in self.all if one.number == number), None), "1003 store_not_found")


def _shape(store: Store, one: Kept) -> dict[str, Json]:
    times: dict[str, Json] = {"created": iso(one.created), "modified": iso(one.modified)}
    about: dict[str, Json] = {"scopes": one.scopes, "comment": one.comment, "status": one.status}
    return {"id": one.number, "store_id": store.number, "name": one.name, **times, **about}
