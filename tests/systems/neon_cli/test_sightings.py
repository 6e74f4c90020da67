"""Every key in the CLI's files is seen once, with the address that writes it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rotate.address import parsed
from rotate.machine import Sighting
from rotate.registry import system
from rotate.secret import Secret
from tests.systems.neon_cli.bench import Home, credential


def seen(home: Home) -> list[Sighting]:
    """Look, and see that each value was hidden before it was given."""
    hidden: list[Secret] = []
    looked = system("neon-cli").sightings
    assert looked
    found = []
    for one in looked(home.machine, hidden.append):
        assert hidden[-1] == one.value
        found.append(one)
    assert len(hidden) == len(found)
    return found


def addresses(home: Home) -> dict[str, str]:
    return {one.value.reveal(): one.address for one in seen(home)}


def test_each_profiles_key_is_seen_once_with_its_line_and_its_address(tmp_path: Path) -> None:
    home = Home(tmp_path)
    path = home.keep(b'{\n "type": "api_key",\n "api_key": "napi_default"\n}')
    home.keep(credential("napi_ci"), "credentials.ci.json")
    home.keep({"access_token": "login"}, "credentials.ada.json")
    home.point(ci="credentials.ci.json", same="./credentials.ci.json", ada="credentials.ada.json", ring="keyring")
    first, second = sorted(seen(home), key=lambda one: one.value.reveal(), reverse=True)
    told = "the profile `DEFAULT` of the Neon CLI"
    assert first == Sighting(path, 3, Secret("napi_default"), told, "neon-cli://DEFAULT")
    assert (second.value, second.address, second.line) == (Secret("napi_ci"), "neon-cli://ci", 1)


def test_a_folder_that_no_longer_counts_is_looked_at_too_and_its_address_writes_there(tmp_path: Path) -> None:
    chosen = tmp_path / "chosen"
    home = Home(tmp_path, NEON_CONFIG_DIR=str(chosen))
    former = home.config.with_name("neonctl")
    home.keep(credential("napi_chosen"), folder=chosen)
    home.keep(credential("napi_usual"))
    home.keep(credential("napi_former"), folder=former)
    found = addresses(home)
    assert found == {
        "napi_chosen": "neon-cli://DEFAULT",
        "napi_usual": f"neon-cli://DEFAULT?dir={home.config}",
        "napi_former": f"neon-cli://DEFAULT?dir={former}",
    }
    for value, address in found.items():
        assert system("neon-cli").reader.of_address(parsed(address))
        stored = home.opened(address).read()
        assert stored
        assert stored.value == Secret(value)


def test_one_that_no_profile_uses_has_no_address_but_a_remedy(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.keep(credential("napi_left"), "credentials.gone.json")
    (one,) = seen(home)
    assert (one.value, one.address, one.remedy[:6]) == (Secret("napi_left"), "", "Delete")


@pytest.mark.parametrize("content", [b"", b"[]", b'{"profiles":{"../x":{}}}'])
def test_what_cannot_be_read_ends_nothing(tmp_path: Path, content: bytes) -> None:
    home = Home(tmp_path)
    home.keep(content, "profiles.json")
    home.keep(b"\x80", "credentials.a.json")
    home.keep(credential("napi_b"), "credentials.b.json")
    (home.config / "credentials.c.json").mkdir()
    os.mkfifo(home.config / "credentials.d.json")
    assert [one.value for one in seen(home)] == [Secret("napi_b")]


def test_where_there_is_nothing_nothing_is_seen(tmp_path: Path) -> None:
    assert seen(Home(tmp_path)) == []
