"""How it travels: escaping, masking, whole files, waiting, judging answers, side by side."""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import signal
import stat
import threading
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey, SealedBox

from rotate.errors import Outcome, Refused
from rotate.secret import Secret
from rotate.wire import atomic_file
from rotate.wire.clock import SystemClock
from rotate.wire.masking import Veil
from rotate.wire.outcome import Answer, NoAnswerError, without
from rotate.wire.retry import LONGEST_WAIT, MOST_TRIES, persist, wait_before_next
from rotate.wire.sealed_box import seal
from rotate.wire.signals import stop_on_signals
from rotate.wire.together import AHEAD, begin, each, together, value_of
from rotate.wire.workflow_commands import command, entry, shortened
from tests.fakes import FakeClock
from tests.runner import read_outputs

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


@pytest.mark.parametrize("value", ["napi_" + "a1" * 20, "github_pat_" + "a" * 30, "ghs_123.abc-" + "b" * 20])
def test_what_looks_like_a_secret_is_hidden_even_if_nobody_said_so(value: str) -> None:
    assert Veil().scrub(f"x {value} y") == "x *** y"


def test_libraries_do_not_log(capfd: pytest.CaptureFixture[str]) -> None:
    Veil()
    logging.getLogger("urllib3").critical("secret")
    assert capfd.readouterr().err == ""


def test_a_file_is_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    atomic_file.write(path, "first")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    path.chmod(0o600)
    atomic_file.write(path, "second")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("second", 0o600)
    assert [one.name for one in tmp_path.iterdir()] == ["report.json"]


def test_a_file_that_cannot_be_put_in_place_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "report.json").mkdir()
    with pytest.raises(OSError, match="directory"):
        atomic_file.write(tmp_path / "report.json", "text")
    assert [one.name for one in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.APPLIED),
        (204, Outcome.APPLIED),
        (302, Outcome.UNKNOWN),
        (404, Outcome.NO_EFFECT),
        (408, Outcome.UNKNOWN),
        (500, Outcome.UNKNOWN),
    ],
)
def test_a_status_says_what_became_of_the_effect(status: int, outcome: Outcome) -> None:
    assert Answer(status, {}, "").outcome is outcome


def test_a_body_that_is_no_json_is_nothing() -> None:
    assert Answer(200, {}, "<html>").json() is None
    assert Answer(200, {}, json.dumps({"a": 1})).json() == {"a": 1}
    assert without(Secret("key"), "bad key") == "bad ***"


LOST, NEVER_SENT = NoAnswerError(Outcome.UNKNOWN, "ReadTimeout"), NoAnswerError(Outcome.NO_EFFECT, "ConnectError")


@pytest.mark.parametrize(
    ("end", "tries", "idempotent", "wait"),
    [
        (Answer(200, {}, ""), 1, True, None),
        (Answer(404, {}, ""), 1, True, None),
        (Answer(500, {}, ""), 1, True, 0.5),
        (Answer(500, {}, ""), 2, True, 1.0),
        (Answer(500, {}, ""), MOST_TRIES, True, None),
        (Answer(500, {}, ""), 1, False, None),
        (Answer(429, {}, ""), 1, False, 0.5),
        (Answer(423, {}, ""), 1, False, 0.5),
        (Answer(429, {"retry-after": "3"}, ""), 1, False, 3.0),
        (Answer(429, {"retry-after": "3600"}, ""), 1, False, None),
        (Answer(429, {"retry-after": "soon"}, ""), 1, False, 0.5),
        (Answer(403, {"retry-after": "2"}, ""), 1, False, 2.0),
        (Answer(403, {}, ""), 1, True, None),
        (LOST, 1, True, 0.5),
        (LOST, 1, False, None),
        (NEVER_SENT, 1, False, 0.5),
    ],
)
def test_only_what_is_safe_is_tried_again(
    end: Answer | NoAnswerError, tries: int, idempotent: bool, wait: float | None
) -> None:
    assert wait_before_next(end, tries, idempotent=idempotent, jitter=1.0) == wait


def test_trying_ends_and_the_last_end_stands() -> None:
    clock = FakeClock()
    ends: list[Answer | NoAnswerError] = [LOST, Answer(503, {}, ""), Answer(200, {}, "")]

    def attempt() -> Answer:
        end = ends.pop(0)
        if isinstance(end, NoAnswerError):
            raise end
        return end

    assert persist(attempt, clock, idempotent=True).status == 200
    assert len(clock.slept) == 2
    assert all(0 <= wait <= LONGEST_WAIT for wait in clock.slept)
    ends.append(LOST)
    with pytest.raises(NoAnswerError):
        persist(attempt, clock, idempotent=False)


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
