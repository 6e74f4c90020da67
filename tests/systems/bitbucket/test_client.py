"""The client that Python has for Bitbucket, atlassian-python-api, reads what we wrote, and writes what we read."""

from __future__ import annotations

from typing import Any

import pytest
from atlassian.bitbucket.cloud.repositories.deploymentEnvironments import DeploymentEnvironments
from atlassian.bitbucket.cloud.repositories.repositoryVariables import RepositoryVariables
from requests import HTTPError

from rotate.protocol.facts.destination import Held
from rotate.sandbox.world import World
from rotate.secret import Secret
from tests.support.bench import NAME
from tests.systems.bitbucket.bench import NEW, TOKEN, Bitbucket

NEWER = Secret("napi_newer_value_0123456789")


def _client(ours: Bitbucket, of: Any, path: str) -> Any:
    url = f"{ours.server.url}/2.0/repositories/octo/payments/{path}"
    return of(url, token=TOKEN, cloud=True, api_root=None, api_version="2.0")


def test_it_and_we_read_what_the_other_wrote_to_a_repository(world: World) -> None:
    ours = Bitbucket(world, secured=False)
    variables = _client(ours, RepositoryVariables, "pipelines_config/variables")
    opened = ours.opened()
    opened.confirm(opened.observe(), opened.put(NEW))
    found = variables.get_by_key(NAME)
    assert (found.value, found.secured) == (NEW.reveal(), False)
    found.update(key=NAME, value=NEWER.reveal(), secured=False)
    assert opened.written() == Held(NEWER.fingerprint)


def test_it_and_we_write_to_an_environment_whose_pages_tell_a_size_alone(world: World) -> None:
    ours = Bitbucket(world, "deployment")
    ours.server.pages = {"size"}
    ours.server.repositories["octo", "payments"].environments.reverse()
    opened = ours.opened()
    opened.confirm(opened.observe(), opened.put(NEW))
    environment = _client(ours, DeploymentEnvironments, "environments").each()[0]
    assert environment.name == "Production"
    (found,) = [one for one in environment.deployment_environment_variables.each() if one.key == NAME]
    assert (found.value, found.secured) == (None, True), "a secured value is shown to nobody"
    found.update(key=NAME, value=NEWER.reveal(), secured=True)
    assert (ours.held, opened.written()) == (NEWER.reveal(), Held())


def test_it_understands_the_refusals_of_the_pretend_one(world: World) -> None:
    variables = _client(Bitbucket(world), RepositoryVariables, "pipelines_config/variables")
    with pytest.raises(HTTPError, match="already exists"):
        variables.create(NAME, "value", True)
