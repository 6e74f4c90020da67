"""A pretend Buildkite: clusters of organizations with their secrets, and what a token may.

Behaviour after Buildkite's documentation (buildkite/docs, pages/apis/rest_api: clusters, clusters/secrets,
access_token, rate_limits, and the overview for pages): rows and statuses as in its samples, no value is told, each
change moves `updated_at`, a list tells its next page in `Link`, a 429 tells `reset`. That a missing scope is 403 and an
organization out of sight 404 is assumed.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router
from rotate.sandbox.rate import Rate

PAGE, MOST = 30, 100
HOST = "https://api.buildkite.com/v2"
PERSON: dict[str, Json] = {"id": "01987d6e-44a6-415c-85d1-c247c938e8d5", "name": "Staff", "email": "staff@example.com"}
SECRETS = "/organizations/{organization}/clusters/{cluster}/secrets"


@dataclass(slots=True)
class Secret:
    """One secret. Nobody is shown the value."""

    key: str
    value: str = field(repr=False)
    created_at: datetime
    updated_at: datetime
    description: str | None = None
    policy: str | None = None
    number: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(slots=True)
class Cluster:
    """One cluster of an organization."""

    organization: str
    name: str
    number: str = field(default_factory=lambda: str(uuid.uuid4()))
    secrets: dict[str, Secret] = field(default_factory=dict)


@dataclass(slots=True)
class Token:
    """What an API access token reaches, and its scopes."""

    organizations: set[str]
    scopes: set[str]


class BuildkiteServer:
    """Without clusters and tokens at first."""

    name = "buildkite"
    bases = ("/v2",)

    def __init__(self, clock: Clock) -> None:
        """Start empty, without a limit of requests."""
        self.clock = clock
        self.url = ""
        self.clusters: list[Cluster] = []
        self.tokens: dict[str, Token] = {}
        self.rate = Rate()
        routes: dict[str, Handler[Token]] = {
            "GET /access-token": self._token,
            "GET /organizations": self._organizations,
            "GET /organizations/{organization}/clusters": self._listed,
            f"GET {SECRETS}": self._secrets,
            f"POST {SECRETS}": self._create,
            f"PUT {SECRETS}/{{id}}/value": self._update,
        }
        self._router = Router(routes)

    def add(self, organization: str, name: str) -> Cluster:
        """Add a cluster."""
        self.clusters.append(Cluster(organization, name))
        return self.clusters[-1]

    def set(self, cluster: Cluster, key: str, value: str) -> Secret:
        """Write a secret without a request."""
        now = self.clock.now()
        found = cluster.secrets.setdefault(key, Secret(key, value, now, now))
        found.value, found.updated_at = value, now
        return found

    def answer(self, request: Request) -> Reply:
        """Act on one request. Refusals carry a message."""
        scheme, _, told = request.headers.get("Authorization", "").partition(" ")
        token = self.tokens.get(told)
        if scheme != "Bearer" or token is None:
            return Reply.of(401, {"message": "Authentication required. Please supply a valid API Access Token"})
        if wait := ceil(self.rate.until_room(told, self.clock.now().timestamp())):
            said = f"You have exceeded your API rate limit. Please wait {wait} seconds before making more requests."
            row = {"message": said, "scope": "rest_user", "limit": self.rate.most, "reset": wait}
            return Reply.of(429, row, {"RateLimit-User-Reset": str(wait)})
        try:
            handler, params = self._router.find(request)
            return handler(Call(request, params, token))
        except RefusalError as refusal:
            return Reply.of(refusal.status, {"message": refusal.message})

    def _token(self, call: Call[Token]) -> Reply:
        scopes: list[Json] = [*sorted(call.caller.scopes)]
        row: dict[str, Json] = {"uuid": "b63254c0-3271-4a98-8270-7cfbd6c2f14e", "scopes": scopes}
        return Reply.of(
            200, {**row, "description": "Rotation", "created_at": "2026-01-01 06:07:42 UTC", "user": PERSON}
        )

    def _organizations(self, call: Call[Token]) -> Reply:
        if "read_organizations" not in call.caller.scopes:
            raise RefusalError(403, "Forbidden: the token has no scope read_organizations")
        return _page(call, [{"slug": slug, "name": slug} for slug in sorted(call.caller.organizations)])

    def _seen(self, call: Call[Token], scope: str) -> list[Cluster]:
        if scope not in call.caller.scopes:
            raise RefusalError(403, f"Forbidden: the token has no scope {scope}")
        if call.params["organization"] not in call.caller.organizations:
            raise RefusalError(404, "No organization found")
        return [one for one in self.clusters if one.organization == call.params["organization"]]

    def _listed(self, call: Call[Token]) -> Reply:
        return _page(call, [{"id": one.number, "name": one.name} for one in self._seen(call, "read_clusters")])

    def _cluster(self, call: Call[Token], scope: str) -> Cluster:
        for one in self._seen(call, scope):
            if one.number == call.params["cluster"]:
                return one
        raise RefusalError(404, "No cluster found")

    def _secrets(self, call: Call[Token]) -> Reply:
        found = self._cluster(call, "read_secrets_details")
        return _page(call, [_shape(found, one) for one in found.secrets.values()])

    def _create(self, call: Call[Token]) -> Reply:
        found, key, value = self._cluster(call, "write_secrets"), _text(call, "key"), _text(call, "value")
        if key in found.secrets:
            raise RefusalError(422, "Validation failed: Key has already been taken")
        return Reply.of(201, _shape(found, self.set(found, key, value)))

    def _update(self, call: Call[Token]) -> Reply:
        found, value = self._cluster(call, "write_secrets"), _text(call, "value")
        for one in found.secrets.values():
            if one.number == call.params["id"]:
                return Reply.of(200, _shape(found, self.set(found, one.key, value)))
        raise RefusalError(404, "No secret found")


def _text(call: Call[Token], name: str) -> str:
    text = call.document().get(name)
    if not isinstance(text, str) or not text:
        raise RefusalError(422, f"Validation failed: {name.capitalize()} can't be blank")
    return text


def _page(call: Call[Token], rows: list[Json]) -> Reply:
    query = call.request.query
    page, size = int(query.get("page", "1")), min(int(query.get("per_page", PAGE)), MOST)
    more = len(rows) > page * size
    link = {"Link": f'<{HOST}{call.request.path}?page={page + 1}&per_page={size}>; rel="next"'} if more else {}
    return Reply.of(200, rows[(page - 1) * size : page * size], link)


def _shape(cluster: Cluster, one: Secret) -> dict[str, Json]:
    organization = f"{HOST}/organizations/{cluster.organization}"
    there = f"{organization}/clusters/{cluster.number}"
    return {
        "id": one.number,
        "key": one.key,
        "description": one.description,
        "policy": one.policy,
        "created_at": _said(one.created_at),
        "created_by": PERSON,
        "updated_at": _said(one.updated_at),
        "updated_by": PERSON,
        "last_read_at": None,
        "url": f"{there}/secrets/{one.number}",
        "cluster_url": there,
        "organization": {"slug": cluster.organization, "url": organization},
    }


def _said(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
