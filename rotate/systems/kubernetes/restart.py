"""Restarts what uses a Secret in its namespace, as `kubectl rollout restart` does, and waits for each rollout.

Source: kubectl, pkg/polymorphichelpers/objectrestarter.go: an annotation of the pod template, with the time. It is told
to microseconds here: the same time as in another restart would start nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from rotate.address import Address
from rotate.errors import Refused, listed
from rotate.means import Means
from rotate.ports import Deploy, Stage
from rotate.service import words
from rotate.service.description import Ask
from rotate.systems.kubernetes.client import MERGE, Cluster, part
from rotate.systems.kubernetes.secret import cluster
from rotate.systems.kubernetes.system import SERVICE
from rotate.systems.kubernetes.workloads import KINDS, RESTARTED, obstacle, restarted, rollout, uses

NAMES = "Deployment, StatefulSet or DaemonSet"


class Restart:
    """Implements `ports.Deployment`."""

    def __init__(self, address: Address, means: Means) -> None:
        self._namespace, _, self._secret = address.where.partition("/")
        self._context, self._means = address.options.get("context", ""), means
        self.unit = f"what uses the Secret {address._replace(name='')}"

    @cached_property
    def _client(self) -> Cluster:
        return cluster(self._means, self._context)

    def ready(self) -> None:
        """See that there is something to restart, that a restart reaches all of it, and that it is allowed."""
        found = self._users()
        if not found:
            raise Refused(
                "redeploy-impossible",
                f"No {NAMES} of the namespace {self._namespace} refers to the Secret {self._secret}: nothing can be "
                "restarted. Bare pods, jobs and what other operators run are not looked at.",
                "Take `redeploy` out, and give what uses it the time to start anew:\n\n    overlap: 24h",
            )
        stuck = [f"{path} {why}" for path, row in found.items() if (why := obstacle(path.partition("/")[0], row))]
        if stuck:
            message = f"A restart would not reach {self.unit}: {listed(stuck)}."
            raise Refused("redeploy-impossible", message, "Mend that, or take `redeploy` out and give it an `overlap`.")
        for kind in dict.fromkeys(path.partition("/")[0] for path in found):
            if self._client.may("patch", self._namespace, kind, "apps") is False:
                message = f"The login may not restart {self.unit}: it lacks the verb `patch` on `{kind}`."
                raise Refused("destination-not-allowed", message, SERVICE.give)

    def start(self) -> str:
        """Restart each. What the same time was written to already is not restarted by it again."""
        at, found = self._means.clock.now().isoformat(timespec="microseconds"), self._users()
        body = {"spec": {"template": {"metadata": {"annotations": {RESTARTED: at}}}}}
        for path in found:
            self._client.ask(Ask("PATCH", f"{self._apps}/{path}", f"restart {path}", body=body, style=MERGE))
        return " ".join((at, *found))

    def look(self, started: str) -> Deploy:
        """Say how far they are: done when each is. One that was deleted meanwhile has no pods."""
        at, *paths = started.split(" ")
        rows = {path: row for kind in KINDS for path, row in self._rows(kind).items() if path in paths}
        deploys = {}
        for path, row in rows.items():
            undone = Deploy(Stage.FAILED, "was set back to what it was before the restart")
            deploys[path] = rollout(path.partition("/")[0], row) if restarted(row, at) else undone
        for stage in (Stage.FAILED, Stage.RUNNING):
            if told := [f"{path} {one.told}" for path, one in deploys.items() if one.stage is stage]:
                first = told[0].partition(" ")[0]
                return Deploy(stage, f"{listed(told)} (kubectl rollout status -n {self._namespace} {first})")
        return Deploy(Stage.DONE)

    @property
    def _apps(self) -> str:
        return f"/apis/apps/v1/namespaces/{self._namespace}"

    def _users(self) -> dict[str, Mapping[str, object]]:
        """Give all that uses the Secret, by its path such as `deployments/web`."""
        return {path: row for kind in KINDS for path, row in self._rows(kind).items() if uses(row, self._secret)}

    def _rows(self, kind: str) -> dict[str, Mapping[str, object]]:
        one = Ask("GET", f"{self._apps}/{kind}", f"look for {self.unit} among the {kind}")
        items = part(self._client.ask(one).json()).get("items")
        if not isinstance(items, list):
            raise words.unexpected(SERVICE, one.doing, "not with a list")
        return {f"{kind}/{part(row, 'metadata').get('name')}": part(row) for row in items}
