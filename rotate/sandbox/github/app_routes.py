"""What a GitHub App asks of the pretend GitHub: where it is installed, and a token of an hour for one installation.

GitHub OpenAPI apps/list-installations, …/get-repo-installation, …/create-installation-access-token,
…/revoke-installation-access-token. A narrowed token really sees no more than it was narrowed to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Protocol

from rotate.sandbox.clock import Clock, stamp
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply, Request, Router
from rotate.sandbox.github.apps import App, Apps, Installation
from rotate.sandbox.github.records import DOCUMENTATION, Organization, Repository, Token, TokenKind
from rotate.sandbox.github.shapes import owner_shape
from rotate.sandbox.paging import slice_of

LIFE = timedelta(hours=1)
MOST_REPOSITORIES = 500
UNSEEN = "There is at least one repository that does not exist or is not accessible to the parent installation."
_OF_ORGANIZATIONS = "organization_"


class Directory(Protocol):
    """What the world knows that Apps need."""

    url: str
    apps: Apps
    moved: dict[str, str]

    def repositories_of(self, login: str) -> list[Repository]:
        """Give an account's repositories."""
        ...

    def organization(self, login: str) -> Organization:
        """Give an organization. Raises `KeyError` when there is none."""
        ...

    def add_token(
        self,
        *,
        kind: TokenKind,
        repositories: Mapping[str, Mapping[str, str]],
        organizations: Mapping[str, Mapping[str, str]],
        **more: Any,
    ) -> str:
        """Hand out a token."""
        ...

    def revoke_token(self, value: str) -> None:
        """Kill a token."""
        ...


