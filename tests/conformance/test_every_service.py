"""What each destination over HTTP promises on a bad day, whichever it is: an entry in `SERVICES` enters it."""

from __future__ import annotations

from itertools import chain, repeat

import pytest

from rotate.errors import DestinationError, Outcome, RotateError
from rotate.sandbox.faults import Fault, Kind
from rotate.secret import Secret
from rotate.wire import http
from tests.support.bench import BEFORE
from tests.support.distorted import NEW, Opened

ELSEWHERE = {"Location": "https://elsewhere.example/api/x"}
CUT = b'{"value": "'
JSON = {"Content-Type": "application/json"}
# How an answer is distorted, what a person is told, and what is known of a write that ends so.
ANSWERS: list[tuple[Kind, dict[str, object], str, Outcome]] = [
    ("status", {"code": 401}, "destination-token-refused", Outcome.NO_EFFECT),
    ("status", {"code": 403}, "destination-not-allowed", Outcome.NO_EFFECT),
    ("status", {"code": 409}, "destination-changed", Outcome.NO_EFFECT),
    ("status", {"code": 412}, "destination-changed", Outcome.NO_EFFECT),
    ("status", {"code": 422}, "destination-refused", Outcome.NO_EFFECT),
    ("status", {"code": 408}, "destination-busy", Outcome.UNKNOWN),
    ("rate_limited", {}, "destination-busy", Outcome.NO_EFFECT),
    ("rate_limited", {"retry_after": 120}, "destination-busy", Outcome.NO_EFFECT),
    ("status", {"code": 429, "body": b"Retry later"}, "destination-busy", Outcome.NO_EFFECT),
    ("status", {"code": 503, "headers": {"Retry-After": "60"}}, "destination-busy", Outcome.UNKNOWN),
    ("status", {"code": 500}, "destination-failing", Outcome.UNKNOWN),
    ("html", {"code": 502}, "destination-failing", Outcome.UNKNOWN),
    ("html", {}, "destination-no-json", Outcome.UNKNOWN),
    ("html", {"code": 403}, "destination-no-json", Outcome.UNKNOWN),
    ("status", {"code": 200, "body": CUT, "headers": JSON}, "destination-no-json", Outcome.UNKNOWN),
    ("status", {"code": 200, "body": []}, "destination-unexpected-answer", Outcome.UNKNOWN),
    ("status", {"code": 302, "headers": ELSEWHERE}, "destination-redirected", Outcome.UNKNOWN),
    ("status", {"code": 307, "headers": {"Location": "/moved"}}, "destination-redirected", Outcome.UNKNOWN),
    ("status", {"code": 307, "headers": {"Location": "https://[x"}}, "destination-redirected", Outcome.UNKNOWN),
    ("cut", {}, "destination-unreachable", Outcome.UNKNOWN),
    ("lost_reply", {}, "destination-unreachable", Outcome.UNKNOWN),
    ("reset", {}, "destination-unreachable", Outcome.UNKNOWN),
]
NAMES = [f"{kind} {' '.join(map(str, more.values()))}" for kind, more, _, _ in ANSWERS]


@pytest.mark.drawn
@pytest.mark.parametrize(("kind", "more", "reason", "outcome"), ANSWERS, ids=NAMES)
def test_a_write_that_ends_badly_says_what_is_known_of_it(
    kind: Kind, more: dict[str, object], reason: str, outcome: Outcome, opened: Opened
) -> None:
    opened.destination.observe()
    opened.distort(kind, opened.web.writes, **more)
    if kind == "cut" and opened.web.bodiless:
        opened.destination.put(NEW)
        return
    with pytest.raises(DestinationError) as raised:
        opened.destination.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == (reason, outcome), raised.value.message
    assert opened.destination.name in raised.value.message
    opened.quiet(raised.value)
    if outcome is Outcome.NO_EFFECT:
        assert "Nothing was changed there" in raised.value.message
        assert opened.bench.held() == BEFORE


