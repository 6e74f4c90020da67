"""A pretend Heroku: config vars of apps, the release that each change makes, and its dynos.

Rules: Heroku's API schema (heroku/heroku-go, v5/schema.json); devcenter.heroku.com/articles/release-phase: where the
release command has not succeeded, the release before it goes on running. Refusals: "You do not have access to the app"
is 403 (mattpolito/paratrooper issue 71); that "Cannot overwrite attachment values" (heroku-config issue 32) is 422 is
inferred, and so are the words of the others.
"""

from __future__ import annotations

from base64 import b64decode

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router
from rotate.sandbox.heroku.state import READ, WRITE, App, HerokuState, uuid

VERSION = "application/vnd.heroku+json; version=3"  # or a variant of it, as `version=3.cedar-acm`
IDS = {400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 429: "rate_limit"}
PAGE = 200  # the usual size; this one gives no more, whatever is asked for
HerokuCall = Call[set[str]]


class HerokuServer(HerokuState):
    """Heroku's behaviour."""

    name = "heroku"
    bases = ("",)

    def __init__(self, clock: Clock) -> None:
        """Start without apps."""
        super().__init__(clock)
        routes: dict[str, Handler[set[str]]] = {
            "GET /apps": self._list,
            "GET /apps/{app}/config-vars": self._variables,
            "PATCH /apps/{app}/config-vars": self._update,
            "GET /apps/{app}/releases": self._releases,
            "GET /apps/{app}/releases/{version}/config-vars": self._of_release,
            "GET /apps/{app}/addons": self._addons,
            "GET /apps/{app}/dynos": self._dynos,
        }
        self._router: Router[set[str]] = Router(routes)

    def answer(self, request: Request) -> Reply:
        """Act on one request."""
        try:
            return self._dispatch(request)
        except RefusalError as refusal:
            body: dict[str, Json] = {"id": IDS.get(refusal.status, "invalid_params"), "message": refusal.message}
            return Reply.of(refusal.status, body, refusal.headers)

    def _dispatch(self, request: Request) -> Reply:
        handler, params = self._router.find(request)
        if not request.headers.get("Accept", "").startswith(VERSION):
            raise RefusalError(404, "The requested API endpoint was not found. Are you using the right HTTP verb?")
        given = _given(request.headers.get("Authorization", ""))
        scopes = self.tokens.get(given)
        if scopes is None:
            raise RefusalError(401, "Invalid credentials provided.")
        if self.rate.until_room(given, self.clock.now().timestamp()):
            raise RefusalError(429, "Your account reached the API rate limit. Please wait before making new requests.")
        if (READ if request.method == "GET" else WRITE) not in scopes:
            raise RefusalError(403, "You do not have sufficient scopes to access this resource.")
        return handler(Call(request, params, scopes))

    def _app(self, call: HerokuCall) -> App:
        named = call.params["app"]
        app = next((one for one in self.apps.values() if named in (one.name, uuid(one.name))), None)
        if app is None:
            raise RefusalError(404, "Couldn't find that app.")
        if app.name in self.hidden:
            raise RefusalError(403, f"You do not have access to the app {named}.")
        return app

    def _list(self, call: HerokuCall) -> Reply:
        """Give a page of the apps, and where the next one begins."""
        first = call.request.headers.get("Range", "name ..").partition(" ")[2].partition("..")[0]
        apps = [one for name, one in sorted(self.apps.items()) if name not in self.hidden and name >= first]
        rows: list[Json] = [{"id": uuid(one.name), "name": one.name} for one in apps[:PAGE]]
        more = {"Next-Range": f"name {apps[PAGE].name}..; max={PAGE}"} if len(apps) > PAGE else {}
        return Reply.of(206 if more else 200, rows, more)

    def _variables(self, call: HerokuCall) -> Reply:
        return Reply.of(200, self._app(call).variables)

    def _update(self, call: HerokuCall) -> Reply:
        app, changes = self._app(call), call.document()
        checked = {name: text for name, text in changes.items() if text is None or isinstance(text, str)}
        if len(checked) != len(changes):
            raise RefusalError(422, "Config vars must be strings.")
        owned = sorted(name for names in app.addons.values() for name in names if name in checked)
        if owned:
            raise RefusalError(422, f"Cannot overwrite attachment values {', '.join(owned)}.")
        self.set(app, checked)
        return Reply.of(200, app.variables)

    def _releases(self, call: HerokuCall) -> Reply:
        app = self._app(call)
        rows = [one.shape(app.name, current=one.version == app.current) for one in app.releases]
        if "order=desc" not in call.request.headers.get("Range", ""):
            return Reply.of(200, rows)
        most = int(call.request.headers["Range"].partition("max=")[2])
        return Reply.of(206 if len(rows) > most else 200, rows[::-1][:most])

    def _of_release(self, call: HerokuCall) -> Reply:
        found = [one for one in self._app(call).releases if str(one.version) == call.params["version"]]
        if not found:
            raise RefusalError(404, "Couldn't find that release.")
        return Reply.of(200, found[0].variables)

    def _addons(self, call: HerokuCall) -> Reply:
        app = self._app(call)
        rows: list[Json] = [self._addon(app, name, list[Json](owned)) for name, owned in app.addons.items()]
        return Reply.of(200, rows)

    def _addon(self, app: App, name: str, owned: list[Json]) -> Json:
        made = app.releases[0].made
        return {
            "actions": [],
            "addon_service": {"id": uuid(f"service {name}"), "name": "heroku-postgresql"},
            "app": {"id": uuid(app.name), "name": app.name},
            "billed_price": None,
            "billing_entity": {"id": uuid(app.name), "name": app.name, "type": "app"},
            "config_vars": owned,
            "created_at": made,
            "id": uuid(name),
            "name": name,
            "plan": {"id": uuid(f"plan {name}"), "name": "heroku-postgresql:essential-0"},
            "provider_id": "1",
            "provision_message": "",
            "state": "provisioned",
            "updated_at": made,
            "web_url": None,
        }

    def _dynos(self, call: HerokuCall) -> Reply:
        app = self._app(call)
        rows: list[Json] = [
            {
                "app": {"id": uuid(app.name), "name": app.name},
                "attach_url": None,
                "command": "serve",
                "created_at": app.releases[0].made,
                "id": uuid(f"{app.name} {name}"),
                "name": name,
                "release": {"id": uuid(f"{app.name} v{version}"), "version": version},
                "size": "Standard-1X",
                "state": state,
                "type": name.partition(".")[0],
                "updated_at": app.releases[-1].made,
            }
            for name, (version, state) in app.dynos.items()
        ]
        return Reply.of(200, rows)


def _given(header: str) -> str:
    """Read the key: as bearer, or as the password of nobody (devcenter.heroku.com/articles/platform-api-quickstart)."""
    scheme, _, text = header.partition(" ")
    return b64decode(text).decode().partition(":")[2] if scheme == "Basic" else text
