"""Render's own Python client reads what we wrote, writes what we read, and sees the deploys that we start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from render.public_api.api.deploys import list_deploys, retrieve_deploy
from render.public_api.api.environment_groups import retrieve_env_group, update_env_group_env_var
from render.public_api.api.services import list_services, retrieve_env_var, retrieve_service, update_env_var
from render.public_api.client import AuthenticatedClient
from render.public_api.models import Deploy, DeployCommit, EnvGroup, EnvVar, EnvVarValue, Error, Service

from rotate.ports import Stage
from rotate.protocol.facts.destination import Held
from rotate.sandbox.world import World
from rotate.secret import Secret
from tests.support.bench import NAME
from tests.systems.render.bench import COMMIT, GROUP, KEY, NEW, PLACES, SHOP, WORKER, Render

NEWER = Secret("napi_newer_value_0123456789")


@pytest.fixture
def ours(world: World) -> Render:
    return Render(world)


@pytest.fixture
def client(ours: Render) -> Iterator[AuthenticatedClient]:
    with AuthenticatedClient(base_url=f"{ours.server.url}/v1", token=KEY) as opened:
        yield opened


def test_it_and_we_read_what_the_other_wrote_to_a_service(ours: Render, client: AuthenticatedClient) -> None:
    listed = list_services.sync(client=client, name=["shop"])
    assert isinstance(listed, list)
    assert [one.service.id for one in listed] == [SHOP]
    opened = ours.opened("shop")
    opened.confirm(opened.observe(), opened.put(NEW))
    read = retrieve_env_var.sync(SHOP, NAME, client=client)
    assert isinstance(read, EnvVar)
    assert Secret(read.value) == NEW
    update_env_var.sync(SHOP, NAME, client=client, body=EnvVarValue(NEWER.reveal()))
    assert opened.written() == Held(NEWER.fingerprint)


def test_it_and_we_read_what_the_other_wrote_to_a_group(ours: Render, client: AuthenticatedClient) -> None:
    opened = ours.opened(PLACES["group"])
    opened.confirm(opened.observe(), opened.put(NEW))
    read = retrieve_env_group.sync(GROUP, client=client)
    assert isinstance(read, EnvGroup)
    assert [(one.key, Secret(one.value)) for one in read.env_vars] == [(NAME, NEW)]
    assert [one.id for one in read.service_links] == [WORKER]
    update_env_group_env_var.sync(GROUP, NAME, client=client, body=EnvVarValue(NEWER.reveal()))
    assert opened.written() == Held(NEWER.fingerprint)


def test_it_sees_the_deploy_that_we_start(ours: Render, client: AuthenticatedClient) -> None:
    """The answer to the start itself has a null where the client takes none, as the recorded ones have."""
    deploys = ours.deploys()
    started = deploys.start()
    assert deploys.look(started).stage is Stage.DONE
    listed = list_deploys.sync(SHOP, client=client)
    assert isinstance(listed, list)
    rows = [one.deploy for one in listed if isinstance(one.deploy, Deploy)]
    assert [(one.status, one.trigger) for one in rows] == [("live", "api"), ("deactivated", "new_commit")]
    assert isinstance(rows[0].commit, DeployCommit)
    assert rows[0].commit.id == COMMIT
    read = retrieve_deploy.sync(SHOP, rows[0].id, client=client)
    assert isinstance(read, Deploy)
    assert started.endswith(f"={read.id}")


def test_it_understands_the_refusals_of_the_pretend_one(ours: Render, client: AuthenticatedClient) -> None:
    service = retrieve_service.sync(SHOP, client=client)
    assert isinstance(service, Service)
    assert service.suspended == "not_suspended"
    assert isinstance(retrieve_env_var.sync(SHOP, "NONE", client=client), Error)
    ours.server.readers.add(KEY)
    assert isinstance(update_env_var.sync(SHOP, NAME, client=client, body=EnvVarValue("x")), Error)
