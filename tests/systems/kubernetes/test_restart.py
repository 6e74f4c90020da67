"""Which Deployments, StatefulSets and DaemonSets use a Secret, whether a restart reaches them, and how far it is."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Refused
from rotate.ports import Stage
from rotate.sandbox.faults import Fault
from rotate.sandbox.kubernetes.state import DAEMONS, DEPLOYMENTS, RIGHTS, STATEFUL, Row
from rotate.sandbox.world import World
from rotate.systems.kubernetes.restart import Restart
from rotate.systems.kubernetes.workloads import RESTARTED, restarted, rollout, uses
from tests.support.bench import means_of
from tests.systems.kubernetes.bench import HERE, NAMESPACE, SECRET, Secrets, pods

KINDS = (DEPLOYMENTS, STATEFUL, DAEMONS)
PROJECTED = {"projected": {"sources": [{"configMap": {"name": "x"}}, {"secret": {"name": SECRET}}]}}


@pytest.fixture
def ours(world: World) -> Secrets:
    return Secrets(world)


@pytest.fixture
def restart(ours: Secrets) -> Restart:
    return Restart(parsed(HERE), means_of(ours.environment))


def spec(ours: Secrets, kind: str) -> Row:
    row = ours.state.get(kind, NAMESPACE, kind[:-1])
    assert row
    found: Row = row["spec"]
    return found


USES: list[Row] = [
    pods(env=[{"name": "A", "value": "x"}, {"name": "B", "valueFrom": {"secretKeyRef": {"name": SECRET}}}]),
    pods(envFrom=[{"configMapRef": {"name": "x"}}, {"secretRef": {"name": SECRET}}]),
    pods([{"name": "a", "emptyDir": {}}, {"secret": {"secretName": SECRET}}]),
    pods([PROJECTED]),
    {"template": {"spec": {"initContainers": [{"envFrom": [{"secretRef": {"name": SECRET}}]}]}}},
]


def test_each_way_to_use_a_secret_is_seen() -> None:
    for started in USES:
        assert uses({"spec": started}, SECRET), started
        assert not uses({"spec": started}, "neon-2")


def test_all_that_uses_it_is_restarted_once_and_nothing_else(ours: Secrets, restart: Restart) -> None:
    ours.state.run(DEPLOYMENTS, NAMESPACE, "other", pods())
    restart.ready()
    started = restart.start()
    assert started.split(" ")[1:] == [f"{kind}/{kind[:-1]}" for kind in KINDS]
    assert restart.look(started).stage is Stage.DONE
    other = ours.state.get(DEPLOYMENTS, NAMESPACE, "other")
    assert other
    assert other["metadata"]["generation"] == 1


def test_where_nothing_uses_it_a_restart_is_refused(ours: Secrets) -> None:
    nobody = Restart(parsed(HERE.replace(SECRET, "unused")), means_of(ours.environment))
    with pytest.raises(Refused, match="nothing can be restarted") as raised:
        nobody.ready()
    assert raised.value.reason == "redeploy-impossible"


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        (DEPLOYMENTS, {"paused": True}, "deployments/deployment is paused"),
        (DAEMONS, {"updateStrategy": {"type": "OnDelete"}}, "daemonsets/daemonset has the update strategy `OnDelete`"),
        (STATEFUL, {"updateStrategy": {"rollingUpdate": {"partition": 1}}}, "statefulsets/statefulset updates only"),
    ],
)
def test_what_a_restart_would_not_reach_is_refused(
    kind: str, more: Row, said: str, ours: Secrets, restart: Restart
) -> None:
    spec(ours, kind).update(more)
    with pytest.raises(Refused, match=said) as raised:
        restart.ready()
    assert raised.value.reason == "redeploy-impossible"


def test_a_login_that_may_not_restart_is_refused_before_anything_is_written(ours: Secrets, restart: Restart) -> None:
    ours.state.let(ours.token, NAMESPACE, *(one for one in RIGHTS if one != f"patch {DAEMONS}"))
    with pytest.raises(Refused, match="lacks the verb `patch` on `daemonsets`"):
        restart.ready()
    ours.state.let(ours.token, NAMESPACE, *(one for one in RIGHTS if one != f"list {STATEFUL}"))
    with pytest.raises(Refused, match='cannot list resource "statefulsets"') as raised:
        restart.ready()
    assert raised.value.reason == "destination-not-allowed"


def test_a_rollout_that_hangs_fails_or_was_set_back_is_told_with_the_command_that_shows_more(
    ours: Secrets, restart: Restart
) -> None:
    ours.state.rollouts = "hanging"
    started = restart.start()
    hanging = restart.look(started)
    assert hanging.stage is Stage.RUNNING
    assert "(kubectl rollout status -n payments deployments/deployment)" in hanging.told
    ours.state.rollouts = "late"
    late = restart.look(restart.start())
    assert (late.stage, "exceeded its progress deadline" in late.told) == (Stage.FAILED, True)
    spec(ours, STATEFUL)["template"]["metadata"]["annotations"] = {RESTARTED: "2026-01-01T00:00:00+01:00"}
    assert "statefulsets/statefulset was set back" in restart.look(started).told


def test_what_was_deleted_meanwhile_holds_nothing_up(ours: Secrets, restart: Restart) -> None:
    ours.state.rollouts = "hanging"
    started = restart.start()
    for kind in KINDS:
        ours.state.delete(kind, NAMESPACE, kind[:-1])
    assert restart.look(started).stage is Stage.DONE


def test_an_answer_that_is_no_list_is_not_believed(restart: Restart, world: World) -> None:
    world.faults.add(Fault("status", server="kubernetes", method="GET", code=200, body={"items": None}))
    with pytest.raises(DestinationError, match="not with a list"):
        restart.ready()


STATES: list[tuple[str, Row, int | None, Stage]] = [
    (DEPLOYMENTS, {"observedGeneration": 1}, 1, Stage.RUNNING),
    (DEPLOYMENTS, {}, 0, Stage.DONE),
    (DEPLOYMENTS, {"updatedReplicas": 1, "replicas": 1, "availableReplicas": 1}, None, Stage.DONE),
    (DEPLOYMENTS, {"updatedReplicas": 1, "replicas": 2, "availableReplicas": 2}, 1, Stage.RUNNING),
    (DEPLOYMENTS, {"updatedReplicas": 1, "replicas": 1, "unavailableReplicas": 1}, 1, Stage.RUNNING),
    (
        DEPLOYMENTS,
        {"updatedReplicas": 1, "replicas": 1, "availableReplicas": 1, "terminatingReplicas": 1},
        1,
        Stage.RUNNING,
    ),
    (STATEFUL, {"readyReplicas": 1, "updateRevision": "b", "currentRevision": "a"}, 1, Stage.RUNNING),
    (STATEFUL, {"readyReplicas": 1, "updateRevision": "b", "currentRevision": "b"}, 2, Stage.RUNNING),
    (DAEMONS, {"desiredNumberScheduled": 2, "updatedNumberScheduled": 2, "numberAvailable": 1}, 1, Stage.RUNNING),
    (DAEMONS, {"desiredNumberScheduled": 2, "updatedNumberScheduled": 1, "numberAvailable": 2}, 1, Stage.RUNNING),
    (DAEMONS, {}, 1, Stage.DONE),
]


def test_how_far_it_is_follows_from_its_status() -> None:
    for kind, status, wanted, stage in STATES:
        told = {"observedGeneration": 2, **status}
        row = {"metadata": {"generation": 2}, "spec": {"replicas": wanted}, "status": told}
        assert rollout(kind, row).stage is stage, told


def test_what_is_no_later_restart_is_none() -> None:
    for shown in (None, "yesterday", "2026-01-01T00:00:00", "2026-01-01T00:00:00+00:00"):
        row = {"spec": {"template": {"metadata": {"annotations": {RESTARTED: shown}}}}}
        assert not restarted(row, "2026-01-01T00:00:01+00:00"), shown
