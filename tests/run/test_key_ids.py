"""A destination that stores which key a value is of hears it before each write; the value and the id are of one key."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rotate.errors import DestinationError, Outcome
from rotate.means import Means
from rotate.ports import Hindered, Receipt
from rotate.protocol.facts.note_texts import write_note
from rotate.protocol.facts.policy import Command, OnFailure
from rotate.run.engine import Engine
from rotate.run.seals import sealed
from rotate.secret import Secret
from rotate.service.redeploy import Redeployed
from rotate.wire.network import Network
from tests.service.test_redeploy import Consumers
from tests.support.bench_of_fakes import V3, Bench, kept, known
from tests.support.build import NOW, PLACE, key, pending, policy
from tests.support.fakes import FakeClock, FakeDestination


class Keeper(FakeDestination):
    """Implements `ports.TakesKeyId`, and remembers what stood beside each value."""

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.trouble)
        self.key_id = 0
        self.beside: list[tuple[str, int]] = []

    def take_key_id(self, key_id: int) -> None:
        self.key_id = key_id

    def put(self, secret: Secret, hindered: Hindered | None = None) -> Receipt:
        self.beside.append((secret.reveal(), self.key_id))
        return super().put(secret, hindered)


def seated(**texts: str | None) -> tuple[Bench, Keeper]:
    bench = Bench(**texts)
    bench.destination = keeper = Keeper(bench)
    return bench, keeper


def test_a_new_value_comes_with_the_id_of_the_new_key() -> None:
    bench, keeper = seated()
    bench.run()
    assert keeper.beside == [("v4", 4)]


def test_a_key_that_an_earlier_run_left_comes_with_its_own_id() -> None:
    new = Secret("v4")
    left = write_note(known(pending=replace(pending(4), fingerprint=new.fingerprint)))
    bench, keeper = seated(note=sealed("note", left, [Secret("v3"), new]))
    bench.source.keys[4] = key(4)
    world = replace(bench.world(), issuer=new, at_hand=new)
    Engine(world, policy(value_at_hand=new.fingerprint), [bench.listener]).run()
    assert keeper.beside == [("v4", 4)]


def test_the_old_value_comes_back_with_the_id_of_the_old_key() -> None:
    bench, keeper = seated()
    bench.trouble.before["confirm"] = DestinationError("write-not-confirmed", "no", outcome=Outcome.UNKNOWN)
    bench.run(policy(value_at_hand=V3, on_failure=OnFailure.RESTORE))
    assert keeper.beside == [("v4", 4), ("v3", 3)]


@pytest.mark.parametrize(("note", "named"), [(kept(known()), None), (None, 3)])
def test_a_sync_tells_the_id_of_the_note_or_the_one_that_the_person_named(note: str | None, named: int | None) -> None:
    bench, keeper = seated(note=note)
    keeper.wrote = NOW + timedelta(hours=1)
    bench.run(policy(value_at_hand=V3, command=Command.SYNC, old_key_id=named))
    assert keeper.beside == [("v3", 3)]


def test_where_nobody_knows_the_id_nothing_is_told() -> None:
    bench, keeper = seated()
    assert bench.world().destination(PLACE, None) is keeper
    assert keeper.key_id == 0


def test_what_starts_consumers_anew_passes_it_on_where_it_is_stored() -> None:
    bench, keeper = seated()
    means = Means({}, FakeClock(), lambda _: None, Network())
    for inner in (keeper, FakeDestination(bench.trouble)):
        Redeployed(inner, Consumers(), timedelta(minutes=1), means).take_key_id(7)
    assert keeper.key_id == 7
