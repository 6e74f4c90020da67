"""What is Railway's own when the program rotates a key that it holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.laptop import Laptop
from tests.systems.railway.bench import railway
from tests.systems.railway.schema import check


@pytest.fixture
def laptop(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Laptop]:
    with railway("service") as bench:
        yield Laptop(bench, capsys, tmp_path)


@pytest.mark.parametrize(("redeploy", "overlap", "code"), [("true", "0s", 0), ("false", "1h", 0), ("false", "0s", 2)])
def test_a_policy_file_has_it_by_fields(laptop: Laptop, redeploy: str, overlap: str, code: int) -> None:
    file = laptop.folder / "policy.yml"
    file.write_text(
        "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
        f"    old_key_id: {laptop.story.old_key.key_id}\n    overlap: {overlap}\n    destinations:\n"
        "      - type: railway\n        project: payments\n        environment: production\n        service: api\n"
        f"        redeploy: {redeploy}\n"
    )
    assert laptop.by(file) == code, laptop.told
    entries = [one for one in laptop.world.ledger if one.server == "railway"]
    if code:
        assert laptop.reasons == ["overlap-needed"]
        assert not entries
    else:
        (told,) = laptop.report["destinations"]
        assert ("this run starts" in told["picked_up"]) is (redeploy == "true")
        assert laptop.held == laptop.live[-1].value
        assert check(entries)
