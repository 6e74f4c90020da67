"""What the copies of the official descriptions leave out, after GitHub's own one as of 23.0.1.

Operations actions/create-workflow-dispatch, actions/get-workflow, actions/list-workflow-runs,
repos/list-for-authenticated-user, users/get-authenticated, repos/get-content, orgs/get and apps/get-…-installation.
"""

from __future__ import annotations

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
_ORGANIZATION: dict[str, object] = {
    "type": "object",
    "required": [
        *("login", "id", "node_id", "type", "url", "html_url", "avatar_url", "description", "created_at", "updated_at"),
        *("repos_url", "events_url", "hooks_url", "issues_url", "members_url", "public_members_url", "archived_at"),
        *("has_organization_projects", "has_repository_projects", "public_repos", "public_gists"),
        *("followers", "following"),
    ],
    "properties": {
        "plan": {
            "type": "object",
            "required": ["name", "space", "private_repos"],
            "properties": {"name": _TEXT, "space": {"type": "integer"}, "private_repos": {"type": "integer"}},
        }
    },
}
_PERSON: dict[str, object] = {
    "allOf": [
        {"$ref": "#/components/schemas/simple-user"},
        {"type": "object", "required": ["public_repos", "public_gists", "followers", "following", "created_at"]},
    ]
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


BY_HAND: dict[str, dict[str, object]] = {
    "/orgs/{org}": {
        "parameters": _in_path("org"),
        "get": {"operationId": "orgs/get", "responses": _answers(_ORGANIZATION)},
    },
    "/user": {"get": {"operationId": "users/get-authenticated", "responses": _answers(_PERSON)}},
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
