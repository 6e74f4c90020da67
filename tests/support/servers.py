"""What stands between a run and the pretend world: a front in TLS, a proxy, a server that drips its answer."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

PIECE = 65536


@contextmanager
def serving(serve: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve each connection in a thread, in TLS if there is a context; give the port."""
    listening, threads = socket.create_server(("127.0.0.1", 0)), list[threading.Thread]()

    def one(plain: socket.socket) -> None:
        with suppress(OSError), plain, ExitStack() as stack:
            connection = plain
            if context:
                connection = stack.enter_context(context.wrap_socket(plain, server_side=True))
            serve(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threads.append(threading.Thread(target=one, args=(listening.accept()[0],)))
                threads[-1].start()

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        accepting.join(10)
        listening.close()
        for thread in threads:
            thread.join(20)


def joined(near: socket.socket, far: socket.socket) -> None:
    """Pass on what comes from either side until one ends."""
    back = threading.Thread(target=_copy, args=(far, near))
    back.start()
    _copy(near, far)
    back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(PIECE):
            target.sendall(part)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def in_tls(url: str, context: ssl.SSLContext, host: str = "localhost") -> Iterator[str]:
    """Stand in TLS before a server that speaks plainly; give the URL."""
    plain = urlsplit(url)

    def pass_on(near: socket.socket) -> None:
        with socket.create_connection((plain.hostname or "", plain.port or 0)) as far:
            joined(near, far)

    with serving(pass_on, context) as port:
        yield f"https://{host}:{port}{plain.path}"


class Proxy:
    """A proxy that speaks CONNECT. `asked`: the first line of each request, as it came. `login`: what it lets pass."""

    def __init__(self, login: str = "", status: str = "200 Connection established") -> None:
        self.asked: list[str] = []
        self._login = base64.b64encode(login.encode()).decode()
        self._status = status

    @contextmanager
    def open(self, context: ssl.SSLContext | None = None) -> Iterator[str]:
        """Serve; give host and port."""
        with serving(self._serve, context) as port:
            yield f"localhost:{port}"

    def _serve(self, near: socket.socket) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += near.recv(1)
        lines = head.decode().splitlines()
        self.asked.append(lines[0])
        if self._login and f"Proxy-Authorization: Basic {self._login}" not in lines:
            near.sendall(b"HTTP/1.1 407 napi_this_is_foreign_text_of_a_proxy\r\nContent-Length: 0\r\n\r\n")
            return
        near.sendall(f"HTTP/1.1 {self._status}\r\n\r\n".encode())
        host, _, port = lines[0].split()[1].rpartition(":")
        if self._status.startswith("2"):
            with socket.create_connection((host, int(port))) as far:
                joined(near, far)


def dripping(answer: bytes, ended: threading.Event, pause: float = 0.05) -> Callable[[socket.socket], None]:
    """Answer a byte at a time, then for ever with blanks, until the client or the test ends it."""

    def serve(near: socket.socket) -> None:
        near.recv(PIECE)
        for number in range(10_000):
            near.sendall(answer[number : number + 1] or b" ")
            if ended.wait(pause):
                return

    return serve
