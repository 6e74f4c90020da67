"""What is 1Password's own: names and ids, one field among others, and all of the item kept."""

from __future__ import annotations

import copy
import json

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome, Refused
from rotate.protocol.facts.destination import Held
from rotate.sandbox.exchange import Json
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.systems.onepassword.field import ItemField
from tests.support.bench import BEFORE, NAME, means_of
from tests.support.openapi import check
from tests.systems.onepassword.bench import NEW, TEXT, Field, Items, field


def _sent(world: World) -> list[object]:
    return [json.loads(entry.request_body or b"") for entry in world.ledger if entry.method == "PATCH"]


def test_the_value_alone_is_replaced_and_all_is_as_described(world: World) -> None:
    bench = Items(world)
    was = copy.deepcopy(bench.ours)
    bench.written()
    field_id = f"/fields/id~1of~0{NAME}/value"
    assert _sent(world) == [[{"op": "replace", "path": field_id, "value": NEW.reveal()}]]
    fields = [field(value=NEW.reveal(), section={"id": "api"}), field("password", "hunter2")]
    assert bench.ours == {**was, "version": 2, "fields": fields}
    assert check(world.ledger) == len(world.ledger)


def test_names_are_looked_for_once_and_ids_are_taken_as_they_are(world: World) -> None:
    bench = Items(world)
    bench.written()
    assert world.ledger.count("GET", "/vaults") == 1
    assert world.ledger.count("GET", f"/vaults/{bench.vault}/items") == 1
    bench.written(bench.by_ids)
    assert world.ledger.count("GET", "/vaults") == 1
    assert world.ledger.count("GET", f"/vaults/{bench.vault}/items") == 1


def test_a_field_is_found_by_its_id_too(world: World) -> None:
    bench = Items(world)
    bench.written(f"onepassword://Production/Neon#id/of~{NAME}")
    assert bench.held() == NEW.reveal()


def test_a_field_that_is_absent_is_added_once_and_concealed(world: World) -> None:
    bench = Items(world)
    bench.write(None)
    bench.written()
    assert _sent(world) == [
        [{"op": "add", "path": "/fields", "value": {"label": NAME, "type": "CONCEALED", "value": NEW.reveal()}}]
    ]
    assert [one["label"] for one in bench.fields] == ["password", NAME]
    assert check(world.ledger) == len(world.ledger)


def test_an_addition_whose_reply_was_lost_is_not_sent_again(world: World) -> None:
    bench = Items(world)
    bench.write(None)
    opened = bench.opened()
    before = opened.observe()
    world.faults.add(Fault("lost_reply", server="onepassword", method="PATCH"))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert raised.value.outcome is Outcome.UNKNOWN
    assert opened.confirm(before, None) == Held(NEW.fingerprint)
    assert [one["label"] for one in bench.fields] == ["password", NAME]


def test_a_field_without_a_value_gets_one(world: World) -> None:
    bench = Items(world)
    del bench.fields[0]["value"]
    bench.written()
    assert bench.held() == NEW.reveal()
    assert json.dumps(_sent(world)).count('"add"') == 1


@pytest.mark.parametrize("text", [f"onepassword://Production/Gone#{NAME}", f"onepassword://Gone/Neon#{NAME}"])
def test_a_vault_or_an_item_that_no_name_finds_is_no_absent_field(text: str, world: World) -> None:
    with pytest.raises(Refused, match=r"sees no (vault|item) of this name") as raised:
        Items(world).opened(text).observe()
    assert raised.value.reason == "destination-absent"


def test_an_item_that_no_id_finds_is_no_absent_field(world: World) -> None:
    bench = Items(world)
    opened = bench.opened(bench.by_ids)
    del bench.state.vaults[bench.vault].items[bench.item]
    with pytest.raises(Refused, match="not found") as raised:
        opened.observe()
    assert raised.value.reason == "destination-absent"


def test_two_of_one_name_are_told_and_neither_is_written(world: World) -> None:
    bench = Items(world)
    other = bench.state.add_item(bench.vault, "Neon", field())
    with pytest.raises(Refused, match="more than one item") as raised:
        bench.opened().observe()
    assert raised.value.reason == "destination-ambiguous"
    bench.state.vaults[bench.vault].items[other]["state"] = "ARCHIVED"
    bench.written()
    bench.state.let(bench.token, bench.state.add_vault("Production"), "write")
    with pytest.raises(Refused, match="more than one vault"):
        bench.opened().observe()


