"""Named beginnings: a believable world with one key that is due, and the environment of the run that rotates it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from rotate.sandbox.neon.records import StoredKey, User
from rotate.sandbox.world import World

REPOSITORY = "octo-org/payments"
ORGANIZATION = "org-square-sun-12345678"
PROJECT = "tiny-lake-12345678"
OTHER_STORES: Mapping[str, str] = dict.fromkeys(("dependabot_secrets", "codespaces_secrets", "agent_secrets"), "read")
PERMISSIONS: Mapping[str, str] = {"secrets": "write", "variables": "write", "actions": "read", **OTHER_STORES}
DAYS_OLD = 200


@dataclass(frozen=True, slots=True)
class Story:
    """One credential that is due. `lineage` is the descriptive name that every key issued for it begins with."""

    world: World = field(repr=False)
    old_key: StoredKey
    inputs: Mapping[str, str] = field(repr=False)
    value_input: str = "api_key"
    repository: str = REPOSITORY
    secret_name: str = "NEON_API_KEY"
    lineage: str = "octo-org-payments-neon-api-key"

    def environment(self) -> dict[str, str]:
        """Give the environment of a first run, but for the runner's own files and workspace."""
        return self._environment({self.value_input: self.old_key.value} if self.value_input in self.inputs else {})

    def environment_now(self) -> dict[str, str]:
        """Give the environment of a run that is queued now: it reads the secret as it is, and earlier runs are over."""
        held = self.world.github.secret(self.repository, self.secret_name) or ""
        return self._environment({self.value_input: held})

    def _environment(self, value: Mapping[str, str]) -> dict[str, str]:
        github = self.world.github
        for earlier in list(github.repository(self.repository).runs):
            github.add_run(self.repository, run_id=earlier, status="completed")
        run = github.add_run(self.repository)
        inputs = {**self.inputs, **value}
        return {
            **{f"INPUT_{name.upper()}": text for name, text in inputs.items()},
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": github.url,
            "GITHUB_SERVER_URL": "https://github.example.com",
            "GITHUB_REPOSITORY": self.repository,
            "GITHUB_REPOSITORY_ID": str(github.repository(self.repository).repository_id),
            "GITHUB_EVENT_NAME": "workflow_dispatch",
            "GITHUB_RUN_ID": str(run.run_id),
            "GITHUB_RUN_ATTEMPT": "1",
        }


def personal(world: World) -> Story:
    """Tell of a personal key that rotates itself."""
    user, token = _people(world)
    old = world.neon.add_key(user, name="payments (2024)", created_days_ago=DAYS_OLD, last_used_days_ago=0.1)
    world.neon.add_key(user, name="laptop", created_days_ago=12, last_used_days_ago=3)
    return _stored(world, old, {**_common(world, token), "api_key": old.value, "old_key_id": str(old.key_id)})


def personal_with_minter(world: World) -> Story:
    """Tell of a personal key that another personal key of the same account replaces."""
    user, token = _people(world)
    minter = world.neon.add_key(user, name="minter", created_days_ago=30)
    old = world.neon.add_key(user, name="payments (2024)", created_days_ago=DAYS_OLD, last_used_days_ago=0.1)
    return _stored(world, old, _minted(world, token, minter, old), "current_key")


def organization(world: World) -> Story:
    """Tell of an organization key that an Admin's personal key, the minter, replaces."""
    return _of_organization(world, None, {"scope": "organization", "org_id": ORGANIZATION})


def project(world: World) -> Story:
    """Tell of a project-scoped key that an Admin's personal key, the minter, replaces."""
    return _of_organization(world, PROJECT, {"scope": "project", "org_id": ORGANIZATION, "project_id": PROJECT})


STORIES: Mapping[str, Callable[[World], Story]] = {
    "personal": personal,
    "personal_with_minter": personal_with_minter,
    "organization": organization,
    "project": project,
}


def _of_organization(world: World, project_id: str | None, scope: Mapping[str, str]) -> Story:
    admin, token = _people(world)
    if ORGANIZATION not in [one.org_id for one in world.neon.organizations()]:
        world.neon.add_organization(ORGANIZATION, admins=[admin])
    admin = next(one for one in world.neon.organizations() if one.org_id == ORGANIZATION).admins[0]
    minter = world.neon.add_key(admin, name="minter", created_days_ago=30)
    old = world.neon.add_key(
        admin,
        name=f"payments {scope['scope']} (2024)",
        org_id=ORGANIZATION,
        project_id=project_id,
        created_days_ago=DAYS_OLD,
        last_used_days_ago=0.1,
    )
    return _stored(world, old, {**_minted(world, token, minter, old), **scope}, "current_key")


def _people(world: World) -> tuple[User, str]:
    world.github.add_repository(REPOSITORY)
    return world.neon.add_user("ada"), world.github.add_token(repositories={REPOSITORY: PERMISSIONS})


def _common(world: World, token: str) -> dict[str, str]:
    return {"api_host": world.neon.url, "github_token": token}


def _minted(world: World, token: str, minter: StoredKey, old: StoredKey) -> dict[str, str]:
    own = {"api_key": minter.value, "current_key": old.value, "old_key_id": str(old.key_id)}
    return {**_common(world, token), **own}


def _stored(world: World, old: StoredKey, inputs: Mapping[str, str], value_input: str = "api_key") -> Story:
    world.github.set_secret(REPOSITORY, "NEON_API_KEY", old.value, updated_days_ago=DAYS_OLD)
    return Story(world, old, inputs, value_input)
