"""Connections for what is looked up before a run, or in place of one: one for each token."""

from __future__ import annotations

from rotate.compose import Limits
from rotate.github_api.client import GitHub
from rotate.ports import Clock
from rotate.secret import Secret
from rotate.settings.model import Settings


class Reaching:
    """Opens each when it is first needed; `limits` are those of the whole run."""

    def __init__(self, api_url: str, clock: Clock, limits: Limits) -> None:
        self._api_url = api_url
        self._clock = clock
        self._limits = limits
        self._open: dict[Secret, GitHub] = {}

    def to(self, token: Secret, _: str, *, settings: Settings) -> GitHub:
        """Give the connection to an owner: a token has the same for every one."""
        if token not in self._open:
            self._open[token] = GitHub(self._api_url, token, self._clock, self._limits.of(token, settings.pace))
        return self._open[token]

    def close(self) -> None:
        """End those that are idle; one that is needed again opens again."""
        for github in self._open.values():
            github.close()
