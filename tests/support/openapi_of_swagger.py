"""Microsoft's description of Azure DevOps, which is of Swagger 2, as OpenAPI 3: the validators know no other."""

from __future__ import annotations

import json
from typing import Any

GROUPS = "/{organization}/{project}/_apis/distributedtask/variablegroups"


def of_swagger(former: dict[str, Any]) -> dict[str, Any]:
    """Give the same description in today's form: bodies, answers and schemas stand elsewhere."""
    _as_sent(former)
    text = json.dumps({**former, "x-ms-paths": {}})
    text = text.replace('"#/definitions/', '"#/components/schemas/').replace(
        '"#/parameters/', '"#/components/parameters/'
    )
    moved: dict[str, Any] = json.loads(text.replace('"x-nullable"', '"nullable"'))
    shared = {name: _parameter(one) for name, one in moved["parameters"].items()}
    return {
        "openapi": "3.0.3",
        "info": moved["info"],
        "paths": {
            path: {verb: _operation(one) for verb, one in verbs.items()} for path, verbs in moved["paths"].items()
        },
        "components": {"schemas": moved["definitions"], "parameters": shared},
    }


def _as_sent(official: dict[str, Any]) -> None:
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


def _operation(former: dict[str, Any]) -> dict[str, Any]:
    given = former["parameters"]
    bodies = [one for one in given if one.get("in") == "body"]
    today: dict[str, Any] = {
        "parameters": [one if "$ref" in one else _parameter(one) for one in given if one.get("in") != "body"],
        "responses": {code: _content(one) for code, one in former["responses"].items()},
    }
    return {**today, "requestBody": {"required": True, **_content(bodies[0])}} if bodies else today


def _parameter(former: dict[str, Any]) -> dict[str, Any]:
    schema = {name: former[name] for name in ("type", "enum") if name in former}
    return {"name": former["name"], "in": former["in"], "required": former.get("required", False), "schema": schema}


def _content(former: dict[str, Any]) -> dict[str, Any]:
    described = {"description": former.get("description", "")}
    return (
        {**described, "content": {"application/json": {"schema": former["schema"]}}}
        if "schema" in former
        else described
    )
