"""No request waits without end, and no answer is read without end, on either half."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from rotate.errors import Outcome
from rotate.secret import Secret
from rotate.systems.github.wire.client import GitHub
from rotate.wire import bounded, http
from rotate.wire.clock import SystemClock
from rotate.wire.http import Api
from rotate.wire.network import Network
from rotate.wire.outcome import Answer, Cause, NoAnswerError
from tests.support.opened import keep
from tests.support.servers import dripping, serving

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
KEY = Secret("napi_pretend")
SOON = 0.3
Ask = Callable[[str], Answer]


@pytest.fixture
def ended() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request has a third of a second in all."""
    monkeypatch.setattr(http, "WHOLE_SECONDS", SOON)
    monkeypatch.setattr("rotate.systems.github.wire.client.WHOLE_SECONDS", SOON)


def _wait(ended: threading.Event) -> None:
    ended.wait(20)


def clock() -> SystemClock:
    stopped = threading.Event()
    stopped.set()
    return SystemClock(stopped)


def neon(url: str) -> Answer:
    return keep(Api(url, clock(), Network())).call("POST", "/api_keys", KEY, {"key_name": "x"})


def github(url: str) -> Answer:
    return keep(GitHub(url, KEY, clock())).call("POST", "/repos/o/r/x", {"a": 1}, idempotent=False)


HALVES = pytest.mark.parametrize("ask", [neon, github])


@HALVES
@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 200 O", HEAD, HEAD + b"Content-Length: 100000\r\n\r\n{", b"HTTP/1.1 100 Continue\r\n\r\n" * 400],
    ids=["status", "headers", "body", "only promises"],
)
def test_an_answer_that_drips_is_given_up(answer: bytes, ask: Ask, ended: threading.Event) -> None:
    with serving(dripping(answer, ended)) as port:
        with pytest.raises(NoAnswerError) as caught:
            ask(f"http://127.0.0.1:{port}")
        ended.set()
    assert caught.value.outcome is Outcome.UNKNOWN
    assert caught.value.said == f"no whole answer came from 127.0.0.1 within {SOON:g} seconds"


def test_what_dripped_once_is_not_asked_again(ended: threading.Event) -> None:
    drip, asked = dripping(HEAD, ended), []

    def serve(near: socket.socket) -> None:
        asked.append(near)
        drip(near)

    with serving(serve) as port:
        with pytest.raises(NoAnswerError) as caught:
            keep(Api(f"http://127.0.0.1:{port}", clock(), Network())).call("GET", "/auth", KEY, idempotent=True)
        ended.set()
    assert (caught.value.cause, len(asked)) == (Cause.LATE, 1)


def test_silence_is_told_before_the_whole_time_is_over(ended: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "WHOLE_SECONDS", 30.0)
    monkeypatch.setattr(http, "ANSWER_SECONDS", 0.1)
    with serving(lambda _: _wait(ended)) as port:
        with pytest.raises(NoAnswerError) as caught:
            neon(f"http://127.0.0.1:{port}")
        ended.set()
    assert caught.value.said == "nothing came from 127.0.0.1 for too long"


@HALVES
def test_an_answer_that_is_too_long_is_not_read_to_its_end(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MOST_BYTES", 2**20)

    def serve(near: socket.socket) -> None:
        near.recv(4096)
        near.sendall(HEAD + b"Content-Length: 99000000\r\n\r\n")
        for _ in range(99):
            near.sendall(b" " * 1_000_000)

    with serving(serve) as port, pytest.raises(NoAnswerError) as caught:
        ask(f"http://127.0.0.1:{port}")
    assert (caught.value.outcome, caught.value.said) == (
        Outcome.UNKNOWN,
        "the answer of 127.0.0.1 is longer than 1 MiB",
    )


def test_a_server_that_is_never_ready_is_not_asked_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("github.Consts.PROCESSING_202_WAIT_TIME", 0.05)

    def serve(near: socket.socket) -> None:
        while near.recv(4096):
            near.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n{}")

    with serving(serve) as port:
        opened = GitHub(f"http://127.0.0.1:{port}", KEY, clock())
        with pytest.raises(NoAnswerError) as caught:
            opened.call("GET", "/repos/o/r/stats")
        opened.close()
    assert caught.value.cause is Cause.LATE


def test_a_redirect_to_another_host_is_not_followed() -> None:
    def serve(near: socket.socket) -> None:
        near.recv(4096)
        near.sendall(b"HTTP/1.1 301 Moved\r\nLocation: http://elsewhere.example/x\r\nContent-Length: 0\r\n\r\n")

    with serving(serve) as port, pytest.raises(NoAnswerError) as caught:
        github(f"http://127.0.0.1:{port}")
    assert (caught.value.outcome, caught.value.kind) == (Outcome.UNKNOWN, "RuntimeError")


@HALVES
def test_a_name_that_is_looked_up_without_end_is_given_up(
    ask: Ask, ended: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look(*_: object, **__: object) -> list[object]:
        ended.wait(20)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look)
    with pytest.raises(NoAnswerError) as caught:
        ask("http://127.0.0.1:9")
    assert (caught.value.outcome, caught.value.said) == (
        Outcome.NO_EFFECT,
        f"no whole answer came from 127.0.0.1 within {SOON:g} seconds",
    )


def test_each_address_of_a_host_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(near: socket.socket) -> None:
        near.recv(4096)
        near.sendall(HEAD + b"Content-Length: 2\r\n\r\n[]")

    with serving(serve) as port:
        monkeypatch.setattr(bounded, "_addresses", lambda *_: ["127.0.0.9", "127.0.0.1"])
        assert neon(f"http://127.0.0.1:{port}").json() == []


def test_time_that_is_over_is_over_before_anything_is_tried() -> None:
    with bounded.within(-1.0), pytest.raises(NoAnswerError) as caught:
        neon("http://127.0.0.1:9")
    assert caught.value.outcome is Outcome.NO_EFFECT
