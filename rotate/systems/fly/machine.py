"""One Machine of Fly.io, updated to its own configuration: so it takes the secrets that are stored now.

Sources: superfly/flyctl, internal/command/deploy/machines_launchinput.go (`launchInputForRestart`, by which `fly
secrets deploy` and `fly secrets set` go): the configuration as it was, `min_secrets_version`, and no start of what was
stopped. superfly/fly-go, flaps/flaps_machines.go: leases, without which two updates would overwrite each other. A mere
restart is said not to take a staged secret (yc-software/qm PR 20; superfly/docs PR 895: a no-op update).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from rotate.errors import DestinationError, Outcome, RotateError
from rotate.ports import Stage
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.systems.fly.system import SERVICE
from rotate.wire.http import Style

# Seconds after which a lease ends by itself, should this run die.
LEASE = 120
RUNS, GONE = frozenset({"started", "starting", "failed"}), frozenset({"destroyed", "destroying"})
ENDED = frozenset({"failed", "stopped", "suspended"})
RESERVED = frozenset({"fly_app_release_command", "fly_app_test_machine_command", "fly_app_console"})


class Machine(NamedTuple):
    """One Machine. `instance`: changes with each update. `config`: as it came, to be sent back as it is; `None` where
    its host does not tell all of it."""

    number: str
    state: str
    region: str
    instance: str
    config: Mapping[str, object] | None
    checks: tuple[str, ...]

    @property
    def lasts(self) -> bool:
        """Whether it is there to stay: no release command, no console, none that ends by itself."""
        config = self.config or {}
        metadata = config.get("metadata")
        group = metadata.get("fly_process_group") if isinstance(metadata, dict) else None
        return self.state not in GONE and group not in RESERVED and config.get("auto_destroy") is not True

    def stage(self, instance: str, *, runs: bool) -> Stage:
        """Say how far an update is that made this instance, which starts it if it ran before."""
        if self.instance != instance or self.state in GONE or (runs and self.state in ENDED):
            return Stage.FAILED
        if runs and (self.state != "started" or any(one != "passing" for one in self.checks)):
            return Stage.RUNNING
        return Stage.RUNNING if self.state in ("replacing", "updating") else Stage.DONE


class Machines:
    """Asks for the Machines of one app."""

    def __init__(self, client: Client, app: str) -> None:
        self._client, self._path, self.title = client, f"/apps/{app}/machines", f"the Fly.io app {app}"

    def all(self) -> list[Machine]:
        """Give those that are there to stay."""
        doing = f"list the Machines of {self.title}"
        rows = self._client.ask(Ask("GET", self._path, doing)).json()
        if not isinstance(rows, list):
            raise words.unexpected(SERVICE, doing, "not with a list of Machines")
        return [one for row in rows if (one := _machine(row, doing)).lasts]

    def one(self, number: str) -> Machine:
        """Read one."""
        doing = f"look at Machine {number} of {self.title}"
        return _machine(self._client.ask(Ask("GET", f"{self._path}/{number}", doing)).json(), doing)

    def update(self, number: str, least: int) -> tuple[str, bool]:
        """Update it to what it is, with secrets of this version or a later one. Gives the new instance, and whether it
        runs. Under a lease: nobody changes it in between."""
        doing = f"update Machine {number} of {self.title}"
        path = f"{self._path}/{number}"
        row = self._client.ask(Ask("POST", f"{path}/lease", doing, {"ttl": str(LEASE)}, again=False)).json()
        data = row.get("data") if isinstance(row, dict) else None
        nonce = data.get("nonce") if isinstance(data, dict) else None
        if not isinstance(nonce, str) or not (nonce.isascii() and nonce.isprintable()):
            raise words.unexpected(SERVICE, doing, "without a lease", Outcome.UNKNOWN)
        style = self._client.service.style
        leased = Style(prefix=style.prefix, headers={"fly-machine-lease-nonce": nonce})
        try:
            return self._updated(number, least, doing, leased)
        finally:
            self._release(path, doing, leased)

    def _updated(self, number: str, least: int, doing: str, leased: Style) -> tuple[str, bool]:
        now = self.one(number)
        if now.config is None:
            why = f"Could not {doing}: its host does not tell its whole configuration now."
            raise DestinationError("destination-busy", why, "Run it again once the host is back.")
        runs = now.state in RUNS
        body = {"config": now.config, "region": now.region, "skip_launch": not runs, "min_secrets_version": least}
        answer = self._client.ask(Ask("POST", f"{self._path}/{number}", doing, body=body, again=False, style=leased))
        return _machine(answer.json(), doing).instance, runs

    def _release(self, path: str, doing: str, leased: Style) -> None:
        """Give the lease back; it ends by itself too."""
        try:
            self._client.ask(Ask("DELETE", f"{path}/lease", doing, style=leased))
        except RotateError:
            return


def _machine(row: object, doing: str) -> Machine:
    if not isinstance(row, dict):
        raise words.unexpected(SERVICE, doing, "not with a Machine")
    texts = [row.get(name) for name in ("id", "state", "region", "instance_id")]
    if not all(isinstance(one, str) and one for one in texts):
        raise words.unexpected(SERVICE, doing, "not with a Machine as it is described")
    number, state, region, instance = map(str, texts)
    config, checks = row.get("config"), row.get("checks")
    passing = (
        tuple(str(one.get("status")) for one in checks if isinstance(one, dict)) if isinstance(checks, list) else ()
    )
    whole = row.get("host_status", "ok") == "ok" and isinstance(config, dict)
    return Machine(number, state, region, instance, config if whole else None, passing)
