"""A pretend 1Password Connect server: vaults and items by name and by id, and changes of items.

Rules: the official description of Connect 1.7.1 (1Password/connect, docs/openapi/spec.yaml), with its words for a vault
out of scope (403) and for what is not there (404). That a list of items of such a vault is 403 too, that a read-only
token gets 403 for a write, and that each change makes the version one higher is inferred.
"""

from __future__ import annotations

import json
import re
from typing import cast

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router
from rotate.sandbox.onepassword.state import OnePasswordState, new_id

Caller = dict[str, str]
ConnectCall = Call[Caller]
_FILTER = re.compile(r'(name|title) eq "(.*)"')
SUMMARY = ("title", "category", "tags", "urls", "favorite", "version", "state")


class OnePasswordServer(OnePasswordState):
    """Connect's behaviour."""

    name = "onepassword"
    bases = ("/v1",)

    def __init__(self, clock: Clock) -> None:
        """Start without vaults."""
        super().__init__()
        self.clock = clock
        routes: dict[str, Handler[Caller]] = {
            "GET /vaults": self._vaults,
            "GET /vaults/{vault}/items": self._items,
            "GET /vaults/{vault}/items/{item}": self._one,
            "PUT /vaults/{vault}/items/{item}": self._replace,
            "PATCH /vaults/{vault}/items/{item}": self._patch,
        }
        self._router: Router[Caller] = Router(routes)

    def answer(self, request: Request) -> Reply:
        """Act on one request."""
        try:
            return self._dispatch(request)
        except RefusalError as refusal:
            body: dict[str, Json] = {"status": refusal.status, "message": refusal.message}
            return Reply.of(refusal.status, body, refusal.headers)

    def _dispatch(self, request: Request) -> Reply:
        handler, params = self._router.find(request)
        caller = self.access(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if caller is None:
            raise RefusalError(401, "Invalid token signature")
        return handler(Call(request, params, caller))

    def _vaults(self, call: ConnectCall) -> Reply:
        seen = {key: one for key, one in self.vaults.items() if call.caller.get(key) in ("read", "write")}
        rows: list[dict[str, Json]] = [
            {"id": key, "name": one.name, "items": len(one.items), "type": "USER_CREATED"} for key, one in seen.items()
        ]
        return Reply.of(200, _filtered(call, rows))

    def _in(self, call: ConnectCall, *, writes: bool = False) -> dict[str, dict[str, Json]]:
        vault = call.params["vault"]
        if call.caller.get(vault) not in (("write",) if writes else ("read", "write")):
            raise RefusalError(403, f"vault {vault} is not in scope")
        return self.vaults[vault].items

    def _items(self, call: ConnectCall) -> Reply:
        rows: list[dict[str, Json]] = [
            {"id": key, "vault": {"id": call.params["vault"]}, **{name: one[name] for name in SUMMARY if name in one}}
            for key, one in self._in(call).items()
        ]
        return Reply.of(200, _filtered(call, rows))

    def _item(self, call: ConnectCall, *, writes: bool = False) -> dict[str, Json]:
        found = self._in(call, writes=writes).get(call.params["item"])
        if found is None:
            raise RefusalError(404, f"item {call.params['item']} not found")
        return found

    def _one(self, call: ConnectCall) -> Reply:
        return _shown(call, self._item(call))

    def _replace(self, call: ConnectCall) -> Reply:
        old, new = self._item(call, writes=True), call.document()
        version = _next(old)
        old.clear()
        old.update({name: one for name, one in new.items() if name not in ("id", "vault")} | {"version": version})
        return _shown(call, old)

    def _patch(self, call: ConnectCall) -> Reply:
        item = self._item(call, writes=True)
        try:
            changes = json.loads(call.request.body)
        except ValueError:
            raise RefusalError(400, "Invalid patch") from None
        for change in changes if isinstance(changes, list) else [changes]:
            _change(item, change)
        item["version"] = _next(item)
        return _shown(call, item)


def _filtered(call: ConnectCall, rows: list[dict[str, Json]]) -> list[dict[str, Json]]:
    asked = call.request.query.get("filter", "")
    found = _FILTER.fullmatch(asked)
    if asked and not found:
        raise RefusalError(400, "Invalid filter")
    return [row for row in rows if not found or row[found[1]] == found[2]]


def _change(item: dict[str, Json], change: object) -> None:
    """Add a field, or replace an attribute of one; other changes are not needed here."""
    told = change if isinstance(change, dict) else {}
    fields = cast("list[dict[str, Json]]", item["fields"])
    at = [part.replace("~1", "/").replace("~0", "~") for part in str(told.get("path")).split("/")]
    match told.get("op"), at:
        case "add", ["", "fields"]:
            fields.append({"id": new_id(), **told["value"]})
        case "replace" | "add", ["", "fields", key, attribute] if found := [one for one in fields if one["id"] == key]:
            found[0][attribute] = told["value"]
        case _:
            raise RefusalError(400, "Invalid patch operation")


def _next(item: dict[str, Json]) -> int:
    return cast("int", item["version"]) + 1


def _shown(call: ConnectCall, item: dict[str, Json]) -> Reply:
    return Reply.of(200, {"id": call.params["item"], "vault": {"id": call.params["vault"]}, **item})
