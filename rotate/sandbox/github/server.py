"""A pretend GitHub: public keys, secret writes that it opens, variables whose create is atomic, workflow runs, issues.

Rules: facts, GitHub §2 (secrets), §3 (runs), §2.5 (permissions). Answers under `/` and under `/api/v3`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router
from rotate.sandbox.github.app_routes import AppRoutes
from rotate.sandbox.github.issues import IssueRoutes
from rotate.sandbox.github.organizations import OrganizationRoutes
from rotate.sandbox.github.reach import ReachRoutes
from rotate.sandbox.github.records import DENIED, DOCUMENTATION, Repository, Token
from rotate.sandbox.github.secrets import SecretRoutes
from rotate.sandbox.github.shapes import environment_shape, full_repository, run_shape
from rotate.sandbox.github.state import GitHubState
from rotate.sandbox.github.variables import VariableRoutes
from rotate.sandbox.github.workflows import WorkflowRoutes, let_time_pass
from rotate.sandbox.paging import page_of

API_VERSIONS = ("2022-11-28", "2026-03-10")

RepositoryHandler = Callable[[Call[Token], Repository], Reply]


class GitHubServer(GitHubState):
    """GitHub's behaviour for one kind of job: secrets, variables and runs of repositories."""

    name = "github"
    bases = ("/api/v3", "")

    def __init__(self, clock: Clock) -> None:
        """Start without repositories."""
        super().__init__(clock)
        self.clock = clock
        reach = ReachRoutes(self)
        stored, variables, issues = SecretRoutes(self, clock), VariableRoutes(self, clock), IssueRoutes(self, clock)
        guarded: dict[str, tuple[str, str, RepositoryHandler]] = {
            "GET /repos/{owner}/{repo}": ("metadata", "read", self._repository),
            "GET /repos/{owner}/{repo}/environments": ("actions", "read", self._environments),
            "GET /repos/{owner}/{repo}/environments/{environment}": ("actions", "read", self._environment),
            "GET /repos/{owner}/{repo}/actions/organization-secrets": ("secrets", "read", self._shared_secrets),
            "GET /repos/{owner}/{repo}/actions/runs": ("actions", "read", self._runs),
            "GET /repos/{owner}/{repo}/actions/runs/{run_id}": ("actions", "read", self._run),
            **stored.routes,
            **variables.routes,
            **WorkflowRoutes(self, clock).routes,
            **issues.routes,
            **reach.guarded,
        }
        of_repositories = {route: self._guard(*rule) for route, rule in guarded.items()}
        self._apps = AppRoutes(self, clock)
        shared = {**OrganizationRoutes(self, clock).routes, **variables.of_organizations}
        of_accounts = {**shared, **self._apps.of_tokens, **reach.routes}
        self._router: Router[Token] = Router({**of_repositories, **of_accounts})

    def answer(self, request: Request) -> Reply:
        """Act on one request. Refusals carry GitHub's error body (GitHub OpenAPI basic-error)."""
        try:
            reply = self._dispatch(request)
        except RefusalError as refusal:
            body: Json = {
                "message": refusal.message,
                "documentation_url": DOCUMENTATION,
                "status": str(refusal.status),
            }
            reply = Reply.of(refusal.status, body, refusal.headers)
        return reply.with_headers(
            {
                "X-GitHub-Api-Version-Selected": request.headers.get("X-GitHub-Api-Version", API_VERSIONS[0]),
                "X-GitHub-Media-Type": "github.v3; format=json",
                "X-GitHub-Request-Id": uuid.uuid4().hex.upper()[:16],
                **self.limits.headers(_bearer(request), self._clock.now().timestamp()),
            }
        )

    def _dispatch(self, request: Request) -> Reply:
        if not request.headers.get("User-Agent"):
            raise RefusalError(403, "Request forbidden by administrative rules: no User-Agent header")
        version = request.headers.get("X-GitHub-Api-Version", API_VERSIONS[0])
        if version not in API_VERSIONS:
            raise RefusalError(400, f"{version} is not a supported version")
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if self._apps.serves(request):
            return self._apps.answer(request, value if scheme.lower() == "bearer" else "")
        token = self.token(value) if scheme.lower() in {"bearer", "token"} else None
        if token is None:
            raise RefusalError(401, "Bad credentials" if value else "Requires authentication")
        self.limits.admit(value, request.method, request.at_once, self._clock.now().timestamp())
        handler, params = self._router.find(request)
        reply = handler(Call(request, params, token))
        return reply.with_headers(token.headers)

    def _guard(self, permission: str, level: str, handle: RepositoryHandler) -> Handler[Token]:
        """Let through what the token may do: 404 for what it may not see, 403 for what it may not do."""

        def guarded(call: Call[Token]) -> Reply:
            full_name = f"{call.params['owner']}/{call.params['repo']}"
            token = call.caller
            if full_name.lower() in self.moved:
                return self._redirect(call, self.moved[full_name.lower()])
            try:
                repository = self.repository(full_name)
            except KeyError:
                raise RefusalError(404, "Not Found") from None
            if not token.sees(full_name):
                raise RefusalError(404, "Not Found")
            if not token.may(full_name, permission, level):
                raise RefusalError(403, DENIED[token.kind])
            if level == "write" and repository.archived:
                raise RefusalError(403, "Repository was archived so is read-only.")
            let_time_pass(repository, self._clock)
            return handle(call, repository)

        return guarded

    def _redirect(self, call: Call[Token], new_name: str) -> Reply:
        """GitHub OpenAPI moved_permanently; what is no GET is answered with 307."""
        path = "/".join(["", "repos", new_name, *call.request.path.split("/")[4:]])
        url = self._api(call) + path
        status = 301 if call.request.method == "GET" else 307
        body: Json = {"message": "Moved Permanently", "url": url, "documentation_url": DOCUMENTATION}
        return Reply.of(status, body, {"Location": url})

    def _api(self, call: Call[Token]) -> str:
        return self.url + call.request.base

    def _repository(self, call: Call[Token], repository: Repository) -> Reply:
        admin = call.caller.may(repository.full_name, "administration", "write")
        return Reply.of(200, full_repository(repository, self._api(call), admin=admin))

    def _environments(self, call: Call[Token], repository: Repository) -> Reply:
        shapes: list[Json] = [
            environment_shape(one, repository, self._api(call)) for one in repository.environments.values()
        ]
        return page_of(call.request, self._api(call), "environments", shapes)

    def _environment(self, call: Call[Token], repository: Repository) -> Reply:
        found = repository.environments.get(call.params["environment"].lower())
        if found is None:
            raise RefusalError(404, "Not Found")
        return Reply.of(200, environment_shape(found, repository, self._api(call)))

    def _shared_secrets(self, call: Call[Token], repository: Repository) -> Reply:
        told = [stored.metadata() for stored in self.shared_with(repository)]
        shapes: list[Json] = [{name: row[name] for name in ("name", "created_at", "updated_at")} for row in told]
        return page_of(call.request, self._api(call), "secrets", shapes)

    def _runs(self, call: Call[Token], repository: Repository) -> Reply:
        wanted = call.request.query.get("status")
        runs = [run for run in repository.runs.values() if wanted in (None, run.status, run.conclusion)]
        shapes: list[Json] = [run_shape(run, repository, self._api(call)) for run in reversed(runs)]
        return page_of(call.request, self._api(call), "workflow_runs", shapes)

    def _run(self, call: Call[Token], repository: Repository) -> Reply:
        number = call.params["run_id"]
        run = repository.runs.get(int(number)) if number.isdigit() else None
        if run is None:
            raise RefusalError(404, "Not Found")
        return Reply.of(200, run_shape(run, repository, self._api(call)))


def _bearer(request: Request) -> str:
    """Give the token that a request carries; empty where it carries none."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value if scheme.lower() in {"bearer", "token"} else ""
