"""The rolling update that lets an app of Fly.io run with the new key: Machine after Machine, and only then the old key
goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError
from rotate.ports import Stage
from rotate.sandbox.exchange import Json
from rotate.sandbox.faults import Fault
from rotate.sandbox.fly.server import App, Machine
from rotate.sandbox.world import World
from rotate.systems.fly.app_secret import AppSecret
from rotate.systems.fly.rollout import Rollout
from tests.support.bench import NAME, means_of
from tests.support.laptop import Laptop
from tests.systems.fly.bench import NEW, TEXT, Secrets, fly, seeded

M1 = "*/machines/m1"


@pytest.fixture
def laptop(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Laptop]:
    with fly() as bench:
        yield Laptop(bench, capsys, tmp_path)


@pytest.fixture
def app(laptop: Laptop) -> App:
    return seeded(laptop.web)


@pytest.fixture
def ours(world: World) -> Secrets:
    return Secrets(world)


@pytest.fixture
def rollout(ours: Secrets) -> Rollout:
    means = means_of(ours.environment)
    opened = AppSecret(parsed(TEXT), means)
    opened.observe()
    opened.put(NEW)
    return Rollout(parsed(TEXT), means)


def test_every_machine_takes_it_one_after_the_other_and_only_then_the_old_key_goes(laptop: Laptop, app: App) -> None:
    app.machines.append(Machine("m3", "stopped", {"image": "x", "unknown": [1, None]}))
    configs = [dict(one.config) for one in app.machines]
    assert laptop.first() == 0, laptop.told
    assert laptop.story.old_key.revoked
    assert [one.runs_with[NAME] for one in app.machines] == [laptop.live[0].value] * 3
    assert [(one.state, one.lease) for one in app.machines] == [("started", ""), ("started", ""), ("stopped", "")]
    assert [one.config for one in app.machines] == configs
    order = [int(one.instance) for one in app.machines]
    assert order == sorted(order), "each update makes a later instance"


def test_a_machine_that_does_not_come_up_holds_the_old_key_and_the_others(laptop: Laptop, app: App) -> None:
    app.becomes = "failed"
    assert laptop.first() == 4, laptop.told
    assert laptop.reasons == ["distribution-unfinished", "redeploy-failed"]
    assert not laptop.story.old_key.revoked
    assert app.machines[1].runs_with == {}
    app.becomes = "started"
    assert laptop.run() == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live]


def test_a_check_that_does_not_pass_in_its_time_holds_the_old_key(laptop: Laptop, app: App) -> None:
    app.machines[0].checks = ["passing", "critical"]
    assert laptop.first("--redeploy-wait", "1s") == 4
    assert laptop.reasons == ["distribution-unfinished", "redeploy-unfinished"]
    assert not laptop.story.old_key.revoked


def test_a_token_that_may_not_update_holds_the_old_key(laptop: Laptop) -> None:
    laptop.world.faults.add(Fault("status", server="fly", method="POST", path="*/lease", code=403, times=None))
    assert laptop.first() == 4, laptop.told
    assert "destination-not-allowed" in laptop.reasons
    assert not laptop.story.old_key.revoked


def test_machines_that_cannot_be_read_are_told_before_a_key_is_issued(laptop: Laptop) -> None:
    laptop.world.faults.add(Fault("status", server="fly", method="GET", path="*/machines", code=403, times=None))
    assert laptop.first() == 3, laptop.told
    assert laptop.reasons == ["destination-not-allowed"]
    assert laptop.live == [laptop.story.old_key]


def test_without_an_overlap_or_a_redeploy_it_is_refused_with_the_lines(laptop: Laptop) -> None:
    named = ("--old-key-id", str(laptop.story.old_key.key_id))
    assert laptop.run(*named, "--overlap", "0s") == 2
    assert laptop.reasons == ["overlap-needed"]


def test_what_does_not_last_is_left_alone(ours: Secrets, rollout: Rollout) -> None:
    group: dict[str, Json] = {"fly_process_group": "fly_app_console"}
    ours.app.machines = [
        Machine("m1", "destroyed"),
        Machine("m2", config={"metadata": group}),
        Machine("m3", config={"auto_destroy": True}),
        Machine("m4", config={"metadata": {"fly_process_group": "app"}}),
    ]
    rollout.ready()
    deploy = rollout.look(rollout.start())
    assert (deploy.stage, deploy.told) == (Stage.DONE, "1 Machines are up with it")
    assert [one.number for one in ours.app.machines if one.runs_with] == ["m4"]


def test_an_app_without_machines_has_nothing_to_wait_for(ours: Secrets, rollout: Rollout) -> None:
    ours.app.machines = []
    assert rollout.look(rollout.start()).stage is Stage.DONE


@pytest.mark.parametrize(
    ("state", "stage"),
    [("starting", Stage.RUNNING), ("replacing", Stage.RUNNING), ("stopped", Stage.FAILED), ("destroyed", Stage.FAILED)],
)
def test_how_far_a_machine_is(state: str, stage: Stage, ours: Secrets, rollout: Rollout) -> None:
    ours.app.becomes = state
    assert rollout.look(rollout.start()).stage is stage


def test_a_machine_that_was_updated_by_somebody_else_is_not_up_with_it(ours: Secrets, rollout: Rollout) -> None:
    ours.app.becomes = "starting"
    assert rollout.look(rollout.start()).stage is Stage.RUNNING
    ours.app.machines[0].instance = "99"
    deploy = rollout.look("")
    assert (deploy.stage, "fly machine status m1" in deploy.told) == (Stage.FAILED, True)


def test_a_stopped_machine_that_is_being_updated_is_waited_for(ours: Secrets, rollout: Rollout) -> None:
    ours.app.machines = [Machine("m1", "updating")]
    assert rollout.look(rollout.start()).stage is Stage.RUNNING


def test_who_has_the_lease_is_not_disturbed(ours: Secrets, rollout: Rollout) -> None:
    ours.app.machines[0].lease = "another's"
    with pytest.raises(DestinationError) as raised:
        rollout.look(rollout.start())
    assert raised.value.reason == "destination-changed"
    assert (ours.app.machines[0].runs_with, ours.app.machines[0].lease) == ({}, "another's")


def test_a_host_that_does_not_answer_is_told_and_the_lease_given_back(ours: Secrets, rollout: Rollout) -> None:
    ours.app.machines[0].host = "unreachable"
    with pytest.raises(DestinationError) as raised:
        rollout.look(rollout.start())
    assert raised.value.reason == "destination-busy"
    assert ours.app.machines[0].lease == ""


def test_a_lease_that_cannot_be_given_back_ends_by_itself(ours: Secrets, rollout: Rollout) -> None:
    ours.app.machines[1:] = []
    ours.world.faults.add(Fault("status", server="fly", method="DELETE", code=500, times=None))
    assert rollout.look(rollout.start()).stage is Stage.DONE


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "*/machines", {}),
        ("GET", "*/machines", [[]]),
        ("GET", "*/machines", [{"id": "m1", "state": "started", "region": "fra"}]),
        ("POST", "*/lease", {"data": []}),
        ("POST", "*/lease", []),
        ("POST", "*/lease", {"data": {"nonce": "a\nb"}}),
    ],
)
def test_an_answer_of_another_shape_is_told(
    method: str, path: str, body: object, ours: Secrets, rollout: Rollout
) -> None:
    ours.world.faults.add(Fault("status", server="fly", method=method, path=path, code=200, body=body, times=None))
    with pytest.raises(DestinationError) as raised:
        rollout.look(rollout.start())
    assert raised.value.reason == "destination-unexpected-answer"


def test_a_policy_file_has_it_by_fields(laptop: Laptop) -> None:
    file = laptop.folder / "policy.yml"
    file.write_text(
        "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
        f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n"
        "      - type: fly\n        app: octo-payments\n        redeploy: true\n"
    )
    assert laptop.by(file) == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live]
