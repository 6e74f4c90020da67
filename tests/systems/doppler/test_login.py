"""A job that shows its identity needs no stored token."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome
from rotate.ports import Destination
from rotate.sandbox.faults import Fault
from rotate.sandbox.identity.server import IssuerServer
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.doppler.secret import ConfigSecret
from rotate.systems.doppler.system import IDENTITY, lacks
from tests.support.bench import means_of
from tests.support.openapi import check
from tests.systems.doppler.bench import NEW, TEXT, Secrets

ID = "5ba6e0fd-a80a-4c39-9e85-3d5230d44e62"


class Job:
    """A job with `id-token: write`, and what it hides."""

    def __init__(self, world: World) -> None:
        self.bench, self.issuer = Secrets(world), IssuerServer(world.clock)
        world.serve(self.issuer)
        self.bench.state.identities[ID] = self.bench.token
        self.environment = {
            "DOPPLER_API_HOST": self.bench.state.url,
            IDENTITY: ID,
            "GITHUB_REPOSITORY": "octo-org/payments",
            **self.issuer.environment,
        }
        self.hidden: list[Secret] = []

    def opened(self) -> Destination:
        """Open the secret as a run does."""
        return ConfigSecret(parsed(TEXT), means_of(self.environment, self.hidden.append))


def test_it_logs_in_once_and_writes(world: World) -> None:
    job = Job(world)
    assert lacks(job.environment) == ()
    opened = job.opened()
    before = opened.observe()
    opened.confirm(before, opened.put(NEW))
    assert world.ledger.count("POST", "/auth/oidc") == 1
    assert {job.bench.token, *job.issuer.issued} <= {one.reveal() for one in job.hidden}
    assert check(entry for entry in world.ledger if entry.server == "doppler")


def test_a_url_that_cannot_be_is_said_before_anything_is_asked() -> None:
    problems = lacks({IDENTITY: ID, "DOPPLER_API_HOST": "http://doppler.example"})
    assert [one.reason for one in problems] == ["url-insecure"]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("status", path="*/auth/oidc", code=401, times=None), "destination-token-refused"),
        (Fault("status", path="*/auth/oidc", code=200, body={}, times=None), "destination-unexpected-answer"),
        (Fault("status", path="*/auth/oidc", code=200, body=[], times=None), "destination-unexpected-answer"),
        (Fault("reset", path="*/auth/oidc", times=None), "destination-unreachable"),
    ],
    ids=["401", "empty", "list", "reset"],
)
def test_a_log_in_that_fails_has_no_effect(fault: Fault, reason: str, world: World) -> None:
    job = Job(world)
    world.faults.add(fault)
    with pytest.raises(DestinationError) as raised:
        job.opened().observe()
    assert (raised.value.reason, raised.value.outcome) == (reason, Outcome.NO_EFFECT)
    assert not any(one in raised.value.message for one in job.issuer.issued)
