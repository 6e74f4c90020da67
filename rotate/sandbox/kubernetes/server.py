"""A pretend API server of Kubernetes: Secrets, what runs with them, and the question what one may do.

Rules: kubernetes/kubernetes api/openapi-spec; sig-architecture's api-conventions.md ("Concurrency Control", "Response
Status Kind"); k8s.io/apimachinery pkg/api/errors/errors.go (reasons and words); pkg/apis/core/validation
(`ValidateSecretUpdate`); "Using RBAC Authorization".
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from functools import partial
from typing import Any

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, RefusalError, Reply, Request, Router
from rotate.sandbox.kubernetes.state import KINDS, SECRETS, KubernetesState, Row, encoded, merged, settled

REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    409: "Conflict",
    415: "UnsupportedMediaType",
    422: "Invalid",
}
PATCHES = ("application/merge-patch+json", "application/strategic-merge-patch+json")
KubernetesCall = Call[str]


class StatusError(Exception):
    """The server says no, of one object."""

    def __init__(self, status: int, message: str, kind: str = "", name: str = "", reason: str = "") -> None:
        super().__init__(status)
        details = {"name": name, "kind": kind} if kind else {}
        row = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message}
        self.reply = _json(status, {**row, "reason": reason or REASONS[status], "details": details, "code": status})


class KubernetesServer(KubernetesState):
    """Its behaviour. Whoever may not do a thing hears 403, whether it is there or not."""

    name = "kubernetes"
    bases = ("",)

    def __init__(self, clock: Clock) -> None:
        """Start with nothing."""
        super().__init__()
        self.clock = clock
        routes: dict[str, Handler[str]] = {
            "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews": self._review,
            "GET /api/v1/namespaces": self._namespaces,
            "GET /api/v1/secrets": partial(self._list, SECRETS),
        }
        for kind in KINDS:
            listed = f"{'/api/v1' if kind == SECRETS else '/apis/apps/v1'}/namespaces/{{namespace}}/{kind}"
            routes |= {
                f"GET {listed}": partial(self._list, kind),
                f"GET {listed}/{{name}}": partial(self._read, kind),
                f"PATCH {listed}/{{name}}": partial(self._patch, kind),
            }
        routes["POST /api/v1/namespaces/{namespace}/secrets"] = self._create
        self._router: Router[str] = Router(routes)

    def answer(self, request: Request) -> Reply:
        """Act on one request."""
        try:
            handler, params = self._router.find(request)
            return handler(Call(request, params, self._caller(request)))
        except StatusError as error:
            return error.reply
        except RefusalError as refusal:
            return StatusError(refusal.status, refusal.message).reply

    def _caller(self, request: Request) -> str:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not self.known(token):
            raise StatusError(401, "Unauthorized")
        return token

    def run(self, kind: str, namespace: str, name: str, spec: Row) -> None:
        """Start something without a request: all its pods are up."""
        row: Row = {"kind": KINDS[kind], "metadata": {"name": name, "generation": 1}, "spec": spec}
        self.put(kind, namespace, name, {**row, "status": settled(row, "done")})

    def _review(self, call: KubernetesCall) -> Reply:
        body: Row = call.document()
        asked = body["spec"]["resourceAttributes"]
        allowed = self.may(call.caller, asked["namespace"], f"{asked['verb']} {asked['resource']}")
        return _json(201, {**body, "metadata": {}, "status": {"allowed": allowed}})

    def _allowed(self, call: KubernetesCall, verb: str, kind: str) -> str:
        """Give the namespace that a request names, where the caller may do it there."""
        namespace, name = call.params.get("namespace", ""), call.params.get("name", "")
        if not self.may(call.caller, namespace, f"{verb} {kind}"):
            what = f'{kind} "{name}"' if name else kind
            said = f'{what} is forbidden: User "rotate" cannot {verb} resource "{kind}" in the namespace "{namespace}"'
            raise StatusError(403, said, kind, name)
        return namespace

    def _find(self, call: KubernetesCall, verb: str, kind: str) -> Row:
        namespace, name = self._allowed(call, verb, kind), call.params["name"]
        row = self.get(kind, namespace, name)
        if row is None:
            raise StatusError(404, f'{kind} "{name}" not found', kind, name)
        return row

    def _list(self, kind: str, call: KubernetesCall) -> Reply:
        rows = self.all(kind, self._allowed(call, "list", kind))
        return _listed(call, f"{KINDS[kind]}List", "v1" if kind == SECRETS else "apps/v1", rows)

    def _namespaces(self, call: KubernetesCall) -> Reply:
        self._allowed(call, "list", "namespaces")
        return _listed(call, "NamespaceList", "v1", [{"metadata": {"name": name}} for name in self.namespaces()])

    def _read(self, kind: str, call: KubernetesCall) -> Reply:
        return _json(200, self._find(call, "get", kind))

    def _create(self, call: KubernetesCall) -> Reply:
        namespace, body = self._allowed(call, "create", SECRETS), dict[str, Any](call.document())
        name = str(body["metadata"]["name"])
        if self.get(SECRETS, namespace, name):
            raise StatusError(409, f'secrets "{name}" already exists', SECRETS, name, "AlreadyExists")
        return _json(201, self.put(SECRETS, namespace, name, _secret({"type": "Opaque", **body})))

    def _patch(self, kind: str, call: KubernetesCall) -> Reply:
        old, patch = self._find(call, "patch", kind), dict[str, Any](call.document())
        name, namespace = call.params["name"], call.params["namespace"]
        if call.request.headers.get("Content-Type", "").partition(";")[0] not in PATCHES:
            raise StatusError(415, "the body of the request was in an unknown format")
        version = patch.get("metadata", {}).get("resourceVersion", old["metadata"]["resourceVersion"])
        if version != old["metadata"]["resourceVersion"]:
            said = f'Operation cannot be fulfilled on {kind} "{name}": the object has been modified'
            raise StatusError(409, said, kind, name)
        new = merged(old, patch)
        if kind == SECRETS:
            new = _secret(new)
            if old.get("immutable") and new.get("data") != old.get("data"):
                said = f'Secret "{name}" is invalid: data: Forbidden: field is immutable when `immutable` is set'
                raise StatusError(422, said, kind, name)
        elif new["spec"] != old["spec"]:
            metadata = {**new["metadata"], "generation": old["metadata"]["generation"] + 1}
            new = {**new, "metadata": metadata}
            new["status"] = settled(new, self.rollouts)
        return _json(200, old if new == old else self.put(kind, namespace, name, new))


def _listed(call: KubernetesCall, kind: str, version: str, rows: list[Row]) -> Reply:
    """Give a page of a list: all of it where no limit is asked for."""
    start, most = int(call.request.query.get("continue") or 0), int(call.request.query.get("limit") or len(rows) or 1)
    more = {"continue": str(start + most)} if len(rows) > start + most else {}
    metadata = {"resourceVersion": "1", **more}
    return _json(200, {"kind": kind, "apiVersion": version, "metadata": metadata, "items": rows[start : start + most]})


def _json(status: int, row: Row) -> Reply:
    """Answer as the API server does: without a charset."""
    return Reply.of(status, row, {"Content-Type": "application/json"})


def _secret(row: Row) -> Row:
    """Take `stringData` into `data`, which must be base64."""
    texts = {key: encoded(text) for key, text in row.get("stringData", {}).items()}
    data = {**row.get("data", {}), **texts}
    for held in data.values():
        try:
            b64decode(held, validate=True)
        except (binascii.Error, TypeError):
            raise StatusError(400, "Secret in version v1 cannot be handled as a Secret: illegal base64 data") from None
    return {**{name: part for name, part in row.items() if name != "stringData"}, "data": data}
