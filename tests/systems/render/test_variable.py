"""What is Render's own: a service by its id or its name, a group, and calls that write one variable alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome, Refused
from rotate.sandbox.faults import Fault
from rotate.sandbox.render.state import Holder
from rotate.sandbox.world import World
from rotate.systems.render.holder import MOST_PAGES, PAGE
from rotate.systems.render.system import wrong
from tests.support.bench import BEFORE, NAME
from tests.support.laptop import Laptop
from tests.systems.render.bench import GROUP, KEY, NEW, PLACES, SHOP, Render, render

SERVICE = {"id": SHOP, "name": "shop"}


@pytest.mark.parametrize(
    "text", ["render://srv-1a#A", "render://crn-1a", "render://my shop#A_b.c-1", f"render://env-group/{GROUP}#A"]
)
def test_an_address_is_its_own_one_text(text: str) -> None:
    assert wrong(parsed(text)) == ""
    assert str(parsed(text)).replace("%20", " ") == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("render:shop#A", "a service's id or name"),
        ("render://octo/shop#A", "a service's id or name"),
        ("render://env-group/shared#A", "the group's id"),
        ("render://env-group/evg-1/x#A", "the group's id"),
        ("render://shop#2A", "begins with a letter"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(text: str, why: str) -> None:
    assert why in wrong(parsed(text))


@pytest.mark.parametrize("place", PLACES.values())
def test_one_variable_alone_is_written_and_created(place: str, world: World) -> None:
    ours = Render(world)
    holder = ours.group if GROUP in place else ours.shop
    holder.variables["OTHER"] = "other"
    for name in (NAME, "NEW.ONE-1"):
        opened = ours.opened(place, name)
        before = opened.observe()
        assert (before.mark is None) == (name != NAME)
        stood = opened.confirm(before, opened.put(NEW))
        assert opened.written() == stood
    assert holder.variables == {NAME: NEW.reveal(), "OTHER": "other", "NEW.ONE-1": NEW.reveal()}
    assert world.ledger.count("PUT", "*/env-vars", "render") == 0, "it replaces all variables"
    assert world.ledger.count("PUT", "*/env-vars/*", "render") == 2


def test_a_name_is_looked_up_once_on_however_many_pages_and_must_be_that_of_one_service(world: World) -> None:
    ours = Render(world)
    for number in range(PAGE):
        ours.server.tokens[KEY].add(ours.server.add(Holder(f"srv-a{number:03}", "another")).number)
    world.faults.add(Fault("status", path="/services", code=200, body=_page(PAGE), server="render"))
    opened = ours.opened("shop")
    opened.confirm(opened.observe(), opened.put(NEW))
    assert world.ledger.count("GET", "/services", "render") == 2
    assert ours.shop.variables[NAME] == NEW.reveal()


def _page(rows: int) -> list[object]:
    return [{"service": {"id": f"srv-a{number:03}", "name": "shop 2"}, "cursor": "srv-a"} for number in range(rows)]


def test_a_name_of_two_services_is_refused_with_the_ids_of_both(world: World) -> None:
    ours = Render(world)
    ours.server.tokens[KEY].add(ours.server.add(Holder("srv-other", "shop")).number)
    with pytest.raises(Refused, match="is the name of 2 services") as raised:
        ours.opened("shop").observe()
    assert raised.value.reason == "destination-ambiguous"
    assert all(f"`render://{one}` (web_service of" in raised.value.remedy for one in (SHOP, "srv-other"))


def test_a_name_that_no_service_has_is_no_absent_variable(world: World) -> None:
    with pytest.raises(Refused, match="no service of this name") as raised:
        Render(world).opened("shops").observe()
    assert raised.value.reason == "destination-absent"


@pytest.mark.parametrize(
    ("place", "path", "body", "why"),
    [
        ("shop", "/services", {"services": []}, "not with a list of services"),
        ("shop", "/services", [5], "not with a list of services"),
        ("shop", "/services", [{"service": {"name": "shop"}}], "not with a list of services"),
        ("shop", "/services", [{"service": SERVICE, "cursor": "x"}] * PAGE, f"within {MOST_PAGES} pages"),
        (SHOP, "*/env-vars/*", {"key": "OTHER", "value": "x"}, "not with a variable of this name"),
        (SHOP, "*/env-vars/*", {"key": NAME}, "not with a variable of this name"),
    ],
)
def test_an_answer_about_something_else_is_not_believed(
    place: str, path: str, body: object, why: str, world: World
) -> None:
    world.faults.add(Fault("status", path=path, code=200, body=body, times=None, server="render"))
    with pytest.raises(DestinationError, match=why) as raised:
        Render(world).opened(place).observe()
    assert raised.value.reason == "destination-unexpected-answer"


def test_an_empty_value_in_place_of_ours_is_not_taken_for_it(world: World) -> None:
    ours = Render(world)
    opened = ours.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    ours.shop.variables[NAME] = ""
    with pytest.raises(DestinationError) as raised:
        opened.confirm(before, receipt)
    assert (raised.value.reason, raised.value.outcome) == ("destination-overwritten", Outcome.UNKNOWN)


@pytest.mark.parametrize("lines", ["service: shop", f"env_group: {GROUP}"])
def test_a_policy_file_has_it_by_fields(lines: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with render("id") as bench:
        laptop = Laptop(bench, capsys, tmp_path)
        file = tmp_path / "policy.yml"
        file.write_text(
            "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n    overlap: 1h\n"
            f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n      - to: {laptop.here}\n"
            f"      - type: render\n        {lines}\n"
        )
        assert laptop.by(file) == 0, laptop.told
        ours = laptop.web.pretend
        assert isinstance(ours, Render)
        assert ours.group.variables[NAME] == (laptop.live[-1].value if "group" in lines else BEFORE)
        assert laptop.held == laptop.live[-1].value
