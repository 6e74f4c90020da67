"""What the pretend Heroku holds: apps with config vars, releases, dynos and add-ons, to seed and to inspect."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Json
from rotate.sandbox.rate import Rate

READ, WRITE = "read-protected", "write-protected"


@dataclass(slots=True)
class Release:
    """One release, with the config vars that it runs with."""

    version: int
    description: str
    made: str
    variables: dict[str, str] = field(repr=False)
    status: str = "succeeded"

    def shape(self, app: str, *, current: bool) -> dict[str, Json]:
        """Give its JSON."""
        return {
            "addon_plan_names": [],
            "app": {"id": uuid(app), "name": app},
            "artifacts": [],
            "created_at": self.made,
            "current": current,
            "description": self.description,
            "eligible_for_rollback": True,
            "id": uuid(f"{app} v{self.version}"),
            "output_stream_url": None,
            "slug": None,
            "status": self.status,
            "updated_at": self.made,
            "user": {"email": "ops@example.com", "id": uuid("ops")},
            "version": self.version,
        }


@dataclass(slots=True)
class App:
    """One app. `outcome`: how its release command ends; `restarts`: its dynos take a new release. `dynos`: the version
    and the state of each; `addons`: which config vars each owns."""

    name: str
    variables: dict[str, str] = field(default_factory=dict, repr=False)
    releases: list[Release] = field(default_factory=list)
    dynos: dict[str, tuple[int, str]] = field(default_factory=dict)
    addons: dict[str, list[str]] = field(default_factory=dict)
    outcome: str = "succeeded"
    restarts: bool = True

    @property
    def current(self) -> int:
        """Give the version of the release that runs."""
        return max((one.version for one in self.releases if one.status == "succeeded"), default=0)

    def settle(self, status: str) -> None:
        """Let the newest release end so; if it succeeded, the dynos that were up restart on it."""
        self.releases[-1].status = status
        if status == "succeeded" and self.restarts:
            self.dynos = {name: (self.current, state) for name, (_, state) in self.dynos.items()}


class HerokuState:
    """Heroku's memory. `tokens`: the scopes of each. `hidden`: apps that no token sees."""

    def __init__(self, clock: Clock) -> None:
        """Start without apps."""
        self.clock = clock
        self.url = ""
        self.rate = Rate()
        self.apps: dict[str, App] = {}
        self.tokens: dict[str, set[str]] = {}
        self.hidden: set[str] = set()

    def add_app(self, name: str) -> App:
        """Open an app with a web dyno."""
        app = self.apps[name] = App(name, dynos={"web.1": (1, "up")})
        self.release(app, "Initial release")
        return app

    def add_token(self) -> str:
        """Give somebody an authorization for all that an app has."""
        value = "HRKU-" + secrets.token_hex(20)
        self.tokens[value] = {READ, WRITE}
        return value

    def set(self, app: App, changes: dict[str, str | None]) -> None:
        """Change config vars: a text sets one, nothing removes it. Each change makes a release."""
        app.variables |= {name: text for name, text in changes.items() if text is not None}
        for name in [name for name, text in changes.items() if text is None]:
            app.variables.pop(name, None)
        self.release(app, f"Set {', '.join(changes)} config vars")

    def release(self, app: App, description: str) -> None:
        """Make a release with the config vars as they are, and run its command."""
        made = self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        app.releases.append(Release(len(app.releases) + 1, description, made, dict(app.variables)))
        app.settle(app.outcome)


def uuid(text: str) -> str:
    """Give one id for one text."""
    digits = text.encode().hex().rjust(32, "0")[-32:]
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
