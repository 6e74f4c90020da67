"""What every destination promises (`ports.Destination`), against the pretend GitHub."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from rotate.errors import DestinationError, InvariantViolated, Outcome, Refused
from rotate.ports import Receipt
from rotate.sandbox.faults import Fault, Kind
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.address import Address
from rotate.systems.github.secrets.destination import GitHubSecret
from rotate.systems.github.wire.client import GitHub
from rotate.wire.clock import SystemClock
from tests.support.opened import keep

REPOSITORY = "octo-org/payments"
NEW = Secret("napi_new_value")


class Bench:
    """A destination over a repository whose secret was written a week ago."""

    def __init__(self, world: World, *, exists: bool = True, permissions: dict[str, str] | None = None) -> None:
        stopped = threading.Event()
        stopped.set()
        self.world = world
        world.github.add_repository(REPOSITORY)
        if exists:
            world.github.set_secret(REPOSITORY, "NEON_API_KEY", "napi_old_value", updated_days_ago=7)
        token = world.github.add_token(repositories={REPOSITORY: permissions or {"secrets": "write"}})
        clock = SystemClock(stopped)
        self.destination = GitHubSecret(
            keep(GitHub(world.github.url, Secret(token), clock)), Address(REPOSITORY), "NEON_API_KEY", clock
        )

    @property
    def stored(self) -> str | None:
        return self.world.github.secret(REPOSITORY, "NEON_API_KEY")


@pytest.mark.parametrize("exists", [True, False])
def test_a_write_arrives_sealed_and_is_confirmed(exists: bool, world: World) -> None:
    bench = Bench(world, exists=exists)
    before = bench.destination.observe()
    assert (before.written_at is not None) == exists
    receipt = bench.destination.put(NEW)
    stood = bench.destination.confirm(before, receipt)
    assert bench.stored == NEW.reveal()
    assert bench.destination.written() == stood
    assert receipt.accepted_at is not None
    assert NEW.reveal().encode() not in b"".join(entry.request_body for entry in world.ledger)


def test_its_name_tells_people_where_it_is(world: World) -> None:
    assert Bench(world).destination.name == "github://octo-org/payments#NEON_API_KEY"


def test_a_lost_reply_is_repeated_because_a_write_is_idempotent(world: World) -> None:
    bench = Bench(world)
    before = bench.destination.observe()
    world.faults.add(Fault("lost_reply", server="github", method="PUT"))
    bench.destination.confirm(before, bench.destination.put(NEW))
    assert world.ledger.count("PUT") == 2
    assert bench.stored == NEW.reveal()


def test_replies_lost_for_good_are_unknown_and_never_confirmed_by_a_write_time_that_anybody_may_have_moved(
    world: World,
) -> None:
    bench = Bench(world)
    before = bench.destination.observe()
    world.faults.add(Fault("lost_reply", server="github", method="PUT", times=None))
    with pytest.raises(DestinationError) as caught:
        bench.destination.put(NEW)
    assert (caught.value.reason, caught.value.outcome) == ("github-unreachable", Outcome.UNKNOWN)
    with pytest.raises(DestinationError) as caught:
        bench.destination.confirm(before, None)
    assert (caught.value.reason, caught.value.outcome) == ("write-not-confirmed", Outcome.UNKNOWN)


@pytest.mark.parametrize("kind", ["html", "status"])
def test_an_answer_that_says_nothing_is_unknown(kind: Kind, world: World) -> None:
    bench = Bench(world)
    bench.destination.observe()
    world.faults.add(Fault(kind, server="github", method="PUT", code=200 if kind == "html" else 500, times=None))
    with pytest.raises(DestinationError) as caught:
        bench.destination.put(NEW)
    reason = "github-no-json" if kind == "html" else "github-unexpected-answer"
    assert (caught.value.reason, caught.value.outcome) == (reason, Outcome.UNKNOWN)
    assert bench.stored == "napi_old_value"


@pytest.mark.parametrize(
    ("code", "reason"),
    [(401, "github-token-invalid"), (403, "github-permission-missing"), (404, "github-repository-not-found")],
)
def test_a_refused_write_has_no_effect(code: int, reason: str, world: World) -> None:
    bench = Bench(world)
    bench.destination.observe()
    world.faults.add(Fault("status", server="github", method="PUT", code=code, body={"message": "no"}))
    with pytest.raises(DestinationError) as caught:
        bench.destination.put(NEW)
    assert (caught.value.reason, caught.value.outcome) == (reason, Outcome.NO_EFFECT)


def test_a_write_that_did_not_happen_is_not_confirmed(world: World) -> None:
    bench = Bench(world)
    before = bench.destination.observe()
    world.faults.add(Fault("status", server="github", method="PUT", code=204, body=b""))
    receipt = bench.destination.put(NEW)
    with pytest.raises(DestinationError) as caught:
        bench.destination.confirm(before, receipt)
    assert (caught.value.reason, caught.value.outcome) == ("write-not-confirmed", Outcome.UNKNOWN)


def test_a_secret_that_vanished_is_not_confirmed(world: World) -> None:
    bench = Bench(world)
    before = bench.destination.observe()
    world.faults.add(Fault("status", server="github", path="*/secrets/NEON_API_KEY", code=404, times=None, body={}))
    with pytest.raises(DestinationError) as caught:
        bench.destination.confirm(before, Receipt(world.clock.now()))
    assert caught.value.reason == "write-not-confirmed"


def test_a_read_that_lags_is_asked_again(world: World) -> None:
    bench = Bench(world)
    world.github.metadata_lag = 3
    before = bench.destination.observe()
    bench.destination.confirm(before, bench.destination.put(NEW))


def test_two_writes_within_one_second_are_both_confirmed(world: World) -> None:
    """Times have whole seconds: the same time again counts if GitHub's own clock says that it is of this write."""
    bench = Bench(world)
    bench.destination.confirm(bench.destination.observe(), bench.destination.put(NEW))
    before = bench.destination.observe()
    receipt = bench.destination.put(NEW)
    bench.destination.confirm(before, receipt)


