"""Let GitHub's own command line reach the pretend GitHub.

`gh` insists on TLS for every host, but speaks plainly to a Unix socket that its configuration names.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

LONGEST_REQUEST = 65536


@contextmanager
def relay(url: str, directory: Path) -> Iterator[Mapping[str, str]]:
    """Pass what comes over a Unix socket on to the server at `url`; give the environment in which `gh` uses it."""
    address, path = urlsplit(url), directory / "socket"
    (directory / "config.yml").write_text(f"http_unix_socket: {path}\n")
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()

    def pass_on(near: socket.socket) -> None:
        with near, closing(socket.create_connection((address.hostname, address.port))) as far:
            back = threading.Thread(target=_copy, args=(far, near))
            back.start()
            _copy(near, far)
            back.join()

    def serve() -> None:
        while True:
            try:
                near, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=pass_on, args=(near,), daemon=True).start()

    accepting = threading.Thread(target=serve, daemon=True)
    accepting.start()
    try:
        yield {"HOME": str(directory), "GH_CONFIG_DIR": str(directory)}
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        accepting.join(10)


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Pass on until one side ends."""
    try:
        while part := source.recv(LONGEST_REQUEST):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return
