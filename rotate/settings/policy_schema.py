"""The JSON Schema of the policy file, for editors: made from the model, published as docs/policy.schema.json."""

from __future__ import annotations

from rotate.fields import REFERENCE, Field, Kind
from rotate.registry import kinds
from rotate.settings.parse import DURATION
from rotate.settings.policy_fields import TOP, of_destination, types

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TEXTS = ["string", "integer"]


def schema() -> dict[str, object]:
    """Give the whole schema as JSON values."""
    return {"$schema": DRAFT, "title": "neon-rotate policy", **_mapping(TOP)}


def _mapping(fields: tuple[Field, ...]) -> dict[str, object]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": [one.name for one in fields if one.needed and not one.instead],
        **_either([one for one in fields if one.instead]),
        "properties": {one.name: {"description": one.about, **_value(one)} for one in fields},
    }


def _either(fields: list[Field]) -> dict[str, object]:
    return {"anyOf": [{"required": [name]} for one in fields for name in (one.name, one.instead)]} if fields else {}


def _value(one: Field) -> dict[str, object]:
    match one.kind:
        case Kind.TEXT:
            return {"type": TEXTS}
        case Kind.NUMBER:
            return (
                {"type": "integer", "enum": [int(text) for text in one.choices]}
                if one.choices
                else {
                    "type": "integer",
                    "minimum": 1,
                }
            )
        case Kind.TRUTH:
            return {"type": "boolean"}
        case Kind.DURATION:
            return {"type": "string", "pattern": f"^{DURATION.pattern}$"}
        case Kind.CHOICE:
            return {"enum": list(one.choices)}
        case Kind.REFERENCE:
            return {"type": "string", "pattern": f"^{REFERENCE.pattern}$"}
        case Kind.WORDS:
            return {
                "type": "array",
                "minItems": 1,
                "items": {"enum": list(one.choices)} if one.choices else {"type": TEXTS},
            }
        case Kind.MAPPING:
            return _mapping(one.inner)
        case _:
            items = _destination() if one.name == "destinations" else _mapping(one.inner)
            return {"type": "array", "minItems": 1, "items": items}


def _destination() -> dict[str, object]:
    """Give the fields of every kind together, and which of them each `type` takes."""
    fields = {kind: of_destination(kind) for kind in kinds()}
    every = {one.name: one for some in reversed(fields.values()) for one in some}
    each = [
        {
            "if": {"required": ["type"], "properties": {"type": {"const": name}}},
            "then": {"propertyNames": {"enum": [one.name for one in fields[kind]]}},
        }
        for name, kind in types().items()
    ]
    return {**_mapping(tuple(every.values())), **({"allOf": each} if len(each) > 1 else {})}
