"""Asks one cluster, as a kubeconfig or the pod's own account says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rotate.errors import RotateError
from rotate.means import Means
from rotate.secret import Secret
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.systems.kubernetes.access import access
from rotate.systems.kubernetes.kubeconfig import unreadable
from rotate.systems.kubernetes.system import SERVICE
from rotate.wire.http import BEARER
from rotate.wire.network import Identity

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
# What is left out stays as it is (RFC 7386); Kubernetes takes several kinds of patches, and tells them by this.
MERGE = BEARER._replace(headers={"Content-Type": "application/merge-patch+json"})


class Cluster(Client):
    """One cluster in one run. To make it contacts nobody. Raises `ConfigurationError`: there is no way to log in."""

    def __init__(self, means: Means, context: str) -> None:
        self._access, self._hide, self._told = access(means.environment, context), means.hide, Secret("")
        identity = None
        if self._access.certificate:
            means.hide(self._access.key)
            identity = Identity(self._access.certificate, self._access.key)
        network = replace(means.network, pinned=self._access.authorities, identity=identity)
        try:
            super().__init__(replace(SERVICE, usual=self._access.server), means, self._bearer, network)
        except (OSError, ValueError):
            what = "The certificates of the kubeconfig, or the key with them, cannot be used: damaged, or encrypted"
            raise unreadable(what) from None
        self._token = self._bearer  # of each context its own, and read again each time: a pod's token is replaced

    def _bearer(self) -> Secret:
        token = self._access.bearer()
        if token != self._told:
            self._hide(token)
            self._told = token
        return token

    def may(self, verb: str, namespace: str, resource: str, group: str = "", name: str = "") -> bool | None:
        """Say whether this login may do something, as far as the cluster tells.

        Source: Kubernetes' documentation, "Checking API access"; each may ask that of itself (`system:basic-user`).
        """
        asked = {"namespace": namespace, "verb": verb, "group": group, "resource": resource, "name": name}
        kind = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview"}
        body = {**kind, "spec": {"resourceAttributes": {name: text for name, text in asked.items() if text}}}
        try:
            answer = self.ask(Ask("POST", REVIEWS, f"ask whether {verb} is allowed", body=body, looks=True))
        except RotateError:
            return None
        allowed = part(answer.json(), "status").get("allowed")
        return allowed if isinstance(allowed, bool) else None


def part(row: object, *names: str) -> Mapping[str, object]:
    """Give what stands in an answer under some names; nothing where no mapping does."""
    for name in names:
        row = row.get(name) if isinstance(row, dict) else None
    return row if isinstance(row, dict) else {}
