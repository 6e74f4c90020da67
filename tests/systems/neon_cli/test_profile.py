"""One profile in a file: the key and its id are replaced together, and nothing else; what is no key is left alone."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.edit.trouble import Changed
from rotate.errors import DestinationError, Outcome, Refused
from rotate.protocol.facts.destination import Held
from rotate.secret import Secret
from rotate.service.readable import Stored
from rotate.systems.neon_cli import profile as module
from rotate.systems.neon_cli.credential import judged, renewed
from tests.support.bench import BEFORE
from tests.systems.neon_cli.bench import NEW, NEW_ID, OLD_ID, Home, credential

WHAT = "The file"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def put(home: Home, key_id: int | None = NEW_ID) -> None:
    opened = home.opened()
    before = opened.observe()
    if key_id is not None:
        opened.take_key_id(key_id)
    assert opened.confirm(before, opened.put(NEW)) == Held(NEW.fingerprint) == opened.written()


@pytest.mark.parametrize("mode", [0o600, 0o700, 0o640])
def test_key_and_id_are_replaced_and_every_other_byte_and_the_mode_stay(home: Home, mode: int) -> None:
    text = '{\r\n\t"was":{"key_id":7},"org_id" : "org-a",\n'
    text += ' "type":"api_key", "key_id" :\t%d ,"api_key": "%s","new":{"key_id":%d}}\n\n'
    path = home.keep((text % (OLD_ID, BEFORE, OLD_ID)).encode())
    path.chmod(mode)
    put(home)
    assert path.read_bytes() == (text % (NEW_ID, NEW.reveal(), OLD_ID)).encode()
    assert path.stat().st_mode & 0o777 == mode
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_an_id_that_was_not_there_is_not_added(home: Home) -> None:
    path = home.keep(credential(user_id="ada"))
    put(home)
    assert json.loads(path.read_bytes()) == credential(NEW.reveal(), user_id="ada")


@pytest.mark.parametrize("odd", ["1000001", True, None])
def test_an_id_that_the_cli_does_not_take_for_one_is_left_as_it_is(home: Home, odd: object) -> None:
    path = home.keep(credential(key_id=odd))
    put(home)
    assert json.loads(path.read_bytes()) == credential(NEW.reveal(), key_id=odd)


@pytest.mark.parametrize("odd", [b"1000001.0", b"-1e3", b"0"])
def test_whatever_number_the_cli_would_revoke_is_replaced(home: Home, odd: bytes) -> None:
    path = home.keep(b'{"key_id":%b,"type":"api_key","api_key":"napi_before"}' % odd)
    put(home)
    assert path.read_bytes() == b'{"key_id":%d,"type":"api_key","api_key":"%b"}' % (NEW_ID, NEW.reveal().encode())


def test_without_the_id_of_the_new_key_nothing_is_written_beside_the_old_ones(home: Home) -> None:
    path = home.keep(credential(key_id=OLD_ID))
    opened = home.opened()
    opened.observe()
    with pytest.raises(Refused, match="would make the Neon CLI revoke that one") as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("neon-profile-key-id-unknown", Outcome.NO_EFFECT)
    assert json.loads(path.read_bytes()) == credential(key_id=OLD_ID)


def test_the_id_of_another_key_beside_the_value_is_not_confirmed(home: Home) -> None:
    home.keep(credential(key_id=OLD_ID))
    opened = home.opened()
    before = opened.observe()
    opened.take_key_id(NEW_ID)
    receipt = opened.put(NEW)
    home.keep(credential(NEW.reveal(), key_id=OLD_ID))
    with pytest.raises(DestinationError) as raised:
        opened.confirm(before, receipt)
    assert raised.value.reason == "destination-overwritten"


def test_what_stands_beside_the_key_must_be_as_it_was(home: Home) -> None:
    home.keep(credential(org_id="org-a"))
    opened = home.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    home.keep(credential(NEW.reveal(), org_id="org-b"))
    with pytest.raises(DestinationError, match="org_id") as raised:
        opened.confirm(before, receipt)
    assert raised.value.reason == "destination-flags-changed"


def test_a_browser_login_is_left_alone_and_what_to_do_is_said(home: Home) -> None:
    for more in ({}, {"type": "oauth"}):
        path = home.keep({"access_token": "a-token-of-a-login", "refresh_token": "r", "user_id": "ada", **more})
        before = path.read_bytes()
        with pytest.raises(Refused, match="a browser login") as raised:
            home.opened().observe()
        assert raised.value.reason == "neon-profile-of-login"
        assert "neon profile create DEFAULT --api-key -" in raised.value.remedy
        assert "a-token-of-a-login" not in repr(raised.value) + raised.value.message
        assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no JSON"),
        (b"\xef\xbb\xbf{}", "no JSON"),
        (b'{"type":"api_key","api_key":"x\xff"}', "no JSON"),
        (b'{"type":"api_key",/**/"api_key":"napi_x"}', "no JSON"),
        (b'{"type":"api_key","api_key":"napi_x","n":NaN}', "no JSON"),
        (b'{"n":' + b"[" * 100_000, "no JSON"),
        (b'{"key_id":' + b"1" * 5000 + b"}", "no JSON"),
        (b'["api_key"]', "no JSON object"),
        (b'{"type":"token"}', "a `type` other than"),
        (b'{"type":["api_key"]}', "a `type` other than"),
        (b'{"type":"api_key"}', "no text `api_key`"),
        (b'{"type":"api_key","api_key":" "}', "no text `api_key`"),
        (b'{"type":"api_key","api_key":{"a":1}}', "no text `api_key`"),
        (b'{"type":"api_key","api_key":"napi_a","api_key":"napi_b"}', "stands in it twice"),
    ],
)
def test_what_the_cli_would_not_take_is_refused_without_its_text(home: Home, data: bytes, why: str) -> None:
    path = home.keep(data)
    with pytest.raises(Refused, match=why) as raised:
        home.opened().observe()
    assert raised.value.reason == "neon-profile-unreadable"
    assert "napi_" not in raised.value.message
    assert path.read_bytes() == data


def test_an_id_that_readers_would_not_agree_on_is_refused(home: Home) -> None:
    home.keep(b'{"type":"api_key","api_key":"napi_before","key\\u005fid":7}')
    opened = home.opened()
    opened.observe()
    opened.take_key_id(NEW_ID)
    with pytest.raises(Refused, match="cannot be told from what stands around it"):
        opened.put(NEW)


def test_the_key_counts_as_the_cli_trims_it(home: Home) -> None:
    home.keep(credential(f" {BEFORE}\n"))
    assert home.opened().observe().holds == Held(Secret(BEFORE).fingerprint)


def test_no_credential_is_created(home: Home) -> None:
    home.config.mkdir(parents=True)
    with pytest.raises(Refused, match="only the Neon CLI creates one") as raised:
        home.opened().observe()
    assert (raised.value.reason, list(home.config.iterdir())) == ("destination-absent", [])


def test_one_that_goes_between_two_looks_is_not_created_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    path = home.keep(credential())
    opened = home.opened()
    opened.observe()
    read = opened.read

    def read_and_gone() -> Stored | None:
        found = read()
        path.unlink()
        return found

    monkeypatch.setattr(opened, "read", read_and_gone)
    with pytest.raises(Refused) as raised:
        opened.put(NEW)
    assert (raised.value.reason, path.exists()) == ("destination-absent", False)
    path = home.keep(credential())
    with pytest.raises(Refused) as again:
        opened.observe()
    assert (again.value.reason, path.exists()) == ("destination-absent", False)


def meddling(home: Home, monkeypatch: pytest.MonkeyPatch, times: int) -> list[int]:
    """Let somebody write a neighbour so many times, each right before ours would take the file's place."""
    wrote: list[int] = []
    plain = renewed

    def renewed_meanwhile(data: bytes, *more: Any) -> bytes:
        after = plain(data, *more)
        if len(wrote) < times:
            wrote.append(1)
            home.keep(credential(label=f"written meanwhile {len(wrote)}"))
        return after

    monkeypatch.setattr(module, "renewed", renewed_meanwhile)
    return wrote


