"""What a run gives to the systems that it works with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rotate.ports import Clock, Hide

if TYPE_CHECKING:
    from rotate.wire.http import Api
    from rotate.wire.network import Network


class Means:
    """What a system is given to work with. `environment`: where it finds its hosts and tokens, under the vendor's own
    names. `hide` hears each token before anything else is done with it."""

    def __init__(self, environment: Mapping[str, str], clock: Clock, hide: Hide, network: Network) -> None:
        self.environment, self.clock, self.hide, self.network = environment, clock, hide, network
        self._apis: dict[str, Api] = {}

    def api(self, url: str) -> Api:
        """Give the way to an HTTP API: one for all that asks it in this run, opened when it is first asked for."""
        from rotate.wire.http import Api

        if url not in self._apis:
            self._apis[url] = Api(url, self.clock, self.network)
        return self._apis[url]

    def close(self) -> None:
        """Close every connection."""
        while self._apis:
            self._apis.popitem()[1].close()
