"""Every exchange with the pretend Google Cloud against the official discovery document, request and answer.

The document is Google's own form of a description, not OpenAPI: its schemas are JSON Schema of old with references by
name, so they are turned into today's, closed against fields that it does not know. It lies beside the repository, as
the others do (`tests.support.openapi`).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from rotate.sandbox.ledger import Entry
from tests.support.openapi import SPECS

FILE = SPECS / "gcp-secretmanager-v1.discovery.json"
FORMATS = {"google-datetime": "date-time"}
PATTERNS = {"int64": r"-?[0-9]+", "byte": r"[A-Za-z0-9+/]*={0,2}", "google-duration": r"[0-9]+(\.[0-9]+)?s"}
ERROR = {"type": "object", "required": ["error"], "properties": {"error": {"type": "object"}}}


def check(entries: Iterable[Entry]) -> int:
    """Assert that every exchange is as described; give how many answers were checked."""
    if not FILE.exists():
        reason = f"no official specification at hand: {FILE}"
        if os.environ.get("REQUIRE_SPECS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    checked, wrong = 0, []
    for entry in entries:
        wrong += [f"{entry.line}: {problem}" for problem in _problems(entry)]
        checked += not entry.faults and entry.status is not None
    assert wrong == [], "\n".join(wrong)
    assert checked, "no answer was checked"
    return checked


def _problems(entry: Entry) -> Iterator[str]:
    target = urlsplit(entry.path)
    method = _method(entry.method, target.path)
    if method is None:
        yield "no such method"
        return
    known = {**method.get("parameters", {}), **_document()["parameters"]}
    yield from (f"no such parameter: {name}" for name, _ in parse_qsl(target.query) if name not in known)
    if "request" in method:
        yield from _invalid(entry.request_body, method["request"])
    elif entry.request_body:
        yield "a body that is not described"
    if not entry.faults and entry.status is not None:
        yield from _invalid(entry.response_body, method["response"] if entry.status < 400 else ERROR)


def _invalid(body: bytes, schema: dict[str, Any]) -> Iterator[str]:
    named = {"$ref": f"#/$defs/{schema['$ref']}"} if "$ref" in schema else schema
    whole = {**named, "$defs": _schemas()}
    for error in Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(json.loads(body)):
        yield f"{error.json_path}: {error.message}"


@cache
def _document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text())
    return found


@cache
def _schemas() -> dict[str, Any]:
    return {name: _turned(schema) for name, schema in _document()["schemas"].items()}


def _turned(schema: dict[str, Any]) -> dict[str, Any]:
    """Turn one schema into JSON Schema of today, closed where its fields are listed."""
    if "$ref" in schema:
        return {"$ref": f"#/$defs/{schema['$ref']}"}
    made: dict[str, Any] = {name: schema[name] for name in ("type", "enum") if name in schema}
    form = schema.get("format", "")
    if form in FORMATS:
        made["format"] = FORMATS[form]
    if form in PATTERNS:
        made["pattern"] = f"^(?:{PATTERNS[form]})$"
    if "items" in schema:
        made["items"] = _turned(schema["items"])
    if "properties" in schema:
        made["properties"] = {name: _turned(one) for name, one in schema["properties"].items()}
        made["additionalProperties"] = False
    elif isinstance(schema.get("additionalProperties"), dict):
        made["additionalProperties"] = _turned(schema["additionalProperties"])
    return made


def _method(verb: str, path: str) -> dict[str, Any] | None:
    return next((one for one in _methods(_document()) if _fits(one, verb, path)), None)


def _fits(method: dict[str, Any], verb: str, path: str) -> bool:
    pattern = re.sub(r"\\\{\w+\\\}", "[^/:]+", re.escape(method["flatPath"]))
    return method["httpMethod"] == verb and bool(re.fullmatch(f"/{pattern}", f"/v1{path}"))


def _methods(resource: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from resource.get("methods", {}).values()
    for one in resource.get("resources", {}).values():
        yield from _methods(one)
