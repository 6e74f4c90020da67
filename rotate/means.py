"""What a run gives to the systems that it works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rotate.ports import Clock, Hide

if TYPE_CHECKING:
    from rotate.wire.http import Api
    from rotate.wire.network import Network


@dataclass(frozen=True, slots=True)
class Means:
    """What a system is given to work with. `environment`: where it finds its hosts and tokens, under the vendor's own
    names. `hide` hears each token before anything else is done with it. `reads_only`: nothing will be written."""

    environment: Mapping[str, str] = field(repr=False)
    clock: Clock
    hide: Hide
    network: Network
    reads_only: bool = False
    _apis: dict[str, Api] = field(default_factory=dict, init=False, repr=False)

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
