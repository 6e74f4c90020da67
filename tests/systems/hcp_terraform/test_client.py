"""HashiCorp's own Python client, pytfe, reads what we wrote, and writes what we read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytfe import TFEClient, TFEConfig
from pytfe.errors import NotFound
from pytfe.models import VariableSetVariableUpdateOptions, VariableUpdateOptions

from rotate.protocol.facts.destination import Held
from rotate.sandbox.world import World
from rotate.secret import Secret
from tests.support.bench import NAME
from tests.systems.hcp_terraform.bench import NEW, OCTO, TOKEN, HCPTerraform

NEWER = Secret("napi_newer_value_0123456789")


@pytest.fixture
def ours(world: World, request: pytest.FixtureRequest) -> HCPTerraform:
    return HCPTerraform(world, request.param)


@pytest.fixture
def client(ours: HCPTerraform) -> Iterator[TFEClient]:
    opened = TFEClient(TFEConfig(address=ours.server.url, token=TOKEN, max_retries=0, ca_bundle=None))
    yield opened
    opened.close()


@pytest.mark.parametrize("ours", ["workspace"], indirect=True)
def test_of_a_workspace_it_and_we_read_what_the_other_wrote(ours: HCPTerraform, client: TFEClient) -> None:
    opened = ours.opened()
    opened.confirm(opened.observe(), opened.put(NEW))
    found = client.workspaces.read("shared", organization=OCTO)
    (seen,) = client.variables.list(found.id)
    assert (seen.key, seen.value, seen.sensitive) == (NAME, NEW.reveal(), False)
    client.variables.update(found.id, seen.id or "", VariableUpdateOptions(value=NEWER.reveal()))
    assert opened.written() == Held(NEWER.fingerprint)
    client.variables.update(found.id, seen.id or "", VariableUpdateOptions(sensitive=True))
    assert [one.value for one in client.variables.list(found.id)] == [None]
    assert opened.written() != Held(NEWER.fingerprint), "the version tells that somebody wrote since"


@pytest.mark.parametrize("ours", ["varset"], indirect=True)
def test_of_a_set_it_and_we_read_what_the_other_wrote(ours: HCPTerraform, client: TFEClient) -> None:
    opened = ours.opened()
    opened.confirm(opened.observe(), opened.put(NEW))
    (found,) = [one for one in client.variable_sets.list(OCTO) if one.name == "shared"]
    (seen,) = client.variable_set_variables.list(found.id or "")
    assert (seen.key, seen.value) == (NAME, NEW.reveal())
    change = VariableSetVariableUpdateOptions(value=NEWER.reveal())
    client.variable_set_variables.update(found.id or "", seen.id or "", change)
    assert opened.written() == Held(NEWER.fingerprint)


@pytest.mark.parametrize("ours", ["workspace"], indirect=True)
def test_it_understands_the_refusals_of_the_pretend_one(ours: HCPTerraform, client: TFEClient) -> None:
    with pytest.raises(NotFound, match="not found"):
        client.workspaces.read("gone", organization=OCTO)
