"""A pretend Infisical: secrets of folders, imports, change requests, and the log-in of a machine identity.

Rules (Infisical/infisical, backend/src): server/routes/v4/secret-router.ts and server/routes/sanitizedSchemas.ts;
services/secret-v2-bridge/secret-v2-bridge-service.ts: who may not describe or read gets 403, 404 is an absence, an
update answers without a comment, and one that exists is not created (400). `/v3/secrets/raw` is the same for the
vendor's Python client (infisicalsdk), which calls the project `workspaceId` and sends null for what stays. That a
token that is no member gets 403, and what the refusals say, is inferred.
"""

from __future__ import annotations

import math
from dataclasses import replace

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router
from rotate.sandbox.infisical.state import InfisicalState, Place, Secret

Caller = dict[str, str]
InfisicalCall = Call[Caller]
RIGHTS = ("describe", "read", "edit")
LOGIN = "/v1/auth/"


class InfisicalServer(InfisicalState):
    """Infisical's behaviour."""

    name = "infisical"
    bases = ("/api",)

    def __init__(self, clock: Clock) -> None:
        """Start without folders."""
        super().__init__()
        self.clock = clock
        routes: dict[str, Handler[Caller]] = {
            f"POST {LOGIN}universal-auth/login": self._by_secret,
            f"POST {LOGIN}oidc-auth/login": self._by_identity,
        }
        for at in ("/v4/secrets", "/v3/secrets/raw"):
            routes |= {f"GET {at}": self._list, f"GET {at}/{{name}}": self._one}
            routes |= {f"POST {at}/{{name}}": self._create, f"PATCH {at}/{{name}}": self._update}
        self._router: Router[Caller] = Router(routes)

    def answer(self, request: Request) -> Reply:
        """Act on one request."""
        try:
            return self._dispatch(request)
        except RefusalError as refusal:
            said: dict[str, Json] = {"message": refusal.message, "error": "Refused", "statusCode": refusal.status}
            return Reply.of(refusal.status, {"reqId": "req-1", **said}, refusal.headers)

    def _dispatch(self, request: Request) -> Reply:
        handler, params = self._router.find(request)
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        caller = {} if request.path.startswith(LOGIN) else self.access(given)
        if caller is None:
            raise RefusalError(401, "Token missing")
        if wait := self.rate.until_room(given, self.clock.now().timestamp()):
            raise RefusalError(429, "Rate limit exceeded", {"Retry-After": str(math.ceil(wait))})
        return handler(Call(request, params, caller))

    def _by_secret(self, call: InfisicalCall) -> Reply:
        body = call.document()
        secret, token = self.clients.get(str(body.get("clientId")), ("", ""))
        return _logged_in(token if body.get("clientSecret") == secret else "")

    def _by_identity(self, call: InfisicalCall) -> Reply:
        return _logged_in(self.identities.get(str(call.document().get("identityId")), ""))

    def _place(self, call: InfisicalCall, named: dict[str, Json], needs: str) -> Place:
        project = str(named.get("projectId") or named.get("workspaceId"))
        access = call.caller.get(project)
        if access not in RIGHTS or RIGHTS.index(access) < RIGHTS.index(needs):
            raise RefusalError(403, f"You do not have permission to {needs} in this project")
        place = (project, str(named.get("environment")), str(named.get("secretPath") or "/"))
        if place not in self.folders:
            words = f"Folder with path '{place[2]}' in environment with slug '{place[1]}' not found"
            raise RefusalError(404, words)
        return place

    def _list(self, call: InfisicalCall) -> Reply:
        query = dict(call.request.query)
        hidden = query.get("viewSecretValue") == "false"
        place = self._place(call, dict(query), "describe" if hidden else "read")
        over: dict[str, Json] = {"secretValue": "<hidden-by-infisical>", "secretValueHidden": True} if hidden else {}
        rows = [one.shape(place, name) | over for name, one in self.folders[place].items()]
        return Reply.of(200, {"secrets": rows, "imports": []})

    def _one(self, call: InfisicalCall) -> Reply:
        query, name = call.request.query, call.params["name"]
        place = self._place(call, dict(query), "read")
        imports = query.get("include_imports") == "true"
        origin = place if name in self.folders[place] else self.imported(place, name) if imports else None
        if origin is None:
            raise RefusalError(404, f"Secret with name '{name}' not found")
        return Reply.of(200, {"secret": self.folders[origin][name].shape(origin, name)})

    def _create(self, call: InfisicalCall) -> Reply:
        body, name = call.document(), call.params["name"]
        place = self._place(call, body, "edit")
        if name in self.folders[place]:
            raise RefusalError(400, f"Secret already exists: {name}")
        made = Secret(str(body.get("secretValue")).strip(), str(body.get("secretComment") or ""))
        return self._taken(place, name, made)

    def _update(self, call: InfisicalCall) -> Reply:
        body, name = call.document(), call.params["name"]
        place = self._place(call, body, "edit")
        old = self.folders[place].get(name)
        if old is None:
            raise RefusalError(404, f"Secret with name {name} not found")
        comment, skip, value = (body.get(one) for one in ("secretComment", "skipMultilineEncoding", "secretValue"))
        made = replace(old, version=old.version + 1)
        made = replace(made, value=value.strip()) if isinstance(value, str) else made
        made = replace(made, comment=comment) if isinstance(comment, str) else made
        return self._taken(place, name, replace(made, skip_multiline_encoding=skip) if isinstance(skip, bool) else made)

    def _taken(self, place: Place, name: str, made: Secret) -> Reply:
        if self.approvals:
            self.requests += 1
            return Reply.of(200, {"approval": {"id": f"request-{self.requests}", "status": "open", "hasMerged": False}})
        self.folders[place][name] = made
        return Reply.of(200, {"secret": replace(made, comment="").shape(place, name)})


def _logged_in(token: str) -> Reply:
    if not token:
        raise RefusalError(401, "Invalid credentials")
    lasts: dict[str, Json] = {"expiresIn": 600, "accessTokenMaxTTL": 600, "tokenType": "Bearer"}
    return Reply.of(200, {"accessToken": token, **lasts})
