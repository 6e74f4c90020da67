"""Every connection to GitHub that a run has: one for each token, and one for each installation of an App.

GitHub counts requests by token and by installation, so each has a governor of its own, whichever credentials and
destinations use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from rotate.errors import RotateError
from rotate.ports import Clock, Hide
from rotate.secret import Secret
from rotate.systems.github.settings.model import App, AtGitHub, Login
from rotate.systems.github.wire.bearers import Bearer, Lasting, warning
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pace import Governor
from rotate.wire.network import Network
from rotate.wire.outcome import Answer
from rotate.wire.together import together, value_of

if TYPE_CHECKING:
    from rotate.systems.github.app.tokens import Installation
    from rotate.systems.github.repositories.reach import Ways


class Connections:
    """Opens each when it is first asked for, which contacts nobody, and closes all at the end.

    `network`: how this machine reaches others, GitHub or not.
    """

    def __init__(self, api_url: str, clock: Clock, hide: Hide, network: Network | None = None) -> None:
        self._api_url = api_url
        self._clock = clock
        self._hide = hide
        self.network = network or Network()
        self._open: dict[tuple[Login, str], GitHub] = {}
        self._apps: dict[App, GitHub] = {}
        self._installations: dict[tuple[App, str], Installation] = {}

    def to(self, login: Login, owner: str, settings: AtGitHub, patience: float = 0.0) -> GitHub:
        """Give the connection through which `login` reaches an owner; its pace is that of who came first.

        For no owner in particular, a token reaches all that it may (see `everywhere`), and an App the installation of
        the home's owner.
        """
        account = (owner or settings.home).partition("/")[0]
        key = (login, account.lower() if isinstance(login, App) else "")
        bearer = self._installed(login, account, settings) if isinstance(login, App) else login
        if key not in self._open:
            self._open[key] = self._line(bearer, Governor(self._clock, settings.pace))
        self._open[key].stay(patience)
        return self._open[key]

    def everywhere(self, login: Login, settings: AtGitHub) -> Ways:
        """Give every connection of a login: the one of a token, or those to all who have installed an App.

        Raises:
            RotateError: the installations could not be listed.
        """
        from rotate.systems.github.repositories.reach import Ways

        if not isinstance(login, App):
            return Ways({"": self.to(login, "", settings)}, {})
        from rotate.systems.github.app.installations import listed

        ways, shut = {}, {}
        for owner, found in listed(self._asking(login), login.app_id, self._clock.now()).items():
            if isinstance(found, RotateError):
                shut[owner] = found
            else:
                ways[owner] = self.to(login, owner, settings)
                self._installations[login, owner.lower()].at(found)
        return Ways(ways, shut)

    def expiring(self, owners: Mapping[str, GitHub]) -> tuple[RotateError, ...]:
        """Warn of the tokens that end soon, each once, by one of the owners that it is used for."""
        found: dict[GitHub, RotateError | None] = {}
        for owner, github in owners.items():
            if isinstance(github.bearer, Lasting) and github not in found:
                found[github] = warning(github.bearer.expires_at, owner, self._clock.now())
        return tuple(one for one in found.values() if one)

    def close(self) -> tuple[RotateError, ...]:
        """Revoke what installations gave, close everything, and say what could not be revoked. Once is enough."""
        given = together(*(partial(one.leave, self._end) for one in self._installations.values()))
        left = [error for errors in given for error in value_of(errors)]
        for github in (*self._open.values(), *self._apps.values()):
            github.close()
        self._open, self._apps, self._installations = {}, {}, {}
        return tuple(left)

    def _installed(self, app: App, account: str, settings: AtGitHub) -> Installation:
        """Give the one installation of an account, and tell it what is asked of it."""
        from rotate.systems.github.app.needs import needs
        from rotate.systems.github.app.tokens import Installation

        key = app, account.lower()
        if key not in self._installations:
            self._installations[key] = Installation(app, account, self._asking(app), self._clock, self._hide)
        self._installations[key].need(needs(settings, app, account))
        return self._installations[key]

    def _asking(self, app: App) -> GitHub:
        """Give the connection of the App itself."""
        from rotate.systems.github.app.tokens import Signed

        if app not in self._apps:
            self._apps[app] = self._line(Signed(app, self._clock, self._hide))
        return self._apps[app]

    def _end(self, token: Secret) -> Answer:
        github = self._line(token)
        try:
            return github.call("DELETE", "/installation/token")
        finally:
            github.close()

    def _line(self, token: Secret | Bearer, governor: Governor | None = None) -> GitHub:
        return GitHub(self._api_url, token, self._clock, governor, network=self.network)
