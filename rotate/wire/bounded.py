"""Connections whose every wait counts against one deadline.

A time-out for each read lets an answer that drips a byte a second go on for ever. So each name look-up, handshake, read
and write of one request gets what is left of the time that the request has in all. The deadline is kept by thread: all
that one request waits for happens in the thread that sends it.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpcore

from rotate.wire.clock import Deadline

if TYPE_CHECKING:
    from httpcore import SOCKET_OPTION

_own = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[Deadline]:
    """Let everything that this thread does on the network end within so many seconds; an outer deadline stands."""
    outer = getattr(_own, "deadline", None)
    _own.deadline = outer or Deadline(seconds)
    try:
        yield _own.deadline
    finally:
        _own.deadline = outer


def _left(timeout: float | None, late: type[httpcore.TimeoutException]) -> float:
    deadline: Deadline = _own.deadline
    left = deadline.left()
    if left <= 0:
        raise late
    return left if timeout is None else min(timeout, left)


class Stream(httpcore.NetworkStream):
    """A connection, or what runs inside one."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> Stream:
        return Stream(self._inner.start_tls(ssl_context, server_hostname, _left(timeout, httpcore.ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class Backend(httpcore.SyncBackend):
    """Opens connections."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> Stream:
        """Try each address of a host, `timeout` seconds for each."""
        *others, last = _addresses(host, port, _left(timeout, httpcore.ConnectTimeout))
        for address in others:
            try:
                left = _left(timeout, httpcore.ConnectTimeout)
                return Stream(super().connect_tcp(address, port, left, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        left = _left(timeout, httpcore.ConnectTimeout)
        return Stream(super().connect_tcp(last, port, left, local_address, socket_options))


def _addresses(host: str, port: int, seconds: float) -> list[str]:
    """Look a name up. The system's look-up knows no time-out, so one that lasts is left to itself."""
    found: list[str | OSError | UnicodeError] = []

    def look() -> None:
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(row[4][0]) for row in rows))
        except (OSError, UnicodeError) as error:
            found.append(error)

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(seconds)
    for one in found:
        if not isinstance(one, str):
            failure = httpcore.ConnectError()
            failure.__context__ = one
            raise failure
    if not found:
        raise httpcore.ConnectTimeout
    return [one for one in found if isinstance(one, str)]
