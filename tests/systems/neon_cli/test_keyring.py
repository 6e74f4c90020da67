"""A profile in the OS keyring: the item that the CLI wrote is overwritten, and no second one is made."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome, Refused
from rotate.protocol.facts.destination import Held
from rotate.systems.neon_cli.folders import folders, spot
from rotate.systems.neon_cli.keyring_item import SERVICE
from rotate.systems.neon_cli.profile import Profile
from tests.support.bench import BEFORE, means_of
from tests.systems.neon_cli.bench import NEW, NEW_ID, OLD_ID, Home, credential

TEXT = "neon-cli://ci"


class Memory(KeyringBackend):
    """Items by service and account. `trouble` is raised by each look, and `stiff` by each write."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.items: dict[tuple[str, str], str] = {}
        self.trouble: Exception | None = None
        self.stiff: Exception | None = None

    def get_password(self, service: str, username: str) -> str | None:
        if self.trouble:
            raise self.trouble
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.stiff:
            raise self.stiff
        self.items[service, username] = password


class Item:
    """One item of a Secret Service."""

    def __init__(self, attributes: Mapping[str, str], secret: str) -> None:
        self.attributes, self.secret, self.locked = attributes, secret.encode(), True

    def get_secret(self) -> bytes:
        assert not self.locked
        return self.secret

    def set_secret(self, secret: bytes) -> None:
        assert not self.locked
        self.secret = secret


class SecretService(Memory):
    """As the library's own, whose `set_password` makes a second item beside the CLI's."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[Item] = []
        self.open = 0

    def get_preferred_collection(self) -> SecretService:
        if self.trouble:
            raise self.trouble
        self.open += 1
        return self

    @property
    def connection(self) -> SecretService:
        return self

    def close(self) -> None:
        self.open -= 1

    def search_items(self, wanted: Mapping[str, str]) -> Iterator[Item]:
        return iter([one for one in self.held if wanted.items() <= one.attributes.items()])

    def unlock(self, item: Item) -> None:
        item.locked = False

    def set_password(self, service: str, username: str, password: str) -> None:
        pytest.fail("it would make a second item")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.point(ci="keyring")
    return home


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    memory = Memory()
    monkeypatch.setattr(keyring, "get_keyring", lambda: memory)
    return memory


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> SecretService:
    service = SecretService()
    monkeypatch.setattr(keyring, "get_keyring", lambda: service)
    return service


def account(home: Home) -> str:
    return spot("ci", folders(home.machine)).account


def opened(home: Home, platform: str) -> Profile:
    return Profile(parsed(TEXT), means_of(home.environment), home.machine._replace(platform=platform))


def put(profile: Profile) -> None:
    before = profile.observe()
    profile.take_key_id(NEW_ID)
    assert profile.confirm(before, profile.put(NEW)) == Held(NEW.fingerprint)


OLD, RENEWED = credential(key_id=OLD_ID, user_id="ada"), credential(NEW.reveal(), key_id=NEW_ID, user_id="ada")


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_the_one_item_is_overwritten_under_the_name_that_the_cli_gave_it(
    home: Home, memory: Memory, platform: str
) -> None:
    name = f"{account(home)}.{SERVICE}" if platform == "win32" else SERVICE
    memory.items[name, account(home)] = json.dumps(OLD)
    put(opened(home, platform))
    assert {key: json.loads(text) for key, text in memory.items.items()} == {(name, account(home)): RENEWED}


def test_of_several_keyrings_the_one_that_has_it_is_written(
    home: Home, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain, empty = Memory(), Memory()
    chain.backends = [empty, memory]  # type: ignore[attr-defined]
    monkeypatch.setattr(keyring, "get_keyring", lambda: chain)
    memory.items[SERVICE, account(home)] = json.dumps(OLD)
    put(opened(home, "linux"))
    assert (empty.items, json.loads(memory.items[SERVICE, account(home)])) == ({}, RENEWED)


def test_an_item_of_a_secret_service_is_overwritten_in_place(home: Home, service: SecretService) -> None:
    attributes = {"service": SERVICE, "username": account(home)}
    service.held = [Item(attributes | {"username": "another"}, "{}"), Item(attributes, json.dumps(OLD))]
    put(opened(home, "linux"))
    assert [json.loads(one.secret) for one in service.held] == [{}, RENEWED]
    assert service.open == 0, "every connection is closed"


def test_two_items_of_one_name_are_refused_since_the_cli_reads_none(home: Home, service: SecretService) -> None:
    service.held = [Item({"service": SERVICE, "username": account(home)}, json.dumps(OLD)) for _ in range(2)]
    with pytest.raises(Refused, match="has two of it"):
        opened(home, "linux").observe()
    service.held = []
    with pytest.raises(Refused, match="shows no such item"):
        opened(home, "linux").observe()


def test_what_the_keyring_does_not_show_is_refused_and_is_no_absence(home: Home, memory: Memory) -> None:
    with pytest.raises(Refused, match="shows no such item") as raised:
        opened(home, "darwin").observe()
    assert raised.value.reason == "keyring-unavailable"
    for trouble in (KeyringLocked(BEFORE), OSError(BEFORE)):
        memory.trouble = trouble
        with pytest.raises(Refused, match=f"answered with {type(trouble).__name__}") as locked:
            opened(home, "darwin").observe()
        assert BEFORE not in locked.value.message


def test_without_the_library_it_is_said_how_to_install_it(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(Refused, match="is not installed") as raised:
        opened(home, "linux").observe()
    assert "pip install 'neon-rotate[keyring]'" in raised.value.remedy


def test_a_write_that_the_keyring_breaks_off_is_unknown(home: Home, memory: Memory) -> None:
    memory.items[SERVICE, account(home)] = json.dumps(OLD)
    profile = opened(home, "darwin")
    profile.observe()
    profile.take_key_id(NEW_ID)
    memory.stiff = KeyringLocked(NEW.reveal())
    with pytest.raises(DestinationError) as raised:
        profile.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("keyring-unavailable", Outcome.UNKNOWN)
    assert NEW.reveal() not in raised.value.message


def test_a_browser_login_in_the_keyring_is_left_alone(home: Home, memory: Memory) -> None:
    memory.items[SERVICE, account(home)] = before = json.dumps({"access_token": "x"})
    with pytest.raises(Refused, match="The item of the profile `ci` in the OS keyring holds a browser login"):
        opened(home, "darwin").observe()
    assert memory.items == {(SERVICE, account(home)): before}


def test_a_profile_in_a_file_does_not_load_the_library(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: dict[str, Any] = dict.fromkeys(("keyring", "rotate.systems.neon_cli.keyring_item"))
    for name in loaded:
        monkeypatch.setitem(sys.modules, name, None)
    home.keep(credential())
    assert home.opened().observe().holds
