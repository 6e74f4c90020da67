"""What is Key Vault's own: versions, what goes with them, and what is refused before a key is issued."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rotate.errors import DestinationError, Outcome, Refused
from rotate.protocol.facts.destination import Held
from rotate.sandbox.azure_keyvault.state import Version
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.wire.outcome import Answer
from tests.support.bench import BEFORE
from tests.support.openapi import check
from tests.systems.azure_keyvault.bench import NEW, SECRET, YEAR, Vault


def test_a_new_version_has_all_that_the_one_before_had_and_that_one_stays(world: World) -> None:
    now = int(world.clock.now().timestamp())
    like = Version("", NEW.reveal(), content_type="password", tags={"owner": "x"}, nbf=now - YEAR, exp=now + YEAR)
    bench = Vault(world, content_type="password", tags={"owner": "x"}, nbf=now - YEAR, exp=now + YEAR)
    (before,) = bench.state.versions(SECRET)
    made = bench.written()
    assert replace(made, id="", created=0, updated=0) == like
    assert bench.state.versions(SECRET) == [before, made]
    assert not world.ledger.count("PATCH") + world.ledger.count("DELETE")
    assert check(entry for entry in world.ledger if entry.server == "azure-keyvault") >= 5


def test_what_had_nothing_gets_nothing_and_what_was_not_there_neither(world: World) -> None:
    bench = Vault(world)
    plain = Version("", NEW.reveal())
    assert replace(bench.written(), id="", created=0, updated=0) == plain
    bench.state.purge(SECRET)
    assert replace(bench.written(), id="", created=0, updated=0) == plain
    assert [entry.request_body for entry in world.ledger.find("PUT")][-1] == b'{"value": "%b"}' % NEW.reveal().encode()


def test_a_version_that_becomes_valid_later_is_kept_so(world: World) -> None:
    bench = Vault(world, nbf=int(world.clock.now().timestamp()) + YEAR)
    assert bench.written().nbf == bench.state.versions(SECRET)[0].nbf


def test_what_has_expired_is_refused_and_what_expires_between_is_not_written(world: World) -> None:
    bench = Vault(world, exp=int(world.clock.now().timestamp()) - 1)
    with pytest.raises(Refused, match="expired at once") as raised:
        bench.opened().observe()
    assert raised.value.reason == "destination-expired"
    assert "set-attributes" in raised.value.remedy
    assert bench.opened().written(), "the last look looks at the value alone"
    (one,) = bench.state.versions(SECRET)
    bench.state.change(SECRET, replace(one, exp=None))
    opened = bench.opened()
    opened.observe()
    bench.state.change(SECRET, one)
    with pytest.raises(DestinationError) as caught:
        opened.put(NEW)
    assert (caught.value.reason, caught.value.outcome) == ("destination-expired", Outcome.NO_EFFECT)
    assert world.ledger.count("PUT") == 0


def test_a_certificates_secret_is_refused(world: World) -> None:
    bench = Vault(world, managed=True)
    with pytest.raises(Refused, match="belongs to a certificate") as raised:
        bench.opened().observe()
    assert raised.value.reason == "destination-owned"
    assert world.ledger.count("PUT") == 0


@pytest.mark.parametrize("told", [{"managed": True}, {"kid": "https://x/keys/a/1"}])
def test_either_word_of_a_certificate_is_enough(told: dict[str, object], world: World) -> None:
    row = {"value": "x", "id": f"https://x/secrets/{SECRET}/1", **told}
    world.faults.add(Fault("status", path="/secrets/*", code=200, body=row))
    with pytest.raises(Refused, match="belongs to a certificate"):
        Vault(world).opened().observe()


def test_no_tags_are_the_same_as_none_of_them(world: World) -> None:
    row = {"value": BEFORE, "id": f"https://x/secrets/{SECRET}/1", "attributes": {"enabled": True}}
    world.faults.add(Fault("status", method="GET", path="/secrets/*", code=200, body=row, times=2))
    assert Vault(world).written().tags == {}


def test_a_disabled_version_is_no_absence(world: World) -> None:
    bench = Vault(world, enabled=False)
    with pytest.raises(Refused, match="The version is disabled") as raised:
        bench.opened().observe()
    assert raised.value.reason == "destination-disabled"
    assert "--enabled true" in raised.value.remedy


def test_a_deleted_secret_holds_its_name_and_that_is_said_before_a_key_is_issued(world: World) -> None:
    bench = Vault(world)
    bench.state.delete(SECRET)
    with pytest.raises(Refused, match="can still be recovered") as raised:
        bench.opened().observe()
    assert raised.value.reason == "destination-deleted"
    assert "secret recover" in raised.value.remedy
    assert world.ledger.count("PUT") == 0


def test_who_may_not_see_the_deleted_learns_it_from_the_write(world: World) -> None:
    bench = Vault(world)
    bench.state.delete(SECRET)
    world.faults.add(Fault("status", path="/deletedsecrets/*", code=403))
    opened = bench.opened()
    assert opened.observe().mark is None
    with pytest.raises(DestinationError, match="A deleted secret holds the name") as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-deleted", Outcome.NO_EFFECT)


@pytest.mark.parametrize(
    "row",
    [
        {"id": f"https://x/secrets/{SECRET}/1"},
        {"value": 5, "id": f"https://x/secrets/{SECRET}/1"},
        {"value": "x"},
        {"value": "x", "id": f"https://x/secrets/{SECRET}-2/1"},
        {"value": "x", "id": f"https://x/secrets/{SECRET}"},
    ],
)
def test_an_answer_about_something_else_is_not_believed(row: dict[str, object], world: World) -> None:
    opened = Vault(world).opened()
    world.faults.add(Fault("status", path="/secrets/*", code=200, body=row))
    with pytest.raises(DestinationError) as raised:
        opened.observe()
    assert raised.value.reason == "destination-unexpected-answer"


def test_an_identifier_knows_no_case_and_attributes_may_be_missing(world: World) -> None:
    opened = Vault(world).opened()
    row = {"value": BEFORE, "id": f"https://x/secrets/{SECRET.upper()}/1", "attributes": None, "tags": None}
    world.faults.add(Fault("status", path="/secrets/*", code=200, body=row))
    assert isinstance(opened.observe().mark, Held)


def test_a_tag_that_somebody_takes_away_meanwhile_holds_the_revoke_back(world: World) -> None:
    bench = Vault(world, tags={"owner": "platform"})
    opened = bench.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    latest = bench.state.versions(SECRET)[-1]
    bench.state.change(SECRET, replace(latest, tags={}))
    with pytest.raises(DestinationError, match="tags") as raised:
        opened.confirm(before, receipt)
    assert raised.value.reason == "destination-flags-changed"


@pytest.mark.parametrize("lost", ["contentType", "tags", "attributes"])
def test_a_write_that_leaves_something_out_is_caught(lost: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The design that writes the value alone; the control of what compares the rest."""
    real = Client.ask

    def careless(self: Client, one: Ask) -> Answer:
        body = {name: part for name, part in one.body.items() if name != lost} if isinstance(one.body, dict) else None
        return real(self, replace(one, body=body))

    monkeypatch.setattr(Client, "ask", careless)
    bench = Vault(world, content_type="password", tags={"a": "b"}, exp=int(world.clock.now().timestamp()) + YEAR)
    with pytest.raises(DestinationError, match="exp" if lost == "attributes" else lost) as raised:
        bench.written()
    assert raised.value.reason == "destination-flags-changed"
