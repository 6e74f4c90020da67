"""A pretend Cloudflare: one account with Workers, Pages projects and stores of the Secrets Store.

Behaviour after PyPI `cloudflare` 5.9.0 (made from Cloudflare's OpenAPI description), wrangler and its tests
(cloudflare/workers-sdk) and Cloudflare's documentation: a secret is never shown; its write makes a version of the
Worker and deploys it, and is refused where the latest is not deployed (10215) or the name is another binding's (10053);
what a `PATCH` does not send stays, but for the hash of the Wrangler file, which wrangler sends back each time; a token
without the permission, or of another account, is 403 (10000); more than 1,200 requests in five minutes are 429.
"""

from __future__ import annotations

from rotate.sandbox.clock import Clock
from rotate.sandbox.cloudflare.answers import refused
from rotate.sandbox.cloudflare.pages import Pages
from rotate.sandbox.cloudflare.stores import Stores
from rotate.sandbox.cloudflare.workers import Workers
from rotate.sandbox.exchange import Call, Handler, RefusalError, Reply, Request, Router
from rotate.sandbox.rate import Rate

SCRIPT, STORE = "/accounts/{account}/workers/scripts/{script}", "/accounts/{account}/secrets_store/stores"
PROJECT = "/accounts/{account}/pages/projects/{project}"


class CloudflareServer:
    """`tokens`: the accounts of each. It only reads where it is one of the `readers`."""

    name = "cloudflare"
    bases = ("/client/v4",)

    def __init__(self, clock: Clock) -> None:
        """Start with an empty account."""
        self.clock = clock
        self.url = ""
        self.workers, self.pages, self.stores = Workers(clock), Pages(clock), Stores(clock)
        self.tokens: dict[str, set[str]] = {}
        self.readers: set[str] = set()
        self.rate = Rate(seconds=300.0)
        routes: dict[str, Handler[str]] = {
            "GET /accounts/{account}/workers/scripts": self.workers.scripts,
            "GET /accounts/{account}/pages/projects": self.pages.projects,
            f"GET {SCRIPT}/settings": self.workers.settings,
            f"GET {SCRIPT}/secrets": self.workers.secrets,
            f"PUT {SCRIPT}/secrets": self.workers.put,
            f"GET {SCRIPT}/deployments": self.workers.deployments,
            f"GET {SCRIPT}/versions": self.workers.versions,
            f"GET {PROJECT}": self.pages.project,
            f"PATCH {PROJECT}": self.pages.edit,
            f"GET {PROJECT}/deployments": self.pages.listed,
            f"POST {PROJECT}/deployments": self.pages.deploy,
            f"GET {PROJECT}/deployments/{{id}}": self.pages.deployment,
            f"GET {STORE}": self.stores.stores,
            f"GET {STORE}/{{store}}/secrets": self.stores.secrets,
            f"POST {STORE}/{{store}}/secrets": self.stores.create,
            f"PATCH {STORE}/{{store}}/secrets/{{id}}": self.stores.edit,
        }
        self._router = Router(routes)

    def answer(self, request: Request) -> Reply:
        """Act on one request."""
        try:
            return self._answer(request)
        except RefusalError as refusal:
            return refused(refusal)

    def _answer(self, request: Request) -> Reply:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self.tokens:
            raise RefusalError(401, "1000 Invalid API Token")
        if wait := self.rate.until_room(token, self.clock.now().timestamp()):
            said = "971 Please wait and consider throttling your request speed"
            raise RefusalError(429, said, {"Retry-After": str(int(wait) + 1)})
        handler, params = self._router.find(request)
        if params["account"] not in self.tokens[token] or (token in self.readers and request.method != "GET"):
            raise RefusalError(403, "10000 Authentication error")
        return handler(Call(request, params, token))
