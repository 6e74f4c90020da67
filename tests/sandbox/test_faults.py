"""Each fault does what its table says, to the requests it picks."""

from __future__ import annotations

import signal
import socket
import struct
import subprocess
import sys
import threading
from typing import Any

import httpx
import pytest

from rotate.sandbox.faults import Fault, Kind
from rotate.sandbox.world import World
from tests.support.neon_account import Neon


@pytest.mark.parametrize(
    ("kind", "options", "status", "acted"),
    [
        ("status", {"code": 503}, 503, False),
        ("status", {"code": 503, "after": True}, 503, True),
        ("status", {"code": 200, "body": b"raw"}, 200, False),
        ("rate_limited", {"retry_after": 7}, 429, False),
        ("rate_limited", {"code": 403, "headers": {"X": "y"}}, 403, False),
        ("html", {}, 200, False),
        ("truncated", {}, 200, True),
        ("cut", {}, None, True),
        ("lost_reply", {}, None, True),
        ("reset", {}, None, False),
        ("death_before", {}, None, False),
        ("death_after", {}, None, True),
        ("delay", {"seconds": 0.01}, 200, True),
        ("delay", {"seconds": 0.01, "after": True}, 200, True),
    ],
)
def test_a_fault_does_what_its_table_says(
    kind: Kind, options: dict[str, Any], status: int | None, acted: bool, neon: Neon, world: World
) -> None:
    fault = Fault(kind, method="POST", **options)
    assert world.faults.add(fault) is fault
    try:
        got: int | None = neon.ask("POST", "/api_keys", json={"key_name": "new"}).status_code
    except httpx.TransportError:
        got = None
    assert (got, "new" in [key.name for key in neon.state.live_keys()]) == (status, acted)
    assert world.faults.unused() == []


def test_a_hook_is_called_and_a_victim_dies(neon: Neon, world: World) -> None:
    seen: list[World] = []
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as victim:
        world.victim = victim.pid
        world.faults.add(Fault("hook", call=seen.append), Fault.at(1, "death_before"))
        with pytest.raises(httpx.TransportError):
            neon.ask("GET", "/auth")
        assert victim.wait(10) == -signal.SIGKILL
    assert seen == [world]


@pytest.mark.parametrize("brief", [False, True])
def test_a_brief_hook_takes_no_thread(brief: bool, neon: Neon, world: World) -> None:
    seen: list[str] = []
    world.faults.add(Fault("hook", call=lambda _: seen.append(threading.current_thread().name), brief=brief))
    neon.ask("GET", "/auth")
    assert [name == "sandbox" for name in seen] == [brief]


@pytest.mark.parametrize(("kind", "options"), [("nothing", {}), ("hook", {}), ("status", {"call": print})])
def test_a_script_that_cannot_be_played_is_refused(kind: Kind, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"fault|hook"):
        Fault(kind, **options)


def test_a_fault_picks_its_requests(neon: Neon, world: World) -> None:
    world.faults.add(Fault("status", path="/auth", server="neon", nth=2, times=1, code=503))
    never = world.faults.add(Fault("status", server="github"))
    assert [neon.ask("GET", "/auth").status_code for _ in range(3)] == [200, 503, 200]
    assert neon.ask("GET", "/api_keys").status_code == 200
    assert world.faults.unused() == [never]


def test_a_client_that_is_gone_already_cannot_lose_its_reply(neon: Neon, world: World) -> None:
    url = httpx.URL(world.neon.url)
    with socket.create_connection((url.host, url.port or 0)) as client:

        def hang_up(_: World) -> None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()

        world.faults.add(Fault("hook", call=hang_up), Fault("delay", seconds=0.1), Fault("lost_reply"))
        words = f"GET /api/v2/auth HTTP/1.1\r\nHost: neon\r\nAuthorization: Bearer {neon.key.value}\r\n\r\n"
        client.sendall(words.encode())
        assert world.ledger.wait_for(1)
    assert world.ledger.transcript() == ["neon GET /auth -> dropped"]
    assert neon.key.last_used_at is not None, "it took effect all the same"
    assert world.mishaps == []
