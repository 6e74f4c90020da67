"""What runs with a variable of Railway is deployed anew, and only its success lets the previous key go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError
from rotate.ports import Stage
from rotate.sandbox.railway.state import SHARED, Deployment
from rotate.systems.railway.deploys import Deploys, users
from rotate.systems.railway.system import PACE, SERVICE, lasting
from tests.support.bench import NAME, means_of
from tests.support.laptop import Laptop
from tests.systems.railway.bench import OF_ALL, OF_SERVICE, Railway, railway
from tests.systems.railway.schema import check


@pytest.fixture
def laptop(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Laptop]:
    with railway("service") as bench:
        yield Laptop(bench, capsys, tmp_path)


@pytest.fixture
def ours(laptop: Laptop) -> Railway:
    """The API runs, and the worker, which refers to the API's variable by way of a shared one."""
    found = laptop.web.pretend
    assert isinstance(found, Railway)
    found.state.write(found.environment, SHARED, "KEY", f"${{{{api.{NAME}}}}}")
    found.state.write(found.environment, found.worker, "NEON", "${{ shared.KEY }}")
    for service in (found.api, found.worker):
        found.state.deploy(found.environment, service, "SUCCESS")
    return found


def started(ours: Railway) -> list[Deployment]:
    """Give the deployments beyond the two that ran before."""
    return ours.where.deployments[2:]


def test_a_service_and_what_refers_to_it_begin_with_the_new_key_before_the_old_one_goes(
    laptop: Laptop, ours: Railway
) -> None:
    assert laptop.first() == 0, laptop.told
    api, worker = started(ours)
    assert (api.service, worker.service) == (ours.api, ours.worker)
    assert (api.given[NAME], worker.given["NEON"]) == (laptop.held, laptop.held)
    assert laptop.story.old_key.revoked
    entries = [one for one in laptop.world.ledger if one.server == "railway"]
    revoked = next(one.number for one in laptop.world.ledger if one.server == "neon" and one.method == "DELETE")
    assert all(one.number < revoked for one in entries if b"mutation" in one.request_body)
    assert check(entries)


def test_variables_of_one_environment_are_written_first_and_each_service_deployed_once(
    laptop: Laptop, ours: Railway
) -> None:
    ours.state.write(ours.environment, SHARED, NAME, laptop.held)
    assert laptop.first(to=f"{OF_SERVICE},{OF_ALL}") == 0, laptop.told
    assert [one.service for one in started(ours)] == [ours.api, ours.worker]
    changes = [one.request_body for one in laptop.world.ledger if b"mutation" in one.request_body]
    assert [b"Upsert" in one for one in changes] == [True, True, False, False]


@pytest.mark.parametrize("state", ["FAILED", "CRASHED", "REMOVED", "SKIPPED"])
def test_a_deployment_that_does_not_succeed_holds_the_old_key(laptop: Laptop, ours: Railway, state: str) -> None:
    ours.state.ends = ["BUILDING", state]
    assert laptop.first() == 4, laptop.told
    assert laptop.reasons == ["distribution-unfinished", "redeploy-failed"]
    number = started(ours)[0].number
    assert f"the deployment {number} of the service api is {state} (https://railway.com/project/" in laptop.told
    assert len(laptop.live) == 2
    ours.state.ends = ["SLEEPING"]
    assert laptop.run(key=laptop.held) == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live]


def test_a_token_that_may_not_deploy_holds_the_old_key(laptop: Laptop, ours: Railway) -> None:
    real = ours.state.deploy

    def deploy(environment: str, service: str, *states: str) -> Deployment:
        ours.of_account.writes = False
        return real(environment, service, *states)

    ours.state.deploy = deploy  # type: ignore[method-assign]
    assert laptop.first() == 4, laptop.told
    assert laptop.reasons == ["distribution-unfinished", "destination-not-allowed"]
    assert "deploy the service the worker anew" in laptop.told
    assert not laptop.story.old_key.revoked


def test_what_was_taken_down_or_never_ran_is_not_put_up(laptop: Laptop, ours: Railway) -> None:
    ours.where.add_service("unused")
    for one in ours.where.deployments:
        one.states = ["REMOVED"]
    assert laptop.first() == 0, laptop.told
    assert not started(ours)


def deploys(ours: Railway) -> Deploys:
    return Deploys(parsed(OF_SERVICE), means_of(ours.by_project))


def test_a_later_deployment_that_took_its_place_counts_and_an_earlier_one_does_not(ours: Railway) -> None:
    opened = deploys(ours)
    ours.state.ends = ["REMOVED"]
    begun = opened.start()
    assert opened.look(begun).stage is Stage.FAILED
    later = ours.state.deploy(ours.environment, ours.api, "BUILDING", "SUCCESS")
    found = opened.look(begun)
    assert found.stage is Stage.FAILED, "the worker's was removed too, and none came after it"
    ours.world.advance(1)
    ours.state.deploy(ours.environment, ours.worker, "BUILDING")
    assert opened.look(begun).stage is Stage.RUNNING
    ours.where.deployments[-1].states = ["SUCCESS"]
    later.states = ["SUCCESS"]
    found = opened.look(begun)
    assert found.stage is Stage.DONE
    assert later.number in found.told


def test_a_state_that_is_not_known_yet_is_no_end(ours: Railway) -> None:
    ours.state.ends = ["NEEDS_APPROVAL"]
    opened = deploys(ours)
    assert opened.look(opened.start()).stage is Stage.RUNNING


@pytest.mark.parametrize(
    ("document", "data", "said"),
    [
        ("Deploy", {"serviceInstanceDeployV2": ""}, "without the id of the deployment"),
        ("Deployment", {"deployment": {}}, "without its state"),
        (
            "Deployment",
            {"deployment": {"status": "FAILED"}, "serviceInstance": {"latestDeployment": {"id": "later"}}},
            "without the time of its beginning",
        ),
    ],
)
def test_an_answer_that_the_schema_does_not_promise_is_none(
    ours: Railway, document: str, data: object, said: str
) -> None:
    opened = deploys(ours)
    begun = json.dumps([(ours.api, "api", "the id of a deployment")])
    ours.told(document, data)
    with pytest.raises(DestinationError, match=said):
        opened.start() if document == "Deploy" else opened.look(begun)


def test_references_are_followed_however_far_and_in_a_circle() -> None:
    shown: dict[str, dict[str, str | None]] = {
        "api": {NAME: "napi", "SELF": "${{NEON}}", "NEON": "${{ " + NAME + " }}"},
        "worker": {"A": "${{b.B}}", "SEALED": None},
        "b": {"B": "${{worker.A}} ${{api.SELF}}"},
        "shared": {"C": "${{b.B}}"},
        "apart": {"D": "${{other.NEON_API_KEY}}", "E": "${{secret(32)}}", "F": NAME},
    }
    assert users(shown, {("api", NAME)}) == {"api", "worker", "b"}
    assert users(shown, {("shared", NAME)}) == set()


def test_the_hourly_limit_lengthens_what_needs_more_than_one_hour_of_it() -> None:
    within = PACE.most // SERVICE.asks
    assert (lasting(0), lasting(1), lasting(within)) == (0, 0, 0)
    assert lasting(within + 1) == PACE.seconds
