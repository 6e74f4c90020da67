"""The HTTP plumbing under a pretend server: one aiohttp listener that plays the fault script and keeps the ledger."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
import struct
from collections import Counter
from typing import Protocol

from aiohttp import web
from multidict import CIMultiDict

from rotate.sandbox.clock import Clock, http_date
from rotate.sandbox.exchange import Reply, Request, Server
from rotate.sandbox.faults import Fault, Faults
from rotate.sandbox.ledger import Entry, Ledger

LOOPBACK = "127.0.0.1"


class Stage(Protocol):
    """The world, as a listener needs it."""

    clock: Clock
    faults: Faults
    ledger: Ledger
    latency: float
    victim: int | None
    mishaps: list[Exception]


class Listener:
    """One server on a loopback port. Lives in the world's event loop."""

    def __init__(self, server: Server, stage: Stage, port: int = 0) -> None:
        """Serve `server` on `port`; 0 lets the system choose once, and later starts keep it."""
        self.port = port
        self._server = server
        self._stage = stage
        self._runner: web.ServerRunner | None = None
        self._under_way: Counter[str] = Counter()

    async def open(self) -> None:
        """Bind and listen."""
        self._runner = web.ServerRunner(web.Server(self._serve, access_log=None), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOOPBACK, self.port)
        await site.start()
        self.port = int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, raw: web.BaseRequest) -> web.StreamResponse:
        caller = raw.headers.get("Authorization", "")
        self._under_way[caller] += 1
        try:
            return await self._exchange(raw, self._under_way[caller])
        finally:
            self._under_way[caller] -= 1

    async def _exchange(self, raw: web.BaseRequest, at_once: int) -> web.StreamResponse:
        target = raw.raw_path if raw.raw_path.startswith("/") else raw.rel_url.raw_path_qs
        base = next((base for base in self._server.bases if target.startswith(base + "/")), "")
        # Where every request is a POST, the server says which only reads: faults and counts go by the method.
        verb = getattr(self._server, "verb", lambda method, _: method)(raw.method, raw.headers)
        entry = self._stage.ledger.arrive(self._server.name, verb, base, target, CIMultiDict(raw.headers))
        entry.request_body = await raw.read()
        # … and in GraphQL only the body tells.
        entry.method = getattr(self._server, "meant", lambda one: one.method)(entry)
        request = Request(
            method=entry.method,
            base=base,
            path=entry.route,
            query=dict(raw.query),
            headers=entry.request_headers,
            body=entry.request_body,
            remote=raw.remote or "",
            at_once=at_once,
        )
        try:
            reply = await self._play(request, entry)
        except Exception as error:
            self._stage.mishaps.append(error)
            raise
        return await self._send(raw, reply, entry)

    async def _play(self, request: Request, entry: Entry) -> Reply:
        script = self._stage.faults.due(entry.number, self._server.name, request.method, request.path)
        entry.faults = tuple(fault.kind for fault in script)
        for fault in script:
            if fault.call is not None and fault.brief:
                fault.call(self._stage)
            elif fault.call is not None:
                await asyncio.to_thread(fault.call, self._stage)
        await asyncio.sleep(sum(fault.seconds for fault in script if not fault.after))
        main = next((fault for fault in script if not fault.alongside), None)
        reply = self._act(request) if main is None else await self._distort(main, request)
        await asyncio.sleep(self._stage.latency + sum(fault.seconds for fault in script if fault.after))
        return reply

    async def _distort(self, fault: Fault, request: Request) -> Reply:
        truth = self._act(request) if fault.acts else Reply(500)
        if fault.kills and self._stage.victim is not None:
            await asyncio.to_thread(_kill, self._stage.victim)
        return fault.distort(truth)

    def _act(self, request: Request) -> Reply:
        return self._server.answer(request)

    async def _send(self, raw: web.BaseRequest, reply: Reply, entry: Entry) -> web.StreamResponse:
        headers = {"Date": http_date(self._server.clock.now()), **reply.headers}
        if reply.ending in {"silent", "reset"}:
            self._stage.ledger.depart(entry)
            _drop(raw, reset=reply.ending == "reset")
            return web.Response()
        entry.status, entry.response_headers, entry.response_body = reply.status, CIMultiDict(headers), reply.body
        self._stage.ledger.depart(entry)
        if reply.ending == "whole":
            return web.Response(status=reply.status, body=reply.body, headers=headers)
        partial = web.StreamResponse(status=reply.status, headers=headers)
        partial.content_length = len(reply.body)
        await partial.prepare(raw)
        await partial.write(reply.body[: len(reply.body) // 2])
        _drop(raw, reset=False)
        return partial


def _drop(raw: web.BaseRequest, *, reset: bool) -> None:
    transport = raw.transport
    if transport is None:
        return
    if reset:
        # Without this a close is a polite FIN, which a client can tell from a reset.
        connection: socket.socket = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()


def _kill(pid: int) -> None:
    # The reply must not race a victim that is still dying on another core: wait until it is dead.
    process = os.pidfd_open(pid)
    try:
        signal.pidfd_send_signal(process, signal.SIGKILL)
        waiting = select.poll()
        waiting.register(process, select.POLLIN)
        waiting.poll()
    finally:
        os.close(process)
