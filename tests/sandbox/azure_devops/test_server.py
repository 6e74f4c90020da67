"""The pretend Azure DevOps refuses what the real one refuses, and loses what the real one would."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from rotate.sandbox.world import World
from tests.systems.azure_devops.bench import TOKEN, AzureDevOps

HERE = "/octo/_apis/distributedtask/variablegroups/7"
THERE = HERE.replace("/octo/", "/octo/payments/")


@pytest.fixture
def ours(world: World) -> AzureDevOps:
    return AzureDevOps(world)


@pytest.fixture
def client(ours: AzureDevOps) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=ours.server.url, auth=("anybody", TOKEN), params={"api-version": "7.1"}) as opened:
        yield opened


def test_what_it_refuses(ours: AzureDevOps, client: httpx.Client) -> None:
    group: dict[str, Any] = client.get(THERE).json()
    assert client.get("/octo/elsewhere/_apis/distributedtask/variablegroups").status_code == 404
    assert client.get("/nowhere").status_code == 404
    assert client.get(THERE.replace("7", "8")).json() is None
    assert client.put(HERE.replace("7", "8"), json=group).status_code == 404
    assert client.put(HERE, json={**group, "variables": {}}).status_code == 400
    for references in (None, [], ["x"], [{"name": "x"}], [{"projectReference": {"name": "payments"}}]):
        answer = client.put(HERE, json={**group, "variableGroupProjectReferences": references})
        assert (answer.status_code, "Project information" in answer.text) == (400, True)
    ours.server.readers.add(TOKEN)
    assert client.put(HERE, json=group).status_code == 403


def test_a_write_without_the_others_would_lose_them_and_null_keeps_a_secret(
    ours: AzureDevOps, client: httpx.Client
) -> None:
    """The control of what the adapter sends back."""
    group: dict[str, Any] = client.get(THERE).json()
    secret, plain = {"value": None, "isSecret": True}, {"value": None}
    client.put(HERE, json={**group, "variables": {"OTHER_SECRET": secret, "NEW_ONE": secret, "OTHER_PLAIN": plain}})
    kept = {name: one["value"] for name, one in ours.group.variables.items()}
    assert kept == {"OTHER_SECRET": "other secret", "NEW_ONE": "", "OTHER_PLAIN": ""}
