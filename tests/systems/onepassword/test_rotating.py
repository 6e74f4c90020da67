"""What is 1Password's own when the program rotates a key that it holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.laptop import Laptop
from tests.support.openapi import check
from tests.systems.onepassword.bench import onepassword


@pytest.fixture
def laptop(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Laptop]:
    with onepassword() as bench:
        yield Laptop(bench, capsys, tmp_path)


def test_all_that_a_rotation_asks_is_as_described(laptop: Laptop) -> None:
    assert laptop.first() == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live]
    assert check(entry for entry in laptop.world.ledger if entry.server == "onepassword")


def test_a_policy_file_has_it_by_fields(laptop: Laptop) -> None:
    file = laptop.folder / "policy.yml"
    file.write_text(
        "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
        f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n"
        "      - type: onepassword\n        vault: Production\n        item: Neon\n"
    )
    assert laptop.by(file) == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live]
