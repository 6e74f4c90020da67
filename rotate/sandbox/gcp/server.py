"""A pretend Secret Manager of Google Cloud, global and regional.

Rules: discovery document of secretmanager v1; documentation "Use entity tags" (400 FAILED_PRECONDITION), "Data
integrity assurance" (a wrong checksum is refused). Words of refusals as people saw them: GoogleCloudPlatform/
k8s-config-connector issue 711 (403), external-secrets/external-secrets issue 4042 (a version that is not enabled);
answers name the project by its number (golang.org/x/oscar, internal/gcp/gcpsecret/testdata). Fields that are empty are
left out, as the JSON of protocol buffers does.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Json, RefusalError, Reply, Request
from rotate.sandbox.gcp.state import NONE, NUMBER, CloudSecret, GoogleState, Version

PATH = re.compile(
    r"/(?P<project>projects/[^/:]+(?:/locations/[^/:]+)?)/secrets"
    r"(?:/(?P<secret>[^/:]+)(?:/versions/(?P<version>[^/:]+))?)?(?::(?P<verb>\w+))?"
)
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
}
PRECONDITION = "FAILED_PRECONDITION"
CASTAGNOLI = 0x82F63B78
CHANGED = {"disable": "DISABLED", "enable": "ENABLED", "destroy": "DESTROYED"}
MASKS = ("labels", "annotations", "versionAliases", "topics", "rotation", "expireTime", "versionDestroyTtl")

GoogleCall = Call[str]
Found = Callable[[GoogleCall], Json]


class GoogleServer(GoogleState):
    """Secret Manager's behaviour. Who has no right in the project is not told what is there."""

    name = "gcp-secretmanager"
    bases = ("/v1",)

    def __init__(self, clock: Clock) -> None:
        """Start without secrets."""
        super().__init__(clock)
        self._routes: dict[str, Found] = {
            "GET secrets": self._list,
            "POST secrets": self._create,
            "GET secret": self._get,
            "PATCH secret": self._patch,
            "POST secret:addVersion": self._add_version,
            "POST secret:testIamPermissions": self._test,
            "GET version": self._get_version,
            "GET version:access": self._access,
            **{f"POST version:{verb}": self._change for verb in CHANGED},
        }

    def answer(self, request: Request) -> Reply:
        """Act on one request."""
        try:
            return Reply.of(200, self._dispatch(request))
        except RefusalError as refusal:
            status = refusal.headers.get("status", STATUSES[refusal.status])
            error = {"code": refusal.status, "message": refusal.message, "status": status}
            return Reply.of(refusal.status, {"error": error})

    def _dispatch(self, request: Request) -> Json:
        found = PATH.fullmatch(request.path)
        parts = {name: text for name, text in found.groupdict().items() if text} if found else {}
        kind = "version" if "version" in parts else "secret" if "secret" in parts else "secrets"
        verb = f":{parts['verb']}" if "verb" in parts else ""
        handler = self._routes.get(f"{request.method} {kind}{verb}") if found else None
        if handler is None:
            raise RefusalError(404, "Method not found.")
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not self.knows(token):
            raise RefusalError(401, "Request had invalid authentication credentials.")
        return handler(Call(request, parts, token))

    def _find(self, call: GoogleCall, permission: str) -> CloudSecret:
        """Find the secret of a request, for who may do that there."""
        path = f"{call.params['project']}/secrets/{call.params['secret']}"
        if not self.may(call.caller, path, permission) or (
            self.secret(path) is None and not self.may(call.caller, call.params["project"], permission)
        ):
            named = f"{path}/versions/{call.params['version']}" if "version" in call.params else path
            raise RefusalError(403, f"Permission '{permission}' denied for resource '{named}' (or it may not exist).")
        secret = self.secret(path)
        if secret is None:
            raise RefusalError(404, f"Secret [{_numbered(path)}] not found or has no versions.")
        return secret

    def _version(self, call: GoogleCall, permission: str) -> tuple[CloudSecret, Version]:
        secret, asked = self._find(call, permission), call.params["version"]
        number = secret.aliases.get(asked, asked)
        latest = secret.latest()
        found = next((one for one in secret.versions if str(one.number) == number), None)
        found = latest if asked == "latest" else found
        if found is None:
            raise RefusalError(404, f"Secret [{_numbered(secret.path)}] not found or has no versions.")
        return secret, found

    def _list(self, call: GoogleCall) -> Json:
        project, query = call.params["project"], call.request.query
        if not self.may(call.caller, project, "secretmanager.secrets.list"):
            raise RefusalError(403, f"Permission 'secretmanager.secrets.list' denied for resource '{project}'.")
        rows: list[Json] = [_shown(one) for one in self.secrets_of(project)]
        start, most = int(query.get("pageToken") or 0), int(query.get("pageSize") or 25000)
        more: dict[str, Json] = {"nextPageToken": str(start + most)} if len(rows) > start + most else {}
        return {"secrets": rows[start : start + most], "totalSize": len(rows), **more}

    def _create(self, call: GoogleCall) -> Json:
        project, name = call.params["project"], call.request.query.get("secretId", "")
        if not self.may(call.caller, project, "secretmanager.secrets.create"):
            raise RefusalError(403, f"Permission 'secretmanager.secrets.create' denied for resource '{project}'.")
        body, path = call.document(), f"{project}/secrets/{name}"
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", name) or ("/locations/" in project) == ("replication" in body):
            raise RefusalError(400, "The provided Secret ID or replication is invalid.")
        if self.secret(path):
            raise RefusalError(409, f"Secret [{_numbered(path)}] already exists.")
        return _shown(self.set_secret(path, aliases=NONE, **body))

    def _get(self, call: GoogleCall) -> Json:
        return _shown(self._find(call, "secretmanager.secrets.get"))

    def _patch(self, call: GoogleCall) -> Json:
        secret, body = self._find(call, "secretmanager.secrets.update"), call.document()
        masks = call.request.query.get("updateMask", "").split(",")
        if not set(masks) <= set(MASKS):
            raise RefusalError(400, "The update mask is invalid.")
        if body.get("etag") not in (None, "", secret.etag):
            raise RefusalError(400, "The etag does not match the current one.", {"status": PRECONDITION})
        for mask in masks:
            if mask == "versionAliases":
                secret.aliases = _aliases(secret, body.get(mask))
            else:
                secret.shown[mask] = body.get(mask)
        secret.changes += 1
        return _shown(secret)

    def _add_version(self, call: GoogleCall) -> Json:
        secret, payload = self._find(call, "secretmanager.versions.add"), call.document().get("payload")
        payload = payload if isinstance(payload, dict) else {}
        try:
            data = base64.b64decode(str(payload.get("data", "")), validate=True)
        except binascii.Error:
            raise RefusalError(400, "Invalid value at 'payload.data' (TYPE_BYTES)") from None
        told = payload.get("dataCrc32c")
        if told is not None and str(told) != str(checksum(data)):
            raise RefusalError(400, "The provided CRC32C checksum does not match the data.")
        if not data:
            raise RefusalError(400, "The payload is empty.")
        return _version_shown(secret, self.add(secret, data, checked=told is not None))

    def _test(self, call: GoogleCall) -> Json:
        path, asked = f"{call.params['project']}/secrets/{call.params['secret']}", call.document().get("permissions")
        wanted = [str(one) for one in asked] if isinstance(asked, list) else []
        held: list[Json] = [one for one in wanted if self.secret(path) and self.may(call.caller, path, one)]
        return {"permissions": held} if held else {}

    def _get_version(self, call: GoogleCall) -> Json:
        return _version_shown(*self._version(call, "secretmanager.versions.get"))

    def _access(self, call: GoogleCall) -> Json:
        secret, found = self._version(call, "secretmanager.versions.access")
        if found.state != "ENABLED":
            named = _numbered(f"{secret.path}/versions/{found.number}")
            raise RefusalError(400, f"Secret Version [{named}] is in {found.state} state.", {"status": PRECONDITION})
        data = base64.b64encode(found.data).decode()
        return {
            "name": _numbered(f"{secret.path}/versions/{found.number}"),
            "payload": {"data": data, "dataCrc32c": str(checksum(found.data))},
        }

    def _change(self, call: GoogleCall) -> Json:
        verb = call.params["verb"]
        secret, found = self._version(call, f"secretmanager.versions.{verb}")
        if found.state == "DESTROYED":
            named = _numbered(f"{secret.path}/versions/{found.number}")
            raise RefusalError(400, f"Secret Version [{named}] is in DESTROYED state.", {"status": PRECONDITION})
        found.state = CHANGED[verb]
        if verb == "destroy":
            found.data = b""
        return _version_shown(secret, found)


