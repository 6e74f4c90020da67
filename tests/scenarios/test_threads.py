"""Threads that take turns at every step: what a run tells of its writes is what arrived, in every kind of place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from rotate.sandbox.github.apps import App
from rotate.sandbox.stories import REPOSITORY, Story, personal
from rotate.sandbox.world import World
from rotate.systems.github.address import Address, Store
from tests.support.apps import APP, key_pair
from tests.support.runner import Runner, with_inputs
from tests.support.stories import tells

HASTY, SECRET = "tests/support/hasty_entrypoint.py", "NEON_API_KEY"
# An App is installed at the first two; the third has a token of its own.
OWNERS = ("octo-org", "octo-labs", "octo-tools")
ENVIRONMENTS = ("staging", "production/eu west")
NAMES = ("payments", "search", "site")
RIGHTS = ("secrets", "dependabot_secrets", "codespaces_secrets", "agent_secrets", "environments")
OF_A_REPOSITORY = {"actions_variables": "write", "actions": "read", **dict.fromkeys(RIGHTS, "write")}
OF_AN_ORGANIZATION = {f"organization_{name}": "write" for name in RIGHTS}
VARIABLES = f"/repos/{REPOSITORY}/actions/variables"


@dataclass(frozen=True)
class Everywhere:
    """One key in every store of three organizations and of their repositories, and in environments."""

    story: Story
    inputs: dict[str, str | None] = field(repr=False)
    token: str = field(repr=False)

    @property
    def policy(self) -> str:
        """Give the policy file that names all places."""
        credential = {"old_key_id": self.story.old_key.key_id, "destinations": list(destinations())}
        return yaml.safe_dump({"version": 1, "credentials": [credential]})


def destinations() -> Iterator[dict[str, Any]]:
    """Give the places by owner, as a policy file has them."""
    stores = [store.value for store in Store]
    for owner in OWNERS:
        own = {"type": "github_secret", **({"github_token": "${TOOLS_TOKEN}"} if owner == OWNERS[-1] else {})}
        names = [f"{owner}/{name}" for name in NAMES]
        yield {**own, "organization": owner, "stores": stores}
        yield {**own, "repositories": names, "stores": stores}
        yield {**own, "repositories": names, "environments": list(ENVIRONMENTS)}


def places() -> Iterator[Address]:
    """Give the same one by one: every store of every owner, and the environments."""
    for owner in OWNERS:
        names = [f"{owner}/{name}" for name in NAMES]
        yield from (Address(one, store) for one in (owner, *names) for store in Store)
        yield from (Address(name, environment=environment) for name in names for environment in ENVIRONMENTS)


def everywhere(world: World) -> Everywhere:
    """Make the world."""
    story = personal(world)
    for owner in OWNERS:
        world.github.add_organization(owner)
        for name in (f"{owner}/{name}" for name in NAMES):
            if name != REPOSITORY:
                world.github.add_repository(name)
            for environment in ENVIRONMENTS:
                world.github.add_environment(name, environment)
    for place in places():
        world.github.set_secret(
            place.owner,
            SECRET,
            story.old_key.value,
            updated_days_ago=9,
            store=place.store,
            environment=place.environment,
            visibility="private" if place.of_organization else "",
        )
    private, public = key_pair()
    world.github.apps.know(App(APP, public))
    for owner in OWNERS[:-1]:
        world.github.apps.install(APP, owner, {**OF_A_REPOSITORY, **OF_AN_ORGANIZATION})
    names = [f"{OWNERS[-1]}/{name}" for name in NAMES]
    token = world.github.add_token(
        repositories=dict.fromkeys(names, OF_A_REPOSITORY), organizations={OWNERS[-1]: OF_AN_ORGANIZATION}
    )
    app = {"app_id": APP, "app_private_key": private, "github_token": None, "old_key_id": None}
    return Everywhere(story, app, token)


def written(step: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give the request that a step of the report tells of, if it is a write: its verb, and its path."""
    match step["name"], step["subject"]:
        case "put", str(place):
            (address,) = (one for one in places() if one.label_of(SECRET) == place)
            yield "PUT", f"{address.path}/{SECRET}"
        case "lock", _:
            yield "POST", VARIABLES
        case "issue", _:
            yield "POST", "/api_keys"
        case "note", "pending":
            yield "POST", VARIABLES
        case "note", _:
            yield "PATCH", f"{VARIABLES}/{SECRET}_ROTATION"
        case "revoke", str(key):
            yield "DELETE", f"/api_keys/{key.removeprefix('key ').split()[0]}"
        case "release", _:
            yield "DELETE", f"{VARIABLES}/{SECRET}_ROTATION_LOCK"


def test_every_write_that_the_report_names_happened_once_and_no_other_did(world: World, runner: Runner) -> None:
    """Three tokens and installations work side by side; no two requests may share a connection (facts: GitHub §6)."""
    asked = everywhere(world)
    path = runner.workspace / ".github" / "neon-rotate.yml"
    path.parent.mkdir()
    path.write_text(asked.policy)
    given = with_inputs({**asked.story.environment(), "TOOLS_TOKEN": asked.token}, **asked.inputs)
    ended = runner.collect(runner.begin(given, HASTY))
    tells(ended, "rotated", 0)
    told = Counter(write for step in ended.report["steps"] for write in written(step))
    app = ("/app/installations/", "/installation/token")
    sent = Counter(
        (one.method, one.route) for one in world.ledger if one.method != "GET" and not one.route.startswith(app)
    )
    assert sent == told
    assert {write: told[write] for write in told if write[0] == "PUT"} == {
        ("PUT", f"{place.path}/{SECRET}"): 1 for place in places()
    }
    held = {world.github.secret(one.owner, SECRET, one.store, one.environment) for one in places()}
    assert len(held) == 1
    assert world.neon.is_live(held.pop() or "")
    assert sorted(one["name"] for one in ended.report["destinations"]) == sorted(
        one.label_of(SECRET) for one in places()
    )
