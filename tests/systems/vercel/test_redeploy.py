"""Whole runs that build anew what is in production after the write, and let only its success confirm it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rotate.errors import DestinationError, Outcome, Refused
from rotate.ports import Stage
from rotate.sandbox.exchange import Json
from rotate.sandbox.faults import Fault
from rotate.sandbox.vercel.state import Deployment, Variable
from rotate.sandbox.world import World
from tests.support.bench import NAME
from tests.support.laptop import Laptop
from tests.systems.vercel.bench import COMMIT, HERE, PROJECT, SHARED, TEAM, Vercel, vercel

DEPLOYS = "/v13/deployments*"


@pytest.fixture
def laptop(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Laptop]:
    with vercel("encrypted") as bench:
        yield Laptop(bench, capsys, tmp_path)


def of(laptop: Laptop) -> Vercel:
    assert isinstance(laptop.web.pretend, Vercel)
    return laptop.web.pretend


@pytest.fixture
def ours(world: World) -> Vercel:
    return Vercel(world)


def starts(world: World) -> int:
    return world.ledger.count("POST", DEPLOYS, "vercel")


def test_the_commit_in_production_is_built_anew_once_and_only_then_the_old_key_goes(laptop: Laptop) -> None:
    ours = of(laptop)
    ours.project.variables.append(Variable("ALSO", laptop.held, updated=1))
    assert laptop.first(to=f"{laptop.here},{HERE.replace(NAME, 'ALSO')}") == 0, laptop.told
    former, new = ours.project.deployments
    (key,) = laptop.live
    assert (new.source, new.target) == (COMMIT, "production")
    assert (new.values[NAME], new.values["ALSO"]) == (key.value, key.value)
    assert starts(laptop.world) == 1, "both are of one project"
    (asked,) = [one for one in laptop.world.ledger if one.method == "POST" and one.route == "/v13/deployments"]
    assert asked.path.endswith(f"?forceNew=1&skipAutoDetectionConfirmation=1&teamId={TEAM}")
    sent = json.loads(asked.request_body)
    assert (sent["name"], sent["project"]) == (PROJECT, ours.project.number)
    assert "deploymentId" not in sent, f"it would inherit the variables of {former.number}"
    assert laptop.report["destinations"][0]["picked_up"] == "with the deploy that this run starts, and waits for"


def test_a_build_that_fails_holds_the_old_key_and_the_next_run_starts_another(laptop: Laptop) -> None:
    ours, well = of(laptop), of(laptop).server.next_state
    ours.server.next_state = ("ERROR", {})
    assert laptop.first() == 4, laptop.told
    assert laptop.reasons == ["distribution-unfinished", "redeploy-failed"]
    assert "Vercel calls it ERROR; `vercel inspect dpl_" in laptop.report["problems"][1]["message"]
    assert len(laptop.live) == 2
    ours.server.next_state = well
    assert laptop.run() == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live]
    assert starts(laptop.world) == 2


def test_a_token_that_may_not_deploy_holds_the_old_key(laptop: Laptop) -> None:
    laptop.world.faults.add(Fault("status", server="vercel", method="POST", path=DEPLOYS, code=403, times=None))
    assert laptop.first() == 4, laptop.told
    assert laptop.reasons == ["distribution-unfinished", "destination-not-allowed"]
    assert (len(laptop.live), starts(laptop.world)) == (2, 1), "it is not started twice"


def test_without_a_start_the_old_key_needs_an_overlap(laptop: Laptop) -> None:
    policy = laptop.folder / "policy.yml"
    text = (
        "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
        f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n"
        f"      - type: vercel\n        project: {PROJECT}\n        target: production\n"
    )
    policy.write_text(text)
    assert laptop.by(policy) == 2, laptop.told
    assert laptop.reasons == ["overlap-needed"]
    policy.write_text(f"{text}        redeploy: true\n")
    assert laptop.by(policy) == 0, laptop.told
    assert starts(laptop.world) == 1


def test_where_nothing_can_be_started_no_key_is_issued(laptop: Laptop) -> None:
    of(laptop).project.deployments[0].source = None
    assert laptop.first() == 3, laptop.told
    assert laptop.reasons == ["redeploy-impossible"]
    assert laptop.live == [laptop.story.old_key]
    assert starts(laptop.world) == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (SHARED, "several projects may use it"),
        (HERE.replace("production", "preview"), "for production alone"),
        (f"vercel://{PROJECT}?custom=staging#{NAME}", "for production alone"),
    ],
)
def test_what_no_one_build_makes_is_refused_before_anything_is_asked(text: str, why: str, ours: Vercel) -> None:
    asked = len(ours.world.ledger)
    with pytest.raises(Refused, match=why) as raised:
        ours.deployment(text).ready()
    assert raised.value.reason == "redeploy-impossible"
    assert "overlap: 7d" in raised.value.remedy
    assert len(ours.world.ledger) == asked


@pytest.mark.parametrize(
    ("of", "why"),
    [
        ("assigns", "until somebody promotes it"),
        ("deployments", "nothing of the project is deployed"),
        ("source", "but uploaded"),
    ],
)
def test_a_project_that_cannot_be_built_anew_is_told(of: str, why: str, ours: Vercel) -> None:
    ours.deployment().ready()
    if of == "assigns":
        ours.project.assigns = False
    elif of == "deployments":
        ours.project.deployments.clear()
    else:
        ours.project.deployments[0].source = {"ref": "main"}
    with pytest.raises(Refused, match=why):
        ours.deployment().ready()


@pytest.mark.parametrize(
    ("state", "also", "stage"),
    [
        ("QUEUED", {}, Stage.RUNNING),
        ("BUILDING", {}, Stage.RUNNING),
        ("READY", {"readySubstate": "STAGED"}, Stage.RUNNING),
        ("READY", {"readySubstate": "ROLLING"}, Stage.RUNNING),
        ("READY", {"readySubstate": "PROMOTED"}, Stage.DONE),
        ("READY", {}, Stage.DONE),
        ("READY", {"aliasAssigned": False}, Stage.RUNNING),
        ("READY", {"aliasAssigned": False, "checksConclusion": "failed"}, Stage.FAILED),
        ("READY", {"aliasError": {"code": "x", "message": "the domain is taken"}}, Stage.FAILED),
        ("BLOCKED", {}, Stage.FAILED),
        ("ERROR", {"errorMessage": "what the build printed"}, Stage.FAILED),
    ],
)
def test_it_is_over_when_it_has_the_traffic(state: str, also: dict[str, Json], stage: Stage, ours: Vercel) -> None:
    ours.server.next_state = (state, {**also})
    deployment = ours.deployment()
    found = deployment.look(deployment.start())
    assert found.stage is stage
    assert not any(one in found.told for one in ("printed", "taken")), "what the deploy said is quoted by nobody"


def test_of_one_that_was_cancelled_a_later_one_counts(ours: Vercel) -> None:
    ours.server.next_state = ("CANCELED", {})
    deployment = ours.deployment()
    started = deployment.start()
    assert deployment.look(started).stage is Stage.FAILED, "the earlier ones do not count"
    ours.world.advance(60)
    later = Deployment("dpl_later", ours.server.now(), COMMIT, state="BUILDING")
    ours.project.deployments.append(later)
    assert deployment.look(started).stage is Stage.RUNNING
    later.state = "ERROR"
    found = deployment.look(started)
    assert (found.stage, "dpl_later" in found.told) == (Stage.FAILED, True)
    later.state = "READY"
    assert deployment.look(started).stage is Stage.DONE


@pytest.mark.parametrize("body", [{"deployments": []}, {"deployments": 5}, {"deployments": [{"uid": "dpl_x"}]}])
def test_a_list_that_tells_no_later_one_leaves_it_failed(body: object, ours: Vercel) -> None:
    ours.server.next_state = ("CANCELED", {})
    deployment = ours.deployment()
    started = deployment.start()
    ours.world.faults.add(Fault("status", server="vercel", path="/v7/deployments*", code=200, body=body))
    assert deployment.look(started).stage is Stage.FAILED


def test_answers_that_are_not_as_described_are_told(ours: Vercel) -> None:
    deployment = ours.deployment()
    started = deployment.start()
    for method, body, look, outcome in (
        ("POST", {}, deployment.start, Outcome.UNKNOWN),
        ("GET", [], lambda: deployment.look(started), Outcome.NO_EFFECT),
    ):
        fault = Fault("status", server="vercel", method=method, path=DEPLOYS, code=200, body=body)
        ours.world.faults.add(fault)
        ours.world.faults.add(Fault("status", server="vercel", method=method, path=DEPLOYS, code=200, body=body))
        with pytest.raises(DestinationError) as raised:
            look()
        assert (raised.value.reason, raised.value.outcome) == ("destination-unexpected-answer", outcome)
        ours.world.faults.reset()
