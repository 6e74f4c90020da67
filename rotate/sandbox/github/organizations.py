"""Organizations of the pretend GitHub: secrets with a visibility, and the repositories that may read them.

A write sets value and access together. `selected` without ids leaves the secret selected for nobody, which is how it
was reported of the real one (facts: GitHub §2.4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Handler, Json, RefusalError, Reply
from rotate.sandbox.github.records import DENIED, Organization, Repository, Token
from rotate.sandbox.github.secrets import Settings, VaultHandlers, found
from rotate.sandbox.github.shapes import minimal_repository, organization_shape
from rotate.sandbox.github.vaults import STORES, VISIBILITIES, Vault
from rotate.sandbox.paging import page_of, slice_of

# The permission that each store asks for (facts: GitHub §2.5); those of Codespaces and agents are not among the facts.
PERMISSIONS = {
    "actions": "organization_secrets",
    "dependabot": "organization_dependabot_secrets",
    "codespaces": "organization_codespaces_secrets",
    "agents": "organization_agent_secrets",
}


class Directory(Settings, Protocol):
    """What the world knows of organizations."""

    def organization(self, login: str) -> Organization:
        """Give an organization. Raises `KeyError` when there is none."""
        ...

    def repositories_of(self, login: str) -> list[Repository]:
        """Give its repositories."""
        ...


class OrganizationRoutes:
    """GitHub OpenAPI /orgs/{org}/{store}/secrets and …/{secret_name}/repositories."""

    def __init__(self, directory: Directory, clock: Clock) -> None:
        """Read the settings at each request."""
        self._directory = directory
        self._handlers = VaultHandlers(directory, clock)

    @property
    def routes(self) -> Mapping[str, Handler[Token]]:
        """Give route → handler that has checked the permission; literal segments first."""
        rules: dict[str, tuple[str, Callable[[Call[Token], Vault], Reply]]] = {
            **self._handlers.handlers,
            "PUT /secrets/{name}": ("write", self._put),
            "GET /secrets/{name}/repositories": ("read", self._repositories),
        }
        of_secrets = {
            f"{verb} /orgs/{{org}}/{store}{path}": self._guard(store, level, handle)
            for end, (level, handle) in rules.items()
            for verb, _, path in [end.partition(" ")]
            for store in STORES
        }
        return {"GET /orgs/{org}": self._told, "GET /orgs/{org}/repos": self._listed, **of_secrets}

    def _told(self, call: Call[Token]) -> Reply:
        login = call.params["org"]
        try:
            organization = self._directory.organization(login)
        except KeyError:
            raise RefusalError(404, "Not Found") from None
        public = sum(not one.private for one in self._directory.repositories_of(login))
        plan = bool(call.caller.manages(login, "organization_plan", "read"))
        api = self._directory.url + call.request.base
        return Reply.of(200, organization_shape(organization, public, api, plan=plan))

    def _listed(self, call: Call[Token]) -> Reply:
        api = self._directory.url + call.request.base
        seen = [one for one in self._directory.repositories_of(call.params["org"]) if call.caller.sees(one.full_name)]
        page, headers = slice_of(call.request, api, seen)
        return Reply.of(200, [minimal_repository(one, api) for one in page], headers)

    def _guard(self, store: str, level: str, handle: Callable[[Call[Token], Vault], Reply]) -> Handler[Token]:
        def guarded(call: Call[Token]) -> Reply:
            login = call.params["org"]
            allowed = call.caller.manages(login, PERMISSIONS[store], level)
            try:
                organization = self._directory.organization(login)
            except KeyError:
                raise RefusalError(404, "Not Found") from None
            if allowed is None:
                raise RefusalError(404, "Not Found")
            if not allowed:
                raise RefusalError(403, DENIED[call.caller.kind])
            return handle(call, organization.vaults[store])

        return guarded

    def _put(self, call: Call[Token], vault: Vault) -> Reply:
        body = call.document()
        visibility, ids = body.get("visibility"), body.get("selected_repository_ids", [])
        if visibility not in VISIBILITIES:
            raise RefusalError(422, "visibility is one of all, private, selected")
        owned = {str(one.repository_id) for one in self._directory.repositories_of(call.params["org"])}
        if not isinstance(ids, list) or not {str(one) for one in ids} <= owned:
            raise RefusalError(422, "selected_repository_ids are repositories of the organization")
        before = self._handlers.store(call, vault)
        name = call.params["name"].upper()
        selected = tuple(int(str(one)) for one in ids) if visibility == "selected" else ()
        vault.secrets[name] = replace(vault.secrets[name], visibility=str(visibility), selected=selected)
        return Reply(204) if before else Reply.of(201, {})

    def _repositories(self, call: Call[Token], vault: Vault) -> Reply:
        stored, api = found(call, vault), self._directory.url + call.request.base
        if stored.visibility != "selected":
            raise RefusalError(409, "Visibility of the secret is not set to selected")
        everyone = self._directory.repositories_of(call.params["org"])
        shapes: list[Json] = [minimal_repository(one, api) for one in everyone if one.repository_id in stored.selected]
        return page_of(call.request, api, "repositories", shapes)
