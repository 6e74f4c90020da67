"""What is Secret Manager's own: versions, aliases, rights, what is out of use, and whom a secret belongs to."""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import pytest

from rotate.errors import DestinationError, Outcome, Refused, RotateError
from rotate.protocol.facts.destination import Held
from rotate.sandbox.faults import Fault
from rotate.sandbox.gcp.state import ADDER, ADMIN, VIEWER
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.systems.gcp.crc32c import crc32c
from rotate.wire.outcome import Answer
from tests.support.bench import BEFORE
from tests.support.discovery import check
from tests.systems.gcp.bench import ADDRESSES, GLOBAL, NEW, PROJECT, REGIONAL, SHOWN, Secrets

LOOKER = VIEWER - {"secretmanager.versions.get"}


@pytest.mark.parametrize("path", ADDRESSES)
def test_it_is_read_written_and_created_as_the_description_says(path: str, world: World) -> None:
    ours = Secrets(world, path, aliases={"prod": "2", "older": "1"}, **SHOWN)
    before = dict(ours.secret.shown)
    ours.written()
    assert ours.values == ["napi_older", BEFORE, NEW.reveal()]
    assert (ours.secret.shown, ours.secret.aliases) == (before, {"prod": "3", "older": "1"})
    assert all(one.state == "ENABLED" for one in ours.secret.versions), "none is disabled or destroyed"
    ours.state.delete(path)
    ours.written()
    assert ours.values == [NEW.reveal()]
    assert ours.secret.shown == ({} if path == REGIONAL else {"replication": {"automatic": {}}})
    assert check(entry for entry in world.ledger if entry.server == "gcp-secretmanager") >= 19


def test_a_secret_without_a_version_is_given_its_first_and_stays_as_it_is(world: World) -> None:
    ours = Secrets(world)
    ours.kept = ours.state.set_secret(GLOBAL, **SHOWN)
    assert ours.opened().observe().mark is None
    ours.written()
    assert (ours.values, world.ledger.count("POST", path=f"/{PROJECT}/secrets")) == ([NEW.reveal()], 0)


def test_a_regional_secret_is_another_than_the_global_one_of_its_name(world: World) -> None:
    ours = Secrets(world)
    ours.state.set_secret(REGIONAL, "napi_elsewhere")
    ours.written()
    assert ours.state.value(REGIONAL) == "napi_elsewhere"


def test_the_checksum_is_castagnolis() -> None:
    assert [crc32c(b""), crc32c(b"123456789"), crc32c(b"not-a-secret")] == [0, 0xE3069283, 679015127]


