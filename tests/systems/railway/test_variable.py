"""What is Railway's own: sealed variables, references, names and ids, tokens, errors that come with HTTP 200."""

from __future__ import annotations

import json

import pytest

from rotate.errors import DestinationError, Refused
from rotate.sandbox.railway.state import SHARED
from rotate.sandbox.world import World
from tests.support.bench import BEFORE, NAME
from tests.systems.railway.bench import NEW, OF_ALL, OF_SERVICE, Railway
from tests.systems.railway.schema import check


@pytest.fixture
def ours(world: World) -> Railway:
    return Railway(world)


def sent(ours: Railway) -> list[dict[str, object]]:
    """Give the inputs of what changed something."""
    bodies = [json.loads(one.request_body) for one in ours.world.ledger if one.method == "POST"]
    return [one["variables"]["input"] for one in bodies]


@pytest.mark.parametrize(("text", "of"), [(OF_SERVICE, "api"), (OF_ALL, "")])
def test_one_variable_is_written_and_no_deploy_is_started(ours: Railway, text: str, of: str) -> None:
    service = ours.api if of else SHARED
    ours.state.write(ours.environment, SHARED, NAME, BEFORE)
    ours.written(text)
    place = {"projectId": ours.project, "environmentId": ours.environment}
    place |= {"serviceId": ours.api} if of else {}
    assert sent(ours) == [{**place, "name": NAME, "value": NEW.reveal(), "skipDeploys": True}]
    assert ours.ours(service)[NAME].value == NEW.reveal()
    assert [one[NAME].value for one in ours.where.variables.values() if NAME in one].count(BEFORE) == 1
    assert ours.where.deployments == []
    assert check(ours.world.ledger)


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("${{shared.NEON_API_KEY}}", OF_ALL),
        ("${{ the worker.KEY }}", "railway://payments/production/the%20worker#KEY"),
        ("prefix-${{OTHER}}", "railway://payments/production/api#OTHER"),
        ("${{secret(32)}}", "what Railway makes of a template"),
    ],
)
def test_a_reference_is_not_overwritten_and_what_it_means_is_told(ours: Railway, value: str, meant: str) -> None:
    ours.state.write(ours.environment, ours.api, NAME, value)
    with pytest.raises(Refused) as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-refers"
    assert f"it refers to {meant}." in raised.value.message


def test_a_sealed_variable_stays_sealed_and_is_proven_by_the_time_of_the_write(ours: Railway) -> None:
    ours.seal(ours.api)
    opened = ours.opened()
    before = opened.observe()
    stood = opened.confirm(before, opened.put(NEW))
    assert stood == opened.written() != before.mark
    one = ours.ours(ours.api)[NAME]
    assert (one.value, one.sealed) == (NEW.reveal(), True)
    assert check(ours.world.ledger)


def test_a_sealed_reference_is_not_overwritten_either(ours: Railway) -> None:
    ours.state.write(ours.environment, ours.api, NAME, "${{shared.KEY}}")
    ours.ours(ours.api)[NAME].sealed = True
    with pytest.raises(Refused, match="it refers to another variable"):
        ours.opened().observe()


def test_a_variable_that_somebody_seals_meanwhile_is_told(ours: Railway) -> None:
    opened = ours.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    ours.ours(ours.api)[NAME].sealed = True
    with pytest.raises(DestinationError) as raised:
        opened.confirm(before, receipt)
    assert raised.value.reason == "destination-flags-changed"
    assert "sealed" in raised.value.message


def test_an_emptied_variable_is_not_taken_for_ours(ours: Railway) -> None:
    opened = ours.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    ours.state.write(ours.environment, ours.api, NAME, "")
    with pytest.raises(DestinationError, match="is not confirmed"):
        opened.confirm(before, receipt)


def test_ids_mean_the_same_as_names(ours: Railway) -> None:
    text = f"railway://{ours.project}/{ours.environment}/{ours.api}#{NAME}"
    for environment in (ours.by_project, ours.by_account):
        assert ours.opened(text, environment).observe() == ours.opened(OF_SERVICE, environment).observe()


def test_a_name_that_two_have_is_no_name_and_the_ids_are_told(ours: Railway) -> None:
    other = ours.state.add_project("payments", "workspace-0")
    with pytest.raises(Refused) as raised:
        ours.opened(environment=ours.by_account).observe()
    assert "2 projects have the name `payments`" in raised.value.message
    assert other in raised.value.remedy
    ours.state.projects[other].deleted = True
    assert ours.opened(environment=ours.by_account).observe().mark


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("railway://nobody/production/api", "no project has the name or id `nobody`"),
        ("railway://payments/nowhere/api", "no environment of the project has the name or id `nowhere`"),
        ("railway://payments/production/nothing", "no service of the environment has the name or id `nothing`"),
    ],
)
def test_what_is_not_there_is_told_by_its_part(ours: Railway, text: str, said: str) -> None:
    with pytest.raises(Refused) as raised:
        ours.opened(f"{text}#{NAME}", ours.by_account).observe()
    assert raised.value.reason == "destination-absent"
    assert said in raised.value.message


@pytest.mark.parametrize("text", ["railway://other/production/api", "railway://payments/staging/api"])
def test_a_project_token_is_for_its_own_environment(ours: Railway, text: str) -> None:
    with pytest.raises(Refused) as raised:
        ours.opened(f"{text}#{NAME}").observe()
    assert raised.value.reason == "destination-not-allowed"
    assert "the project token is that of another" in raised.value.message


def test_each_token_goes_in_its_own_header_and_the_projects_comes_first(ours: Railway) -> None:
    both = {**ours.by_account, **ours.by_project}
    ours.opened(environment=both).observe()
    ours.opened(environment=ours.by_account).observe()
    headers = [one.request_headers for one in ours.world.ledger]
    first = headers[0]
    assert first["Project-Access-Token"] == both["RAILWAY_TOKEN"]
    assert "Authorization" not in first
    assert headers[-1]["Authorization"] == f"Bearer {both['RAILWAY_API_TOKEN']}"
    assert "Project-Access-Token" not in headers[-1]


@pytest.mark.parametrize("variable", ["RAILWAY_TOKEN", "RAILWAY_API_TOKEN"])
def test_a_token_that_nobody_knows_and_one_in_the_wrong_variable_are_refused(ours: Railway, variable: str) -> None:
    of_project = variable == "RAILWAY_TOKEN"
    wrong = ours.by_account["RAILWAY_API_TOKEN"] if of_project else ours.by_project["RAILWAY_TOKEN"]
    for token in ("nobody-has-this-one", wrong):
        with pytest.raises(Refused) as raised:
            ours.opened(environment={**ours.address, variable: token}).observe()
        assert raised.value.reason == "destination-token-refused"
        assert token not in raised.value.message
