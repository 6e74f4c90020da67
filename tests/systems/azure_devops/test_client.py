"""Microsoft's own client, azure-devops, reads what we wrote, and writes what we read, as `az pipelines` does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rotate.protocol.facts.destination import Held
from rotate.sandbox.world import World
from rotate.secret import Secret
from tests.support.bench import NAME
from tests.systems.azure_devops.bench import NEW, TOKEN, AzureDevOps

NEWER = Secret("napi_newer_value_0123456789")


def _client(ours: AzureDevOps, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AZURE_DEVOPS_CACHE_DIR", str(folder))  # where it keeps what it has learnt of a server
    from azure.devops.v7_1.task_agent.task_agent_client import TaskAgentClient  # type: ignore[import-untyped]
    from msrest.authentication import BasicAuthentication

    return TaskAgentClient(f"{ours.server.url}/octo", BasicAuthentication("", TOKEN))


@pytest.mark.parametrize("secret", [True, False])
def test_it_and_we_read_what_the_other_wrote(
    secret: bool, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = AzureDevOps(world, secret=secret)
    client = _client(ours, tmp_path, monkeypatch)
    opened = ours.opened()
    stood = opened.confirm(opened.observe(), opened.put(NEW))
    (listed,) = client.get_variable_groups("payments", group_name="production keys", action_filter="manage")
    group = client.get_variable_group("payments", listed.id)
    assert (group.variables[NAME].value, bool(group.variables[NAME].is_secret)) == (
        None if secret else NEW.reveal(),
        secret,
    )
    group.variables[NAME].value = NEWER.reveal()
    client.update_variable_group(group, group.id)
    assert ours.held == NEWER.reveal()
    assert ours.group.variables["OTHER_SECRET"]["value"] == "other secret", "it sends no value of another secret"
    seen = opened.written()
    assert seen == (Held("another's") if secret else Held(NEWER.fingerprint))
    assert seen != stood


def test_it_understands_the_refusals_of_the_pretend_one(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = _client(AzureDevOps(world), tmp_path, monkeypatch)
    from azure.devops.exceptions import AzureDevOpsServiceError  # type: ignore[import-untyped]

    with pytest.raises(AzureDevOpsServiceError, match="TF200016"):
        client.get_variable_groups("gone")
