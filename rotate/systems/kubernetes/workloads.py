"""Deployments, StatefulSets, DaemonSets: which Secrets they use, whether they can be restarted, how far they are then.

Sources: Kubernetes' OpenAPI description (PodSpec); kubectl, pkg/polymorphichelpers/rollout_status.go (when a rollout is
done, and when it failed), objectrestarter.go (the annotation of a restart; what is paused is refused); Kubernetes'
documentation, "Update Strategies" of StatefulSets and DaemonSets (`OnDelete`, `partition`), "Deployments" (terminating
pods are counted by `terminatingReplicas`, told from 1.35 on).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from rotate.ports import Deploy, Stage
from rotate.systems.kubernetes.client import part

RESTARTED = "kubectl.kubernetes.io/restartedAt"
DEPLOYMENTS, STATEFUL, DAEMONS = KINDS = "deployments", "statefulsets", "daemonsets"


def uses(row: Mapping[str, object], secret: str) -> bool:
    """Say whether the pods that it starts refer to a Secret."""
    return secret in _named(part(row, "spec", "template", "spec"))


def _named(pod: Mapping[str, object]) -> Iterator[object]:
    for container in (*_rows(pod, "containers"), *_rows(pod, "initContainers")):
        for one in _rows(container, "env"):
            yield part(one, "valueFrom", "secretKeyRef").get("name")
        for one in _rows(container, "envFrom"):
            yield part(one, "secretRef").get("name")
    for volume in _rows(pod, "volumes"):
        yield part(volume, "secret").get("secretName")
        for one in _rows(part(volume, "projected"), "sources"):
            yield part(one, "secret").get("name")


def obstacle(kind: str, row: Mapping[str, object]) -> str:
    """Say why a restart would not reach each of its pods; nothing where it would."""
    spec = part(row, "spec")
    strategy = part(spec, "updateStrategy")
    if spec.get("paused"):
        return "is paused"
    if kind != DEPLOYMENTS and strategy.get("type") == "OnDelete":
        return "has the update strategy `OnDelete`"
    if kind == STATEFUL and _number(part(strategy, "rollingUpdate").get("partition")):
        return "updates only a part of its pods (`partition`)"
    return ""


def restarted(row: Mapping[str, object], at: str) -> bool:
    """Say whether its pods are those of a restart, or of a later one."""
    shown = part(row, "spec", "template", "metadata", "annotations").get(RESTARTED)
    try:
        return datetime.fromisoformat(str(shown)) >= datetime.fromisoformat(at)
    except (TypeError, ValueError):
        return False


def rollout(kind: str, row: Mapping[str, object]) -> Deploy:
    """Say how far it is, as `kubectl rollout status` does."""
    status = part(row, "status")
    counts = {name: _number(count) for name, count in status.items()}
    if counts.get("observedGeneration", 0) < _number(part(row, "metadata").get("generation")):
        return Deploy(Stage.RUNNING, "was not looked at yet")
    late = any(one.get("reason") == "ProgressDeadlineExceeded" for one in _rows(status, "conditions"))
    if kind == DEPLOYMENTS and late:
        return Deploy(Stage.FAILED, "exceeded its progress deadline")
    replicas = part(row, "spec").get("replicas")
    wanted = 1 if replicas is None else _number(replicas)
    done = _DONE[kind](counts, wanted)
    if kind == STATEFUL:
        done = done and status.get("updateRevision") == status.get("currentRevision")
    return Deploy(Stage.DONE if done else Stage.RUNNING, "has pods that are not new, or not available, yet")


def _deployment(counts: Mapping[str, int], wanted: int) -> bool:
    new = counts.get("updatedReplicas", 0)
    old = counts.get("replicas", 0) > new or counts.get("terminatingReplicas", 0)
    missing = counts.get("availableReplicas", 0) < new or counts.get("unavailableReplicas", 0)
    return not (new < wanted or old or missing)


def _stateful(counts: Mapping[str, int], wanted: int) -> bool:
    return counts.get("readyReplicas", 0) >= wanted


def _daemons(counts: Mapping[str, int], _: int) -> bool:
    wanted = counts.get("desiredNumberScheduled", 0)
    return counts.get("updatedNumberScheduled", 0) >= wanted <= counts.get("numberAvailable", 0)


_DONE = {DEPLOYMENTS: _deployment, STATEFUL: _stateful, DAEMONS: _daemons}


def _number(given: object) -> int:
    return given if isinstance(given, int) else 0


def _rows(row: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    found = row.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
