"""GitHub's own command line and Octokit put a secret into every place of the pretend GitHub, and it is opened there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bench.relay import relay
from rotate.sandbox.github.vaults import STORES
from rotate.sandbox.world import World
from tests.support.openapi import check

HERE = Path(__file__).resolve().parent
LOGIN, HOME, ENVIRONMENT = "octo-org", "octo-org/payments", "production/eu"
NAME, VALUE = "NEON_API_KEY", "napi_sandbox_of_others"
RIGHTS = ("secrets", "dependabot_secrets", "codespaces_secrets", "agent_secrets", "environments")
pytestmark = pytest.mark.clients


def needs(found: object, reason: str) -> None:
    """Skip, or fail, where a client is missing."""
    if found:
        return
    if os.environ.get("REQUIRE_CLIENTS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def token(world: World) -> str:
    """A token that may write every secret of an organization and its one repository."""
    world.github.add_organization(LOGIN)
    world.github.add_repository(HOME)
    world.github.add_environment(HOME, ENVIRONMENT)
    return world.github.add_token(
        repositories={HOME: dict.fromkeys(RIGHTS, "write")},
        organizations={LOGIN: {f"organization_{name}": "write" for name in RIGHTS}},
    )


def test_octokit_puts_a_secret_into_every_place(world: World, token: str) -> None:
    needs(shutil.which("node"), "no node")
    needs((HERE / "node_modules/@octokit/core").exists(), "`npm ci --prefix tests/clients` was not run")
    repository = {"owner": LOGIN, "repo": "payments"}
    chosen = {"visibility": "selected", "selected_repository_ids": [world.github.repository(HOME).repository_id]}
    places: list[dict[str, Any]] = [
        *({"route": f"/repos/{{owner}}/{{repo}}/{store}/secrets", "where": repository} for store in STORES),
        *({"route": f"/orgs/{{org}}/{store}/secrets", "where": {"org": LOGIN}, "access": chosen} for store in STORES),
        {
            "route": "/repos/{owner}/{repo}/environments/{environment_name}/secrets",
            "where": {**repository, "environment_name": ENVIRONMENT},
        },
    ]
    given = {"API_URL": world.github.url, "TOKEN": token, "PLACES": json.dumps(places), "NAME": NAME, "VALUE": VALUE}
    ended = subprocess.run(
        ["node", str(HERE / "put_everywhere.mjs")],
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    told = {"status": 201, "name": NAME, "visibility": "", "count": 1}
    assert json.loads(ended.stdout) == [*[told] * 4, *[{**told, "visibility": "selected"}] * 4, told]
    held = [world.github.secret(owner, NAME, store) for owner in (HOME, LOGIN) for store in STORES]
    assert [*held, world.github.secret(HOME, NAME, environment=ENVIRONMENT)] == [VALUE] * 9
    check(world.ledger)


@pytest.mark.parametrize(
    ("words", "owner", "store", "environment", "visibility"),
    [
        (("--repo", HOME), HOME, "actions", "", ""),
        (("--repo", HOME, "--app", "dependabot"), HOME, "dependabot", "", ""),
        (("--repo", HOME, "--app", "codespaces"), HOME, "codespaces", "", ""),
        (("--repo", HOME, "--env", "staging"), HOME, "actions", "staging", ""),
        (("--org", LOGIN, "--visibility", "all"), LOGIN, "actions", "", "all"),
        (("--org", LOGIN), LOGIN, "actions", "", "private"),
        (("--org", LOGIN, "--app", "dependabot", "--visibility", "private"), LOGIN, "dependabot", "", "private"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else one or "-",
)
def test_githubs_own_cli_sets_a_secret(
    words: tuple[str, ...],
    owner: str,
    store: str,
    environment: str,
    visibility: str,
    world: World,
    token: str,
    tmp_path: Path,
) -> None:
    needs(shutil.which("gh"), "no gh")
    world.github.add_environment(HOME, "staging")
    with relay(world.github.url, tmp_path) as given:
        ended = subprocess.run(
            ["gh", "secret", "set", NAME, *words],
            env={"PATH": os.environ["PATH"], **given, "GH_TOKEN": token},
            input=VALUE,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode == 0, ended.stderr
    assert world.github.secret(owner, NAME, store, environment) == VALUE
    assert world.github.vault(owner, store, environment).secrets[NAME].visibility == visibility
    check(world.ledger)
