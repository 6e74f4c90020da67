"""Every exchange with the sandbox against the official OpenAPI descriptions, request and response.

The descriptions are not part of the repository: they are looked for beside it. Without them the check is skipped with
a reason, or fails where `REQUIRE_SPECS=1`. What the copies leave out and the sandbox answers all the same is described
by hand here (`BY_HAND`), and listed in a test; anything else unknown fails.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.responses.exceptions import ResponseNotFound
from openapi_core.testing import MockRequest, MockResponse

from rotate.sandbox.ledger import Entry

SPECS = Path(__file__).resolve().parent.parent.parent / "shared" / "specs"
FILES = {"neon": "neon-v2.json", "github": "github-secrets.json"}
OUTSIDE = {
    r"github /repos/[^/]+/[^/]+/issues(/\d+(/comments)?)?": "the extract of GitHub's description holds secrets, "
    "variables, runs and environments alone; these were compared with the whole one (npm @octokit/openapi 23.0.2)",
}
HOSTS = {"neon": ("https://console.neon.tech", "/api/v2"), "github": ("https://api.github.com", "")}

_NAMED = ("owner", "repo", "workflow_id")
_TEXT: dict[str, object] = {"type": "string"}
_FILE: dict[str, object] = {
    "type": "object",
    "required": ["_links", "git_url", "html_url", "download_url", "name", "path", "sha", "size", "type", "url"],
    "properties": {
        "type": {"type": "string", "enum": ["file", "dir", "submodule", "symlink"]},
        "size": {"type": "integer"},
        "encoding": _TEXT,
        "content": _TEXT,
        **dict.fromkeys(("name", "path", "sha", "url", "git_url", "html_url", "download_url"), _TEXT),
        "_links": {"type": "object", "required": ["git", "html", "self"]},
    },
}

_STATES = ("active", "deleted", "disabled_fork", "disabled_inactivity", "disabled_manually")
_WORKFLOW: dict[str, object] = {
    "type": "object",
    "required": ["id", "node_id", "name", "path", "state", "created_at", "updated_at", "url", "html_url", "badge_url"],
    "properties": {"id": {"type": "integer"}, "state": {"type": "string", "enum": list(_STATES)}},
}
_EVENT: dict[str, object] = {"name": "event", "in": "query", "schema": _TEXT}
_RUNS: dict[str, object] = {
    "type": "object",
    "required": ["total_count", "workflow_runs"],
    "properties": {
        "total_count": {"type": "integer"},
        "workflow_runs": {"type": "array", "items": {"$ref": "#/components/schemas/workflow-run"}},
    },
}


def _in_path(*names: str) -> list[dict[str, object]]:
    return [{"name": one, "in": "path", "required": True, "schema": {"type": "string"}} for one in names]


def _in_query(*names: str) -> list[dict[str, object]]:
    return [{"name": one, "in": "query", "schema": {"type": "integer"}} for one in names]


def _answers(schema: dict[str, object]) -> dict[str, object]:
    return {"200": {"description": "as described", "content": {"application/json": {"schema": schema}}}}


def _contents(depth: int) -> dict[str, object]:
    """A path of so many folders and a name: a template's variable holds no slash."""
    answer = _answers({"oneOf": [{"type": "array", "items": _FILE}, _FILE]})
    names = ("owner", "repo", *(f"at{level}" for level in range(depth)))
    return {"parameters": _in_path(*names), "get": {"operationId": f"repos/get-content-{depth}", "responses": answer}}