def test_two_fields_of_one_label_are_told_and_an_id_tells_them_apart(world: World) -> None:
    bench = Items(world)
    bench.fields.append(field(value="another", section={"id": "more"}) | {"id": "second"})
    with pytest.raises(Refused, match="more than one field") as raised:
        bench.opened().observe()
    assert raised.value.reason == "destination-ambiguous"
    bench.written("onepassword://Production/Neon#second")
    assert [one["value"] for one in bench.fields] == [BEFORE, "hunter2", NEW.reveal()]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"type": "TOTP"}, "destination-not-a-text"),
        ({"type": "URL"}, "destination-not-a-text"),
        ({"value": "op://Production/Neon/credential"}, "destination-refers"),
        ({"value": 5}, "destination-unexpected-answer"),
    ],
)
def test_a_field_that_holds_no_value_of_its_own_is_left(change: Field, reason: str, world: World) -> None:
    bench = Items(world)
    bench.fields[0].update(change)
    was = copy.deepcopy(bench.ours)
    with pytest.raises((Refused, DestinationError)) as raised:
        bench.opened().observe()
    assert (raised.value.reason, bench.ours) == (reason, was)


def test_an_item_that_is_archived_is_left(world: World) -> None:
    bench = Items(world)
    bench.ours["state"] = "ARCHIVED"
    with pytest.raises(Refused, match="the item is archived") as raised:
        bench.opened().observe()
    assert raised.value.reason == "destination-deleted"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/vaults", {"vaults": []}),
        ("/vaults", [5]),
        ("/vaults", [{"name": "Production"}]),
        ("/vaults", [{"name": "Production", "id": "../items"}]),
        ("/vaults/*/items/*", {"id": "another", "fields": []}),
        ("/vaults/*/items/*", []),
    ],
)
def test_an_answer_about_something_else_is_not_believed(path: str, body: object, world: World) -> None:
    opened = Items(world).opened()
    world.faults.add(Fault("status", server="onepassword", path=path, code=200, body=body, times=None))
    with pytest.raises(DestinationError) as raised:
        opened.observe()
    assert raised.value.reason == "destination-unexpected-answer"


def test_what_is_changed_beside_the_write_is_told_by_name_and_never_shown(world: World) -> None:
    bench = Items(world)
    opened = bench.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    tags: list[Json] = ["neon"]
    bench.ours["tags"] = tags
    bench.fields[0]["type"] = "STRING"
    bench.fields[1]["value"] = "hunter3"
    with pytest.raises(DestinationError, match="before the write: field, other fields, tags") as raised:
        opened.confirm(before, receipt)
    assert raised.value.reason == "destination-flags-changed"
    assert "hunter" not in str(vars(opened)) + raised.value.message


def test_two_fields_of_one_item_are_both_written_in_one_run(world: World) -> None:
    bench = Items(world)
    means = means_of(bench.environment)
    others = "onepassword://Production/Neon#id/of~password", "onepassword://Production/Neon#MORE"
    opened = [ItemField(parsed(text), means) for text in (bench.by_ids, *others)]
    before = [one.observe() for one in opened]
    receipts = [one.put(NEW) for one in opened]
    for one, seen, receipt in zip(opened, before, receipts, strict=True):
        assert one.confirm(seen, receipt) == Held(NEW.fingerprint)
    assert [(one["label"], one["value"]) for one in bench.fields] == [
        (label, NEW.reveal()) for label in (NAME, "password", "MORE")
    ]


def test_the_order_of_the_fields_and_what_changes_by_itself_count_not(world: World) -> None:
    bench = Items(world)
    bench.fields.append(field("code", "otpauth://totp/neon", type="TOTP", totp="123456"))
    opened = bench.opened(TEXT)
    before = opened.observe()
    receipt = opened.put(NEW)
    bench.fields[2]["totp"] = "654321"
    bench.fields.reverse()
    bench.fields[-1]["entropy"] = 127.5
    assert opened.confirm(before, receipt) == Held(NEW.fingerprint)