@pytest.mark.drawn
@pytest.mark.parametrize(("kind", "more", "reason"), [one[:3] for one in ANSWERS], ids=NAMES)
def test_a_look_that_ends_badly_is_no_absence_and_has_no_effect(
    kind: Kind, more: dict[str, object], reason: str, opened: Opened
) -> None:
    opened.distort(kind, "GET", **more)
    for look in (opened.destination.observe, opened.destination.written):
        with pytest.raises(RotateError) as raised:
            look()
        assert (raised.value.reason, raised.value.outcome) == (reason, Outcome.NO_EFFECT), raised.value.message
        opened.quiet(raised.value)


def test_too_long_a_wait_is_unknown(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    opened.destination.observe()
    monkeypatch.setattr(http, "WHOLE_SECONDS", 0.2)
    opened.distort("delay", opened.web.writes, seconds=3.0, after=True)
    with pytest.raises(DestinationError) as raised:
        opened.destination.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-unreachable", Outcome.UNKNOWN)
    assert "within 0.2 seconds" in raised.value.message


def test_how_long_it_asks_to_wait_is_told(opened: Opened) -> None:
    opened.distort("rate_limited", "GET", retry_after=120)
    with pytest.raises(DestinationError, match="asks to wait 120 s"):
        opened.destination.observe()


def test_another_host_is_named_and_gets_no_token(opened: Opened) -> None:
    opened.destination.observe()
    asked = len(opened.web.world.ledger)
    there = opened.web.world.neon.url.replace("127.0.0.1", "localhost")
    opened.distort("status", opened.web.writes, code=307, headers={"Location": f"{there}/x"})
    with pytest.raises(DestinationError, match="another host, localhost"):
        opened.destination.put(NEW)
    later = list(opened.web.world.ledger)[asked:]
    assert {entry.server for entry in later} == {opened.web.server}


def test_what_it_says_is_quoted_without_the_values_in_it(opened: Opened) -> None:
    opened.destination.observe()
    plain = Secret("value-of-no-known-shape")
    said = f"{plain.reveal()} by {opened.web.token} is not what ghp_{'x' * 36} wants"
    for field in (opened.web.says, "secret_field"):
        opened.distort("status", opened.web.writes, code=400, body={field: {"value": [said, 5]}})
        with pytest.raises(DestinationError) as raised:
            opened.destination.put(plain)
        opened.quiet(raised.value)
        assert not any(one in raised.value.message for one in (plain.reveal(), "ghp_"))
        assert ("is not what" in raised.value.message) == (field == opened.web.says)
        opened.web.world.faults.reset()


def test_a_lost_reply_is_asked_for_again_and_the_write_stands(opened: Opened) -> None:
    before = opened.destination.observe()
    web, asked = opened.web, opened.written
    web.world.faults.add(Fault("lost_reply", server=web.server, method=web.writes, path=web.at))
    opened.destination.confirm(before, opened.destination.put(NEW))
    assert opened.written - asked in (2, 3), (
        "a service that checks the version refuses the second, which proves nothing"
    )
    assert opened.bench.held() == NEW.reveal()


def test_a_write_whose_reply_was_lost_is_confirmed_by_what_stands_there(opened: Opened) -> None:
    before = opened.destination.observe()
    opened.distort("lost_reply", opened.web.writes)
    with pytest.raises(DestinationError):
        opened.destination.put(NEW)
    if opened.bench.proves:
        stood = opened.destination.confirm(before, None)
        assert opened.destination.written() == stood
    else:
        with pytest.raises(DestinationError, match="no reply told that it was taken") as raised:
            opened.destination.confirm(before, None)
        assert raised.value.outcome is Outcome.UNKNOWN


def test_what_somebody_hindered_between_two_tries_is_not_sent_again(opened: Opened) -> None:
    opened.destination.observe()
    asked = opened.written
    opened.distort("lost_reply", opened.web.writes)
    answers = chain([None], repeat(DestinationError("lock-lost", "Another run has the lock.", "Wait.")))
    with pytest.raises(DestinationError) as raised:
        opened.destination.put(NEW, lambda: next(answers))
    assert raised.value.outcome is Outcome.UNKNOWN
    assert opened.written - asked == 1
