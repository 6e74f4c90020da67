"""The pretend Kubernetes behaves as its description and documents say."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from rotate.sandbox.kubernetes.server import KubernetesServer
from rotate.sandbox.kubernetes.state import DEPLOYMENTS, RIGHTS, encoded, merged, names_of
from rotate.sandbox.world import World
from tests.support.openapi import check

ALL = "/api/v1/namespaces/payments/secrets"
ONE = f"{ALL}/neon"
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
MERGE = {"Content-Type": "application/merge-patch+json"}


@pytest.fixture
def server(world: World) -> KubernetesServer:
    server = KubernetesServer(world.clock)
    world.serve(server)
    return server


@pytest.fixture
def cluster(server: KubernetesServer) -> Iterator[httpx.Client]:
    token = server.add_token()
    server.let(token, "payments", *RIGHTS)
    server.set_secret("payments", "neon", {"A": "one"})
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


def test_every_route_of_secrets_answers_as_described(world: World, cluster: httpx.Client) -> None:
    made = {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "new"}, "stringData": {"B": "two"}}
    assert cluster.post(ALL, json=made).json()["data"] == {"B": encoded("two")}
    assert cluster.post(ALL, json=made).json()["reason"] == "AlreadyExists"
    assert names_of(cluster.get(ALL).json()["items"]) == ["neon", "new"]
    before = cluster.get(ONE).json()["metadata"]["resourceVersion"]
    patch = {"metadata": {"resourceVersion": before}, "data": {"B": encoded("two")}}
    after = cluster.patch(ONE, json=patch, headers=MERGE).json()
    assert after["data"] == {"A": encoded("one"), "B": encoded("two")}
    assert cluster.patch(ONE, json={"data": {}}, headers=MERGE).json() == after, "no change is no new version"
    assert cluster.patch(ONE, json=patch, headers=MERGE).json()["reason"] == "Conflict"
    asked = {"spec": {"resourceAttributes": {"namespace": "payments", "verb": "delete", "resource": "secrets"}}}
    assert cluster.post(REVIEW, json=asked).json()["status"] == {"allowed": False}
    assert check(world.ledger) >= 6


def test_what_cannot_be_is_refused(server: KubernetesServer, cluster: httpx.Client) -> None:
    assert cluster.patch(ONE, json={"data": {"A": "no base64"}}, headers=MERGE).json()["reason"] == "BadRequest"
    assert cluster.patch(ONE, json={}).status_code == 415
    assert cluster.delete(ONE).json()["reason"] == "MethodNotAllowed"
    server.set_secret("payments", "neon", {"A": "one"}, immutable=True)
    assert cluster.patch(ONE, json={"data": {"A": None}}, headers=MERGE).json()["reason"] == "Invalid"
    assert cluster.patch(ONE, json={"metadata": {"labels": {"a": "b"}}}, headers=MERGE).status_code == 200


def test_who_asks_decides(cluster: httpx.Client) -> None:
    assert cluster.get("/api/v1/namespaces/other/secrets/gone").json()["reason"] == "Forbidden"
    assert cluster.get("/api/v1/namespaces/other/secrets").json()["reason"] == "Forbidden"
    assert cluster.get(f"{ALL}/gone").json()["details"] == {"name": "gone", "kind": "secrets"}
    for wrong in ("Basic x", "Bearer x"):
        assert cluster.get(ONE, headers={"Authorization": wrong}).json()["reason"] == "Unauthorized"


def test_a_change_of_what_runs_begins_a_rollout(server: KubernetesServer, cluster: httpx.Client) -> None:
    server.run(DEPLOYMENTS, "payments", "web", {"replicas": 2, "template": {}})
    path = "/apis/apps/v1/namespaces/payments/deployments/web"
    server.rollouts = "hanging"
    assert cluster.patch(path, json={"metadata": {"labels": {}}}, headers=MERGE).json()["metadata"]["generation"] == 1
    found = cluster.patch(path, json={"spec": {"template": {"a": "b"}}}, headers=MERGE).json()
    assert (found["metadata"]["generation"], found["status"]["updatedReplicas"]) == (2, 0)


def test_a_merge_patch_replaces_what_is_no_mapping() -> None:
    assert merged("x", {"a": {"b": 1}}) == {"a": {"b": 1}}
    assert merged({"a": [1], "b": 1}, {"a": [2], "c": None}) == {"a": [2], "b": 1}
