"""A pretend Neon: list, create once, revoke, authenticate; `last_used_at` moves. Rules: facts, Neon §1-4 and §11."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Json, RefusalError, Reply, Request, Router
from rotate.sandbox.neon.records import (
    Organization,
    Project,
    StoredKey,
    User,
    member_shape,
    organization_shape,
    project_shape,
    user_shape,
)
from rotate.sandbox.neon.state import NeonState

UNAUTHENTICATED = "supplied credentials do not pass authentication"
NOT_FOR_ORGANIZATION_KEYS = "not allowed for organization API keys"
PERSONAL_KEY_ONLY = "This endpoint requires a personal API key"
NOT_A_MEMBER = "not an organization member"
NAME_TAKEN = "choose another unique name for api key"
ORGANIZATION_NEEDED = "org_id is required, you can find it on your organization settings page"
NAME_LENGTH = 64
_PROJECT_ID = re.compile(r"[a-z0-9-]{1,60}")

NeonCall = Call[StoredKey]


class NeonServer(NeonState):
    """Neon's behaviour. Denials are 404 with Neon's own words (facts: Neon §2-4)."""

    name = "neon"
    bases = ("/api/v2",)

    def __init__(self, clock: Clock) -> None:
        """Start without accounts."""
        super().__init__(clock)
        self.clock = clock
        self._router: Router[StoredKey] = Router(
            {
                "GET /auth": self._auth,
                "GET /users/me": self._me,
                "GET /users/me/organizations": self._my_organizations,
                "GET /api_keys": self._list_personal,
                "POST /api_keys": self._create_personal,
                "DELETE /api_keys/{key_id}": self._revoke_personal,
                "GET /organizations/{org_id}": self._organization,
                "GET /organizations/{org_id}/members": self._members,
                "GET /organizations/{org_id}/api_keys": self._list_organization,
                "POST /organizations/{org_id}/api_keys": self._create_organization,
                "DELETE /organizations/{org_id}/api_keys/{key_id}": self._revoke_organization,
                "GET /projects": self._list_projects,
                "GET /projects/{project_id}": self._project,
            }
        )

    def answer(self, request: Request) -> Reply:
        """Act on one request. Refusals carry Neon's error body (Neon OpenAPI GeneralError)."""
        request_id = request.headers.get("X-Request-ID") or str(uuid.uuid4())
        try:
            reply = self._dispatch(request)
        except RefusalError as refusal:
            body: Json = {"request_id": request_id, "code": "", "message": refusal.message}
            reply = Reply.of(refusal.status, body, refusal.headers)
        return reply.with_headers({"X-Request-ID": request_id})

    def _dispatch(self, request: Request) -> Reply:
        if not request.base:
            raise RefusalError(404, "not found: the API lives under /api/v2")
        handler, params = self._router.find(request)
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        caller = self.holder(value) if scheme.lower() == "bearer" else None
        if caller is None:
            raise RefusalError(401, UNAUTHENTICATED)
        caller.uses.append((self._clock.now(), request.remote))
        self._settle(caller)
        return handler(Call(request, params, caller))

    def _auth(self, call: NeonCall) -> Reply:
        # An organization and a project-scoped key answer alike: the method cannot tell them apart.
        org_id = call.caller.org_id
        method, account = ("api_key_user", call.caller.user.account_id) if org_id is None else ("api_key_org", org_id)
        return Reply.of(200, {"account_id": account, "auth_method": method, "auth_data": ""})

    def _me(self, call: NeonCall) -> Reply:
        return Reply.of(200, user_shape(_personal(call)))

    def _my_organizations(self, call: NeonCall) -> Reply:
        caller = call.caller
        mine = [
            organization_shape(organization)
            for organization in self.organizations()
            if caller.org_id == organization.org_id
            or (caller.org_id is None and organization.role_of(caller.user) is not None)
        ]
        return Reply.of(200, {"organizations": list[Json](mine)})

    def _organization(self, call: NeonCall) -> Reply:
        return Reply.of(200, organization_shape(self._reach(call)))

    def _members(self, call: NeonCall) -> Reply:
        """Give a page of the members; the cursor is where the next one begins."""
        organization, query = self._reach(call), call.request.query
        everybody = [*organization.admins, *organization.members]
        begin, limit = int(query.get("cursor") or 0), int(query.get("limit") or len(everybody))
        shown = [member_shape(organization, user) for user in everybody[begin : begin + limit]]
        after: dict[str, Json] = {"next": str(begin + limit)} if begin + limit < len(everybody) else {}
        page: dict[str, Json] = {"sort_by": "joined_at", **after}
        return Reply.of(200, {"members": list[Json](shown), "pagination": page})

    def _list_projects(self, call: NeonCall) -> Reply:
        org_id = call.request.query.get("org_id") or call.caller.org_id
        _within_project(call, None)
        if org_id is None:
            raise RefusalError(400, ORGANIZATION_NEEDED)
        self._member(call, org_id)
        theirs = [project_shape(project, detailed=False) for project in self.projects() if project.org_id == org_id]
        return Reply.of(200, {"projects": list[Json](theirs), "applications": {}, "integrations": {}})

    def _project(self, call: NeonCall) -> Reply:
        project = self._find_project(call.params["project_id"])
        _within_project(call, call.params["project_id"])
        if project is None or not self._may_see(call.caller, project):
            raise RefusalError(404, "project not found")
        return Reply.of(200, {"project": project_shape(project, detailed=True)})

    def _list_personal(self, call: NeonCall) -> Reply:
        user = _personal(call)
        return self._list([key for key in self.issued() if key.org_id is None and key.user == user])

    def _create_personal(self, call: NeonCall) -> Reply:
        return self._create(call, _personal(call), org_id=None, project_id=None)

    def _revoke_personal(self, call: NeonCall) -> Reply:
        user = _personal(call)
        return self._revoke(call, [key for key in self.issued() if key.org_id is None and key.user == user])

    def _list_organization(self, call: NeonCall) -> Reply:
        organization = self._administer(call)
        return self._list([key for key in self.issued() if key.org_id == organization.org_id])

    def _create_organization(self, call: NeonCall) -> Reply:
        _within_project(call, None)
        if call.caller.org_id is not None:
            raise RefusalError(404, PERSONAL_KEY_ONLY)
        organization = self._administer(call)
        project_id = call.document().get("project_id")
        if project_id is None:
            return self._create(call, call.caller.user, org_id=organization.org_id, project_id=None)
        if not isinstance(project_id, str) or not _PROJECT_ID.fullmatch(project_id):
            raise RefusalError(422, "project_id does not match ^[a-z0-9-]{1,60}$")
        project = self._find_project(project_id)
        if project is None or project.org_id != organization.org_id:
            raise RefusalError(404, "project not found")
        return self._create(call, call.caller.user, org_id=organization.org_id, project_id=project_id)

    def _revoke_organization(self, call: NeonCall) -> Reply:
        organization = self._administer(call)
        return self._revoke(call, [key for key in self.issued() if key.org_id == organization.org_id])

    def _list(self, keys: list[StoredKey]) -> Reply:
        now = self._clock.now()
        gone, new = now - timedelta(seconds=self.list_lag), now - timedelta(seconds=self.appear_lag)
        for key in keys:
            self._settle(key)
        shown = [
            key.listed() for key in keys if (key.revoked_at is None or key.revoked_at > gone) and key.created_at <= new
        ]
        return Reply.of(200, list[Json](shown))

    def _settle(self, key: StoredKey) -> None:
        """Let those uses be seen whose delay is over."""
        key.settle(self._clock.now() - timedelta(seconds=self.use_delay), self.use_grain)

    def _create(self, call: NeonCall, user: User, *, org_id: str | None, project_id: str | None) -> Reply:
        name = call.document().get("key_name")
        if not isinstance(name, str):
            raise RefusalError(400, "key_name is required and is a string")
        if not 1 <= len(name) <= NAME_LENGTH:
            raise RefusalError(422, f"key_name must have 1 to {NAME_LENGTH} characters")
        # Unique per account, or per organization: facts, Neon §1 (status 409 and the scope are inferred there).
        peers = [key for key in self.live_keys() if key.org_id == org_id and (org_id is not None or key.user == user)]
        if any(key.name == name for key in peers):
            raise RefusalError(409, NAME_TAKEN)
        return Reply.of(200, self.add_key(user, name=name, org_id=org_id, project_id=project_id).created())

    def _revoke(self, call: NeonCall, keys: list[StoredKey]) -> Reply:
        try:
            key_id = int(call.params["key_id"])
        except ValueError:
            raise RefusalError(400, "key_id is an integer") from None
        key = next((key for key in keys if key.key_id == key_id and not key.revoked), None)
        if key is None:
            raise RefusalError(404, "api key not found")
        self.revoke(key_id)
        return Reply.of(200, key.ended())

    def _find_project(self, project_id: str) -> Project | None:
        return next((project for project in self.projects() if project.project_id == project_id), None)

    def _may_see(self, caller: StoredKey, project: Project) -> bool:
        if caller.org_id is not None:
            return project.org_id == caller.org_id
        owners = [one for one in self.organizations() if one.org_id == project.org_id]
        return project.owner_id == caller.user.account_id or any(one.role_of(caller.user) for one in owners)

    def _member(self, call: NeonCall, org_id: str) -> Organization:
        caller = call.caller
        for organization in self.organizations():
            if organization.org_id == org_id and (
                caller.org_id == org_id or (caller.org_id is None and organization.role_of(caller.user) is not None)
            ):
                return organization
        raise RefusalError(404, NOT_A_MEMBER)

    def _reach(self, call: NeonCall) -> Organization:
        _within_project(call, None)
        return self._member(call, call.params["org_id"])

    def _administer(self, call: NeonCall) -> Organization:
        organization = self._reach(call)
        role = "admin" if call.caller.org_id else organization.role_of(call.caller.user)
        if role != "admin":
            raise RefusalError(404, f"not allowed to manage organization API keys with the role {role}")
        return organization


def _personal(call: NeonCall) -> User:
    if call.caller.org_id is not None:
        raise RefusalError(404, NOT_FOR_ORGANIZATION_KEYS)
    return call.caller.user


def _within_project(call: NeonCall, project_id: str | None) -> None:
    mine = call.caller.project_id
    if mine is not None and mine != project_id:
        raise RefusalError(
            404,
            f'not allowed to perform actions outside the project this key is scoped to; subject_project_id:"{mine}"',
        )
