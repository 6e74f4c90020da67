"""Netlify's description, which is of Swagger 2, as OpenAPI 3: the validators know no other.

The extract holds accounts, sites and environment variables. What the redeploy asks beside them is added here, as the
whole description has it (netlify/open-api@6508031, swagger.yml: `listSites`, `createSiteBuild`, `listSiteDeploys`,
`getDeploy`).
"""

from __future__ import annotations

import json
from typing import Any

STRING = {"type": "string"}
BUILD = {
    "type": "object",
    "properties": {"id": STRING, "deploy_id": STRING, "sha": STRING, "done": {"type": "boolean"}},
}
DEPLOY, SITE = {"$ref": "#/components/schemas/deploy"}, {"$ref": "#/components/schemas/site"}


def of_netlify(former: dict[str, Any]) -> dict[str, Any]:
    """Give the same description in today's form: bodies, answers and schemas stand elsewhere."""
    text = json.dumps(former).replace('"#/definitions/', '"#/components/schemas/').replace('"x-nullable"', '"nullable"')
    # What is answered is `post_processing` (netlify/cli src/utils/env/index.ts says so of this very description).
    moved = json.loads(text.replace('"post-processing"]', '"post-processing", "post_processing"]'))
    error = {"description": "error", **_content({"$ref": "#/components/schemas/error"})}
    paths = {path: _path(shared, error) for path, shared in moved["paths"].items()}
    return {
        "openapi": "3.0.3",
        "info": moved["info"],
        "paths": paths | _added(error),
        "components": {"schemas": moved["definitions"]},
    }


def _path(former: dict[str, Any], error: dict[str, Any]) -> dict[str, Any]:
    common = former.pop("parameters", [])
    return {verb: _operation(one, common, error) for verb, one in former.items()}


def _operation(former: dict[str, Any], common: list[dict[str, Any]], error: dict[str, Any]) -> dict[str, Any]:
    given = [*common, *former.get("parameters", [])]
    today: dict[str, Any] = {
        "parameters": [_parameter(one) for one in given if one["in"] != "body"],
        "responses": {code: _answer(one, error) for code, one in former["responses"].items()},
    }
    bodies = [one["schema"] for one in given if one["in"] == "body"]
    return {**today, "requestBody": {"required": True, **_content(bodies[0])}} if bodies else today


def _parameter(former: dict[str, Any]) -> dict[str, Any]:
    schema = {name: former[name] for name in ("type", "enum") if name in former}
    return {"name": former["name"], "in": former["in"], "required": former.get("required", False), "schema": schema}


def _answer(former: dict[str, Any], error: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in former:
        return error
    described = {"description": former["description"]}
    return {**described, **_content(former["schema"])} if "schema" in former else described


def _content(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def _added(error: dict[str, Any]) -> dict[str, Any]:
    site, deploy = (
        {"name": name, "in": "path", "type": "string", "required": True} for name in ("site_id", "deploy_id")
    )
    page = {"page": "integer", "per_page": "integer"}

    def one(answer: dict[str, Any], *parameters: dict[str, Any], **query: str) -> dict[str, Any]:
        asked = [_parameter({"name": name, "in": "query", "type": kind}) for name, kind in query.items()]
        answers = {"200": {"description": "OK", **_content(answer)}, "default": error}
        return {"parameters": [*map(_parameter, parameters), *asked], "responses": answers}

    deploys = one({"type": "array", "items": DEPLOY}, site, production="boolean", branch="string", **page)
    sites = one({"type": "array", "items": SITE}, name="string", **page)
    whose = {"name": "filter", "in": "query", "type": "string", "enum": ["all", "owner", "guest"]}
    sites["parameters"].append(_parameter(whose))
    return {
        "/sites": {"get": sites},
        "/sites/{site_id}/builds": {"post": one(BUILD, site, branch="string", clear_cache="boolean", image="string")},
        "/sites/{site_id}/deploys": {"get": deploys},
        "/deploys/{deploy_id}": {"get": one(DEPLOY, deploy)},
    }