# After GitHub's own description (operations actions/create-workflow-dispatch, actions/get-workflow,
# actions/list-workflow-runs, repos/list-for-authenticated-user and repos/get-content, as of 23.0.1), which the copy
# leaves out.
BY_HAND: dict[str, dict[str, object]] = {
    "/user/repos": {
        "parameters": _in_query("per_page", "page"),
        "get": {
            "operationId": "repos/list-for-authenticated-user",
            "responses": _answers({"type": "array", "items": {"$ref": "#/components/schemas/repository"}}),
        },
    },
    "/repos/{owner}/{repo}/contents/{at0}/{at1}": _contents(2),
    "/repos/{owner}/{repo}/contents/{at0}/{at1}/{at2}": _contents(3),
    "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches": {
        "parameters": [{"name": one, "in": "path", "required": True, "schema": {"type": "string"}} for one in _NAMED],
        "post": {
            "operationId": "actions/create-workflow-dispatch",
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["ref"],
                            "additionalProperties": False,
                            "properties": {
                                "ref": {"type": "string"},
                                "inputs": {"type": "object", "maxProperties": 25, "additionalProperties": True},
                                "return_run_details": {"type": "boolean"},
                            },
                        }
                    }
                },
            },
            "responses": {
                "200": {
                    "description": "where `return_run_details` is true",
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["workflow_run_id", "run_url", "html_url"],
                                "properties": {
                                    "workflow_run_id": {"type": "integer"},
                                    "run_url": {"type": "string", "format": "uri"},
                                    "html_url": {"type": "string", "format": "uri"},
                                },
                            }
                        }
                    },
                },
                "204": {"description": "otherwise"},
            },
        },
    },
    "/repos/{owner}/{repo}/actions/workflows/{workflow_id}": {
        "parameters": _in_path(*_NAMED),
        "get": {"operationId": "actions/get-workflow", "responses": _answers(_WORKFLOW)},
    },
    "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs": {
        "parameters": [*_in_path(*_NAMED), *_in_query("per_page", "page"), _EVENT],
        "get": {"operationId": "actions/list-workflow-runs", "responses": _answers(_RUNS)},
    },
    # The copy has it for a repository; for the other two GitHub's description says the same of the same shape.
    **{
        f"/{kind}/{{{name}}}/installation": {
            "parameters": [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": f"apps/get-{kind}-installation",
                "responses": {
                    "200": {
                        "description": "the installation",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/installation"}}},
                    }
                },
            },
        }
        for kind, name in (("orgs", "org"), ("users", "username"))
    },
}


def require_specs() -> None:
    """Skip, or fail, where the descriptions are missing."""
    missing = [name for name in FILES.values() if not (SPECS / name).exists()]
    if not missing:
        return
    reason = f"no official specification at hand: {', '.join(missing)} not in {SPECS}"
    if os.environ.get("REQUIRE_SPECS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def check(entries: Iterable[Entry]) -> int:
    """Assert that every exchange is as described; give how many replies were checked."""
    require_specs()
    checked, wrong = 0, []
    for entry in entries:
        if any(re.fullmatch(pattern, f"{entry.server} {entry.route}") for pattern in OUTSIDE):
            continue
        try:
            checked += _check(entry)
        except OpenAPIError as error:
            cause = getattr(error.__cause__, "schema_errors", error.__cause__)
            wrong.append(f"{entry.line}: {type(error).__name__} {error} {cause or ''}")
    assert wrong == [], "\n".join(wrong)
    assert checked, "no reply was checked"
    return checked


def _check(entry: Entry) -> bool:
    """Check one request, and its reply unless a fault made it up."""
    described = _described(entry.server)
    host, base = HOSTS[entry.server]
    target = urlsplit(entry.path)
    request = MockRequest(
        host,
        entry.method.lower(),
        base + target.path,
        args=dict(parse_qsl(target.query)),
        headers=dict(entry.request_headers),
        data=entry.request_body or None,
        content_type=entry.request_headers.get("Content-Type", "application/json"),
    )
    described.validate_request(request)
    if entry.faults or entry.status is None:
        return False
    kind = entry.response_headers.get("Content-Type", "").partition(";")[0] or "application/json"
    response = MockResponse(
        entry.response_body, status_code=entry.status, headers=dict(entry.response_headers), content_type=kind
    )
    try:
        described.validate_response(request, response)
    except ResponseNotFound:
        # The descriptions leave out most refusals; a success that they do not know is an error of ours.
        if entry.status < 400:
            raise
        return False
    return True


@cache
def _described(server: str) -> OpenAPI:
    return OpenAPI.from_dict(description(server, by_hand=server == "github"))


def description(server: str, *, by_hand: bool) -> dict[str, Any]:
    """Give the official description, with or without what is added by hand."""
    official: dict[str, Any] = json.loads((SPECS / FILES[server]).read_text())
    if by_hand:
        official["paths"] |= BY_HAND
        listed_installation(official).update({"items": {"$ref": "#/components/schemas/installation"}})
    return official


def listed_installation(official: dict[str, Any]) -> dict[str, Any]:
    """Give what describes the list of an App's installations: a copy of the schema `installation` but for one mistake.

    In it an account is a user and an enterprise at once (`allOf`), which none can be; in the schema, one of them.
    """
    answer: dict[str, Any] = official["paths"]["/app/installations"]["get"]["responses"]["200"]
    schema: dict[str, Any] = answer["content"]["application/json"]["schema"]
    return schema
