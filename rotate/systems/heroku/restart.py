"""The restart that a write begins by itself: waited for until no dyno of an earlier release is left.

Sources: devcenter.heroku.com/articles/config-vars: a write makes a release and restarts the app, so nothing more is
started here. articles/one-off-dynos: what `heroku run` or the scheduler started is not restarted. Heroku's API schema:
`dyno.release.version` and `dyno.state`.
"""

from __future__ import annotations

from rotate.address import Address
from rotate.means import Means
from rotate.ports import Deploy, Stage
from rotate.systems.heroku.app import App

# What a release does not restart, and the release command itself.
ONE_OFF = frozenset({"run", "scheduler", "release"})


class Restart:
    """Implements `ports.Deployment`."""

    def __init__(self, address: Address, means: Means) -> None:
        self._app, self._key = App(address.where, means), address.name
        self.unit = self._app.title

    def ready(self) -> None:
        """See that releases and dynos can be read."""
        self._app.releases()
        self._app.dynos()

    def start(self) -> str:
        """Give the newest release: the write began it."""
        return f"v{max((one.version for one in self._app.releases()), default=0)}"

    def look(self, started: str) -> Deploy:
        """Say how far the app is on its way to a release with what is stored, whoever made that one."""
        del started
        deploy, version = self._app.runs(self._key)
        if deploy.stage is not Stage.DONE:
            return deploy
        dynos = [one for one in self._app.dynos() if one.kind not in ONE_OFF]
        crashed = [one.name for one in dynos if one.state == "crashed" and one.release >= version]
        if crashed:
            return Deploy(Stage.FAILED, f"{', '.join(crashed)} of release v{version} crashed (`heroku ps` shows it)")
        late = [one.name for one in dynos if one.state == "starting" or (one.state == "up" and one.release < version)]
        if late:
            return Deploy(Stage.RUNNING, f"{', '.join(late)} is not up on release v{version} yet")
        return deploy
