"""A laptop follows a rotation that wrote to a secret manager: each that shows a value can be pulled from."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotate import registry
from tests.commands.local.test_apply import keys
from tests.support.benches import BENCHES
from tests.support.desk import KIND, Desk


@pytest.mark.parametrize("name", ["aws-secretsmanager", "aws-ssm", "doppler", "onepassword", "vault"])
def test_the_standing_key_is_fetched_from_a_secret_manager(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(registry.SYSTEMS, KIND, "tests.support.desk:SYSTEM")
    monkeypatch.chdir(tmp_path)
    with BENCHES[name]() as bench:
        web = bench.web
        assert web
        desk = Desk(web.world, tmp_path, capsys)
        standing, dead, _ = keys(desk)
        bench.write(standing.value)
        desk.lay("a", dead.value)
        before = web.beside()
        assert desk.run("pull", "--from", str(web.address), "--yes", **web.environment) == 0, desk.told
        assert (desk.on("a"), bench.held(), web.beside()) == (standing.value, standing.value, before)
