"""What the pretend Kubernetes holds: Secrets, what runs with them, and tokens, to seed and to inspect."""

from __future__ import annotations

import itertools
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, Literal, TypeAlias

Row: TypeAlias = dict[str, Any]
SECRETS, DEPLOYMENTS, STATEFUL, DAEMONS = "secrets", "deployments", "statefulsets", "daemonsets"
KINDS = {SECRETS: "Secret", DEPLOYMENTS: "Deployment", STATEFUL: "StatefulSet", DAEMONS: "DaemonSet"}
RIGHTS = (
    *(f"{verb} {SECRETS}" for verb in ("get", "list", "patch", "create")),
    *(f"{verb} {kind}" for kind in (DEPLOYMENTS, STATEFUL, DAEMONS) for verb in ("get", "list", "patch")),
)


class KubernetesState:
    """One cluster's memory. Seed and inspect it from any thread. `rollouts`: how a new rollout goes: it is done at
    once, hangs, or has hung for longer than its deadline."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.url = ""
        self.rollouts: Literal["done", "hanging", "late"] = "done"
        self._rows: dict[tuple[str, str, str], Row] = {}
        self._tokens: dict[str, dict[str, set[str]]] = {}
        self._versions = itertools.count(1000)

    def add_token(self) -> str:
        """Give somebody a token that may do nothing yet; see `let`."""
        value = "sa-token-" + secrets.token_hex(16)
        self._tokens[value] = {}
        return value

    def let(self, token: str, namespace: str, *rights: str) -> None:
        """Leave a token these rights in a namespace alone, such as `get secrets`."""
        self._tokens[token][namespace] = set(rights)

    def known(self, token: str) -> bool:
        """Say whether there is such a token."""
        return token in self._tokens

    def may(self, token: str, namespace: str, right: str) -> bool:
        """Say whether a token may do something in a namespace."""
        return right in self._tokens[token].get(namespace, ())

    def put(self, kind: str, namespace: str, name: str, row: Row) -> Row:
        """Store an object as it is given, as a new version of it."""
        metadata = {**row.get("metadata", {}), "namespace": namespace, "name": name}
        metadata["resourceVersion"] = str(next(self._versions))
        version = "v1" if kind == SECRETS else "apps/v1"
        row = {"kind": KINDS[kind], "apiVersion": version, **deepcopy(row), "metadata": metadata}
        self._rows[kind, namespace, name] = row
        return row

    def get(self, kind: str, namespace: str, name: str) -> Row | None:
        """Give one object; `None` where there is none."""
        return self._rows.get((kind, namespace, name))

    def all(self, kind: str, namespace: str) -> list[Row]:
        """Give every object of a kind in a namespace; in all of them where none is named."""
        rows = sorted(self._rows.items(), key=lambda item: item[0])
        return [row for (one, where, _), row in rows if one == kind and where == (namespace or where)]

    def namespaces(self) -> list[str]:
        """Name every namespace in which there is something."""
        return sorted({namespace for _, namespace, _ in self._rows})

    def delete(self, kind: str, namespace: str, name: str) -> None:
        """Delete an object without a request."""
        del self._rows[kind, namespace, name]

    def set_secret(self, namespace: str, name: str, data: Mapping[str, str], **more: Any) -> None:
        """Write a Secret without a request. `more`: its `type` and `immutable`; all else is metadata."""
        row: Row = {"type": more.pop("type", "Opaque"), "data": {key: encoded(text) for key, text in data.items()}}
        if "immutable" in more:
            row["immutable"] = more.pop("immutable")
        self.put(SECRETS, namespace, name, {**row, "metadata": more})

    def value(self, namespace: str, name: str, key: str) -> str | None:
        """Give one value; `None` where there is none."""
        held = (self.get(SECRETS, namespace, name) or {}).get("data", {}).get(key)
        return None if held is None else b64decode(held).decode()

    def set_value(self, namespace: str, name: str, key: str, text: str | None) -> None:
        """Write one value of a Secret without a request; `None` deletes it."""
        row = deepcopy(self.get(SECRETS, namespace, name) or {"type": "Opaque"})
        data = {**row.get("data", {}), key: encoded(text or "")}
        if text is None:
            del data[key]
        self.put(SECRETS, namespace, name, {**row, "data": data})


def encoded(text: str) -> str:
    """Give a value as `data` holds it."""
    return b64encode(text.encode()).decode()


def merged(row: Any, patch: Any) -> Any:
    """Apply a merge patch (RFC 7386): a null deletes, a mapping is merged, all else takes the place."""
    if not isinstance(patch, dict):
        return patch
    kept = dict(row) if isinstance(row, dict) else {}
    for name, change in patch.items():
        if change is None:
            kept.pop(name, None)
        else:
            kept[name] = merged(kept.get(name), change)
    return kept


def settled(row: Row, rollouts: str) -> Row:
    """Give the status of something that runs, as its controller tells it once a rollout is done, or hangs."""
    metadata, spec = row["metadata"], row["spec"]
    wanted = spec.get("replicas", 1)
    new = wanted if rollouts == "done" else 0
    status: Row = {"observedGeneration": metadata["generation"]}
    if row["kind"] == KINDS[DAEMONS]:
        up = ("desiredNumberScheduled", "currentNumberScheduled", "numberReady", "numberAvailable")
        return {**status, **dict.fromkeys(up, 1), "numberMisscheduled": 0, "updatedNumberScheduled": min(new, 1)}
    status |= {"replicas": wanted, "updatedReplicas": new, "readyReplicas": wanted, "availableReplicas": wanted}
    if row["kind"] == KINDS[STATEFUL]:
        revision = f"{metadata['name']}-{metadata['generation']}"
        before = row.get("status", {}).get("currentRevision", "none")
        return status | {"updateRevision": revision, "currentRevision": revision if new == wanted else before}
    late = {"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}
    return status | {"conditions": [late] if rollouts == "late" else []}


def names_of(rows: Iterable[Row]) -> list[str]:
    """Give the names of some objects."""
    return [str(row["metadata"]["name"]) for row in rows]
