"""Repository Actions variables of the pretend GitHub. Creating one is atomic: 201, or 409 when it exists."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Json, RefusalError, Reply
from rotate.sandbox.github_records import Repository, StoredVariable, Token
from rotate.sandbox.github_secrets import Settings, valid_name
from rotate.sandbox.paging import page_of

_BASE = "/repos/{owner}/{repo}/actions/variables"


class VariableRoutes:
    """GitHub OpenAPI /repos/{owner}/{repo}/actions/variables."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Read the settings at each request."""
        self._settings = settings
        self._clock = clock

    @property
    def routes(self) -> Mapping[str, tuple[str, str, Callable[[Call[Token], Repository], Reply]]]:
        """Give route → permission, level, handler."""
        return {
            f"GET {_BASE}": ("variables", "read", self._list),
            f"POST {_BASE}": ("variables", "write", self._create),
            f"GET {_BASE}/{{name}}": ("variables", "read", self._get),
            f"PATCH {_BASE}/{{name}}": ("variables", "write", self._update),
            f"DELETE {_BASE}/{{name}}": ("variables", "write", self._delete),
        }

    def _list(self, call: Call[Token], repository: Repository) -> Reply:
        shapes: list[Json] = [stored.shape() for stored in repository.variables.values()]
        # Variables alone have pages this short: GitHub OpenAPI variables-per-page.
        return page_of(call.request, self._settings.url + call.request.base, "variables", shapes, usual=10, most=30)

    def _create(self, call: Call[Token], repository: Repository) -> Reply:
        body, now = call.document(), self._clock.now()
        name, value = body.get("name"), body.get("value")
        if not isinstance(name, str) or not isinstance(value, str):
            raise RefusalError(422, "name and value are required")
        if valid_name(name) in repository.variables:
            raise RefusalError(409, "Already exists - Variable already exists")
        repository.variables[name.upper()] = StoredVariable(name.upper(), value, now, now)
        return Reply.of(201, {})

    def _get(self, call: Call[Token], repository: Repository) -> Reply:
        return Reply.of(200, _find(call, repository).shape())

    def _update(self, call: Call[Token], repository: Repository) -> Reply:
        stored, body = _find(call, repository), call.document()
        name, value = body.get("name", stored.name), body.get("value", stored.value)
        if not isinstance(name, str) or not isinstance(value, str):
            raise RefusalError(422, "name and value are strings")
        if valid_name(name) != stored.name and name.upper() in repository.variables:
            raise RefusalError(409, "Already exists - Variable already exists")
        if name.upper() != stored.name:
            repository.variables[name.upper()] = repository.variables.pop(stored.name)
        stored.name, stored.value, stored.updated_at = name.upper(), value, self._clock.now()
        return Reply(204)

    def _delete(self, call: Call[Token], repository: Repository) -> Reply:
        del repository.variables[_find(call, repository).name]
        return Reply(204)


def _find(call: Call[Token], repository: Repository) -> StoredVariable:
    try:
        return repository.variables[call.params["name"].upper()]
    except KeyError:
        raise RefusalError(404, "Not Found") from None
