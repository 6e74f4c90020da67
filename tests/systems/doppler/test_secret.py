"""What is Doppler's own: compare-and-swap, references, inheritance, restricted values, and changes not applied."""

from __future__ import annotations

import json

import pytest

from rotate.errors import DestinationError, Outcome, Refused
from rotate.protocol.facts.destination import Held
from rotate.sandbox.doppler.state import Config, Secret
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.secret import Secret as Value
from tests.support.bench import BEFORE, NAME
from tests.support.openapi import check
from tests.systems.doppler.bench import NEW, PLACE, Secrets

ROOT = f"doppler://payments/prd#{NAME}"


def test_it_is_written_over_what_was_read_and_all_is_as_described(world: World) -> None:
    bench = Secrets(world)
    bench.written()
    assert bench.ours == {NAME: Secret(NEW.reveal(), "masked", "Neon")}
    sent = [json.loads(entry.request_body or b"") for entry in world.ledger if entry.method == "POST"]
    assert sent[0]["change_requests"] == [
        {
            "name": NAME,
            "originalName": NAME,
            "value": NEW.reveal(),
            "originalValue": BEFORE,
            "originalVisibility": "masked",
        }
    ]
    assert check(entry for entry in world.ledger if entry.server == "doppler") == len(world.ledger)


def test_one_that_is_absent_is_created_masked(world: World) -> None:
    """The description's schema has no null for `originalName`, and its words ask for it: this write is not checked."""
    bench = Secrets(world)
    del bench.ours[NAME]
    bench.written()
    assert bench.ours == {NAME: Secret(NEW.reveal())}
    assert check(entry for entry in world.ledger if entry.method == "GET")


@pytest.mark.parametrize("there", [Secret("napi_elsewhere", note="Neon"), Secret(BEFORE, "unmasked", "Neon"), None])
def test_what_somebody_else_changes_right_before_the_write_stays(there: Secret | None, world: World) -> None:
    bench = Secrets(world)
    opened = bench.opened()
    opened.observe()

    def meanwhile() -> None:
        if there:
            bench.ours[NAME] = there
        else:
            del bench.ours[NAME]

    with pytest.raises(DestinationError, match="somebody else changed it meanwhile") as raised:
        opened.put(NEW, meanwhile)
    assert (raised.value.reason, raised.value.outcome) == ("destination-changed", Outcome.NO_EFFECT)
    assert bench.ours == ({NAME: there} if there else {})


def test_what_somebody_else_creates_right_before_the_creation_stays(world: World) -> None:
    bench = Secrets(world)
    del bench.ours[NAME]
    opened = bench.opened()
    opened.observe()
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW, lambda: bench.ours.update({NAME: Secret("napi_elsewhere")}))
    assert raised.value.reason == "destination-changed"
    assert bench.ours[NAME].raw == "napi_elsewhere"


def test_a_reply_that_was_lost_is_told_from_a_change_by_somebody_else(world: World) -> None:
    bench = Secrets(world)
    opened = bench.opened()
    before = opened.observe()
    world.faults.add(Fault("lost_reply", server="doppler", method="POST"))
    opened.confirm(before, opened.put(NEW))
    assert bench.ours == {NAME: Secret(NEW.reveal(), "masked", "Neon")}


def test_a_refusal_that_changed_nothing_is_told_as_it_came(world: World) -> None:
    bench = Secrets(world)
    opened = bench.opened()
    opened.observe()
    said = f"{BEFORE} and {NEW.reveal()} are not what it takes"
    world.faults.add(Fault("status", server="doppler", method="POST", code=422, body={"messages": [said]}, times=None))
    with pytest.raises(DestinationError, match="are not what it takes") as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-refused", Outcome.NO_EFFECT)
    assert not any(one in raised.value.message for one in (BEFORE, NEW.reveal()))


def test_a_404_for_the_secret_is_an_absence_where_the_names_say_so(world: World) -> None:
    bench = Secrets(world)
    del bench.ours[NAME]
    world.faults.add(Fault("status", server="doppler", path="*/secrets", code=404, body={"messages": ["No such"]}))
    assert bench.opened().observe().mark is None


def test_a_refusal_after_which_nothing_can_be_read_is_told_as_it_came(world: World) -> None:
    bench = Secrets(world)
    opened = bench.opened()
    opened.observe()
    world.faults.add(Fault("status", server="doppler", method="POST", code=400, body={"messages": ["Not so"]}))

    def meanwhile() -> None:
        world.faults.add(Fault("status", server="doppler", method="GET", code=500, times=None))

    with pytest.raises(DestinationError, match="Not so") as raised:
        opened.put(NEW, meanwhile)
    assert (raised.value.reason, raised.value.outcome) == ("destination-refused", Outcome.NO_EFFECT)


