"""One model: what the reader takes, what the schema says, and what the page lists are the same."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from rotate.fields import Field, Kind
from rotate.registry import USUAL, kinds, system
from rotate.settings.policy_fields import CREDENTIAL, FREEZE, TOP, WINDOW, of_destination
from rotate.settings.policy_schema import schema

ROOT = Path(__file__).resolve().parent.parent.parent
PUBLISHED = ROOT / "docs/policy.schema.json"
PAGE = ROOT / "docs/policy.md"
EXAMPLE = ROOT / "examples/policy/neon-rotate.yml"
PARTS = {
    "The file": TOP,
    "Each of `credentials`": CREDENTIAL,
    "`window`": WINDOW,
    "Each of `freeze`": FREEZE,
    "Each of `destinations`": of_destination(USUAL),
}


def document() -> dict[str, object]:
    """Give the example as an editor reads it: YAML 1.1 takes `02:00` for a number, the schema's language does not."""
    loaded = yaml.BaseLoader(EXAMPLE.read_text()).get_single_data()
    typed: dict[str, object] = json.loads(json.dumps(loaded), object_pairs_hook=_all_typed)
    return typed


def _all_typed(pairs: list[tuple[str, object]]) -> dict[str, object]:
    return {name: _typed(name, value) for name, value in pairs}


def _typed(name: str, value: object) -> object:
    if name in ("version", "max_rotations"):
        return int(str(value))
    return value == "true" if value in ("true", "false") else value


def rows(fields: tuple[Field, ...]) -> list[str]:
    return [f"| `{one.name}` | {_takes(one)} | {_about(one)} |" for one in fields]


def _about(one: Field) -> str:
    without = f" without `{one.instead}`" if one.instead else ""
    return f"{one.about}. **Needed**{without}" if one.needed else one.about


def _takes(one: Field) -> str:
    if one.kind is Kind.REFERENCE:
        return "`${NAME}`"
    return ", ".join(f"`{text}`" for text in one.choices) or one.kind.value


def tables(page: str) -> Iterator[tuple[str, list[str]]]:
    for title in PARTS:
        found = re.search(rf"### {re.escape(title)}\n\n\|[^\n]*\n\|[-|]+\n((?:\|[^\n]*\n)*)", page)
        assert found, title
        yield title, found[1].splitlines()


def test_the_published_schema_is_made_from_the_model() -> None:
    made = json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        PUBLISHED.write_text(made)
    assert made == PUBLISHED.read_text()
    Draft202012Validator.check_schema(schema())


def test_the_page_lists_every_field() -> None:
    page = PAGE.read_text()
    if os.environ.get("UPDATE_GOLDEN") == "1":
        for title, fields in PARTS.items():
            head = f"### {title}\n\n| Field | Takes | |\n|---|---|---|\n"
            start, _, end = page.partition(head)
            page = start + head + "\n".join(rows(fields)) + re.sub(r"^(\|[^\n]*\n)*", "\n", end)
        PAGE.write_text(page)
    assert {title: rows(fields) for title, fields in PARTS.items()} == dict(tables(page))


@pytest.mark.parametrize("kind", [kind for kind in kinds() if kind != USUAL])
def test_the_page_of_each_system_lists_its_fields(kind: str) -> None:
    page = ROOT / f"docs/systems/{kind}.md"
    start, head, rest = page.read_text().partition("| Field | Takes | |\n|---|---|---|\n")
    told = "".join(f"{row}\n" for row in rows(system(kind).fields().of_destination))
    if os.environ.get("UPDATE_GOLDEN") == "1":
        page.write_text(start + head + told + re.sub(r"^([|][^\n]*\n)*", "", rest))
    assert "".join(re.findall(r"\A(?:[|][^\n]*\n)*", rest)) == told


def test_the_example_is_valid_for_the_schema() -> None:
    assert list(Draft202012Validator(schema()).iter_errors(document())) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"version": 2}, "version"),
        ({"credentials": []}, "credentials"),
        ({"credentials": [{"destinations": [{"type": "fax"}]}]}, "type"),
        ({"credentials": [{"destinations": [{"type": "github_secret"}], "current_key": "napi_x"}]}, "current_key"),
        ({"credentials": [{"destinations": [{"type": "github_secret"}], "overlap": "soon"}]}, "overlap"),
        ({"credentials": [{"destinations": [{"type": "github_secret"}], "rotate_aftr": "30d"}]}, "credentials"),
        ({"surprise": 1}, ""),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(change: dict[str, object], where: str) -> None:
    errors = list(Draft202012Validator(schema()).iter_errors({**document(), **change}))
    assert errors
    assert any(where in map(str, error.absolute_path) for error in errors) or not where


def test_no_two_fields_of_a_place_have_one_name() -> None:
    for fields in PARTS.values():
        assert len({one.name for one in fields}) == len(fields)
        assert len({one.key for one in fields}) == len(fields)
