"""What is Heroku's own of one config var: its add-ons, and the release that a write makes."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome, Refused
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.systems.heroku.address import wrong
from tests.support.bench import BEFORE, NAME
from tests.systems.heroku.bench import APP, NEW, TEXT, Vars


@pytest.fixture
def ours(world: World) -> Vars:
    return Vars(world)


@pytest.mark.parametrize("text", [TEXT, f"heroku://{APP}", "heroku://01234567-89ab-cdef-0123-456789abcdef#A1_"])
def test_an_address_is_its_own_one_text(text: str) -> None:
    assert wrong(parsed(text)) == ""
    assert str(parsed(text)) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("heroku:octo-payments", "the name of an app"),
        ("heroku://Octo", "the name of an app"),
        ("heroku://octo/payments", "the name of an app"),
        ("heroku://octo#NEON-KEY", "letters, digits"),
        ("heroku://octo#HEROKU_KEY", "the platform's own"),
    ],
)
def test_what_is_wrong_is_said(text: str, why: str) -> None:
    assert why in wrong(parsed(text))


def test_what_an_add_on_owns_is_refused_before_anything_is_written(ours: Vars) -> None:
    ours.app.addons = {"postgresql-curved-1": ["DATABASE_URL"], "neon-round-2": [NAME]}
    with pytest.raises(Refused, match="belongs to the add-on neon-round-2") as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-owned"
    assert ours.world.ledger.count("PATCH") == 0


def test_what_became_an_add_ons_meanwhile_is_refused_by_heroku(ours: Vars) -> None:
    opened = ours.opened()
    opened.observe()
    ours.app.addons = {"neon-round-2": [NAME]}
    with pytest.raises(DestinationError, match="Cannot overwrite attachment values NEON_API_KEY") as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-refused", Outcome.NO_EFFECT)
    assert ours.app.variables[NAME] == BEFORE


@pytest.mark.parametrize("how", ["failed", "expired"])
def test_a_release_that_fails_at_once_is_not_confirmed(how: str, ours: Vars) -> None:
    ours.app.outcome = how
    opened = ours.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    with pytest.raises(DestinationError) as raised:
        opened.confirm(before, receipt)
    assert (raised.value.reason, raised.value.outcome) == ("redeploy-failed", Outcome.UNKNOWN)
    assert f"release v3 is `{how}`" in raised.value.message


def test_a_release_that_is_pending_is_confirmed_but_no_key_dies_before_it_has_succeeded(ours: Vars) -> None:
    ours.app.outcome = "pending"
    opened = ours.opened()
    before = opened.observe()
    stood = opened.confirm(before, opened.put(NEW))
    with pytest.raises(DestinationError) as raised:
        opened.written()
    assert raised.value.reason == "redeploy-unfinished"
    ours.app.settle("failed")
    with pytest.raises(DestinationError) as failed:
        ours.opened().written()
    assert failed.value.reason == "redeploy-failed"
    ours.app.outcome = "succeeded"
    ours.state.release(ours.app, "Deploy 0123abcd")
    assert ours.opened().written() == stood, "a later release took the value along"


def test_a_later_release_that_fails_takes_nothing_from_one_that_runs(ours: Vars) -> None:
    opened = ours.opened()
    before = opened.observe()
    stood = opened.confirm(before, opened.put(NEW))
    ours.app.outcome = "failed"
    ours.state.release(ours.app, "Deploy 0123abcd")
    assert opened.written() == stood


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("*/config-vars", {NAME: 7}),
        ("*/config-vars", {NAME: None}),
        ("*/addons", {}),
        ("*/addons", [{"name": "x"}]),
        ("*/releases", {}),
        ("*/releases", [[]]),
        ("*/releases", [{"version": "3", "status": "succeeded", "current": True}]),
    ],
)
def test_an_answer_of_another_shape_is_no_absence(path: str, body: object, ours: Vars) -> None:
    ours.world.faults.add(Fault("status", server="heroku", method="GET", path=path, code=200, body=body, times=None))
    with pytest.raises(DestinationError) as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-unexpected-answer"


def test_an_answer_to_the_write_without_the_config_var_is_unknown(ours: Vars) -> None:
    opened = ours.opened()
    opened.observe()
    ours.world.faults.add(Fault("status", server="heroku", method="PATCH", code=200, body={"OTHER": "x"}, times=None))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-unexpected-answer", Outcome.UNKNOWN)
