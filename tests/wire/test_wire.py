"""How it travels: escaping, masking, whole files, waiting, judging answers, side by side."""

from __future__ import annotations

import base64
import io
import logging
import os
import signal
import stat
import sys
import threading
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey, SealedBox

from rotate.errors import Refused
from rotate.reporters import report_file
from rotate.secret import Secret
from rotate.wire.clock import SystemClock, stop_on_signals
from rotate.wire.masking import Veil
from rotate.wire.sealed_box import seal
from rotate.wire.together import AHEAD, begin, each, together, value_of
from rotate.wire.workflow_commands import command, entry, send, shortened
from tests.support.runner import read_outputs

SECRET = "napi_sandbox value/+="


@given(st.text(), st.text(min_size=1))
def test_a_command_is_one_line_whatever_is_in_it(text: str, value: str) -> None:
    line = command("error", text, {"title": value})
    assert "\n" not in line
    assert "\r" not in line
    assert line.count("::") >= 2


def test_a_command_is_escaped_as_the_runner_unescapes_it() -> None:
    assert command("error", "a%b\r\nc", {"title": "x:y,z"}) == "::error title=x%3Ay%2Cz::a%25b%0D%0Ac"
    assert command("add-mask", "v") == "::add-mask::v"


@given(st.text(st.characters(exclude_characters="\r", codec="utf-8")))
def test_an_output_survives_and_cannot_add_another(value: str) -> None:
    assert read_outputs(entry("status", value) + entry("key_id", "1"))["key_id"] == "1"


def test_a_delimiter_cannot_be_foreseen() -> None:
    assert entry("a", "b") != entry("a", "b")


def test_a_hang_up_stops_nobody_who_was_started_to_outlive_the_terminal() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        stop_on_signals()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        stop = stop_on_signals()
        os.kill(os.getpid(), signal.SIGHUP)
        assert stop.wait(1)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_an_output_that_breaks_stops_nobody() -> None:
    class Broken(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    send(Broken(), "a line")
    with Path("/dev/full").open("w") as full:
        send(full, "no room")
        full.write("and what comes after it is swallowed")


def test_a_text_is_cut_to_its_limit() -> None:
    assert (shortened("abc", 3), shortened("abcd", 3)) == ("abc", "ab…")


def test_the_veil_masks_at_once_and_hides_every_spelling() -> None:
    out = io.StringIO()
    veil = Veil(out)
    veil.hide(Secret(SECRET))
    assert out.getvalue() == f"::add-mask::{SECRET}\n"
    encoded = base64.b64encode(SECRET.encode()).decode()
    for spelling in (SECRET, quote(SECRET, safe=""), encoded, SECRET.encode().hex()):
        assert spelling.rstrip("=") not in veil.scrub(f"before {spelling} after")
    assert veil.scrub("nothing") == "nothing"


@pytest.mark.parametrize("end", ["\n", "\\n", "\r\n"])
def test_a_secret_of_several_lines_is_hidden_line_by_line(end: str) -> None:
    out = io.StringIO()
    veil = Veil(out)
    veil.hide(Secret(end.join(["-----BEGIN KEY-----", "A" * 64, "B" * 64, "Cc==", "x", "", "-----END KEY-----"])))
    assert out.getvalue().splitlines() == [f"::add-mask::{line}" for line in ("A" * 64, "B" * 64, "Cc==")]
    assert veil.scrub(f"{'A' * 64} Cc== -----BEGIN KEY----- x") == "*** *** -----BEGIN KEY----- x"


def test_threads_that_hide_at_the_same_time_lose_no_mask() -> None:
    out = io.StringIO()
    veil = Veil(out)
    values = [f"napi_{number:040}" for number in range(40)]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        together(*(partial(veil.hide, Secret(value)) for value in values))
    finally:
        sys.setswitchinterval(before)
    assert sorted(out.getvalue().splitlines()) == [f"::add-mask::{value}" for value in values]
    assert [veil.scrub(f"x{value}") for value in values] == ["x***"] * 40


@pytest.mark.parametrize("value", ["napi_" + "a1" * 20, "github_pat_" + "a" * 30, "ghs_123.abc-" + "b" * 20])
def test_what_looks_like_a_secret_is_hidden_even_if_nobody_said_so(value: str) -> None:
    assert Veil().scrub(f"x {value} y") == "x *** y"


def test_libraries_do_not_log(capfd: pytest.CaptureFixture[str]) -> None:
    Veil()
    logging.getLogger("urllib3").critical("secret")
    assert capfd.readouterr().err == ""


def test_a_file_is_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    report_file.write_whole(path, "first")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    path.chmod(0o600)
    report_file.write_whole(path, "second")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("second", 0o600)
    assert [one.name for one in tmp_path.iterdir()] == ["report.json"]


def test_a_file_that_cannot_be_put_in_place_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "report.json").mkdir()
    with pytest.raises(OSError, match="directory"):
        report_file.write_whole(tmp_path / "report.json", "text")
    assert [one.name for one in tmp_path.iterdir()] == ["report.json"]


def test_a_sealed_value_is_opened_by_its_key_alone() -> None:
    mine = PrivateKey.generate()
    sealed = seal(base64.b64encode(bytes(mine.public_key)).decode(), Secret(SECRET))
    assert SealedBox(mine).decrypt(base64.b64decode(sealed)).decode() == SECRET
    with pytest.raises(ValueError, match="32 bytes"):
        seal(base64.b64encode(b"short").decode(), Secret(SECRET))


def test_calls_go_side_by_side_and_an_error_takes_the_place_of_its_value() -> None:
    both = threading.Barrier(2, timeout=10)
    assert together(both.wait, both.wait) in ((0, 1), (1, 0)), "neither would end without the other"
    error = Refused("a", "b")

    def fail() -> int:
        raise error

    assert together(fail, lambda: 1) == (error, 1)
    assert together(fail) == (error,)
    assert begin(fail)() is error
    assert value_of(begin(lambda: 1)()) == 1
    with pytest.raises(Refused):
        value_of(error)


def test_values_are_given_in_turn_while_the_rest_goes_on() -> None:
    ended: list[int] = []

    def count(number: int) -> int:
        ended.append(number)
        return number

    numbers = each([partial(count, number) for number in range(500)])
    assert next(numbers) == 0
    assert len(ended) <= AHEAD + 1, "no more is begun than is asked for soon"
    assert list(numbers) == list(range(1, 500))


def test_what_has_not_begun_when_something_rises_never_does() -> None:
    begun: list[int] = []

    def bug(number: int) -> None:
        begun.append(number)
        if number == 3:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        together(*(partial(bug, number) for number in range(500)))
    assert len(begun) <= 4 + AHEAD


def test_anything_else_rises() -> None:
    def bug() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        together(bug, bug)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_to_stop_and_ends_every_wait(number: signal.Signals) -> None:
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        stop = stop_on_signals()
        clock = SystemClock(stop)
        began = clock.monotonic()
        os.kill(os.getpid(), number)
        clock.sleep(60)
        assert stop.is_set()
        assert clock.monotonic() - began < 30
        assert clock.now().tzinfo is not None
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
