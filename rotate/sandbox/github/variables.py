"""Actions variables of the pretend GitHub, of repositories and organizations. Creating one is atomic: 201, or 409 when
it exists. One of an organization has a visibility, as its secrets have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply
from rotate.sandbox.github.records import DENIED, Organization, Repository, StoredVariable, Token
from rotate.sandbox.github.secrets import Settings, valid_name
from rotate.sandbox.github.vaults import VISIBILITIES
from rotate.sandbox.paging import page_of

_BASE = "/repos/{owner}/{repo}/actions/variables"
_OF_ORGANIZATIONS = "/orgs/{org}/actions/variables"
_PERMISSION = "organization_actions_variables"  # as the permissions data calls a repository's `actions_variables`
Keeper: TypeAlias = Repository | Organization


class Directory(Settings, Protocol):
    """What the world knows of organizations."""

    def organization(self, login: str) -> Organization:
        """Give an organization. Raises `KeyError` when there is none."""
        ...


class VariableRoutes:
    """GitHub OpenAPI /repos/{owner}/{repo}/actions/variables and /orgs/{org}/actions/variables."""

    def __init__(self, settings: Directory, clock: Clock) -> None:
        """Read the settings at each request."""
        self._settings = settings
        self._clock = clock
        self._rules: dict[str, tuple[str, Callable[[Call[Token], Keeper], Reply]]] = {
            "GET": ("read", self._list),
            "POST": ("write", self._create),
            "GET /{name}": ("read", self._get),
            "PATCH /{name}": ("write", self._update),
            "DELETE /{name}": ("write", self._delete),
        }

    @property
    def routes(self) -> Mapping[str, tuple[str, str, Callable[[Call[Token], Keeper], Reply]]]:
        """Give route → permission, level, handler, for repositories."""
        return {_at(_BASE, end): ("variables", *rule) for end, rule in self._rules.items()}

    @property
    def of_organizations(self) -> Mapping[str, Handler[Token]]:
        """Give route → handler that has checked the permission, for organizations."""
        return {_at(_OF_ORGANIZATIONS, end): self._guard(*rule) for end, rule in self._rules.items()}

    def _guard(self, level: str, handle: Callable[[Call[Token], Keeper], Reply]) -> Handler[Token]:
        def guarded(call: Call[Token]) -> Reply:
            allowed = call.caller.manages(call.params["org"], _PERMISSION, level)
            try:
                organization = self._settings.organization(call.params["org"])
            except KeyError:
                raise RefusalError(404, "Not Found") from None
            if allowed is None:
                raise RefusalError(404, "Not Found")
            if not allowed:
                raise RefusalError(403, DENIED[call.caller.kind])
            return handle(call, organization)

        return guarded

    def _list(self, call: Call[Token], keeper: Keeper) -> Reply:
        shapes: list[Json] = [self._shape(call, keeper, stored) for stored in keeper.variables.values()]
        # Variables alone have pages this short: GitHub OpenAPI variables-per-page.
        return page_of(call.request, self._settings.url + call.request.base, "variables", shapes, usual=10, most=30)

    def _shape(self, call: Call[Token], keeper: Keeper, stored: StoredVariable) -> Json:
        shape: dict[str, Json] = dict(stored.shape())
        if isinstance(keeper, Organization):
            shape["visibility"] = stored.visibility
            if stored.visibility == "selected":
                api = self._settings.url + call.request.base
                path = f"/orgs/{keeper.login}/actions/variables/{stored.name}/repositories"
                shape["selected_repositories_url"] = api + path
        return shape

    def _create(self, call: Call[Token], keeper: Keeper) -> Reply:
        body, now = call.document(), self._clock.now()
        name, value = body.get("name"), body.get("value")
        if not isinstance(name, str) or not isinstance(value, str):
            raise RefusalError(422, "name and value are required")
        if isinstance(keeper, Organization) and body.get("visibility") not in VISIBILITIES:
            raise RefusalError(422, "visibility is one of all, private, selected")
        if valid_name(name) in keeper.variables:
            raise RefusalError(409, "Already exists - Variable already exists")
        keeper.variables[name.upper()] = StoredVariable(name.upper(), value, now, now, str(body.get("visibility", "")))
        return Reply.of(201, {})

    def _get(self, call: Call[Token], keeper: Keeper) -> Reply:
        return Reply.of(200, self._shape(call, keeper, _find(call, keeper)))

    def _update(self, call: Call[Token], keeper: Keeper) -> Reply:
        stored, body = _find(call, keeper), call.document()
        name, value = body.get("name", stored.name), body.get("value", stored.value)
        if not isinstance(name, str) or not isinstance(value, str):
            raise RefusalError(422, "name and value are strings")
        if valid_name(name) != stored.name and name.upper() in keeper.variables:
            raise RefusalError(409, "Already exists - Variable already exists")
        if name.upper() != stored.name:
            keeper.variables[name.upper()] = keeper.variables.pop(stored.name)
        stored.name, stored.value, stored.updated_at = name.upper(), value, self._clock.now()
        return Reply(204)

    def _delete(self, call: Call[Token], keeper: Keeper) -> Reply:
        del keeper.variables[_find(call, keeper).name]
        return Reply(204)


def _at(base: str, end: str) -> str:
    verb, _, path = end.partition(" ")
    return f"{verb} {base}{path}"


def _find(call: Call[Token], keeper: Keeper) -> StoredVariable:
    try:
        return keeper.variables[call.params["name"].upper()]
    except KeyError:
        raise RefusalError(404, "Not Found") from None
