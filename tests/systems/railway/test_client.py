"""A Python client that others use, railway-client, reads what we wrote, and writes what we read."""

from __future__ import annotations

import pytest
from railway import RailwayClient, RailwayError

from rotate.protocol.facts.destination import Held
from rotate.sandbox.railway.state import SHARED
from rotate.sandbox.world import World
from rotate.secret import Secret
from tests.support.bench import BEFORE, NAME
from tests.systems.railway.bench import NEW, OF_ALL, OF_SERVICE, Railway

NEWER = Secret("napi_newer_value_0123456789")


@pytest.mark.parametrize(("text", "of"), [(OF_SERVICE, "api"), (OF_ALL, "")])
def test_it_and_we_read_what_the_other_wrote(world: World, text: str, of: str) -> None:
    ours = Railway(world)
    service = ours.api if of else SHARED
    ours.state.write(ours.environment, service, NAME, BEFORE)
    endpoint = f"{ours.state.url}/graphql/v2"
    ours.written(text)
    with RailwayClient(project_token=ours.by_project["RAILWAY_TOKEN"], endpoint=endpoint) as client:
        shown = client.variables(ours.environment, ours.project, service_id=service or None, unrendered=True)
        assert shown == {NAME: NEW.reveal()}
        assert client.variable_upsert(
            ours.environment, NAME, ours.project, NEWER.reveal(), service_id=service or None, skip_deploys=True
        )
    assert ours.opened(text).written() == Held(NEWER.fingerprint)
    assert ours.where.deployments == []


def test_it_too_takes_what_comes_with_http_200_for_an_error(world: World) -> None:
    ours = Railway(world)
    endpoint = f"{ours.state.url}/graphql/v2"
    nobody = "nobody-has-this-one"
    with RailwayClient(api_token=nobody, endpoint=endpoint) as client, pytest.raises(RailwayError, match="Not Auth"):
        client.variables(ours.environment, ours.project)
