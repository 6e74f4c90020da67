"""With fewer rights at a secret less is proven, and what is lacking is told before a key is issued."""

from __future__ import annotations

from typing import Any

import pytest

from rotate.errors import DestinationError, Outcome, Refused
from rotate.protocol.facts.destination import Held
from rotate.sandbox.faults import Fault
from rotate.sandbox.gcp.state import ACCESSOR, ADDER, ADMIN, VIEWER
from rotate.sandbox.world import World
from tests.systems.gcp.bench import GLOBAL, NEW, PROJECT, Secrets

LOOKER = VIEWER - {"secretmanager.versions.get"}


@pytest.mark.parametrize(
    ("roles", "mark"), [((ADDER,), Held()), ((ADDER, LOOKER), Held()), ((ADDER, ACCESSOR), Held(NEW.fingerprint))]
)
def test_with_fewer_rights_less_is_proven(roles: tuple[frozenset[str], ...], mark: Held, world: World) -> None:
    ours = Secrets(world, GLOBAL, *roles)
    opened = ours.written()
    assert (ours.values[-1], opened.written()) == (NEW.reveal(), mark)


def test_a_version_that_is_seen_without_its_value_is_known_by_its_number_and_time(world: World) -> None:
    ours = Secrets(world, GLOBAL, ADDER, VIEWER)
    opened = ours.opened()
    before = opened.observe()
    assert before.written_at == ours.secret.versions[-1].created
    world.advance(5)
    receipt = opened.put(NEW)
    assert opened.confirm(before, receipt) == ours.secret.versions[-1].created
    world.advance(5)
    ours.state.add(ours.secret, b"napi_somebody_elses")
    with pytest.raises(DestinationError, match="version 3 was added, and the latest is 4") as raised:
        opened.confirm(before, receipt)
    assert (raised.value.reason, raised.value.outcome) == ("destination-overwritten", Outcome.UNKNOWN)
    ours.state.set_secret(GLOBAL)
    assert opened.written() is None


def test_a_lost_reply_of_what_cannot_be_read_proves_nothing(world: World) -> None:
    ours = Secrets(world, GLOBAL, ADDER)
    opened = ours.opened()
    before = opened.observe()
    world.faults.add(Fault("lost_reply", path="*:addVersion", times=None))
    with pytest.raises(DestinationError):
        opened.put(NEW)
    with pytest.raises(DestinationError) as raised:
        opened.confirm(before, None)
    assert raised.value.reason == "write-not-confirmed"


def test_what_cannot_be_read_must_have_been_checked_by_google(world: World) -> None:
    ours = Secrets(world, GLOBAL, ADDER)
    opened = ours.opened()
    opened.observe()
    name = {"name": f"{GLOBAL}/versions/3", "state": "ENABLED"}
    world.faults.add(Fault("status", path="*:addVersion", code=200, body=name))
    with pytest.raises(DestinationError, match="checksum") as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-unexpected-answer", Outcome.UNKNOWN)


def test_googles_message_is_quoted_and_nothing_else_of_its_answer(world: World) -> None:
    opened = Secrets(world).opened()
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "IAM_PERMISSION_DENIED"}]
    error = {"code": 403, "message": "Permission 'x' denied.", "status": "PERMISSION_DENIED", "details": details}
    world.faults.add(Fault("status", path="*:access", code=403, body={"error": error}))
    with pytest.raises(Refused, match=r"HTTP 403, “Permission 'x' denied\.”\."):
        opened.observe()


def test_who_may_only_read_is_told_so_before_a_key_is_issued(world: World) -> None:
    ours = Secrets(world, GLOBAL, ACCESSOR)
    with pytest.raises(Refused, match=r"secretmanager\.versions\.add") as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-not-allowed"


def test_absence_and_lack_of_rights_that_google_does_not_tell_apart_are_no_absence(world: World) -> None:
    ours = Secrets(world)
    ours.state.let(ours.token, PROJECT)
    ours.state.let(ours.token, GLOBAL, ADMIN)
    ours.written()
    ours.state.delete(GLOBAL)
    with pytest.raises(Refused, match="either there is no such secret") as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-absent"


@pytest.mark.parametrize("fault", [{"code": 404}, {"code": 503}, {"code": 200, "body": {"permissions": "all"}}])
def test_rights_that_are_not_told_hold_nothing_up(fault: dict[str, Any], world: World) -> None:
    ours = Secrets(world)
    world.faults.add(Fault("status", path="*:testIamPermissions", times=None, **fault))
    ours.written()
    ours.state.let(ours.token, PROJECT, ADDER)
    with pytest.raises(Refused, match="or it may not exist") as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-not-allowed"
