"""An organization secret is read by whom it was read before, whatever happens to it meanwhile."""

from __future__ import annotations

from random import Random

import pytest

from rotate.errors import DestinationError, Outcome, Refused
from rotate.protocol.facts.destination import Access
from rotate.sandbox.faults import Fault, Kind
from rotate.sandbox.world import World
from rotate.systems.github.address import Address, Store
from tests.support.bench_of_places import NAME, NEW, ORGANIZATION, Bench
from tests.support.openapi import check


@pytest.mark.parametrize("store", Store)
def test_an_organization_secret_is_never_created_without_a_stated_visibility(store: Store, world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION, store), exists=False)
    with pytest.raises(Refused) as caught:
        bench.destination.observe()
    assert caught.value.reason == "organization-secret-missing"
    assert not world.ledger.find("PUT")


@pytest.mark.parametrize("visibility", ["all", "private"])
def test_an_organization_secret_is_created_with_the_visibility_that_was_stated(visibility: str, world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION), exists=False, visibility=visibility)
    bench.write()
    assert bench.access == Access(visibility)


def test_a_stated_visibility_never_widens_a_secret_that_exists(world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION), visibility="all")
    bench.write()
    assert bench.access == Access("private")


@pytest.mark.parametrize("count", [1, 100, 101, 250])
def test_selected_repositories_stay_selected_however_many(count: int, world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION))
    ids = bench.select(count)
    bench.write()
    assert bench.access == Access("selected", ids)
    check(world.ledger)


@pytest.mark.timeout(300)
def test_who_may_read_it_is_the_same_after_a_thousand_writes(world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION))
    world.ledger.reset()
    chance = Random(7)
    bench.select(5)
    ids = [one.repository_id for one in bench.repositories]
    for _ in range(1000 // 25):
        selected = tuple(sorted(chance.sample(ids, chance.randint(0, len(ids)))))
        visibility = chance.choice(["all", "private", "selected"])
        kept = selected if visibility == "selected" else ()
        bench.store("old", visibility, kept)
        before = bench.destination.observe()
        receipt = None
        for _ in range(25):
            receipt = bench.destination.put(NEW)
        bench.destination.confirm(before, receipt)
        assert bench.access == Access(visibility, frozenset(kept))
    assert world.ledger.count("PUT") == 1000


def test_access_that_somebody_else_changed_meanwhile_is_not_confirmed(world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION))
    bench.select(2)
    before = bench.destination.observe()
    receipt = bench.destination.put(NEW)
    bench.select(1)
    world.github.vault(ORGANIZATION).secrets[NAME].updated_at = world.clock.now()
    world.github.vault(ORGANIZATION).secrets[NAME].shown_at = world.clock.now()
    with pytest.raises(DestinationError) as caught:
        bench.destination.confirm(before, receipt)
    assert (caught.value.reason, caught.value.outcome) == ("secret-access-changed", Outcome.UNKNOWN)
    assert "selected, 2 repositories before, selected, 1 repository now" in caught.value.message


def test_a_repository_that_was_selected_since_the_first_look_keeps_the_secret(world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION))
    bench.select(2)
    before = bench.destination.observe()
    ids = bench.select(3)
    bench.destination.confirm(before, bench.destination.put(NEW))
    assert bench.access == Access("selected", ids)


def test_a_secret_that_was_deleted_since_the_first_look_comes_back_as_it_was(world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION))
    ids = bench.select(2)
    before = bench.destination.observe()
    bench.vault.secrets.clear()
    bench.destination.confirm(before, bench.destination.put(NEW))
    assert bench.access == Access("selected", ids)


@pytest.mark.parametrize("kind", ["reset", "html"])
def test_a_write_whose_access_cannot_be_read_has_no_effect(kind: Kind, world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION))
    bench.destination.observe()
    world.faults.add(Fault(kind, method="GET", times=None))
    with pytest.raises(DestinationError) as caught:
        bench.destination.put(NEW)
    assert caught.value.outcome is Outcome.NO_EFFECT
    assert not world.ledger.find("PUT")


@pytest.mark.parametrize("rows", ["none", [{"id": "7"}], [{}]])
def test_a_list_of_repositories_that_cannot_be_read_is_unknown(rows: object, world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION))
    bench.select(1)
    world.faults.add(Fault("status", path="*/repositories", code=200, body={"repositories": rows}, times=None))
    with pytest.raises(DestinationError) as caught:
        bench.destination.observe()
    assert caught.value.reason == "github-unexpected-answer"


def part(world: World, count: int, shown: int) -> None:
    """Let the token be shown a part of the selected repositories, as GitHub may show a narrow one."""
    rows = [{"id": number} for number in range(shown)]
    body = {"total_count": count, "repositories": rows}
    world.faults.add(Fault("status", path="*/repositories", code=200, body=body, times=None))


def test_a_selection_of_which_only_a_part_is_shown_stops_the_run_before_it_writes(world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION))
    ids = bench.select(6)
    part(world, 6, 2)
    with pytest.raises(Refused) as caught:
        bench.destination.observe()
    assert caught.value.reason == "list-not-whole"
    assert "GitHub counts 6 and shows 2." in caught.value.message
    assert bench.access == Access("selected", ids)


def test_a_selection_that_is_shown_in_part_only_later_has_no_effect_either(world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION))
    ids = bench.select(6)
    bench.destination.observe()
    part(world, 6, 2)
    with pytest.raises(DestinationError) as caught:
        bench.destination.put(NEW)
    assert (caught.value.reason, caught.value.outcome) == ("list-not-whole", Outcome.NO_EFFECT)
    assert not world.ledger.find("PUT")
    assert bench.access == Access("selected", ids)


def test_a_list_that_is_longer_than_github_counts_is_taken_as_it_is(world: World) -> None:
    bench = Bench(world, Address(ORGANIZATION))
    bench.select(3)
    part(world, 1, 3)
    assert bench.destination.observe().access == Access("selected", frozenset(range(3)))


def test_a_write_that_has_to_wait_reads_the_selection_again_before_it_goes(world: World) -> None:
    """What was read before a wait of minutes would take the secret from a repository that was selected meanwhile."""
    bench = Bench(world, Address(ORGANIZATION))
    bench.select(2)
    before = bench.destination.observe()
    wider: list[frozenset[int]] = []
    world.faults.add(Fault("hook", method="PUT", call=lambda _: wider.append(bench.select(3))))
    world.faults.add(Fault("rate_limited", method="PUT", retry_after=5))
    bench.destination.confirm(before, bench.destination.put(NEW))
    assert bench.access == Access("selected", *wider)
    assert world.ledger.count("PUT") == 2


def test_a_long_selection_that_changes_while_it_is_read_is_not_written(world: World) -> None:
    """A repository that slips from one page to the one before it is in neither."""
    bench = Bench(world, Address(ORGANIZATION))
    ids = sorted(bench.select(101))
    bench.destination.observe()
    world.faults.add(
        Fault("hook", path="*/repositories", nth=2, call=lambda _: bench.store("old", "selected", tuple(ids[1:])))
    )
    with pytest.raises(DestinationError) as caught:
        bench.destination.put(NEW)
    assert (caught.value.reason, caught.value.outcome) == ("secret-access-changed", Outcome.NO_EFFECT)
    assert bench.access == Access("selected", frozenset(ids[1:]))
    assert not world.ledger.find("PUT")
