"""The ledger counts, tells, and shows no secret."""

from __future__ import annotations

import threading

from rotate.sandbox.world import World
from tests.support.neon_account import Neon


def test_the_ledger_counts_and_tells(neon: Neon, world: World) -> None:
    neon.ask("GET", "/auth")
    neon.ask("DELETE", "/api_keys/42")
    assert world.ledger.transcript() == ["neon GET /auth -> 200", "neon DELETE /api_keys/{key} -> 404"]
    assert world.ledger.transcript("github") == []
    assert (world.ledger.count("GET"), len(world.ledger)) == (1, 2)
    assert [entry.number for entry in world.ledger] == [1, 2]
    assert repr(world.ledger.entries[0]) == "<Entry 1: neon GET /auth -> 200>"
    assert neon.key.value not in repr(world.ledger.entries)
    assert world.ledger.longest_chain() == 2
    assert world.ledger.longest_chain(lambda entry: entry.method == "PUT") == 0
    assert world.ledger.wait_for(2)
    assert not world.ledger.wait_for(3, timeout=0.01)
    world.ledger.clear()
    assert len(world.ledger) == 0
    neon.ask("GET", "/auth")
    assert world.ledger.entries[0].number == 3
    under_way = world.ledger.arrive("neon", "GET", "", "/", {})
    assert under_way.line == "neon GET / -> dropped"
    assert world.ledger.longest_chain(lambda entry: entry is under_way) == 2
    assert world.ledger.longest_chain() == 1, "what has not ended is no link"


def test_what_goes_on_side_by_side_is_one_round_trip(neon: Neon, world: World) -> None:
    world.latency = 0.5
    threads = [threading.Thread(target=neon.ask, args=("GET", "/auth")) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert world.ledger.longest_chain() == 1
