"""What a run gives to the systems that it works with."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar, cast

from rotate.ports import Clock, Hide

if TYPE_CHECKING:
    from rotate.wire.http import Api
    from rotate.wire.network import Network


T = TypeVar("T")


class Means:
    """What a system is given to work with. `environment`: where it finds its hosts and tokens, under the vendor's own
    names. `hide` hears each token before anything else is done with it."""

    def __init__(self, environment: Mapping[str, str], clock: Clock, hide: Hide, network: Network) -> None:
        self.environment, self.clock, self.hide, self.network = environment, clock, hide, network
        self._apis: dict[object, Api] = {}
        self._made: dict[str, object] = {}
        self._making: dict[str, threading.RLock] = {}
        self._opening = threading.Lock()

    def api(self, url: str, network: Network | None = None) -> Api:
        """Give the way to an HTTP API: one for all that asks it in this run, opened when it is first asked for.
        `network`: how it is reached, where that differs."""
        from rotate.wire.http import Api

        way = (url, network) if network else url
        with self._opening:  # of two that were opened at once, one would never be closed
            if way not in self._apis:
                self._apis[way] = Api(url, self.clock, network or self.network)
            return self._apis[way]

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Give what all destinations of a system share in this run, such as a login: made when it is first asked for,
        and again only where that failed. What another system makes meanwhile is not waited for."""
        with self._making.setdefault(name, threading.RLock()):
            if name not in self._made:
                self._made[name] = make()
            return cast("T", self._made[name])

    def close(self) -> None:
        """Close every connection."""
        while self._apis:
            self._apis.popitem()[1].close()