class AppRoutes:
    """Every route that is an App's own, and those of its tokens."""

    def __init__(self, directory: Directory, clock: Clock) -> None:
        """Read the Apps at each request."""
        self._directory = directory
        self._clock = clock
        self._router: Router[App] = Router(
            {
                "GET /app/installations": self._listed,
                "GET /repos/{owner}/{repo}/installation": self._of_repository,
                "GET /orgs/{org}/installation": self._of_organization,
                "GET /users/{username}/installation": self._of_user,
                "POST /app/installations/{installation_id}/access_tokens": self._token,
            }
        )

    @property
    def of_tokens(self) -> Mapping[str, Handler[Token]]:
        """Give the routes for which an installation's token is asked."""
        return {"DELETE /installation/token": self._revoke}

    def serves(self, request: Request) -> bool:
        """Say whether it is the App itself that has to ask."""
        try:
            self._router.find(request)
        except RefusalError:
            return False
        return True

    def answer(self, request: Request, token: str) -> Reply:
        """Answer the App that signed `token`."""
        handler, params = self._router.find(request)
        return handler(Call(request, params, self._directory.apps.signer(token)))

    def _listed(self, call: Call[App]) -> Reply:
        shapes: list[Json] = [self._shape(one, call) for one in call.caller.installations]
        page, headers = slice_of(call.request, self._directory.url + call.request.base, shapes)
        return Reply.of(200, page, headers)

    def _of_repository(self, call: Call[App]) -> Reply:
        full_name = f"{call.params['owner']}/{call.params['repo']}".lower()
        if full_name in self._directory.moved:
            url = f"{self._directory.url}{call.request.base}/repos/{self._directory.moved[full_name]}/installation"
            body: Json = {"message": "Moved Permanently", "url": url, "documentation_url": DOCUMENTATION}
            return Reply.of(301, body, {"Location": url})
        return self._found(call, lambda one: full_name in {name.lower() for name in self._names(one)})

    def _of_organization(self, call: Call[App]) -> Reply:
        login = call.params["org"].lower()
        return self._found(call, lambda one: one.account.lower() == login and self._is_organization(login))

    def _of_user(self, call: Call[App]) -> Reply:
        login = call.params["username"].lower()
        return self._found(call, lambda one: one.account.lower() == login and not self._is_organization(login))

    def _found(self, call: Call[App], fits: Callable[[Installation], bool]) -> Reply:
        for one in call.caller.installations:
            if fits(one):
                return Reply.of(200, self._shape(one, call))
        raise RefusalError(404, "Not Found")

    def _token(self, call: Call[App]) -> Reply:
        number = call.params["installation_id"]
        installation = next((one for one in call.caller.installations if str(one.number) == number), None)
        if installation is None:
            raise RefusalError(404, "Not Found")
        if installation.suspended:
            raise RefusalError(403, "This installation has been suspended")
        asked = call.document() if call.request.body else {}
        permissions = _narrowed(asked.get("permissions"), installation.permissions)
        names, chosen = self._chosen(asked.get("repositories"), installation)
        own = {_renamed(name): level for name, level in permissions.items() if not name.startswith(_OF_ORGANIZATIONS)}
        ends = self._clock.now() + LIFE
        token = self._directory.add_token(
            kind="app",
            repositories=dict.fromkeys(names, own),
            organizations={installation.account: permissions},
            expires_at=ends,
            app_id=call.caller.app_id,
        )
        told: dict[str, Json] = {"token": token, "expires_at": stamp(ends), "permissions": dict(permissions)}
        return Reply.of(201, {**told, "repository_selection": "selected" if chosen else "all"})

    def _chosen(self, asked: Json, installation: Installation) -> tuple[list[str], bool]:
        reach = self._names(installation)
        if not isinstance(asked, list):
            return reach, installation.repositories is not None
        by_name = {name.partition("/")[2].lower(): name for name in reach}
        names = [by_name.get(str(one).lower(), "") for one in asked]
        if not all(names) or len(names) > 500:
            words = (
                "There is at least one repository that does not exist or is not accessible to the parent installation."
            )
            raise RefusalError(422, words)
        return names, True

    def _names(self, installation: Installation) -> list[str]:
        every = [one.full_name for one in self._directory.repositories_of(installation.account)]
        return [name for name in every if installation.repositories is None or name in installation.repositories]

    def _revoke(self, call: Call[Token]) -> Reply:
        if call.caller.kind != "app":
            raise RefusalError(403, "You must authenticate with an installation access token.")
        self._directory.revoke_token(call.caller.value)
        return Reply(204)

    def _is_organization(self, login: str) -> bool:
        try:
            self._directory.organization(login)
        except KeyError:
            return False
        return True

    def _shape(self, one: Installation, call: Call[App]) -> dict[str, Json]:
        api, created = self._directory.url + call.request.base, stamp(one.created_at)
        return {
            "id": one.number,
            "account": owner_shape(one.account, api),
            "repository_selection": "all" if one.repositories is None else "selected",
            "access_tokens_url": f"{api}/app/installations/{one.number}/access_tokens",
            "repositories_url": f"{api}/installation/repositories",
            "html_url": f"https://github.example.com/organizations/{one.account}/settings/installations/{one.number}",
            "app_id": int(call.caller.app_id),
            "app_slug": "rotate-keys",
            "target_id": 1,
            "target_type": "Organization" if self._is_organization(one.account) else "User",
            "permissions": {"metadata": "read", **one.permissions},
            "events": [],
            "single_file_name": None,
            "created_at": created,
            "updated_at": created,
            "suspended_by": owner_shape(one.account, api) if one.suspended else None,
            "suspended_at": created if one.suspended else None,
        }


def _narrowed(asked: Json, granted: Mapping[str, str]) -> Mapping[str, str]:
    every = {"metadata": "read", **granted}
    if not isinstance(asked, dict):
        return every
    if any(level not in ("read", every.get(name)) or name not in every for name, level in asked.items()):
        raise RefusalError(422, "The permissions requested are not granted to this installation.")
    return {"metadata": "read", **{name: str(level) for name, level in asked.items()}}


def _renamed(name: str) -> str:
    """Give the name under which this world's tokens hold a permission."""
    return "variables" if name == "actions_variables" else name
