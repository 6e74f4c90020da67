"""A Pages project is deployed anew after the write, and a Worker is not: the write itself deploys it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome
from rotate.ports import Stage
from rotate.sandbox.cloudflare.state import Deployment
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.systems.cloudflare.deployment import PagesDeployment
from tests.support.bench import NAME, means_of
from tests.support.laptop import Laptop
from tests.systems.cloudflare.bench import Cloudflare, cloudflare

WORKER = f"cloudflare://workers/payments#{NAME}"


@pytest.fixture
def laptop(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Laptop]:
    with cloudflare("pages") as bench:
        yield Laptop(bench, capsys, tmp_path)


def cloud(laptop: Laptop) -> Cloudflare:
    assert isinstance(laptop.web.pretend, Cloudflare)
    return laptop.web.pretend


def test_a_deployment_that_succeeds_lets_the_old_key_go(laptop: Laptop) -> None:
    ours = cloud(laptop)
    ours.write("worker", laptop.story.old_key.value)
    assert laptop.first(to=f"{laptop.here},{WORKER}") == 0, laptop.told
    assert laptop.story.old_key.revoked
    (deployed,) = ours.project.deployments
    assert deployed.holds[NAME] == laptop.live[0].value == ours.held("worker")
    seen = {one["name"]: (one["picked_up"], one["proof"]) for one in laptop.report["destinations"]}
    assert seen[laptop.here] == ("with the deploy that this run starts, and waits for", "accepted, not provable")
    assert seen[WORKER] == ("whenever it reads it", "accepted, not provable")
    assert deployed.number not in laptop.told


def test_a_deployment_that_fails_holds_the_old_key_and_the_next_run_makes_another(laptop: Laptop) -> None:
    ours = cloud(laptop)
    ours.project.ends = ["failure", "success"]
    assert laptop.first() == 4
    assert laptop.reasons == ["distribution-unfinished", "redeploy-failed"]
    told = laptop.report["problems"][1]["message"]
    assert "the Pages project shop (production) was not started with it" in told
    assert "its stage `deploy` is `failure`" in told
    assert len(laptop.live) == 2
    assert laptop.run() == 0, laptop.told
    assert ours.project.deployments[0].holds[NAME] == laptop.live[0].value


def test_a_deployment_that_does_not_end_holds_the_old_key(laptop: Laptop) -> None:
    cloud(laptop).project.ends = ["active"]
    assert laptop.first("--redeploy-wait", "1s") == 4
    assert laptop.reasons == ["distribution-unfinished", "redeploy-unfinished"]
    assert not laptop.story.old_key.revoked


def test_a_token_that_may_not_deploy_holds_the_old_key(laptop: Laptop) -> None:
    laptop.world.faults.add(Fault("status", method="POST", path="*/deployments", code=403, times=None))
    assert laptop.first() == 4
    assert laptop.reasons == ["distribution-unfinished", "destination-not-allowed"]
    assert not laptop.story.old_key.revoked


@pytest.mark.parametrize("preview", [True, False])
def test_what_nobody_here_can_deploy_is_refused_before_a_key_is_issued(preview: bool, laptop: Laptop) -> None:
    ours = cloud(laptop)
    ours.project.git = preview
    ours.project.configs["preview"].variables = dict(ours.config.variables)
    here = laptop.here.replace("#", "?environment=preview#") if preview else laptop.here
    assert laptop.first(to=here) == 3, laptop.told
    assert laptop.reasons == ["redeploy-impossible"]
    assert laptop.live == [laptop.story.old_key]


def test_without_an_overlap_pages_is_refused_and_a_worker_is_not(laptop: Laptop) -> None:
    assert laptop.first("--overlap", "0s", to=f"{laptop.here},{WORKER}") == 2
    (problem,) = laptop.report["problems"]
    assert problem["reason"] == "overlap-needed"
    assert (laptop.here in problem["message"], WORKER in problem["message"]) == (True, False)


def test_where_nothing_is_to_be_deployed_that_is_said(laptop: Laptop) -> None:
    assert laptop.first(to=WORKER) == 2
    assert "there, nothing is to be started" in laptop.told.lower()


def opened(world: World, *shown: Deployment) -> PagesDeployment:
    """Open a project with these deployments, the newest first; ours is called so."""
    ours = Cloudflare(world)
    ours.project.deployments += shown
    return PagesDeployment(parsed("cloudflare://pages/shop"), means_of(ours.environment))


def test_a_later_deployment_that_took_its_place_is_followed(world: World) -> None:
    now = world.clock.now()
    ours = Deployment("production", now, {}, "queued", "canceled", "superseded_queued_build", "ours")
    later = Deployment("production", now + timedelta(seconds=9), {}, "build", "active", number="later")
    earlier = Deployment("production", now - timedelta(days=1), {}, number="earlier")
    preview = Deployment("preview", now + timedelta(days=1), {}, number="preview")
    deployment = opened(world, preview, earlier, ours, later)
    assert deployment.look("ours").stage is Stage.RUNNING
    assert "later" in deployment.look("ours").told
    later.stage, later.status = "deploy", "success"
    assert deployment.look("ours").stage is Stage.DONE


@pytest.mark.parametrize(
    ("stage", "status", "skipped", "told"),
    [
        ("build", "success", "", Stage.RUNNING),
        ("deploy", "skipped", "", Stage.FAILED),
        ("queued", "idle", "production_deployments_disabled", Stage.FAILED),
        ("deploy", "success", "", Stage.DONE),
    ],
)
def test_only_the_last_stage_is_a_success(stage: str, status: str, skipped: str, told: Stage, world: World) -> None:
    one = Deployment("production", world.clock.now(), {}, stage, status, skipped, "ours")
    found = opened(world, one).look("ours")
    assert (found.stage, skipped in found.told) == (told, True)


def test_an_answer_without_a_deployment_is_not_believed(world: World) -> None:
    deployment = opened(world)
    body = {"success": True, "errors": [], "messages": [], "result": {"id": ""}}
    world.faults.add(Fault("status", method="POST", code=200, body=body))
    with pytest.raises(DestinationError, match="without the id of a deployment") as raised:
        deployment.start()
    assert raised.value.outcome is Outcome.UNKNOWN
    body = {**body, "result": {"latest_stage": "x"}}
    world.faults.add(Fault("status", path="*/deployments/*", code=200, body=body))
    assert deployment.look("ours").stage is Stage.RUNNING
    assert world.ledger.count("POST", "*/deployments") == 1, "it is not repeated blindly"
