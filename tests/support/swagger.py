"""A description in Swagger 2 as one in OpenAPI 3, which is what the validators read."""

from __future__ import annotations

import json
from typing import Any

KEPT = ("name", "in", "required", "description")
JSON = "application/json"
MOVED = {
    "#/definitions/": "#/components/schemas/",
    "#/parameters/": "#/components/parameters/",
    '"x-nullable"': '"nullable"',
}
GROUPS = "/{organization}/{project}/_apis/distributedtask/variablegroups"


def risen(official: dict[str, Any]) -> dict[str, Any]:
    """Say the same in OpenAPI 3: parameters, bodies, answers and schemas; all else falls away."""
    text = json.dumps({**official, "x-ms-paths": {}})
    for former_place, place in MOVED.items():
        text = text.replace(former_place, place)
    former: dict[str, Any] = json.loads(text)
    server = f"{former['schemes'][0]}://{former['host']}{former.get('basePath', '').rstrip('/')}"
    shared = {name: _parameter(one) for name, one in former.get("parameters", {}).items()}
    return {
        "openapi": "3.0.3",
        "info": former["info"],
        "servers": [{"url": server}],
        "components": {"schemas": former["definitions"], "parameters": shared},
        "paths": {
            path: {verb: _operation(one) for verb, one in verbs.items()} for path, verbs in former["paths"].items()
        },
    }


def as_microsoft_sends(official: dict[str, Any]) -> dict[str, Any]:
    """Describe variable groups as Microsoft's own examples and clients have them: a list that is filtered by a name is
    no path of OpenAPI and stands apart; lists come with their length; secrets, and what is not there, are null."""
    listed = official["x-ms-paths"][f"{GROUPS}?"]["get"]
    answer = listed["responses"]["200"]
    whole = {"count": {"type": "integer"}, "value": answer["schema"]}
    answer["schema"] = {"type": "object", "properties": whole, "required": ["count", "value"]}
    official["paths"][GROUPS]["get"] = listed
    known = official["definitions"]
    group, value = known["VariableGroup"], known["VariableValue"]["properties"]["value"]
    for one in (group, value, group["properties"]["variableGroupProjectReferences"]):
        one["x-nullable"] = True
    return official


def _operation(former: dict[str, Any]) -> dict[str, Any]:
    kind = former.get("produces", [JSON])[0]
    operation: dict[str, Any] = {"parameters": [], "responses": {}}
    for one in former.get("parameters", []):
        if one.get("in") == "body":
            operation["requestBody"] = {"required": one["required"], "content": {JSON: {"schema": one["schema"]}}}
        else:
            operation["parameters"].append(one if "$ref" in one else _parameter(one))
    for status, one in former["responses"].items():
        content = {"content": {kind: {"schema": one["schema"]}}} if "schema" in one else {}
        operation["responses"][status] = {"description": one.get("description", ""), **content}
    return operation


def _parameter(former: dict[str, Any]) -> dict[str, Any]:
    schema = {name: told for name, told in former.items() if name not in KEPT and not name.startswith("x-")}
    kept = {name: told for name, told in former.items() if name in KEPT}
    return {**kept, "schema": schema}
