"""What is CircleCI's own: two kinds of places, what each tells, and calls that create what is not there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome, Refused
from rotate.sandbox.circleci.server import Holder
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.circleci.system import wrong
from tests.support.bench import BEFORE, NAME
from tests.support.laptop import Laptop
from tests.support.openapi import check
from tests.systems.circleci.bench import NEW, OPENS, OWNER, TOKEN, CircleCI, circleci

METHODS = {"context": "PUT", "project": "POST"}


@pytest.mark.parametrize(
    "text", ["circleci://context/gh/octo/deploy", "circleci://project/gh/octo/a#A", "circleci://context/circleci/1/a b"]
)
def test_an_address_is_its_own_one_text(text: str) -> None:
    assert wrong(parsed(text)) == ""
    assert str(parsed(text)).replace("%20", " ") == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("circleci://gh/octo/a", "begins with"),
        ("circleci:project/gh/octo/a", "begins with"),
        ("circleci://project/gh/octo", "the project's slug"),
        ("circleci://project/gh//a", "the project's slug"),
        ("circleci://context/gh/octo", "the context's name"),
        ("circleci://context/gh//a", "the context's name"),
        ("circleci://project/gh/octo/a#2A", "no digit first"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(text: str, why: str) -> None:
    assert why in wrong(parsed(text))


@pytest.mark.parametrize("kind", OPENS)
def test_each_is_read_written_and_created_as_the_description_says(kind: str, world: World) -> None:
    ours = CircleCI(world)
    for name in (NAME, "NEW_ONE"):
        opened = ours.opened(kind, name)
        before = opened.observe()
        assert (before.mark is None) == (name == "NEW_ONE")
        opened.confirm(before, opened.put(NEW))
    holder = ours.context if kind == "context" else ours.project
    assert {one.value for one in holder.variables.values()} == {NEW.reveal()}
    assert check(entry for entry in world.ledger if entry.server == "circleci") >= 8


def test_the_contexts_of_an_owner_are_asked_for_once_however_many_are_written(world: World) -> None:
    ours = CircleCI(world)
    opened = ours.opened("context")
    before = opened.observe()
    opened.confirm(before, opened.put(NEW))
    assert world.ledger.count("GET", "/context") == 2, "two pages, once"


def test_a_variable_on_a_later_page_is_found(world: World) -> None:
    ours = CircleCI(world)
    for number in range(25):
        ours.server.set(ours.context, f"A_{number}", "value")
    assert ours.opened("context").observe().mark


def test_a_context_that_is_not_there_is_no_absent_variable(world: World) -> None:
    ours = CircleCI(world)
    ours.server.contexts[OWNER].remove(ours.context)
    with pytest.raises(Refused, match="has no context of this name") as raised:
        ours.opened("context").observe()
    assert raised.value.reason == "destination-absent"


@pytest.mark.parametrize(
    ("kind", "path", "body", "why"),
    [
        ("context", "/context", {"items": 5}, "not with a list"),
        ("context", "/context", {"items": ["x"]}, "not with a list"),
        ("context", "/context", [], "not with a list"),
        ("context", "*/environment-variable", {"items": [{"variable": NAME}]}, "without the time"),
        ("context", "*/environment-variable", {"items": [{"variable": NAME, "updated_at": "2026-01-01"}]}, "the time"),
        ("context", "/context", {"items": [], "next_page_token": "x"}, "does not end"),
        ("project", "*/envvar/*", {"name": NAME, "value": "plain"}, "not with a masked variable"),
        ("project", "*/envvar/*", {"name": "OTHER", "value": "xxxxabcd"}, "not with a masked variable"),
        ("project", "*/envvar/*", [], "not with a masked variable"),
    ],
)
def test_an_answer_about_something_else_is_not_believed(
    kind: str, path: str, body: object, why: str, world: World
) -> None:
    ours = CircleCI(world)
    world.faults.add(Fault("status", path=path, code=200, body=body, times=None))
    with pytest.raises(DestinationError, match=why) as raised:
        ours.opened(kind).observe()
    assert raised.value.reason == "destination-unexpected-answer"


@pytest.mark.parametrize(
    ("listed", "why"),
    [({"items": [{"name": NAME}]}, "in its list, that it is"), ({"message": "ok"}, "not with a list")],
)
def test_a_variable_of_a_project_is_absent_where_its_list_shows_that(listed: object, why: str, world: World) -> None:
    ours = CircleCI(world)
    del ours.project.variables[NAME]
    assert ours.opened("project").observe().mark is None
    world.faults.add(Fault("status", path="*/envvar", code=200, body=listed))
    with pytest.raises(DestinationError, match=why) as raised:
        ours.opened("project").observe()
    assert raised.value.reason == "destination-unexpected-answer"


@pytest.mark.parametrize("headers", [{"Date": "never"}, {"Date": ""}])
def test_a_write_whose_answer_tells_no_time_proves_nothing(headers: dict[str, str], world: World) -> None:
    ours = CircleCI(world)
    opened = ours.opened("context")
    before = opened.observe()
    world.faults.add(Fault("status", method="PUT", code=200, body={}, headers=headers, after=True))
    with pytest.raises(DestinationError, match="without the time of the write") as raised:
        opened.put(NEW)
    assert raised.value.outcome is Outcome.UNKNOWN
    with pytest.raises(DestinationError, match="no reply told"):
        opened.confirm(before, None)


@pytest.mark.parametrize(("kind", "row"), [("context", {"variable": "OTHER"}), ("project", {"name": "OTHER"})])
def test_an_answer_to_a_write_about_another_variable_proves_nothing(
    kind: str, row: dict[str, str], world: World
) -> None:
    opened = CircleCI(world).opened(kind)
    opened.observe()
    world.faults.add(Fault("status", method=METHODS[kind], code=200, body=row, after=True))
    with pytest.raises(DestinationError, match="not with a variable of this name") as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-unexpected-answer", Outcome.UNKNOWN)


@pytest.mark.parametrize("kind", OPENS)
def test_a_mere_message_in_answer_to_a_write_leaves_the_proof_to_what_is_read_back(kind: str, world: World) -> None:
    opened = CircleCI(world).opened(kind)
    before = opened.observe()
    world.faults.add(Fault("status", method=METHODS[kind], code=200, body={"message": "ok"}, after=True))
    assert opened.confirm(before, opened.put(NEW)) == opened.written()


def test_the_time_of_the_write_is_the_variables_own_whatever_time_stands_on_the_answer(world: World) -> None:
    ours = CircleCI(world)
    opened = ours.opened("context")
    before = opened.observe()
    now = world.clock.now().isoformat()
    wrong = {"Date": "Thu, 01 Jan 2026 00:00:00 GMT"}
    body = {"variable": NAME, "updated_at": now}
    world.faults.add(Fault("status", method="PUT", code=200, body=body, headers=wrong, after=True))
    assert opened.confirm(before, opened.put(NEW)) == opened.written()


def test_a_time_before_the_last_one_that_was_seen_proves_nothing(world: World) -> None:
    """A reader that lags behind tells of an earlier write than the one that was overwritten."""
    ours = CircleCI(world)
    opened = ours.opened("context")
    before = opened.observe()
    receipt = opened.put(NEW)
    ours.context.variables[NAME].updated_at -= timedelta(days=30)
    with pytest.raises(DestinationError) as raised:
        opened.confirm(before, receipt)
    assert raised.value.outcome is Outcome.UNKNOWN


def test_a_later_write_within_this_run_is_seen_by_its_last_characters(world: World) -> None:
    ours = CircleCI(world)
    opened = ours.opened("project")
    stood = opened.confirm(opened.observe(), opened.put(NEW))
    assert opened.written() == stood
    ours.server.set(ours.project, NAME, "napi_somebody_elses")
    assert opened.written() != stood


@pytest.mark.parametrize("shown", ["xxxx", "xxxx9", "xxxx789"])
def test_a_shorter_value_of_somebody_else_is_not_taken_for_ours(shown: str, world: World) -> None:
    """Of a value of a few characters nothing is shown behind the mask, or less than four."""
    opened = CircleCI(world).opened("project")
    before = opened.observe()
    receipt = opened.put(NEW)
    stood = opened.confirm(before, receipt)
    world.faults.add(Fault("status", path="*/envvar/*", code=200, body={"name": NAME, "value": shown}, times=None))
    with pytest.raises(DestinationError) as raised:
        opened.confirm(before, receipt)
    assert (raised.value.reason, raised.value.outcome) == ("destination-overwritten", Outcome.UNKNOWN)
    assert opened.written() != stood, "nor is it by the last look"


def test_a_write_that_did_not_arrive_is_not_confirmed(world: World) -> None:
    ours = CircleCI(world)
    opened = ours.opened("project")
    before = opened.observe()
    receipt = opened.put(NEW)
    ours.server.set(ours.project, NAME, BEFORE)
    with pytest.raises(DestinationError, match="the value that stood there before still does"):
        opened.confirm(before, receipt)


def test_the_pretend_one_refuses_what_is_no_variable_and_whoever_shows_no_token(world: World) -> None:
    ours = CircleCI(world)
    ours.server.contexts["gh/else"] = [Holder("deploy")]
    with httpx.Client(base_url=f"{ours.server.url}/api/v2", headers={"Circle-Token": TOKEN}) as client:
        assert client.post("/project/gh%2Focto%2Fpayments/envvar", json={"name": NAME}).status_code == 400
        assert client.get("/context/none/environment-variable").status_code == 404
        assert client.get("/nowhere").status_code == 404
    ours.environment["CIRCLECI_TOKEN"] = "other"
    with pytest.raises(Refused) as raised:
        ours.opened("project").observe()
    assert raised.value.reason == "destination-token-refused"


@pytest.mark.parametrize("lines", ["organization: gh/octo\n        context: deploy", "project: gh/octo/payments"])
def test_a_policy_file_has_it_by_fields(lines: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with circleci("context") as bench:
        laptop = Laptop(bench, capsys, tmp_path)
        file = tmp_path / "policy.yml"
        file.write_text(
            "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
            f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n      - to: {laptop.here}\n"
            f"      - type: circleci\n        {lines}\n"
        )
        assert laptop.by(file) == 0, laptop.told
        assert Secret(laptop.held) == Secret(laptop.live[-1].value)
