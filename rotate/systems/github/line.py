"""The way to GitHub while a run lasts."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rotate.context import Context
from rotate.errors import RotateError
from rotate.line import Attached, Checks, Line, Resolved, Seen
from rotate.means import Means
from rotate.settings.model import Settings
from rotate.systems.github.connections import Connections
from rotate.systems.github.settings.model import at_github

if TYPE_CHECKING:
    from datetime import datetime

    from rotate.protocol.facts.found import Wanted
    from rotate.systems.github.resolver import Resolver


class GitHubLine(Line):
    """Implements `line.Line`; what only some commands need is loaded then."""

    def __init__(self, means: Means, context: Context) -> None:
        self._clock = means.clock
        self._connections = Connections(context.api_url, means.clock, means.hide, means.network)
        self._resolver: Resolver | None = None

    def resolve(self, settings: Settings, every: Sequence[Settings]) -> Resolved:
        """Ask GitHub which repositories the patterns mean."""
        from rotate.systems.github.resolver import Resolver

        self._resolver = self._resolver or Resolver(self._connections, self._clock, every)
        return self._resolver.resolve(settings)

    def attach(self, settings: Settings, stop: threading.Event) -> Attached:
        """Give destinations, notebook, readers, canary and every look; nothing without a token, or a place to note."""
        from rotate.systems.github.attached import attach

        return attach(at_github(settings), self._clock, stop, self._connections)

    def find(self, settings: Settings, wanted: Wanted) -> Seen:
        """Look with every login."""
        from rotate.systems.github.everywhere import everything

        return everything(at_github(settings), wanted.names, self._connections)

    def checks(self, settings: Settings, context: Context, now: datetime) -> Checks:
        """Give what GitHub tells `doctor`."""
        from rotate.systems.github.checks import GitHubChecks

        return GitHubChecks(at_github(settings), context, self._connections, now)

    def close(self) -> tuple[RotateError, ...]:
        """Give back what installations gave, and close every connection."""
        return self._connections.close()
