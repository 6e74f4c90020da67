"""The pretend toy: shelves of boxes over HTTP, each with a value and the time at which it was written."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self

TOKEN = "toy-token"


class Shelf(AbstractContextManager["Shelf"]):
    """Answers `GET`, `PUT` and `DELETE /<shelf>/<box>`, and lists `GET /<shelf>`. `only_if` in a body is what must
    stand there for the write to be taken; null: nothing."""

    def __init__(self) -> None:
        self.boxes: dict[tuple[str, str], tuple[str, datetime]] = {}
        self.ahead = timedelta()
        self.asked: list[str] = []
        self.meddle: Callable[[str], None] = lambda _: None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def write(self, shelf: str, box: str, value: str) -> datetime:
        """Let somebody write a value."""
        at = datetime.now(UTC) + self.ahead
        self.boxes[shelf, box] = value, at
        return at

    def answer(self, verb: str, path: str, body: dict[str, str | None]) -> tuple[int, object]:
        """Answer one request."""
        self.meddle(f"{verb} {path}")
        self.asked.append(f"{verb} {path}")
        shelf, _, box = path.strip("/").partition("/")
        if not box:
            return 200, {name: at.isoformat() for (where, name), (_, at) in self.boxes.items() if where == shelf}
        held = self.boxes.get((shelf, box))
        if "only_if" in body and body["only_if"] != (held[0] if held else None):
            return 409, {"message": "somebody else was quicker"}
        if verb == "DELETE":
            self.boxes.pop((shelf, box), None)
            return 200, {}
        if verb == "PUT":
            self.write(shelf, box, body["value"] or "")
        held = self.boxes.get((shelf, box))
        return (200, {"value": held[0], "written_at": held[1].isoformat()}) if held else (404, {})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        """Make what serves one request; it stays silent, since values belong in nobody's log."""

        def serve(request: BaseHTTPRequestHandler) -> None:
            length = int(request.headers.get("Content-Length", 0))
            body = json.loads(request.rfile.read(length) or b"{}")
            allowed = request.headers.get("Authorization") == f"Bearer {TOKEN}"
            status, said = self.answer(request.command, request.path, body) if allowed else (401, {})
            text = json.dumps(said).encode()
            request.send_response(status)
            request.send_header("Content-Length", str(len(text)))
            request.end_headers()
            request.wfile.write(text)

        verbs = {f"do_{verb}": serve for verb in ("GET", "PUT", "DELETE")}
        return type("Handler", (BaseHTTPRequestHandler,), {**verbs, "log_message": lambda *_: None})
