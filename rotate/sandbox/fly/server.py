"""A pretend Fly.io: secrets of apps, and Machines that take them when they are updated.

Rules: superfly/fly-go (flaps/flaps_secrets.go, flaps/flaps_machines.go, secrets_types.go, machine_types.go). That what
a token does not see is 404 and what it may not do 403 is inferred, and so are the words of a refusal.
"""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass, field

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router

NONCE = "fly-machine-lease-nonce"
SCHEMES = ("FlyV1", "Bearer")


@dataclass(slots=True)
class Machine:
    """One Machine. `runs_with`: the secrets that it took when it was last updated or started."""

    number: str
    state: str = "started"
    config: dict[str, Json] = field(default_factory=lambda: {"image": "registry.example/app", "env": {"A": "1"}})
    runs_with: dict[str, str] = field(default_factory=dict, repr=False)
    instance: str = "01"
    lease: str = ""
    host: str = "ok"
    checks: list[str] = field(default_factory=list)

    def shape(self) -> dict[str, Json]:
        """Give its JSON."""
        config: dict[str, Json] = {"config": self.config} if self.host == "ok" else {"incomplete_config": {}}
        return {
            "id": self.number,
            "name": f"machine-{self.number}",
            "state": self.state,
            "region": "fra",
            "instance_id": self.instance,
            "host_status": self.host,
            "checks": [{"name": f"check-{number}", "status": one} for number, one in enumerate(self.checks)],
            **config,
        }


@dataclass(slots=True)
class App:
    """One app. `secrets`: value and time of each. `becomes`: the state of a Machine that runs, once it is updated."""

    name: str
    organization: str = "octo"
    secrets: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)
    version: int = 0
    machines: list[Machine] = field(default_factory=list)
    becomes: str = "started"


class FlyServer:
    """`tokens`: `write` or `read` for each. `hidden`: apps that no token sees."""

    name = "fly"
    bases = ("/v1",)

    def __init__(self, clock: Clock) -> None:
        """Start without apps."""
        self.clock, self.url = clock, ""
        self.apps: dict[str, App] = {}
        self.tokens: dict[str, str] = {}
        self.hidden: set[str] = set()
        self._numbers = itertools.count(2)
        machine = "/apps/{app}/machines/{machine}"
        routes: dict[str, Handler[str]] = {
            "GET /apps": self._apps,
            "GET /apps/{app}/secrets": self._secrets,
            "POST /apps/{app}/secrets/{name}": self._set,
            "GET /apps/{app}/machines": self._machines,
            f"GET {machine}": lambda call: Reply.of(200, self._machine(call).shape()),
            f"POST {machine}": self._update,
            f"POST {machine}/lease": self._lease,
            f"DELETE {machine}/lease": self._give_back,
        }
        self._router: Router[str] = Router(routes)

    def set(self, app: App, name: str, value: str | None) -> None:
        """Set a secret; nothing removes it."""
        app.version += 1
        if value is None:
            del app.secrets[name]
        else:
            app.secrets[name] = (value, self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"))

    def answer(self, request: Request) -> Reply:
        """Act on one request."""
        try:
            return self._dispatch(request)
        except RefusalError as refusal:
            return Reply.of(refusal.status, {"error": refusal.message}, refusal.headers)

    def _dispatch(self, request: Request) -> Reply:
        handler, params = self._router.find(request)
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if given not in self.tokens or scheme != SCHEMES[not given.startswith("fm2_")]:
            raise RefusalError(401, "Authenticate: token validation error")
        if request.method != "GET" and self.tokens[given] != "write":
            raise RefusalError(403, "unauthorized")
        return handler(Call(request, params, given))

    def _app(self, call: Call[str]) -> App:
        app = self.apps.get(call.params["app"])
        if app is None or app.name in self.hidden:
            raise RefusalError(404, "app not found")
        return app

    def _apps(self, call: Call[str]) -> Reply:
        wanted = call.request.query.get("org_slug", "")
        names = [one.name for one in self.apps.values() if one.organization == wanted and one.name not in self.hidden]
        return Reply.of(200, {"total_apps": len(names), "apps": [{"id": f"id-of-{one}", "name": one} for one in names]})

    def _secret(self, app: App, name: str) -> dict[str, Json]:
        value, at = app.secrets[name]
        digest = hashlib.blake2b(value.encode(), key=app.name.encode(), digest_size=8).hexdigest()
        return {"name": name, "digest": digest, "created_at": at, "updated_at": at}

    def _secrets(self, call: Call[str]) -> Reply:
        app = self._app(call)
        return Reply.of(200, {"secrets": [self._secret(app, name) for name in app.secrets]})

    def _set(self, call: Call[str]) -> Reply:
        app, value = self._app(call), call.document().get("value")
        if not isinstance(value, str):
            raise RefusalError(400, "value is required")
        self.set(app, call.params["name"], value)
        return Reply.of(201, {**self._secret(app, call.params["name"]), "version": app.version})

    def _machines(self, call: Call[str]) -> Reply:
        return Reply.of(200, [one.shape() for one in self._app(call).machines])

    def _machine(self, call: Call[str]) -> Machine:
        found = [one for one in self._app(call).machines if one.number == call.params["machine"]]
        if not found:
            raise RefusalError(404, "machine not found")
        if call.request.method != "GET" and found[0].lease not in ("", call.request.headers.get(NONCE)):
            raise RefusalError(409, "machine is leased by somebody else")
        return found[0]

    def _lease(self, call: Call[str]) -> Reply:
        machine = self._machine(call)
        machine.lease = f"nonce-{next(self._numbers)}"
        return Reply.of(201, {"status": "success", "data": {"nonce": machine.lease}})

    def _give_back(self, call: Call[str]) -> Reply:
        self._machine(call).lease = ""
        return Reply.of(200, {"ok": True})

    def _update(self, call: Call[str]) -> Reply:
        app, machine, body = self._app(call), self._machine(call), call.document()
        config, least = body.get("config"), body.get("min_secrets_version")
        if not isinstance(config, dict) or (isinstance(least, int) and least > app.version):
            raise RefusalError(400, "invalid config or min_secrets_version")
        machine.config, machine.instance = config, f"0{next(self._numbers)}"
        machine.runs_with = {name: value for name, (value, _) in app.secrets.items()}
        machine.state = machine.state if body.get("skip_launch") else app.becomes
        return Reply.of(200, machine.shape())
