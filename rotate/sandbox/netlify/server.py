"""A pretend Netlify: accounts with sites, environment variables of both, and builds.

Behaviour after the official description (netlify/open-api, swagger.yml) and Netlify's CLI and documentation: a PATCH
sets the value of one context and answers 201 with the whole variable; of a secret only the value for `dev` is shown,
and `all` or `dev` take no secret; a build ends in a deploy, which takes the values of its beginning, and which is
published unless the published one is locked; 500 requests in a minute. How a secret's value is masked is made up, and
so are the words of the refusals.
"""

from __future__ import annotations

import itertools
import json
from datetime import datetime

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router
from rotate.sandbox.netlify.state import DEV, MASK, SCOPES, Deploy, Site, Variable
from rotate.sandbox.rate import Rate

CONTEXTS = ("all", DEV, "dev-server", "branch-deploy", "deploy-preview", "production", "branch")
PAGE = 100


class NetlifyServer:
    """A token reaches the accounts in `tokens`, and only reads where it is one of the `readers`. `variables`: by the
    account, and the id of the site or nothing. `outcomes`: how the next builds end; `ready` where none is left."""

    name = "netlify"
    bases = ("/api/v1",)

    def __init__(self, clock: Clock) -> None:
        """Start without accounts."""
        self.clock = clock
        self.url = ""
        self.sites: list[Site] = []
        self.variables: dict[tuple[str, str], list[Variable]] = {}
        self.tokens: dict[str, set[str]] = {}
        self.readers: set[str] = set()
        self.outcomes: list[str] = []
        self.rate = Rate()
        self._ids = itertools.count(1)
        routes: dict[str, Handler[str]] = {
            "GET /accounts": self._accounts,
            "GET /sites": self._sites,
            "GET /sites/{site}": lambda call: Reply.of(200, self._site_shape(self._site(call))),
            "POST /sites/{site}/builds": self._build,
            "GET /sites/{site}/deploys": self._deploys,
            "GET /deploys/{deploy}": self._deploy,
            "GET /accounts/{account}/env": self._list,
            "POST /accounts/{account}/env": self._create,
            "GET /accounts/{account}/env/{key}": lambda call: Reply.of(200, _shape(self._variable(call))),
            "PATCH /accounts/{account}/env/{key}": self._set,
        }
        self._router = Router(routes)

    def add(self, site: Site) -> Site:
        """Add a site, whose first deploy is published."""
        self.sites.append(site)
        site.published = self.deployed(site, site.repo_branch)
        return site

    def variable(self, account: str, site: str, key: str) -> Variable | None:
        """Give a variable of a site, or one that all share."""
        return next((one for one in self.variables.get((account, site), []) if one.key == key), None)

    def deployed(self, site: Site, branch: str, state: str = "ready") -> Deploy:
        """Begin a deploy with the values of now."""
        of_site = self.variables.get((site.account, site.number), [])
        context = "production" if branch == site.repo_branch else "branch-deploy"
        values = {}
        for one in [*self.variables.get((site.account, ""), []), *of_site]:
            if found := one.of("branch", branch) or one.of(context) or one.of("all"):
                values[one.key] = found.value
        deploy = Deploy(f"{next(self._ids):024x}", branch, self.clock.now(), state, values=values)
        site.deploys.append(deploy)
        return deploy

    def answer(self, request: Request) -> Reply:
        """Act on one request. Refusals carry a code and a message."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self.tokens:
            return _refusal(401, "Access Denied")
        if self.rate.until_room(token, self.clock.now().timestamp()):
            return _refusal(429, "Too many requests")
        if token in self.readers and request.method != "GET":
            return _refusal(403, "Forbidden")
        try:
            handler, params = self._router.find(request)
            return handler(Call(request, params, token))
        except RefusalError as refusal:
            return _refusal(refusal.status, refusal.message)

    def _seen(self, call: Call[str]) -> list[Site]:
        return [one for one in self.sites if one.account in self.tokens[call.caller]]

    def _sites(self, call: Call[str]) -> Reply:
        query = call.request.query
        found = [one for one in self._seen(call) if query.get("name", "") in one.name]
        size, page = int(query.get("per_page", PAGE)), int(query.get("page", 1))
        return Reply.of(200, [self._site_shape(one) for one in found[(page - 1) * size : page * size]])

    def _accounts(self, call: Call[str]) -> Reply:
        names = sorted(self.tokens[call.caller])
        return Reply.of(200, [{"id": f"id-of-{one}", "name": one, "slug": one} for one in names])

    def _site(self, call: Call[str]) -> Site:
        found = next((one for one in self._seen(call) if one.number == call.params["site"]), None)
        if found is None:
            raise RefusalError(404, "Not Found")
        return found

    def _build(self, call: Call[str]) -> Reply:
        site = self._site(call)
        if not site.repo_url or site.stop_builds:
            raise RefusalError(422, "Builds are stopped")
        query = call.request.query
        branch = query.get("branch", site.repo_branch)
        deploy = self.deployed(site, branch, "building")
        deploy.cleared = query.get("clear_cache") == "true"
        return Reply.of(200, {"id": deploy.number, "deploy_id": deploy.number, "done": False})

    def _deploys(self, call: Call[str]) -> Reply:
        site, query = self._site(call), call.request.query
        branch = site.repo_branch if query.get("production") == "true" else query.get("branch")
        found = [one for one in site.deploys[::-1] if branch in (None, one.branch)]
        return Reply.of(200, [_deploy_shape(site, one) for one in found])

    def _deploy(self, call: Call[str]) -> Reply:
        """Show one; whoever looks sees it end as it is to end."""
        for site in self._seen(call):
            for one in site.deploys:
                if one.number == call.params["deploy"]:
                    self._go_on(site, one)
                    return Reply.of(200, _deploy_shape(site, one))
        raise RefusalError(404, "Not Found")

    def _go_on(self, site: Site, deploy: Deploy) -> None:
        if deploy.state == "building":
            deploy.state = self.outcomes.pop(0) if self.outcomes else "ready"
        locked = site.published is not None and site.published.locked
        if deploy.state == "ready" and deploy.branch == site.repo_branch and not locked:
            site.published = deploy

    def _holder(self, call: Call[str]) -> tuple[str, str]:
        account, site = call.params["account"], call.request.query.get("site_id", "")
        known = {one.number for one in self._seen(call) if one.account == account} | {""}
        if account not in self.tokens[call.caller] or site not in known:
            raise RefusalError(404, "Not Found")
        return account, site

    def _variable(self, call: Call[str]) -> Variable:
        found = self.variable(*self._holder(call), call.params["key"])
        if found is None:
            raise RefusalError(404, "Not Found")
        return found

    def _list(self, call: Call[str]) -> Reply:
        return Reply.of(200, [_shape(one) for one in self.variables.get(self._holder(call), [])])

    def _set(self, call: Call[str]) -> Reply:
        found, given = self._variable(call), call.document()
        context, value = given.get("context"), given.get("value")
        parameter = given.get("context_parameter", "")
        if context not in CONTEXTS or not isinstance(value, str) or (context == "branch") != bool(parameter):
            raise RefusalError(422, "Invalid context or value")
        if found.is_secret and context == "all":
            raise RefusalError(422, "Secrets need a value for each context")
        found.set(value, context, str(parameter))
        found.updated_at = self.clock.now()
        return Reply.of(201, _shape(found))

    def _create(self, call: Call[str]) -> Reply:
        holder, made = self._holder(call), []
        for given in json.loads(call.request.body):
            new = Variable(given["key"], [], self.clock.now(), given.get("scopes", list(SCOPES)))
            new.is_secret = given.get("is_secret", False)
            for one in given["values"]:
                new.set(one["value"], one["context"], one.get("context_parameter", ""))
            if self.variable(*holder, new.key):
                raise RefusalError(422, "Key already exists")
            if new.is_secret and (new.of("all") or "post_processing" in new.scopes):
                raise RefusalError(422, "Secrets need a value for each context, and no post-processing")
            made.append(new)
        self.variables.setdefault(holder, []).extend(made)
        return Reply.of(201, [_shape(one) for one in made])

    def _site_shape(self, site: Site) -> dict[str, Json]:
        published = site.published
        return {
            "id": site.number,
            "name": site.name,
            "account_slug": site.account,
            "build_settings": {
                "repo_url": site.repo_url,
                "repo_branch": site.repo_branch,
                "stop_builds": site.stop_builds,
            },
            **({"published_deploy": _deploy_shape(site, published)} if published else {}),
        }


def _deploy_shape(site: Site, deploy: Deploy) -> dict[str, Json]:
    return {
        "id": deploy.number,
        "site_id": site.number,
        "name": site.name,
        "state": deploy.state,
        "branch": deploy.branch,
        "locked": deploy.locked,
        "created_at": _told(deploy.created_at),
    }


def _shape(one: Variable) -> dict[str, Json]:
    values: list[Json] = []
    for value in one.values:
        text = MASK if one.is_secret and value.context != DEV else value.value
        branch: dict[str, Json] = {"context_parameter": value.context_parameter} if value.context_parameter else {}
        values.append({"id": value.number, "context": value.context, "value": text, **branch})
    scopes: list[Json] = list(one.scopes)
    told: dict[str, Json] = {"is_secret": one.is_secret, "updated_at": _told(one.updated_at)}
    return {"key": one.key, "scopes": scopes, "values": values, **told}


def _told(moment: datetime) -> str:
    return f"{moment:%FT%T.%f}"[:-3] + "Z"


def _refusal(status: int, message: str) -> Reply:
    return Reply.of(status, {"code": status, "message": message})