def test_the_same_write_time_without_a_receipt_proves_nothing(world: World) -> None:
    bench = Bench(world)
    before = bench.destination.observe()
    with pytest.raises(DestinationError):
        bench.destination.confirm(before, None)


@pytest.mark.parametrize("date", ["", "yesterday"])
def test_an_answer_without_a_usable_date_gives_no_accepted_time(date: str, world: World) -> None:
    bench = Bench(world)
    bench.destination.observe()
    world.faults.add(Fault("status", server="github", method="PUT", code=204, body=b"", headers={"Date": date}))
    assert bench.destination.put(NEW).accepted_at is None


def test_a_write_of_somebody_else_after_ours_is_not_taken_for_ours(world: World) -> None:
    bench = Bench(world)
    before = bench.destination.observe()
    receipt = bench.destination.put(NEW)
    world.advance(5)
    world.github.set_secret(REPOSITORY, "NEON_API_KEY", "napi_by_hand")
    with pytest.raises(DestinationError) as caught:
        bench.destination.confirm(before, receipt)
    assert (caught.value.reason, caught.value.outcome) == ("destination-overwritten", Outcome.UNKNOWN)


def test_what_holds_nothing_was_never_written(world: World) -> None:
    assert Bench(world, exists=False).destination.written() is None


def test_an_empty_value_is_never_written(world: World) -> None:
    bench = Bench(world)
    bench.destination.observe()
    with pytest.raises(InvariantViolated):
        bench.destination.put(Secret(""))
    assert world.ledger.count("PUT") == 0


def test_nothing_is_written_before_it_was_observed(world: World) -> None:
    with pytest.raises(InvariantViolated):
        Bench(world).destination.put(NEW)


@pytest.mark.parametrize("key", ["c2hvcnQ=", "not base64!"])
def test_a_public_key_that_cannot_be_sealed_for_is_said(key: str, world: World) -> None:
    bench = Bench(world)
    world.faults.add(Fault("status", path="*/public-key", code=200, body={"key_id": "1", "key": key}))
    bench.destination.observe()
    with pytest.raises(DestinationError) as caught:
        bench.destination.put(NEW)
    assert (caught.value.reason, caught.value.outcome) == ("public-key-unusable", Outcome.NO_EFFECT)


@pytest.mark.parametrize("body", [{"key_id": 1, "key": "x"}, {"key_id": "1"}, []])
def test_a_public_key_of_another_shape_is_not_believed(body: object, world: World) -> None:
    bench = Bench(world)
    world.faults.add(Fault("status", path="*/public-key", code=200, body=body))
    with pytest.raises(DestinationError) as caught:
        bench.destination.observe()
    assert caught.value.reason == "github-unexpected-answer"


@pytest.mark.parametrize("body", [{}, {"updated_at": None}, {"updated_at": "noon"}, []])
def test_a_write_time_of_another_shape_is_unknown_not_absent(body: object, world: World) -> None:
    bench = Bench(world)
    world.faults.add(Fault("status", path="*/secrets/NEON_API_KEY", code=200, body=body))
    with pytest.raises(DestinationError) as caught:
        bench.destination.observe()
    assert caught.value.reason == "github-unexpected-answer"


def test_without_permission_it_is_refused_in_preflight(world: World) -> None:
    bench = Bench(world, permissions={"variables": "write"})
    with pytest.raises(Refused) as caught:
        bench.destination.observe()
    assert caught.value.reason == "github-permission-missing"
    assert "Secrets: read and write" in caught.value.remedy


def test_a_write_time_far_from_the_accepted_one_is_not_ours(world: World) -> None:
    bench = Bench(world)
    before = bench.destination.observe()
    receipt = bench.destination.put(NEW)
    assert before.written_at is not None
    assert receipt.accepted_at is not None
    assert receipt.accepted_at - before.written_at > timedelta(days=6)
