"""Every secret and plain text of the Workers, Pages projects and stores of an account.

Sources: PyPI `cloudflare` 5.9.0: `workers/scripts` lists all Workers on one page, `pages/projects` and
`secrets_store/stores` in pages; bindings and variables as in `worker`, `pages` and `store`. Values are shown of plain
text alone. A binding to the Secrets Store refers to what stands there, and is not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import RotateError
from rotate.means import Means
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.service.description import Ask
from rotate.service.listing import among, seen
from rotate.service.moments import moment
from rotate.systems.cloudflare.account import Account, objects
from rotate.systems.cloudflare.pages import PLAIN, SECRET, inside
from rotate.systems.cloudflare.store import STORES
from rotate.systems.cloudflare.system import PAGES, PREVIEW, PRODUCTION, SERVICE, STORE, WORKERS

SCRIPTS, PROJECTS = "/workers/scripts", "/pages/projects"


class Finder:
    """Looks at everything that the account has."""

    def __init__(self, known: Sequence[Address], wanted: Wanted, means: Means) -> None:
        self._known, self._wanted, self._means = {str(one) for one in known}, wanted, means
        self._account = Account(means)

    def everything(self) -> Iterator[FoundSecret | RotateError]:
        """Give what is wanted. What a token has no permission for is told, and the others are looked at."""
        for places, look, one in (
            (self._workers(), self._of_worker, "Worker"),
            (self._projects(), self._of_project, "Pages project"),
            (self._stores(), self._of_store, "store of the Secrets Store"),
        ):
            try:
                yield from among(places, look, one=one, remedy=SERVICE.give)
            except RotateError as error:
                yield error

    def _workers(self) -> Iterator[tuple[str, str]]:
        ask = Ask("GET", SCRIPTS, "list the Workers")
        yield from ((str(row.get("id")), "") for row in objects(self._account.ask(ask).result, ask))

    def _projects(self) -> Iterator[tuple[str, str]]:
        rows = self._account.rows(Ask("GET", PROJECTS, "list the Pages projects"))
        yield from ((str(row.get("name")), "") for row in rows)

    def _stores(self) -> Iterator[tuple[str, str]]:
        rows = self._account.rows(Ask("GET", STORES, "list the stores"))
        yield from ((str(row.get("name")), str(row.get("id"))) for row in rows)

    def _of_worker(self, worker: tuple[str, str]) -> Iterator[FoundSecret]:
        ask = Ask("GET", f"{SCRIPTS}/{quote(worker[0], safe='')}/settings", f"read the bindings of {worker[0]}")
        for row in objects(self._account.row(ask).get("bindings", []), ask):
            if row.get("type") in (SECRET, PLAIN):
                shown = row.get("text") if row["type"] == PLAIN else None
                yield from self._seen(Address("cloudflare", f"{WORKERS}/{worker[0]}", name=str(row.get("name"))), shown)

    def _of_project(self, project: tuple[str, str]) -> Iterator[FoundSecret]:
        ask = Ask("GET", f"{PROJECTS}/{quote(project[0], safe='')}", f"read the variables of {project[0]}")
        configs = inside(self._account.row(ask), "deployment_configs", ask)
        for environment in (PRODUCTION, PREVIEW):
            options = {} if environment == PRODUCTION else {"environment": environment}
            variables = inside(inside(configs, environment, ask), "env_vars", ask)
            for name in variables:
                one = inside(variables, name, ask)
                shown = one.get("value") if one.get("type") == PLAIN else None
                yield from self._seen(Address("cloudflare", f"{PAGES}/{project[0]}", options, name), shown)

    def _of_store(self, store: tuple[str, str]) -> Iterator[FoundSecret]:
        path = f"{STORES}/{quote(store[1], safe='')}/secrets"
        for row in self._account.rows(Ask("GET", path, f"list the secrets of the store {store[0]}")):
            name, at = str(row.get("name")), moment(row.get("modified"))
            if row.get("status") == "deleted":
                continue
            usual, by_id = (Address("cloudflare", f"{STORE}/{one}", name=name) for one in store)
            for one in [each for each in (usual, by_id) if str(each) in self._known] or [usual]:
                yield from seen(str(one), name, self._wanted, self._means, at=at)

    def _seen(self, at: Address, shown: object) -> Iterator[FoundSecret]:
        text = shown if isinstance(shown, str) else None
        yield from seen(str(at), at.name, self._wanted, self._means, text=text)


def find(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find`. Raises nothing: what cannot be listed is told."""
    return Finder(known, wanted, means).everything()
