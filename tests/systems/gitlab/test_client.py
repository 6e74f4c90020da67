"""The client that most people use, python-gitlab, reads what we wrote, and writes what we read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gitlab import Gitlab, GitlabGetError

from rotate.address import parsed
from rotate.protocol.facts.destination import Held
from rotate.sandbox.gitlab.server import GitLabServer
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.gitlab.variable import Variable
from tests.support.bench import means_of
from tests.systems.gitlab.bench import served

NAME, NEW, NEWER = "NEON_API_KEY", Secret("napi_new_value_0123456789"), Secret("napi_newer_value_0123456789")
PROJECT, SCOPES = "octo/sub/payments", ("*", "production")


@pytest.fixture
def server(world: World) -> GitLabServer:
    server = served(world)
    server.add_place(f"project/{PROJECT}")
    return server


@pytest.fixture
def token(server: GitLabServer) -> str:
    token = server.add_token()
    server.let(token, f"project/{PROJECT}", "maintainer")
    return token


@pytest.fixture
def client(server: GitLabServer, token: str) -> Iterator[Gitlab]:
    with Gitlab(server.url, private_token=token) as opened:
        yield opened


def test_it_and_we_read_what_the_other_wrote(server: GitLabServer, token: str, client: Gitlab) -> None:
    means = means_of({"GITLAB_URL": server.url, "GITLAB_TOKEN": token})
    variables = client.projects.get(PROJECT, lazy=True).variables
    for scope in SCOPES:
        made = {
            "key": NAME,
            "value": "napi_old_value",
            "environment_scope": scope,
            "masked": True,
            "description": scope,
        }
        variables.create(made)
    ours = Variable(parsed(f"gitlab://project/{PROJECT}?scope=production#{NAME}"), means)
    before = ours.observe()
    ours.confirm(before, ours.put(NEW))
    usual, production = (variables.get(NAME, filter={"environment_scope": scope}) for scope in SCOPES)
    assert (usual.value, production.value) == ("napi_old_value", NEW.reveal())
    assert (production.masked, production.protected, production.description) == (True, False, "production")
    variables.update(NAME, {"value": NEWER.reveal()}, filter={"environment_scope": "production"})
    assert ours.written() == Held(NEWER.fingerprint)
    assert sorted(one.environment_scope for one in variables.list(get_all=True)) == list(SCOPES)
    production.delete(filter={"environment_scope": "production"})
    assert ours.written() is None


def test_it_understands_the_refusals_of_the_pretend_one(client: Gitlab) -> None:
    with pytest.raises(GitlabGetError, match="404 Project Not Found"):
        client.projects.get("octo/gone", lazy=True).variables.get(NAME)
