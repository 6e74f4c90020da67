"""A bench of a service over HTTP, whose answers are distorted."""

from __future__ import annotations

from typing import Any

from rotate.errors import RotateError
from rotate.ports import Destination
from rotate.sandbox.faults import Fault, Kind
from rotate.secret import Secret
from tests.support.bench import BEFORE, Bench

NEW = Secret("napi_new_value_0123456789")


class Opened:
    """A bench of a service, and what it adds."""

    def __init__(self, bench: Bench) -> None:
        assert bench.web
        self.bench, self.web = bench, bench.web
        self.destination: Destination = bench.destination

    def distort(self, kind: Kind, method: str, **more: Any) -> None:
        """Let every request of a verb end so."""
        path = self.web.at if method == self.web.writes else "*"
        self.web.world.faults.add(Fault(kind, server=self.web.server, method=method, path=path, times=None, **more))

    @property
    def written(self) -> int:
        """Count the requests with the verb of a write; some services ask for rights with it too."""
        return self.web.world.ledger.count(self.web.writes, self.web.at, self.web.server)

    def quiet(self, error: RotateError) -> None:
        """No value and no token in what is told; what happened, where, and what to do are."""
        told = f"{error.message} {error.remedy} {error!r}"
        assert not any(one in told for one in (NEW.reveal(), BEFORE, self.web.token))
        assert error.remedy
