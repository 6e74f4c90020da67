"""Clients that others wrote drive the pretend Neon and GitHub: what they get along with is no dialect of ours."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rotate.sandbox.stories import ORGANIZATION, PERMISSIONS, PROJECT, REPOSITORY
from rotate.sandbox.world import World
from tests.support.openapi import check
from tests.support.openapi_by_hand import BY_HAND

HERE = Path(__file__).resolve().parent
TYPES = HERE / "node_modules/@octokit/openapi-types/types.d.ts"
NEON = HERE / "node_modules/.bin/neon"
pytestmark = pytest.mark.clients


@pytest.fixture(autouse=True)
def _clients() -> None:
    if shutil.which("node") and NEON.exists():
        return
    reason = "no node, or `npm ci --prefix tests/clients` was not run"
    if os.environ.get("REQUIRE_CLIENTS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def neon(world: World, value: str, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run Neon's own command line against the pretend Neon; the key goes through the environment."""
    return subprocess.run(
        [str(NEON), *words, "--api-host", world.neon.url, "--no-analytics", "-o", "json"],
        env={"PATH": os.environ["PATH"], "HOME": str(home), "NEON_API_KEY": value, "CI": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def answer(ended: subprocess.CompletedProcess[str]) -> Any:
    """Read what it printed."""
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_neons_own_cli_lists_creates_and_revokes_personal_keys(world: World, tmp_path: Path) -> None:
    key = world.neon.add_key(world.neon.add_user("ada"), name="mine", last_used_days_ago=1)
    assert [row["name"] for row in answer(neon(world, key.value, tmp_path, "api-keys", "list"))] == ["mine"]
    made = answer(neon(world, key.value, tmp_path, "api-keys", "create", "--name", "by cli"))
    assert world.neon.is_live(made["key"])
    ended = neon(world, made["key"], tmp_path, "api-keys", "revoke", str(key.key_id))
    assert ended.returncode == 0, ended.stderr
    assert not world.neon.is_live(key.value)
    check(world.ledger)


def test_neons_own_cli_handles_organization_and_project_keys(world: World, tmp_path: Path) -> None:
    ada = world.neon.add_user("ada")
    world.neon.add_organization(ORGANIZATION, admins=[ada])
    world.neon.add_project(PROJECT, org_id=ORGANIZATION)
    key = world.neon.add_key(ada, name="minter")
    wide = answer(neon(world, key.value, tmp_path, "api-keys", "create", "--name", "w", "--org-id", ORGANIZATION))
    bound = answer(neon(world, key.value, tmp_path, "api-keys", "create", "--name", "b", "--project-id", PROJECT))
    assert [world.neon.key(made["id"]).scope for made in (wide, bound)] == ["organization", "project"]
    listed = answer(neon(world, key.value, tmp_path, "api-keys", "list", "--org-id", ORGANIZATION))
    assert {row["id"] for row in listed} == {wide["id"], bound["id"]}
    check(world.ledger)


def test_neons_own_cli_understands_the_refusals(world: World, tmp_path: Path) -> None:
    key = world.neon.add_key(world.neon.add_user("ada"), name="mine")
    for words, said in (
        (("create", "--name", "mine"), "choose another unique name"),
        (("revoke", "1"), "No account API key with id 1"),
    ):
        ended = neon(world, key.value, tmp_path, "api-keys", *words)
        assert ended.returncode == 1
        assert said in ended.stderr
    world.neon.revoke(key.key_id)
    ended = neon(world, key.value, tmp_path, "api-keys", "list")
    assert ended.returncode == 1
    assert "rejected the API key" in ended.stderr


def test_octokit_and_libsodium_put_a_secret_that_is_opened(world: World) -> None:
    world.github.add_repository(REPOSITORY)
    owner, _, repo = REPOSITORY.partition("/")
    given = {
        "API_URL": world.github.url,
        "TOKEN": world.github.add_token(repositories={REPOSITORY: PERMISSIONS}),
        "OWNER": owner,
        "REPO": repo,
        "NAME": "NEON_API_KEY",
        "VALUE": "napi_sandbox_of_octokit",
    }
    ended = subprocess.run(
        ["node", str(HERE / "put_secret.mjs")],
        env={"PATH": os.environ["PATH"], **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    told = {"put": 201, "created": 201, "again": 409, "secrets": ["NEON_API_KEY"]}
    assert answer(ended) == told
    assert world.github.secret(REPOSITORY, "NEON_API_KEY") == given["VALUE"]
    check(world.ledger)


def test_the_types_that_github_publishes_agree_with_the_dispatch_that_is_described_by_hand() -> None:
    text = TYPES.read_text()
    declared, answered = (
        text.split(f'  "{name}": {{\n', 1)[1].split("\n  };\n" if "/" in name else "\n    };\n", 1)[0]
        for name in ("actions/create-workflow-dispatch", "workflow-dispatch-response")
    )
    body = declared.split("requestBody", 1)[1].split("responses", 1)[0]
    described: Any = BY_HAND["/repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches"]
    post = described["post"]
    asked = post["requestBody"]["content"]["application/json"]["schema"]
    fields = re.findall(r"^ {10}(\w+\??):", body, re.MULTILINE)
    assert fields == [name if name in asked["required"] else f"{name}?" for name in asked["properties"]]
    assert re.findall(r"^ {6}(\d+): ", declared, re.MULTILINE) == list(post["responses"])
    told = post["responses"]["200"]["content"]["application/json"]["schema"]
    assert re.findall(r"^ {6}(\w+): ", answered, re.MULTILINE) == told["required"] == list(told["properties"])
