"""What is Fly.io's own of one secret: tokens under two schemes, and a digest in place of the value."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome
from rotate.protocol.facts.destination import Held
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.fly.address import wrong
from rotate.systems.fly.system import client, lacks
from tests.support.bench import NAME, means_of
from tests.systems.fly.bench import APP, NEW, TEXT, TOKEN, Secrets


@pytest.fixture
def ours(world: World) -> Secrets:
    return Secrets(world)


@pytest.mark.parametrize("text", [TEXT, f"fly://{APP}", "fly://a1#_key9"])
def test_an_address_is_its_own_one_text(text: str) -> None:
    assert (wrong(parsed(text)), str(parsed(text))) == ("", text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("fly:octo", "the name of an app"),
        ("fly://Octo", "the name of an app"),
        ("fly://octo/web", "the name of an app"),
        ("fly://octo#9KEY", "begins with no digit"),
        ("fly://octo#NEON-KEY", "letters, digits"),
    ],
)
def test_what_is_wrong_is_said(text: str, why: str) -> None:
    assert why in wrong(parsed(text))


@pytest.mark.parametrize(
    "given", [TOKEN, f"FlyV1 {TOKEN}", f"Bearer FlyV1 {TOKEN}", f"personal0123,{TOKEN}", f"FlyV1 {TOKEN},personal0123"]
)
def test_a_macaroon_goes_out_as_flyctl_sends_it(given: str, ours: Secrets) -> None:
    assert lacks({**ours.environment, "FLY_API_TOKEN": given}) == ()
    ours.opened(FLY_API_TOKEN=given).observe()
    (asked,) = ours.world.ledger
    assert asked.request_headers["Authorization"] == f"FlyV1 {TOKEN}"


def test_another_token_is_a_bearers(ours: Secrets) -> None:
    ours.state.tokens["personal0123"] = "write"
    ours.opened(FLY_API_TOKEN="Bearer personal0123").observe()
    (asked,) = ours.world.ledger
    assert asked.request_headers["Authorization"] == "Bearer personal0123"


def test_every_part_of_a_token_is_hidden(ours: Secrets) -> None:
    hidden: list[Secret] = []
    given = f"FlyV1 {TOKEN},fm2_other0123456789"
    client(means_of({**ours.environment, "FLY_API_TOKEN": given}, hidden.append))
    assert {one.reveal() for one in hidden} >= {given, TOKEN, "fm2_other0123456789"}
    hidden.clear()
    client(means_of({"FLY_API_TOKEN": "FlyV1 "}, hidden.append))
    assert hidden == [], "there is none"


def test_without_a_time_the_digest_alone_proves_it(ours: Secrets) -> None:
    opened = ours.opened()
    before = opened.observe()
    row = {"name": NAME, "digest": "d1", "updated_at": "2026-11-29T10:00:00", "Version": 7}
    ours.world.faults.add(Fault("status", server="fly", method="POST", code=201, body=row))
    receipt = opened.put(NEW)
    for digest, ends in (("d1", True), ("d2", False)):
        body = {"secrets": [{"name": NAME, "digest": digest}]}
        ours.world.faults.reset()
        ours.world.faults.add(Fault("status", server="fly", method="GET", code=200, body=body, times=None))
        if ends:
            assert opened.confirm(before, receipt) == Held()
            continue
        with pytest.raises(DestinationError, match="another value than the one that this run wrote"):
            opened.confirm(before, receipt)


@pytest.mark.parametrize(
    "body", [{}, {"secrets": [[]]}, {"secrets": [{"name": NAME}]}, {"secrets": [{"name": NAME, "digest": ""}]}]
)
def test_an_answer_of_another_shape_is_no_absence(body: object, ours: Secrets) -> None:
    ours.world.faults.add(Fault("status", server="fly", method="GET", code=200, body=body, times=None))
    with pytest.raises(DestinationError) as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-unexpected-answer"


@pytest.mark.parametrize(
    "body",
    [
        {"name": "OTHER", "digest": "d", "version": 3},
        {"name": NAME, "digest": "d", "version": "3"},
        {"name": NAME, "version": 3},
    ],
)
def test_an_answer_to_the_write_of_another_shape_is_unknown(body: object, ours: Secrets) -> None:
    opened = ours.opened()
    opened.observe()
    ours.world.faults.add(Fault("status", server="fly", method="POST", code=200, body=body, times=None))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-unexpected-answer", Outcome.UNKNOWN)