def checksum(data: bytes) -> int:
    """Give the CRC-32C (Castagnoli) of some bytes."""
    found = 0xFFFFFFFF
    for byte in data:
        found ^= byte
        for _ in range(8):
            found = found >> 1 ^ CASTAGNOLI if found & 1 else found >> 1
    return found ^ 0xFFFFFFFF


def _numbered(path: str) -> str:
    return re.sub(r"^projects/[^/]+", f"projects/{NUMBER}", path)


def _shown(secret: CloudSecret) -> dict[str, Json]:
    fields: dict[str, Json] = {
        "name": _numbered(secret.path),
        **secret.shown,
        "createTime": _time(secret.created),
        "etag": secret.etag,
        "versionAliases": dict[str, Json](secret.aliases),
    }
    return {name: value for name, value in fields.items() if value not in (None, {}, [], "")}


def _version_shown(secret: CloudSecret, version: Version) -> dict[str, Json]:
    more: dict[str, Json] = {"clientSpecifiedPayloadChecksum": True} if version.checked else {}
    return {
        "name": _numbered(f"{secret.path}/versions/{version.number}"),
        "createTime": _time(version.created),
        "state": version.state,
        "etag": f'"{version.number:014x}"',
        **more,
    }


def _time(when: object) -> str:
    return f"{when:%Y-%m-%dT%H:%M:%S.%f}000Z"


def _aliases(secret: CloudSecret, asked: Json) -> dict[str, str]:
    """Take aliases of versions that there are."""
    aliases: Mapping[str, Json] = asked if isinstance(asked, dict) else {}
    numbers = {str(one.number) for one in secret.versions}
    if (
        not all(re.fullmatch(r"[A-Za-z][\w-]{0,62}", name) for name in aliases)
        or not {str(number) for number in aliases.values()} <= numbers
    ):
        raise RefusalError(400, "The version aliases are invalid.")
    return {name: str(number) for name, number in aliases.items()}
