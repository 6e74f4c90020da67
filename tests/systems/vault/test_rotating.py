"""A policy file has a field of Vault by its fields, and a rotation writes both stores."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotate.sandbox.vault.server import Kept
from tests.support.bench import NAME
from tests.support.laptop import Laptop
from tests.systems.vault.bench import SECOND, Vault, vault


def test_a_policy_file_has_it_by_fields(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with vault(SECOND) as bench:
        laptop, ours = Laptop(bench, capsys, tmp_path), bench.web and bench.web.pretend
        assert isinstance(ours, Vault)
        ours.server.kept["kv1/ci/other"] = Kept([{NAME: "old"}])
        file = tmp_path / "policy.yml"
        file.write_text(
            "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
            f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n      - to: {laptop.here}\n"
            "      - type: vault\n        mount: kv1\n        path: ci/other\n"
        )
        assert laptop.by(file) == 0, laptop.told
        assert ours.server.kept["kv1/ci/other"].versions == [{NAME: laptop.held}]
