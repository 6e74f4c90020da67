"""The Python client lightkube, whose models are made from Kubernetes' own description, reads what we wrote, and writes
what we read."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from lightkube import ApiError, Client, KubeConfig
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apps_v1 import DaemonSet, Deployment, StatefulSet
from lightkube.resources.core_v1 import Secret as Theirs
from lightkube.types import PatchType

from rotate.address import parsed
from rotate.ports import Stage
from rotate.protocol.facts.destination import Held
from rotate.sandbox.kubernetes.state import encoded
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.kubernetes.restart import Restart
from rotate.systems.kubernetes.workloads import RESTARTED
from tests.support.bench import BEFORE, NAME, means_of
from tests.support.openapi import check
from tests.systems.kubernetes.bench import HERE, NAMESPACE, NEW, OTHER, SECRET, Secrets

NEWER = Secret("napi_newer_value_0123456789")


@pytest.fixture
def ours(world: World) -> Secrets:
    return Secrets(world, labels={"team": "payments"})


@pytest.fixture
def theirs(ours: Secrets) -> Iterator[Client]:
    """It logs in by the very kubeconfig that we log in by."""
    config = KubeConfig.from_dict(json.loads(ours.environment["KUBECONFIG"]))
    with Client(config=config, namespace=NAMESPACE, trust_env=False) as client:
        yield client


def test_it_and_we_read_what_the_other_wrote(ours: Secrets, theirs: Client) -> None:
    opened = ours.written()
    found = theirs.get(Theirs, SECRET)
    assert found.data == {name: encoded(text) for name, text in {NAME: NEW.reveal(), **OTHER}.items()}
    assert found.metadata
    assert found.metadata.labels == {"team": "payments"}
    for kind in (PatchType.MERGE, PatchType.STRATEGIC):
        theirs.patch(Theirs, SECRET, {"stringData": {NAME: NEWER.reveal()}}, patch_type=kind)
        assert opened.written() == Held(NEWER.fingerprint)
    theirs.create(Theirs(metadata=ObjectMeta(name="made"), data={NAME: encoded(BEFORE)}))
    assert ours.opened(HERE.replace(SECRET, "made")).observe().mark == Held(Secret(BEFORE).fingerprint)
    assert [one.metadata.name for one in theirs.list(Theirs) if one.metadata] == ["made", SECRET]
    assert check(entry for entry in ours.world.ledger if "strategic" not in str(entry.request_headers)) >= 8


def test_it_understands_the_refusals_of_the_pretend_one(ours: Secrets, theirs: Client) -> None:
    with pytest.raises(ApiError) as gone:
        theirs.get(Theirs, "gone")
    stale = {"metadata": {"resourceVersion": "1"}}
    with pytest.raises(ApiError) as raised:
        theirs.patch(Theirs, SECRET, stale, patch_type=PatchType.MERGE)
    with pytest.raises(ApiError) as forbidden:
        theirs.get(Theirs, SECRET, namespace="another")
    told = [one.value.status for one in (gone, raised, forbidden)]
    assert [(one.code, one.reason) for one in told] == [(404, "NotFound"), (409, "Conflict"), (403, "Forbidden")]


def test_it_sees_what_we_restarted(ours: Secrets, theirs: Client) -> None:
    restart = Restart(parsed(HERE), means_of(ours.environment))
    started = restart.start()
    at = started.partition(" ")[0]
    seen = (
        theirs.get(Deployment, "deployment"),
        theirs.get(StatefulSet, "statefulset"),
        theirs.get(DaemonSet, "daemonset"),
    )
    found = [one.to_dict()["spec"]["template"]["metadata"]["annotations"] for one in seen]
    assert found == [{RESTARTED: at}] * 3
    assert restart.look(started).stage is Stage.DONE