def test_a_value_that_was_broken_on_the_way_is_refused_by_its_checksum(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: whatever breaks the value between here and there."""
    real = Client.ask

    def careless(self: Client, one: Ask) -> Answer:
        if isinstance(one.body, dict) and "payload" in one.body:
            payload = {**one.body["payload"], "data": base64.b64encode(b"napi_broken").decode()}
            return real(self, replace(one, body={"payload": payload}))
        return real(self, one)

    monkeypatch.setattr(Client, "ask", careless)
    with pytest.raises(DestinationError, match="CRC32C"):
        Secrets(world).written()


@pytest.mark.parametrize(
    "row",
    [
        {"name": f"{GLOBAL}/versions/2"},
        {"name": f"{GLOBAL}/versions/2", "payload": {"data": "?"}},
        {"name": f"{GLOBAL}/versions/2", "payload": {"data": 5}},
        {"name": f"{GLOBAL}/versions/2", "payload": {"data": "bmFwaQ==", "dataCrc32c": "1"}},
        {"name": f"{GLOBAL}_2/versions/2", "payload": {"data": "bmFwaQ=="}},
    ],
)
def test_an_answer_that_is_not_whole_or_about_something_else_is_not_believed(
    row: dict[str, object], world: World
) -> None:
    opened = Secrets(world).opened()
    world.faults.add(Fault("status", path="*:access", code=200, body=row))
    with pytest.raises(DestinationError) as raised:
        opened.observe()
    assert raised.value.reason == "destination-unexpected-answer"


@pytest.mark.parametrize("more", [{"createTime": "soon"}, {"name": "projects/1/secrets/OTHER/versions/2"}])
def test_nor_is_a_version_without_its_value(more: dict[str, str], world: World) -> None:
    opened = Secrets(world, GLOBAL, ADDER, VIEWER).opened()
    row = {"name": f"{GLOBAL}/versions/2", "createTime": "2026-01-01T00:00:00Z", "state": "ENABLED", **more}
    world.faults.add(Fault("status", path="*/versions/latest", code=200, body=row))
    with pytest.raises(DestinationError) as raised:
        opened.observe()
    assert raised.value.reason == "destination-unexpected-answer"


@pytest.mark.parametrize("roles", [(ADMIN,), (ADDER, VIEWER)])
def test_a_version_that_is_disabled_is_not_replaced_and_one_that_was_destroyed_is_none(
    roles: tuple[frozenset[str], ...], world: World
) -> None:
    ours = Secrets(world, GLOBAL, *roles)
    ours.secret.versions[-1].state = "DISABLED"
    with pytest.raises(Refused, match="cannot be used") as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-disabled"
    assert f"--secret={GLOBAL.rpartition('/')[2]} --project=octo-payments" in raised.value.remedy
    ours.secret.versions[-1].state = "DESTROYED"
    assert ours.opened().observe().mark is None


def test_the_words_of_a_location_are_those_that_gcloud_takes(world: World) -> None:
    ours = Secrets(world, REGIONAL)
    ours.secret.versions[-1].state = "DISABLED"
    with pytest.raises(Refused) as raised:
        ours.opened().observe()
    assert "--project=octo-payments --location=europe-west3" in raised.value.remedy


def test_another_refusal_of_the_look_keeps_its_own_words(world: World) -> None:
    opened = Secrets(world).opened()
    body = {"error": {"code": 400, "message": "Bad name.", "status": "INVALID_ARGUMENT"}}
    world.faults.add(Fault("status", path="*:access", code=400, body=body))
    with pytest.raises(DestinationError, match="Bad name") as raised:
        opened.observe()
    assert raised.value.reason == "destination-refused"


@pytest.mark.parametrize(
    ("shown", "owner"),
    [
        ({"labels": {"managed-by": "external-secrets"}}, "External Secrets"),
        ({"rotation": {"managedRotationStatus": {"state": "ACTIVE"}}}, "managed rotation"),
    ],
)
def test_what_another_tool_writes_is_not_written(shown: dict[str, Any], owner: str, world: World) -> None:
    ours = Secrets(world, GLOBAL, **shown)
    with pytest.raises(Refused, match=owner) as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-owned"
    assert len(ours.values) == 2


def test_an_object_of_several_values_is_not_overwritten_even_if_it_came_meanwhile(world: World) -> None:
    ours = Secrets(world)
    opened = ours.opened()
    opened.observe()
    ours.state.add(ours.secret, b'{"NEON_API_KEY": "napi_x", "OTHER": "y"}')
    with pytest.raises(RotateError, match="JSON object") as raised:
        opened.put(NEW)
    assert (raised.value.reason, len(ours.values)) == ("destination-holds-more", 3)
    assert opened.written() == Held(Secret(ours.values[-1]).fingerprint), "the last look tells that it is not ours"


def test_a_label_that_somebody_changed_meanwhile_holds_the_revoke_back(world: World) -> None:
    ours = Secrets(world, GLOBAL, **SHOWN)
    opened = ours.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    ours.secret.shown["labels"] = {}
    with pytest.raises(DestinationError, match="labels") as raised:
        opened.confirm(before, receipt)
    assert raised.value.reason == "destination-flags-changed"


def test_bytes_that_are_no_text_are_compared_all_the_same(world: World) -> None:
    ours = Secrets(world)
    ours.state.add(ours.secret, b"\xff\xfe")
    assert ours.opened().observe().mark == Held(Secret("\\xff\\xfe").fingerprint)
    ours.written()


def test_what_somebody_deletes_meanwhile_is_not_created_again(world: World) -> None:
    ours = Secrets(world)
    opened = ours.opened()
    opened.observe()
    ours.state.delete(GLOBAL)
    with pytest.raises(DestinationError, match="not created again") as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-absent", Outcome.NO_EFFECT)
    assert ours.state.secret(GLOBAL) is None


def test_of_two_that_create_it_at_once_the_second_is_told(world: World) -> None:
    ours = Secrets(world)
    ours.state.delete(GLOBAL)
    opened = ours.opened()
    opened.observe()
    world.faults.add(Fault("hook", method="POST", path=f"/{PROJECT}/secrets", call=lambda _: _created(ours)))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-changed", Outcome.NO_EFFECT)
    assert ours.values == ["napi_somebody_elses"]


def _created(ours: Secrets) -> None:
    ours.state.set_secret(GLOBAL, "napi_somebody_elses")
