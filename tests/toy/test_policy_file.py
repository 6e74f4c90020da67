"""The toy in a policy file: by its address, or by the fields that it declares."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from rotate.frontends import cli
from rotate.settings.policy_schema import schema
from tests.toy.bench import HERE, NAME, Bench


def test_two_credentials_cannot_be_in_one_box(bench: Bench) -> None:
    file = bench.folder / "policy.yml"
    one = (
        "  - authenticate_with: ${{NEON_API_KEY}}\n    name: {}\n    key_name: {}\n    destinations:\n      - to: {}\n"
    )
    file.write_text("version: 1\ncredentials:\n" + one.format("A", "a", HERE) + one.format("B", "b", HERE))
    given = ["--api-host", bench.world.neon.url, "--policy", str(file)]
    assert cli.main(["rotate", *given], {**bench.environment, "NEON_API_KEY": bench.held}) == 2
    assert f"{HERE} is written for A already." in bench.capsys.readouterr().out


def by_file(bench: Bench, *destination: str) -> int:
    """Run with a policy file of one credential, which has one destination, and remember what was told."""
    file = bench.folder / "policy.yml"
    file.write_text(
        "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n    key_name: attic-neon-api-key\n"
        f"    old_key_id: {bench.story.old_key.key_id}\n    destinations:\n      - " + "\n        ".join(destination)
    )
    given = ["--api-host", bench.world.neon.url, "--policy", str(file)]
    code = cli.main(["rotate", *given], {**bench.environment, "NEON_API_KEY": bench.held})
    bench.told = bench.capsys.readouterr().out
    return code


@pytest.mark.parametrize(
    "destination",
    [(f"to: {HERE}", "primary: true"), ("type: toy", "shelf: attic", f"secret: {NAME}")],
    ids=["address", "fields"],
)
def test_a_policy_file_has_it_by_address_or_by_fields(destination: tuple[str, ...], bench: Bench) -> None:
    assert by_file(bench, *destination) == 0, bench.told
    assert [bench.held] == [one.value for one in bench.live]
    assert f"{HERE}" in bench.told


@pytest.mark.parametrize(
    ("destination", "why"),
    [
        (("type: toy",), "policy.yml:7:15: A destination of type `toy` says where it is by `shelf`."),
        (("type: toy", "shelf: attic/left"), "a shelf has no `/` in its name"),
        (("type: toy", "shelf: attic", "stores: [actions]"), "`stores` is no field of this place."),
        ((f"to: {HERE}", "shelf: attic"), "`to` and `shelf` stand in one destination"),
        (("type: toyz", "shelf: attic"), "`type` is `toyz`, which is none of github_secret | "),
    ],
)
def test_what_is_wrong_with_a_field_is_said_at_its_line(destination: tuple[str, ...], why: str, bench: Bench) -> None:
    assert by_file(bench, *destination) == 2
    assert why in bench.told
    assert bench.shelf.asked == []


def test_a_canary_needs_a_repository_that_runs_it(bench: Bench) -> None:
    file = bench.folder / "policy.yml"
    line = "  - authenticate_with: ${NEON_API_KEY}\n    canary_workflow: c.yml\n    destinations:\n      - "
    file.write_text(f"version: 1\ncredentials:\n{line}to: {HERE}\n")
    given = ["--api-host", bench.world.neon.url, "--policy", str(file)]
    assert cli.main(["rotate", *given], {**bench.environment, "NEON_API_KEY": bench.held}) == 2
    assert "`canary_workflow` is a workflow of a repository" in bench.capsys.readouterr().out


def test_the_schema_tells_which_fields_each_type_takes(bench: Bench) -> None:
    check = Draft202012Validator(schema())
    told = {
        destination: check.is_valid({"version": 1, "credentials": [{"destinations": [json.loads(destination)]}]})
        for destination in (
            '{"type": "toy", "shelf": "attic"}',
            '{"type": "toy", "stores": ["actions"]}',
            '{"to": "toy://a"}',
        )
    }
    assert list(told.values()) == [True, False, True]
