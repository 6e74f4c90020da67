"""A description in Swagger 2 as one in OpenAPI 3, which is what the validators read."""

from __future__ import annotations

import json
from typing import Any

KEPT = ("name", "in", "required", "description")
JSON = "application/json"


def risen(official: dict[str, Any]) -> dict[str, Any]:
    """Say the same in OpenAPI 3: parameters, bodies, answers and schemas; all else falls away."""
    former: dict[str, Any] = json.loads(json.dumps(official).replace("#/definitions/", "#/components/schemas/"))
    server = f"{former['schemes'][0]}://{former['host']}{former['basePath']}"
    return {
        "openapi": "3.0.3",
        "info": former["info"],
        "servers": [{"url": server}],
        "components": {"schemas": former["definitions"]},
        "paths": {
            path: {verb: _operation(one) for verb, one in verbs.items()} for path, verbs in former["paths"].items()
        },
    }


def _operation(former: dict[str, Any]) -> dict[str, Any]:
    kind = former.get("produces", [JSON])[0]
    operation: dict[str, Any] = {"parameters": [], "responses": {}}
    for one in former.get("parameters", []):
        if one["in"] == "body":
            operation["requestBody"] = {"required": one["required"], "content": {JSON: {"schema": one["schema"]}}}
        else:
            schema = {name: told for name, told in one.items() if name not in KEPT}
            kept = {name: told for name, told in one.items() if name in KEPT}
            operation["parameters"].append({**kept, "schema": schema})
    for status, one in former["responses"].items():
        content = {"content": {kind: {"schema": one["schema"]}}} if "schema" in one else {}
        operation["responses"][status] = {"description": one["description"], **content}
    return operation
