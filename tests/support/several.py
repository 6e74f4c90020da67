"""A world with several credentials in one policy file: an organization key, a project-scoped key, and their minter."""

from __future__ import annotations

from dataclasses import dataclass, field

from rotate.sandbox.neon.records import StoredKey
from rotate.sandbox.stories import ORGANIZATION, PERMISSIONS, PROJECT, REPOSITORY, organization
from rotate.sandbox.world import World
from tests.support.runner import Ended, Runner

FILE = """\
version: 1
credentials:
  - name: NEON_MINTER_KEY
    authenticate_with: ${NEON_MINTER_KEY}
    old_key_id: MINTER_ID
    destinations:
      - type: github_secret
  - name: NEON_ORG_KEY
    scope: organization
    org_id: org-square-sun-12345678
    authenticate_with: ${NEON_MINTER_KEY}
    current_key: ${NEON_ORG_KEY}
    old_key_id: ORG_ID
    destinations:
      - type: github_secret
  - name: NEON_PROJECT_KEY
    scope: project
    org_id: org-square-sun-12345678
    project_id: tiny-lake-12345678
    authenticate_with: ${NEON_MINTER_KEY}
    current_key: ${NEON_PROJECT_KEY}
    old_key_id: PROJECT_ID
    destinations:
      - type: github_secret
"""
NAMES = ("NEON_MINTER_KEY", "NEON_ORG_KEY", "NEON_PROJECT_KEY")


@dataclass(frozen=True)
class Several:
    """Three credentials that are due, each in a secret of its own name."""

    world: World = field(repr=False)
    token: str
    old: dict[str, StoredKey]

    def file(self, text: str = FILE) -> str:
        """Give the policy file with the ids of this world."""
        for name, key in self.old.items():
            text = text.replace(f"{name.removeprefix('NEON_').removesuffix('_KEY')}_ID", str(key.key_id))
        return text

    def environment(self) -> dict[str, str]:
        """Give the environment of a run that is queued now: it reads every secret as it is."""
        github = self.world.github
        for earlier in list(github.repository(REPOSITORY).runs):
            github.add_run(REPOSITORY, run_id=earlier, status="completed")
        run = github.add_run(REPOSITORY)
        return {
            **{name: self.held(name) for name in NAMES},
            "INPUT_API_KEY": self.held("NEON_MINTER_KEY"),
            "INPUT_API_HOST": self.world.neon.url,
            "INPUT_GITHUB_TOKEN": self.token,
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": github.url,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_REPOSITORY_ID": str(github.repository(REPOSITORY).repository_id),
            "GITHUB_EVENT_NAME": "schedule",
            "GITHUB_RUN_ID": str(run.run_id),
            "GITHUB_RUN_ATTEMPT": "1",
        }

    def held(self, name: str) -> str:
        """Give what a secret holds."""
        return self.world.github.secret(REPOSITORY, name) or ""

    def rotated(self, name: str) -> bool:
        """Say whether a secret holds a live key in place of a dead one."""
        neon = self.world.neon
        return neon.is_live(self.held(name)) and not neon.is_live(self.old[name].value)

    def run(self, runner: Runner, text: str = FILE, **inputs: str | None) -> Ended:
        """Run once with this policy file in the workspace."""
        path = runner.workspace / ".github/neon-rotate.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(self.file(text))
        return runner.run(self.environment(), **inputs)


def several(world: World) -> Several:
    """Make the world."""
    story = organization(world)
    minter = next(key for key in world.neon.live_keys() if key.name == "minter")
    admin = next(one for one in world.neon.organizations() if one.org_id == ORGANIZATION).admins[0]
    project = world.neon.add_key(
        admin, name="project (2024)", org_id=ORGANIZATION, project_id=PROJECT, created_days_ago=90
    )
    old = {"NEON_MINTER_KEY": minter, "NEON_ORG_KEY": story.old_key, "NEON_PROJECT_KEY": project}
    for name, key in old.items():
        world.github.set_secret(REPOSITORY, name, key.value, updated_days_ago=90)
    return Several(world, world.github.add_token(repositories={REPOSITORY: PERMISSIONS}), old)
