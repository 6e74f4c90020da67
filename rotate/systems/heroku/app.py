"""What is asked of one app of Heroku: its config vars, its add-ons, its releases, its dynos.

Sources: Heroku's API schema (heroku/heroku-go, v5/schema.json): `config-var`, `add-on`, `release`, `dyno`; a release
has the config vars that it runs with. The `Range` by which the newest releases come first: heroku/cli, config:set,
which takes the newest one for that of its write. devcenter.heroku.com/articles/release-phase: dynos do not boot on a
release until its release command has succeeded; where that failed, the release before it goes on running.
"""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest
from typing import NamedTuple, TypeVar

from rotate.errors import Outcome
from rotate.means import Means
from rotate.ports import Deploy, Stage
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.systems.heroku.system import ACCEPT, SERVICE
from rotate.wire.http import Style
from rotate.wire.outcome import Answer

NEWEST = Style(headers={**ACCEPT, "Range": "version ..; order=desc,max=20"})
ENDED = frozenset({"failed", "expired"})
T = TypeVar("T")


class Release(NamedTuple):
    """One release. `status`: succeeded, pending, failed or expired. `current`: the app's dynos run it."""

    version: int
    status: str
    current: bool


class Dyno(NamedTuple):
    """One process. `release`: the version that it runs; `state`: up, starting, crashed, idle or down."""

    name: str
    kind: str
    state: str
    release: int


class App:
    """Asks one app. To make it contacts nobody."""

    def __init__(self, name: str, means: Means) -> None:
        self.client = Client(SERVICE, means)
        self.path = f"/apps/{name}"
        self.title = f"the Heroku app {name}"

    def variables(self, doing: str, release: int = 0) -> Mapping[str, object]:
        """Give the config vars of the app, or those that one of its releases runs with."""
        of = f"/releases/{release}" if release else ""
        return texts(self.client.ask(Ask("GET", f"{self.path}{of}/config-vars", doing)), doing)

    def owner(self, name: str) -> str:
        """Give the name of the add-on whose attachment owns a config var; nothing where none does."""
        doing = f"look which add-ons {self.title} has"
        for row in self._rows(f"{self.path}/addons", doing):
            if name in _field(row, "config_vars", list, doing):
                return _field(row, "name", str, doing)
        return ""

    def releases(self) -> list[Release]:
        """Give the newest releases, the newest first."""
        doing = f"list the releases of {self.title}"
        return [
            Release(
                _field(row, "version", int, doing),
                _field(row, "status", str, doing),
                _field(row, "current", bool, doing),
            )
            for row in self._rows(f"{self.path}/releases", doing, NEWEST)
        ]

    def dynos(self) -> list[Dyno]:
        """Give the processes that there are now."""
        doing = f"list the dynos of {self.title}"
        return [
            Dyno(
                _field(row, "name", str, doing),
                _field(row, "type", str, doing),
                _field(row, "state", str, doing),
                _field(_field(row, "release", dict, doing), "version", int, doing),
            )
            for row in self._rows(f"{self.path}/dynos", doing)
        ]

    def runs(self, name: str) -> tuple[Deploy, int]:
        """Say whether the dynos run, or are about to run, a release with the value that is stored now, and which."""
        releases = self.releases()
        current = next((one for one in releases if one.current), None)
        if current and self._holds(current.version, name):
            return Deploy(Stage.DONE, f"release v{current.version} has succeeded"), current.version
        newer = [one for one in releases if current is None or one.version > current.version]
        if newer and all(one.status in ENDED for one in newer):
            last = newer[0]
            told = f"release v{last.version} is `{last.status}` (`heroku releases:output v{last.version}` shows why)"
            return Deploy(Stage.FAILED, told), 0
        return Deploy(Stage.RUNNING, f"the release of the write is not the current one of {self.title} yet"), 0

    def _holds(self, version: int, name: str) -> bool:
        """Say whether a release runs with what is stored."""
        doing = f"compare release v{version} of {self.title} with what is stored"
        stored, runs = (self.variables(doing, one).get(name) for one in (0, version))
        return isinstance(stored, str) and isinstance(runs, str) and compare_digest(stored.encode(), runs.encode())

    def _rows(self, path: str, doing: str, style: Style | None = None) -> list[object]:
        rows = self.client.ask(Ask("GET", path, doing, style=style)).json()
        if not isinstance(rows, list):
            raise words.unexpected(SERVICE, doing, "not with a list")
        return rows


def texts(answer: Answer, doing: str, outcome: Outcome = Outcome.NO_EFFECT) -> Mapping[str, object]:
    """Take config vars out of an answer."""
    row = answer.json()
    if not isinstance(row, dict):
        raise words.unexpected(SERVICE, doing, "not with config vars", outcome)
    return row


def _field(row: object, name: str, kind: type[T], doing: str) -> T:
    found = row.get(name) if isinstance(row, dict) else None
    if not isinstance(found, kind):
        raise words.unexpected(SERVICE, doing, f"with no `{name}` as it is described")
    return found
