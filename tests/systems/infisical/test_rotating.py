"""What is Infisical's own when the program rotates a key that it holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rotate.sandbox.infisical.server import InfisicalServer
from tests.support.laptop import Laptop
from tests.systems.infisical.bench import PROJECT, infisical


@pytest.fixture
def laptop(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Laptop]:
    with infisical() as bench:
        yield Laptop(bench, capsys, tmp_path)


def _policy(laptop: Laptop) -> Path:
    file = laptop.folder / "policy.yml"
    file.write_text(
        "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
        f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n"
        f"      - type: infisical\n        project: {PROJECT}\n        environment: prod\n        path: apps/payments\n"
    )
    return file


def test_a_policy_file_has_it_by_fields(laptop: Laptop) -> None:
    assert laptop.by(_policy(laptop)) == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live]


def test_while_a_change_request_waits_nothing_is_revoked(laptop: Laptop) -> None:
    assert laptop.bench.web
    assert isinstance(laptop.bench.web.pretend, InfisicalServer)
    laptop.bench.web.pretend.approvals = True
    held = laptop.held
    assert laptop.first() != 0
    assert "destination-awaits-approval" in laptop.told
    assert laptop.held == held
    assert held in [one.value for one in laptop.live]
    assert len(laptop.live) == 2
