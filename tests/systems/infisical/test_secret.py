"""What is Infisical's own: change requests, references, imports, rotations, and what a write sends."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from rotate.errors import DestinationError, Outcome, Refused, RotateError
from rotate.protocol.facts.destination import Held
from rotate.sandbox.faults import Fault
from rotate.sandbox.infisical.state import Secret
from rotate.sandbox.world import World
from tests.support.bench import BEFORE, NAME
from tests.systems.infisical.bench import NEW, OURS, PLACE, PROJECT, TEXT, Secrets


def _sent(world: World) -> list[dict[str, object]]:
    return [json.loads(entry.request_body or b"") for entry in world.ledger if entry.method in ("PATCH", "POST")]


def test_the_value_alone_is_sent(world: World) -> None:
    bench = Secrets(world)
    bench.written()
    assert bench.ours == {NAME: replace(OURS, value=NEW.reveal(), version=2)}
    where = {"projectId": PROJECT, "environment": "prod", "secretPath": "/apps/payments"}
    assert _sent(world) == [{**where, "type": "shared", "secretValue": NEW.reveal()}]


def test_a_secret_of_the_root_folder_is_written(world: World) -> None:
    bench = Secrets(world)
    root = (PROJECT, "prod", "/")
    bench.state.folders[root] = {NAME: Secret(BEFORE)}
    opened = bench.opened(f"infisical://{PROJECT}/prod#{NAME}")
    before = opened.observe()
    opened.confirm(before, opened.put(NEW))
    assert bench.state.folders[root][NAME].value == NEW.reveal()
    assert bench.ours == {NAME: OURS}


def test_one_that_is_absent_is_created_once(world: World) -> None:
    bench = Secrets(world)
    del bench.ours[NAME]
    bench.written()
    assert bench.ours == {NAME: Secret(NEW.reveal())}
    assert [entry.method for entry in world.ledger].count("POST") == 1


def test_a_creation_whose_reply_was_lost_is_not_sent_again_and_confirmed_by_what_stands_there(world: World) -> None:
    bench = Secrets(world)
    del bench.ours[NAME]
    opened = bench.opened()
    before = opened.observe()
    world.faults.add(Fault("lost_reply", server="infisical", method="POST"))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert raised.value.outcome is Outcome.UNKNOWN
    assert opened.confirm(before, None) == Held(NEW.fingerprint)
    assert world.ledger.count("POST") == 1


@pytest.mark.parametrize("there", [True, False], ids=["update", "create"])
def test_a_change_request_is_no_write_and_has_a_reason_of_its_own(there: bool, world: World) -> None:
    bench = Secrets(world)
    bench.state.approvals = True
    if not there:
        del bench.ours[NAME]
    opened = bench.opened()
    before = opened.observe()
    with pytest.raises(DestinationError, match="waits for an approval") as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-awaits-approval", Outcome.UNKNOWN)
    with pytest.raises(DestinationError) as raised:
        opened.confirm(before, None)
    assert raised.value.reason == "write-not-confirmed"
    assert bench.ours == ({NAME: OURS} if there else {})


def test_once_it_was_approved_no_other_request_is_made(world: World) -> None:
    bench = Secrets(world)
    bench.state.approvals = True
    bench.ours[NAME] = replace(OURS, value=NEW.reveal())
    bench.written()
    assert bench.state.requests == 0


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("${SHARED}", f"infisical://{PROJECT}/prod/apps/payments#SHARED"),
        ("x-${dev.SHARED}", f"infisical://{PROJECT}/dev#SHARED"),
        ("${dev.common.neon.SHARED}", f"infisical://{PROJECT}/dev/common/neon#SHARED"),
    ],
)
def test_a_reference_is_not_overwritten_and_what_it_means_is_named(value: str, meant: str, world: World) -> None:
    bench = Secrets(world)
    bench.ours[NAME] = Secret(value)
    with pytest.raises(Refused) as raised:
        bench.opened().observe()
    assert (raised.value.reason, meant in raised.value.message) == ("destination-refers", True)
    assert bench.ours[NAME].value == value


def test_an_imported_one_is_refused_with_where_it_comes_from(world: World) -> None:
    bench = Secrets(world)
    del bench.ours[NAME]
    shared = (PROJECT, "shared", "/neon")
    bench.state.folders[shared] = {NAME: Secret(BEFORE)}
    bench.state.imports[PLACE] = [shared]
    with pytest.raises(Refused, match=f"infisical://{PROJECT}/shared/neon#{NAME}") as raised:
        bench.opened().observe()
    assert raised.value.reason == "destination-refers"
    bench.ours[NAME] = OURS
    bench.written()
    assert bench.state.folders[shared] == {NAME: Secret(BEFORE)}


def test_what_a_rotation_of_infisical_writes_is_left_alone(world: World) -> None:
    bench = Secrets(world)
    bench.ours[NAME] = Secret(BEFORE, rotated=True)
    with pytest.raises(Refused) as raised:
        bench.opened().observe()
    assert raised.value.reason == "destination-owned"


def test_a_value_that_is_hidden_is_not_written(world: World) -> None:
    bench = Secrets(world)
    row = OURS.shape(PLACE, NAME) | {"secretValueHidden": True}
    world.faults.add(Fault("status", server="infisical", code=200, body={"secret": row}, times=None))
    with pytest.raises(Refused, match="hides the value") as raised:
        bench.opened().observe()
    assert raised.value.reason == "destination-not-allowed"


@pytest.mark.parametrize("text", [f"infisical://{PROJECT}/prod/gone#{NAME}", f"infisical://{PROJECT}/dev#{NAME}"])
def test_a_folder_that_is_not_there_is_no_absent_secret(text: str, world: World) -> None:
    with pytest.raises(Refused, match="not found") as raised:
        Secrets(world).opened(text).observe()
    assert raised.value.reason == "destination-absent"


@pytest.mark.parametrize("listed", [{"secrets": [{"secretKey": NAME, "type": "shared"}]}, {"imports": []}, []])
def test_a_list_that_does_not_show_the_absence_proves_none(listed: object, world: World) -> None:
    bench = Secrets(world)
    del bench.ours[NAME]
    world.faults.add(Fault("status", server="infisical", path="*/v4/secrets", code=200, body=listed, times=None))
    with pytest.raises(DestinationError) as raised:
        bench.opened().observe()
    assert raised.value.reason == "destination-unexpected-answer"


def test_somebodys_personal_value_is_not_the_secret(world: World) -> None:
    bench = Secrets(world)
    del bench.ours[NAME]
    listed = {"secrets": [{"secretKey": NAME, "type": "personal"}, 5]}
    world.faults.add(Fault("status", server="infisical", path="*/v4/secrets", code=200, body=listed))
    assert bench.opened().observe().mark is None


@pytest.mark.parametrize(
    "change", [{"secretKey": "OTHER"}, {"type": "personal"}, {"secretValue": None}, {"secretValue": 5}]
)
def test_an_answer_about_something_else_is_not_believed(change: dict[str, object], world: World) -> None:
    bench = Secrets(world)
    row = OURS.shape(PLACE, NAME) | change
    world.faults.add(Fault("status", server="infisical", code=200, body={"secret": row}, times=None))
    with pytest.raises(DestinationError) as raised:
        bench.opened().observe()
    assert raised.value.reason == "destination-unexpected-answer"


@pytest.mark.parametrize("body", [{"secret": {"secretKey": "OTHER"}}, {"approval": None}, {}])
def test_an_answer_to_a_write_that_is_neither_is_unknown(body: dict[str, object], world: World) -> None:
    opened = Secrets(world).opened()
    opened.observe()
    world.faults.add(Fault("status", server="infisical", method="PATCH", code=200, body=body))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-unexpected-answer", Outcome.UNKNOWN)


def test_tags_and_metadata_that_change_beside_the_write_are_told_by_name(world: World) -> None:
    bench = Secrets(world)
    opened = bench.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    bench.ours[NAME] = replace(bench.ours[NAME], tags=(), metadata=(("owner", "somebody"),))
    with pytest.raises(RotateError, match="before the write: secretMetadata, tags") as raised:
        opened.confirm(before, receipt)
    assert raised.value.reason == "destination-flags-changed"
    bench.ours[NAME] = replace(bench.ours[NAME], tags=OURS.tags[::-1], metadata=OURS.metadata)
    assert opened.confirm(before, receipt) == Held(NEW.fingerprint), TEXT