def test_a_change_that_waits_for_an_approval_is_not_applied(world: World) -> None:
    bench = Secrets(world)
    bench.state.approvals = True
    opened = bench.opened()
    before = opened.observe()
    with pytest.raises(DestinationError, match="wait for an approval") as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-unexpected-answer", Outcome.UNKNOWN)
    with pytest.raises(DestinationError) as raised:
        opened.confirm(before, None)
    assert raised.value.reason == "write-not-confirmed"
    assert bench.ours[NAME].raw == BEFORE


def test_a_restricted_value_is_written_on_dopplers_word(world: World) -> None:
    bench = Secrets(world, "restricted")
    bench.written()
    assert bench.ours == {NAME: Secret(NEW.reveal(), "restricted", "Neon")}
    assert bench.opened().written() == Held()


def test_a_visibility_that_is_not_told_is_not_expected(world: World) -> None:
    bench = Secrets(world)
    row = {"secrets": {NAME: {"raw": BEFORE}}}
    opened = bench.opened()
    world.faults.add(Fault("status", method="GET", path="*/secrets*", code=200, body=row, times=None))
    opened.observe()
    opened.put(NEW)
    assert bench.ours[NAME] == Secret(NEW.reveal(), "masked", "Neon")


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("${SHARED}", "doppler://payments/prd#SHARED"),
        ("x-${dev.SHARED}", "doppler://payments/dev#SHARED"),
        ("${common.dev.SHARED}", "doppler://common/dev#SHARED"),
    ],
)
def test_a_reference_is_not_overwritten_and_what_it_means_is_named(raw: str, meant: str, world: World) -> None:
    bench = Secrets(world)
    bench.ours[NAME] = Secret(raw)
    with pytest.raises(Refused) as raised:
        bench.opened().observe()
    assert (raised.value.reason, meant in raised.value.message) == ("destination-refers", True)
    assert bench.ours[NAME].raw == raw


def _branch(bench: Secrets, **own: Secret) -> str:
    place = ("payments", "prd_aws")
    bench.state.configs[place] = Config("prd", root=False, secrets=own)
    bench.state.let(bench.token, place, "read/write")
    return f"doppler://payments/prd_aws#{NAME}"


def test_a_branch_that_has_it_from_its_root_is_refused_with_the_root(world: World) -> None:
    bench = Secrets(world)
    with pytest.raises(Refused, match=f"the config has it from {ROOT}") as raised:
        bench.opened(_branch(bench)).observe()
    assert raised.value.reason == "destination-refers"


def test_a_branch_with_a_value_of_its_own_is_a_place_of_its_own(world: World) -> None:
    bench = Secrets(world)
    opened = bench.opened(_branch(bench, **{NAME: Secret("napi_of_the_branch")}))
    before = opened.observe()
    opened.confirm(before, opened.put(NEW))
    assert bench.ours[NAME].raw == BEFORE
    assert bench.state.configs["payments", "prd_aws"].secrets[NAME].raw == NEW.reveal()
    bench.state.let(bench.token, PLACE, "")
    assert opened.observe().mark == Held(NEW.fingerprint), "a root that the token does not see proves nothing"


def test_a_config_that_inherits_is_refused_with_what_it_inherits(world: World) -> None:
    bench = Secrets(world)
    shared = ("common", "shared")
    bench.state.configs[shared] = Config("shared", secrets={NAME: Secret(BEFORE)})
    bench.state.configs[PLACE].inherits.append(shared)
    with pytest.raises(Refused, match=f"doppler://common/shared#{NAME}"):
        bench.opened().observe()


@pytest.mark.parametrize(
    ("code", "body"),
    [(403, {}), (200, {"config": None}), (200, {"config": {"inherits": ["x"], "root": False, "environment": "prd"}})],
)
def test_a_config_that_is_not_told_holds_nothing_up(code: int, body: dict[str, object], world: World) -> None:
    bench = Secrets(world)
    world.faults.add(Fault("status", server="doppler", path="*/configs/config", code=code, body=body))
    assert bench.opened().observe().mark == Held(Value(BEFORE).fingerprint)


@pytest.mark.parametrize(
    "body", [{"secrets": {NAME: {"note": ""}}}, {"secrets": {NAME: {"raw": 5}}}, {"secrets": {NAME: 1}}, {"names": 1}]
)
def test_an_answer_about_something_else_is_not_believed(body: dict[str, object], world: World) -> None:
    opened = Secrets(world).opened()
    world.faults.add(Fault("status", server="doppler", path="*/secrets*", code=200, body=body, times=None))
    with pytest.raises(DestinationError) as raised:
        opened.observe()
    assert raised.value.reason == "destination-unexpected-answer"


@pytest.mark.parametrize("row", [{"secrets": {}}, {"secrets": {NAME: {"raw": 5}}}])
def test_a_list_without_it_is_no_absence_while_the_names_have_it(row: dict[str, object], world: World) -> None:
    opened = Secrets(world).opened()
    world.faults.add(Fault("status", server="doppler", path="*/secrets", code=200, body=row, times=None))
    with pytest.raises(DestinationError) as raised:
        opened.observe()
    assert raised.value.reason == "destination-unexpected-answer"
