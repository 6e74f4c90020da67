"""What is Bitbucket's own: three kinds of holders, what is secured, and what a token may."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import get_args

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome, Refused
from rotate.protocol.facts.destination import Held
from rotate.sandbox.bitbucket.server import Variable, number
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.bitbucket.system import EMAIL, wrong
from rotate.systems.bitbucket.variable import Variable as Place
from tests.support.bench import BEFORE, NAME, means_of
from tests.support.laptop import Laptop
from tests.support.openapi import check
from tests.systems.bitbucket.bench import NEW, PLACES, TOKEN, Bitbucket, Kind, bitbucket

KINDS: tuple[Kind, ...] = get_args(Kind)


@pytest.mark.parametrize("place", [*(f"{kind}/{place}" for kind, place in PLACES.items()), "deployment/o/p/a%20b/c"])
def test_an_address_is_its_own_one_text(place: str) -> None:
    text = f"bitbucket://{place}#A_1"
    assert wrong(parsed(text)) == ""
    assert str(parsed(text)) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("bitbucket:repository/octo/payments", "it is"),
        ("bitbucket://octo/payments", "it is"),
        ("bitbucket://repository/octo", "it is"),
        ("bitbucket://repository/octo/payments/x", "it is"),
        ("bitbucket://repository/octo/%7Buuid%7D", "it is"),
        ("bitbucket://workspace/octo/payments", "it is"),
        ("bitbucket://deployment/octo/payments", "it is"),
        ("bitbucket://deployment/octo/payments/", "it is"),
        ("bitbucket://repository/octo/payments#NEON-KEY", "no digit first"),
        ("bitbucket://repository/octo/payments#2A", "no digit first"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(text: str, why: str) -> None:
    assert why in wrong(parsed(text))


@pytest.mark.parametrize("secured", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_each_is_read_written_and_created_as_the_description_says(kind: Kind, secured: bool, world: World) -> None:
    ours = Bitbucket(world, kind, secured=secured)
    for name in (NAME, "NEW_ONE"):
        opened = ours.opened(name)
        before = opened.observe()
        assert (before.mark is None) == (name == "NEW_ONE")
        opened.confirm(before, opened.put(NEW))
    *_, here, created = ours.holder.variables
    assert (here.value, here.secured) == (NEW.reveal(), secured)
    assert (created.key, created.value, created.secured) == ("NEW_ONE", NEW.reveal(), True)
    assert check(entry for entry in world.ledger if entry.server == "bitbucket") >= 8


def test_one_kind_of_holder_is_not_taken_for_another(world: World) -> None:
    ours = Bitbucket(world, "workspace")
    others = [*ours.server.repositories.values(), *ours.server.repositories["octo", "payments"].environments]
    for one in others:
        one.variables.append(Variable(NAME, "another's"))
    opened = ours.opened()
    opened.confirm(opened.observe(), opened.put(NEW))
    assert ours.held == NEW.reveal()
    assert {one.value for holder in others for one in holder.variables} == {"another's"}


@pytest.mark.parametrize("pages", [{"next"}, {"size"}, {"next", "size"}, set[str]()])
def test_every_page_is_asked_for_at_the_same_host_whatever_a_page_tells_of_the_next(
    pages: set[str], world: World
) -> None:
    ours = Bitbucket(world, secured=False)
    ours.server.pages = pages
    ours.holder.variables[:0] = [Variable(f"A_{one}", "value") for one in range(287)]
    assert len(ours.holder.variables) == 300
    assert ours.opened().observe().mark == Held(Secret(BEFORE).fingerprint)
    assert world.ledger.count("GET", "*/pipelines_config/variables") == 3
    assert ours.opened("NEW_ONE").observe().mark is None
    asked = 3 + (3 if "size" in pages else 4)
    assert world.ledger.count("GET", "*/pipelines_config/variables") == asked, "a full page may not be the last one"


def test_the_environments_of_a_repository_are_asked_for_once(world: World) -> None:
    opened = Bitbucket(world, "deployment").opened()
    opened.confirm(opened.observe(), opened.put(NEW))
    assert world.ledger.count("GET", "*/environments") == 1


def test_an_environment_that_is_not_there_is_no_absent_variable(world: World) -> None:
    ours = Bitbucket(world, "deployment")
    ours.holder.name = "Live"
    with pytest.raises(Refused, match="no environment of this name") as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-absent"


def test_what_the_list_shows_of_a_variable_goes_back_with_it(world: World) -> None:
    """Whether Bitbucket keeps what is not sent is not documented."""
    ours = Bitbucket(world)
    uuid = ours.here.uuid if ours.here else ""
    row = {"type": "pipeline_variable", "uuid": uuid, "key": NAME, "secured": True, "added_later": ["x"]}
    world.faults.add(Fault("status", method="GET", code=200, body={"values": [row]}, times=2))
    opened = ours.opened()
    opened.observe()
    opened.put(NEW)
    sent = next(entry for entry in world.ledger if entry.method == "PUT")
    assert all(text in sent.request_body.decode() for text in ('"added_later": ["x"]', '"secured": true', uuid))


@pytest.mark.parametrize(
    ("listed", "why"),
    [
        ([], "not with a list"),
        ({"values": 5}, "not with a list"),
        ({"values": ["x"]}, "not with a list"),
        ({"values": [], "next": "https://api.bitbucket.org/2.0/x?page=2"}, "does not end"),
        ({"values": [], "size": 1}, "does not end"),
        ({"values": [{"key": "OTHER"}], "pagelen": 1}, "does not end"),
        ({"values": [{"key": NAME, "uuid": "{1}", "value": "x"}]}, "whether it is secured"),
        ({"values": [{"key": NAME, "secured": False, "value": "x"}]}, "whether it is secured"),
        ({"values": [{"key": NAME, "uuid": "{1}", "secured": False}]}, "without the value"),
    ],
)
def test_an_answer_about_something_else_is_not_believed(listed: object, why: str, world: World) -> None:
    ours = Bitbucket(world)
    world.faults.add(Fault("status", method="GET", code=200, body=listed, times=None))
    with pytest.raises(DestinationError, match=why) as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-unexpected-answer"


def test_an_answer_to_a_write_about_another_variable_proves_nothing(world: World) -> None:
    opened = Bitbucket(world).opened()
    opened.observe()
    world.faults.add(Fault("status", method="PUT", code=200, body={"key": "OTHER"}, after=True))
    with pytest.raises(DestinationError, match="not with a variable of this name") as raised:
        opened.put(NEW)
    assert raised.value.outcome is Outcome.UNKNOWN


def test_a_secured_variable_that_somebody_deleted_and_created_again_is_not_taken_for_ours(world: World) -> None:
    ours = Bitbucket(world)
    opened = ours.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    stood = opened.confirm(before, receipt)
    assert ours.here
    ours.here.uuid = number()
    assert opened.written() != stood
    with pytest.raises(DestinationError, match="another value than the one that this run wrote"):
        opened.confirm(before, receipt)


def test_a_variable_that_somebody_makes_readable_is_not_confirmed(world: World) -> None:
    ours = Bitbucket(world)
    opened = ours.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    assert ours.here
    ours.here.secured = False
    with pytest.raises(DestinationError, match="secured") as raised:
        opened.confirm(before, receipt)
    assert raised.value.reason == "destination-flags-changed"


def test_a_value_that_somebody_empties_is_not_taken_for_ours(world: World) -> None:
    ours = Bitbucket(world, secured=False)
    opened = ours.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    ours.write("")
    with pytest.raises(DestinationError) as raised:
        opened.confirm(before, receipt)
    assert (raised.value.reason, raised.value.outcome) == ("destination-overwritten", Outcome.UNKNOWN)


@pytest.mark.parametrize(("scopes", "refused"), [("pipeline", True), ("", False), ("repository", False)])
def test_a_token_is_refused_beforehand_where_its_scopes_are_told_and_none_writes(
    scopes: str, refused: bool, world: World
) -> None:
    ours = Bitbucket(world)
    ours.server.tokens[TOKEN] = scopes.split()
    if refused:
        with pytest.raises(Refused, match="has no scope for that"):
            ours.opened().observe()
        return
    opened = ours.opened()
    assert opened.observe().mark, "nothing tells what it may in Pipelines: the write shows it"
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-not-allowed", Outcome.NO_EFFECT)


def test_a_persons_token_goes_with_the_address_of_the_account_and_neither_form_is_told(world: World) -> None:
    ours = Bitbucket(world)
    ours.server.people[TOKEN] = "ann@octo.example"
    with pytest.raises(Refused) as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-token-refused"
    assert EMAIL in raised.value.remedy
    hidden = list[Secret]()
    environment = {**ours.environment, EMAIL: "ann@octo.example"}
    opened = Place(parsed(f"bitbucket://repository/octo/payments#{NAME}"), means_of(environment, hidden.append))
    opened.confirm(opened.observe(), opened.put(NEW))
    carried = base64.b64encode(f"ann@octo.example:{TOKEN}".encode()).decode()
    assert {one.reveal() for one in hidden} >= {TOKEN, carried}
    said = {"error": {"message": f"{TOKEN} and {carried}"}}
    world.faults.add(Fault("status", method="PUT", code=400, body=said))
    with pytest.raises(DestinationError) as told:
        opened.put(NEW)
    assert "*** and ***" in told.value.message


def test_too_many_requests_are_told_as_such(world: World) -> None:
    ours = Bitbucket(world)
    ours.server.rate.most = 1
    ours.opened().observe()
    with pytest.raises(DestinationError) as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-busy"


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        ("workspace", "workspace: octo"),
        ("repository", "workspace: octo\n        repository: payments"),
        ("deployment", "workspace: octo\n        repository: payments\n        environment: Production"),
    ],
)
def test_a_policy_file_has_it_by_fields(
    kind: Kind, lines: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with bitbucket(kind, secured=True) as bench:
        laptop = Laptop(bench, capsys, tmp_path)
        file = tmp_path / "policy.yml"
        file.write_text(
            "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
            f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n      - to: github://octo-org/payments\n"
            f"      - type: bitbucket\n        {lines}\n"
        )
        assert laptop.by(file) == 0, laptop.told
        assert Secret(laptop.held) == Secret(laptop.live[-1].value)
        assert "accepted, not provable" in laptop.told


def test_where_a_proof_is_required_a_secured_variable_is_refused_before_a_key_is_issued(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with bitbucket("repository", secured=True) as bench:
        laptop = Laptop(bench, capsys, tmp_path)
        file = tmp_path / "policy.yml"
        file.write_text(
            "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n    require_proof: true\n"
            f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations: [{{to: '{laptop.here}'}}]\n"
        )
        assert laptop.by(file) == 3, laptop.told
        assert laptop.reasons == ["destination-not-provable"]
        assert laptop.live == [laptop.story.old_key]