def test_what_somebody_writes_meanwhile_is_kept(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    path = home.keep(credential())
    meddling(home, monkeypatch, 1)
    opened = home.opened()
    opened.observe()
    opened.put(NEW)
    assert json.loads(path.read_bytes()) == credential(NEW.reveal(), label="written meanwhile 1")


def test_whoever_goes_on_writing_is_not_overwritten(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    path = home.keep(credential())
    wrote = meddling(home, monkeypatch, 9)
    opened = home.opened()
    opened.observe()
    with pytest.raises(Changed):
        opened.put(NEW)
    assert (len(wrote), json.loads(path.read_bytes())) == (2, credential(label="written meanwhile 2"))


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


def make_link(path: Path) -> None:
    path.symlink_to(path)


@pytest.mark.parametrize("make", [Path.mkdir, make_fifo, make_link])
def test_what_is_no_file_is_refused_and_not_waited_for(home: Home, make: Callable[[Path], None]) -> None:
    home.config.mkdir(parents=True)
    make(home.config / "credentials.json")
    home.point(DEFAULT="credentials.json")
    with pytest.raises(Refused) as raised:
        home.opened().observe()
    assert raised.value.reason == "file-unfit"


def test_a_file_that_could_not_be_replaced_is_told_before_a_key_is_issued(home: Home) -> None:
    path = home.keep(credential())
    path.with_name("another").hardlink_to(path)
    with pytest.raises(Refused) as raised:
        home.opened().observe()
    assert raised.value.reason == "file-not-writable"


TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none(), lambda each: st.lists(each) | st.dictionaries(TEXTS, each)
)


@given(
    st.dictionaries(TEXTS, VALUES, max_size=5), st.integers(0, 2**53), st.booleans(), st.sampled_from([None, 1, "\t"])
)
def test_whatever_stands_beside_exactly_the_key_and_its_id_change(
    beside: dict[str, Any], key_id: int, escaped: bool, indent: int | str | None
) -> None:
    whole = {**beside, **credential(BEFORE, key_id=OLD_ID), "after": {"key_id": OLD_ID, "api_key": BEFORE}}
    data = json.dumps(whole, ensure_ascii=escaped, indent=indent).encode()
    after = renewed(data, NEW, key_id, "DEFAULT", WHAT)
    assert json.loads(after) == {**whole, "api_key": NEW.reveal(), "key_id": key_id}
    assert judged(after, "DEFAULT", WHAT).beside == judged(data, "DEFAULT", WHAT).beside
    assert len(after) - len(data) == len(NEW.reveal()) - len(BEFORE) + len(str(key_id)) - len(str(OLD_ID))


@given(st.binary(max_size=60))
def test_no_bytes_make_it_fail_in_another_way(data: bytes) -> None:
    for noise in (data, b'{"type":"api_key","api_key":"napi_x",' + data + b"}"):
        with suppress(Refused):
            assert NEW.reveal().encode() in renewed(noise, NEW, NEW_ID, "DEFAULT", WHAT)
