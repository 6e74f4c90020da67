"""The programs of docs/systems/command.md do what the page says, with stand-ins for `pass` and `ssh`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rotate.errors import DestinationError, Outcome
from rotate.protocol.facts.destination import Held
from rotate.secret import Secret
from tests.systems.command.bench import SYSTEM_PATH, opened

PAGE = Path(__file__).parents[3] / "docs/systems/command.md"
NEW = Secret("napi_new_value_0123456789abcdefghijklmnopqrstuv")
# The store keeps what it is given; the other host is a folder, and the connection runs what it is told there.
STAND_INS = {
    "pass": 'case $1 in insert) exec cat >"$HOME/store" ;; show) exec cat "$HOME/store" ;; esac\n',
    "ssh": 'test -e "$HOME/down" && exit 255\nshift 3\ncd "$HOME/there" && exec /bin/sh -c "$1"\n',
}


@pytest.fixture(params=STAND_INS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    for verb in ("put", "prove"):
        (text,) = re.findall(rf"<!-- {verb}: {request.param} -->\n```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
        (tmp_path / verb).write_text(text)
        (tmp_path / verb).chmod(0o755)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / request.param).write_text(f"#!/bin/sh\n{STAND_INS[request.param]}")
    (tmp_path / "bin" / request.param).chmod(0o755)
    payments = tmp_path / "there" / "payments"
    payments.mkdir(parents=True)
    (payments / "restart").write_text("#!/bin/sh\ncp key running\n")
    (payments / "restart").chmod(0o755)
    return tmp_path


def test_the_key_is_put_proven_and_put_again(folder: Path) -> None:
    place = opened(folder, f"prove={folder}/prove", PATH=f"{folder}/bin:{SYSTEM_PATH}")
    before = place.observe()
    for _ in range(2):
        assert place.confirm(before, place.put(NEW)) == Held(NEW.fingerprint) == place.written()
    kept = [file.read_text() for file in folder.rglob("*") if file.name in ("store", "key", "running")]
    assert set(kept) == {NEW.reveal()}


def test_what_fails_on_the_way_leaves_it_open(folder: Path) -> None:
    (folder / "down").touch()
    (folder / "store").mkdir()
    with pytest.raises(DestinationError) as raised:
        opened(folder, PATH=f"{folder}/bin:{SYSTEM_PATH}").put(NEW)
    assert raised.value.outcome is Outcome.UNKNOWN
