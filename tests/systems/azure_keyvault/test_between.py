"""A second writer between the last look and the write: Key Vault has no check, and the list of versions shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from rotate.errors import DestinationError, Outcome
from rotate.ports import Destination
from rotate.protocol.facts.destination import Held
from rotate.sandbox.azure_keyvault.state import Version
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from tests.support.bench import BEFORE
from tests.systems.azure_keyvault.bench import NEW, SECRET, Vault

Meddling = Callable[[Vault], object]
OTHERS = "napi_somebody_elses_0123456789"


def _wrote(bench: Vault) -> object:
    return bench.state.add_version(SECRET, OTHERS)


def _wrote_and_disabled(bench: Vault) -> object:
    return bench.state.add_version(SECRET, OTHERS, Version("", "", enabled=False))


def written(bench: Vault, meddling: Meddling) -> Destination:
    """Write, with somebody right before the write."""
    bench.world.faults.add(Fault("hook", method="PUT", call=lambda *_: meddling(bench)))
    opened = bench.opened()
    before = opened.observe()
    opened.confirm(before, opened.put(NEW))
    return opened


@pytest.mark.parametrize("meddling", [_wrote, _wrote_and_disabled])
@pytest.mark.parametrize("more", [0, 60])
def test_what_was_written_between_is_named_kept_and_nothing_is_revoked(
    meddling: Meddling, more: int, world: World
) -> None:
    bench = Vault(world)
    (first,) = bench.state.versions(SECRET)
    for number in range(more):
        bench.state.change(SECRET, replace(bench.state.add_version(SECRET, f"old-{number}"), created=first.created - 9))
    bench.state.add_version(SECRET, BEFORE)
    world.clock.advance(2)
    with pytest.raises(DestinationError) as raised:
        written(bench, meddling)
    *_, theirs, ours = bench.state.versions(SECRET)
    assert (raised.value.reason, raised.value.outcome) == ("destination-written-between", Outcome.UNKNOWN)
    assert theirs.id in raised.value.message
    assert OTHERS not in raised.value.message + raised.value.remedy
    assert (theirs.value, ours.value) == (OTHERS, NEW.reveal())
    assert world.ledger.count("GET", path="*/versions") == 1 + (more + 3 - 1) // 25


def test_what_was_created_meanwhile_is_seen_too(world: World) -> None:
    bench = Vault(world)
    bench.state.purge(SECRET)
    with pytest.raises(DestinationError, match="somebody else wrote there"):
        written(bench, _wrote)


def test_a_write_whose_reply_was_lost_is_ours_twice(world: World) -> None:
    bench = Vault(world)
    world.faults.add(Fault("lost_reply", method="PUT"))
    opened = written(bench, lambda _: None)
    assert opened.written() == Held(NEW.fingerprint)
    assert [one.value for one in bench.state.versions(SECRET)] == [BEFORE, NEW.reveal(), NEW.reveal()]


def test_our_own_version_is_known_by_the_answer_and_not_read_again(world: World) -> None:
    bench = Vault(world)
    written(bench, lambda _: None)
    assert world.ledger.count("GET", path=f"*/{bench.state.versions(SECRET)[-1].id}") == 0


def test_who_may_not_list_writes_all_the_same_and_sees_nobody(world: World) -> None:
    bench = Vault(world)
    bench.state.narrow(bench.token, "get", "set")
    assert written(bench, _wrote).written() == Held(NEW.fingerprint)


@pytest.mark.parametrize(
    "body",
    [
        {"value": [{"id": f"https://x/secrets/{SECRET}/1", "attributes": {"created": 5}}]},
        {"value": [{"id": "https://x/secrets/other/1"}, None]},
        {"value": [], "nextLink": "https://elsewhere.example/secrets/x?$skiptoken=1"},
    ],
    ids=["without what was replaced", "of others", "endless, and elsewhere"],
)
def test_a_list_that_tells_nothing_holds_nothing_up_and_leads_nowhere_else(
    body: dict[str, object], world: World
) -> None:
    bench = Vault(world)
    world.faults.add(Fault("status", path="*/versions", code=200, body=body, times=None))
    assert written(bench, _wrote).written()
    assert {entry.server for entry in world.ledger} == {"azure-keyvault"}
    assert world.ledger.count("GET", path="*/versions") == (40 if "nextLink" in body else 1)


@pytest.mark.parametrize("body", [[], {"value": {}}])
def test_a_list_of_another_shape_is_not_believed(body: object, world: World) -> None:
    bench = Vault(world)
    world.faults.add(Fault("status", path="*/versions", code=200, body=body))
    with pytest.raises(DestinationError) as raised:
        written(bench, lambda _: None)
    assert raised.value.reason == "destination-unexpected-answer"
