"""What runs with a variable is deployed anew: its service, and every service that refers to it.

Sources: railwayapp/docs content/docs/integrations/api/manage-services.md: `serviceInstanceDeployV2` deploys the commit
that the service has, and gives the id of the deployment; content/guides/rotate-credentials-zero-downtime.md: a new
value is only in a new deployment, and a shared variable's reaches each service that refers to it. `deploymentRestart`
keeps the image and the configuration, and so the old value (content/docs/deployments/deployment-actions.md);
`serviceInstanceRedeploy` gives no id by which to tell this deployment from the one before. The states: the schema's
`DeploymentStatus`, content/docs/deployments/reference.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial

from rotate.address import Address
from rotate.errors import Outcome
from rotate.means import Means
from rotate.ports import Deploy, Stage
from rotate.service import words
from rotate.service.moments import moment
from rotate.systems.railway import documents, places
from rotate.systems.railway.graph import Graph, Row, inside, strange
from rotate.systems.railway.system import SERVICE
from rotate.systems.railway.variable import REFERENCE, SHARED, parted, variables

# A service that sleeps has started, and begins with the same value when it wakes.
STAGES = {
    **dict.fromkeys(("SUCCESS", "SLEEPING"), Stage.DONE),
    **dict.fromkeys(("FAILED", "CRASHED", "SKIPPED", "REMOVED", "REMOVING"), Stage.FAILED),
}
TAKEN_DOWN = (None, "REMOVED", "REMOVING")
Key = tuple[str, str]
"""The name of a service, or `shared`, and the name of a variable."""


class Deploys:
    """Implements `ports.Deployment` for all of an environment that this run writes to."""

    def __init__(self, address: Address, means: Means) -> None:
        self._address, self._means, self._graph = address, means, Graph(means)
        project, environment, *_ = address.where.split("/")
        self.unit = f"what runs in {environment} of {project} at Railway"
        self._written: dict[str, Address] = means.once(f"written to {self.unit}", dict)
        self._written[str(address)] = address

    def ready(self) -> None:
        """See what runs: whoever may not read that may not deploy it either."""
        place, doing = self._place(self._address), f"look for {self.unit}"
        look = partial(places.services, self._graph, place.project, place.environment, doing)
        self._means.once(doing, look)

    def start(self) -> str:
        """Deploy, once, each service that runs with what was written; give the ids by which to look at them."""
        place, started = self._place(self._address), []
        for service, name in self._affected():
            doing = f"deploy the service {name} anew"
            asked = {"environmentId": place.environment, "serviceId": service}
            data, _ = self._graph.change(documents.DEPLOY, asked, doing, again=False)
            number = data.get("serviceInstanceDeployV2")
            if not isinstance(number, str) or not number:
                raise words.unexpected(SERVICE, doing, "without the id of the deployment", Outcome.UNKNOWN)
            started.append((service, name, number))
        return json.dumps(started)

    def look(self, started: str) -> Deploy:
        """Say how far they are: all must have succeeded."""
        found = [self._one(*one) for one in json.loads(started)]
        for stage in (Stage.FAILED, Stage.RUNNING):
            if left := [one for one in found if one.stage is stage]:
                return left[0]
        return Deploy(Stage.DONE, "; ".join(one.told for one in found) or "nothing runs with it")

    def _one(self, service: str, name: str, number: str) -> Deploy:
        """Look at one. Where it came to nothing and a later one took its place, that counts: it began later still."""
        place, doing = self._place(self._address), f"look at the deployment of the service {name}"
        asked = {"id": number, "environmentId": place.environment, "serviceId": service}
        data = self._graph.look(documents.DEPLOYMENT, asked, doing)
        ours, latest = inside(data, "deployment"), inside(data, "serviceInstance", "latestDeployment")
        seen = _stage(ours, doing)
        if seen is Stage.FAILED and latest and _began(latest, doing) > _began(ours, doing):
            ours, seen = latest, _stage(latest, doing)
        page = f"https://railway.com/project/{place.project}/service/{service}?environmentId={place.environment}"
        return Deploy(seen, f"the deployment {ours.get('id')} of the service {name} is {ours.get('status')} ({page})")

    def _affected(self) -> list[Key]:
        """Give id and name of each service that runs with what was written, itself or by a reference."""
        place, doing = self._place(self._address), f"look for {self.unit}"
        rows = places.services(self._graph, place.project, place.environment, doing)
        names = {str(row.get("serviceId")): str(row.get("serviceName")) for row in rows} | {"": SHARED}
        shown = {name: variables(self._graph, place._replace(service=number), doing) for number, name in names.items()}
        written = {(names[self._place(at).service], at.name) for at in self._written.values()}
        affected = users(shown, written)
        return [
            (number, names[number])
            for row in rows
            if _runs(row) and names[number := str(row.get("serviceId"))] in affected
        ]

    def _place(self, at: Address) -> places.Place:
        return places.found(self._graph, at, self._means)


def users(shown: Mapping[str, Mapping[str, str | None]], written: Iterable[Key]) -> set[str]:
    """Give the services that have one of the written variables, or one that refers to it, however often."""
    stale = set(written)
    while (
        more := {
            (of, name)
            for of, row in shown.items()
            for name, text in row.items()
            if any((whose or of, one) in stale for whose, one in map(parted, REFERENCE.findall(text or "")))
        }
        - stale
    ):
        stale |= more
    return {of for of, _ in stale} - {SHARED}


def _runs(row: Row) -> bool:
    """Say whether anything of a service runs, or begins to: what was taken down is not put up again."""
    return bool(row.get("activeDeployments")) or inside(row, "latestDeployment").get("status") not in TAKEN_DOWN


def _stage(row: Row, doing: str) -> Stage:
    """Say how far a deployment is. A state that is not known yet is none of its ends."""
    status = row.get("status")
    if not isinstance(status, str):
        raise strange(doing, "without its state")
    return STAGES.get(status, Stage.RUNNING)


def _began(row: Row, doing: str) -> datetime:
    found = moment(row.get("createdAt"))
    if found is None:
        raise strange(doing, "without the time of its beginning")
    return found
