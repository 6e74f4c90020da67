"""What is GitLab's own when the program rotates a key that it holds: hidden variables, and fields of a policy file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rotate.sandbox.gitlab.state import Variable
from tests.support.bench import NAME
from tests.support.laptop import Laptop
from tests.support.openapi import check
from tests.systems.gitlab.bench import GROUP, PROJECT, gitlab, seeded


@pytest.fixture
def laptop(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Laptop]:
    with gitlab() as bench:
        yield Laptop(bench, capsys, tmp_path)


def test_all_that_a_rotation_asks_is_as_described(laptop: Laptop) -> None:
    assert laptop.first() == 0, laptop.told
    assert check(entry for entry in laptop.world.ledger if entry.server == "gitlab")


def test_a_hidden_variable_is_rotated_on_gitlabs_word(laptop: Laptop) -> None:
    state, key = seeded(laptop.web), laptop.held
    state.set_variable(PROJECT, Variable(NAME, key, masked=True, hidden=True))
    assert laptop.first(key=key) == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live]
    assert laptop.report["destinations"][0]["proof"] == "accepted, not provable"
    assert laptop.run(command="check") == 0, laptop.told
    assert laptop.run(command="doctor") == 0, laptop.told
    assert "may read and write; its value cannot be read" in laptop.told
    assert laptop.run(command="plan") == 0, laptop.told
    assert f"confirm the write to {laptop.here} (accepted, not provable)" in laptop.told


@pytest.mark.parametrize(
    ("lines", "place", "scope"),
    [(f"project: {PROJECT.partition('/')[2]}\n        scope: eu", PROJECT, "eu"), ("group: octo", GROUP, "*")],
)
def test_a_policy_file_has_it_by_fields(lines: str, place: str, scope: str, laptop: Laptop) -> None:
    state = seeded(laptop.web)
    if place == GROUP:
        state.add_place(GROUP)
        state.let(laptop.web.token, GROUP, "owner")
    state.set_variable(place, Variable(NAME, "old-value", scope))
    file = laptop.folder / "policy.yml"
    file.write_text(
        "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
        f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n      - to: {laptop.here}\n"
        f"      - type: gitlab\n        {lines}\n"
    )
    assert laptop.by(file) == 0, laptop.told
    written = state.variable(place, NAME, scope)
    assert written
    assert written.value == laptop.held
