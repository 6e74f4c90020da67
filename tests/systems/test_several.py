"""The example that keeps one key in GitHub, GitLab, HCP Terraform and Vault, run as it stands."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from rotate.sandbox.faults import Fault
from rotate.sandbox.gitlab.server import GitLabServer
from rotate.sandbox.gitlab.state import Variable as GitLabVariable
from rotate.sandbox.hcp_terraform.server import HCPTerraformServer, Variable
from rotate.sandbox.identity.server import IssuerServer
from rotate.sandbox.stories import REPOSITORY, personal
from rotate.sandbox.vault.server import Kept, VaultServer
from rotate.sandbox.world import World
from tests.support.pages import ROOT
from tests.support.runner import Ended, Runner
from tests.support.stories import tells

NAME = "NEON_API_KEY"
PROJECT, SECRET = "project/octo/payments", "secret/ci/neon"
AUDIENCE = "https://github.example.com/octo-org"


class Company:
    """The four systems, each with the old key, and the job of the example."""

    def __init__(self, world: World, runner: Runner) -> None:
        self.world, self.runner, self.story = world, runner, personal(world)
        self.gitlab, self.hcp = GitLabServer(world.clock), HCPTerraformServer(world.clock)
        self.vault, self.issuer = VaultServer(world.clock), IssuerServer(world.clock)
        for server in (self.gitlab, self.hcp, self.vault, self.issuer):
            world.serve(server)
        old = self.story.old_key.value
        self.gitlab.add_place(PROJECT)
        self.gitlab.set_variable(PROJECT, GitLabVariable(NAME, old, "production", masked=True))
        self.gitlab.set_variable(PROJECT, GitLabVariable(NAME, "another"))
        token = self.gitlab.add_token()
        self.gitlab.let(token, PROJECT, "maintainer")
        self.workspace = self.hcp.add("workspace", "octo", "production")
        self.workspace.variables.append(Variable(NAME, old, sensitive=True))
        self.hcp.tokens["hcp-token-of-a-test"] = {"octo"}
        self.vault.kept[SECRET] = Kept([{NAME: old, "OTHER": "other"}])
        self.vault.roles["neon-rotate"] = (self.issuer.public_key, AUDIENCE)
        self.secrets = {"GITLAB_TOKEN": token, "TFE_TOKEN": "hcp-token-of-a-test"}

    def run(self, **more: str) -> Ended:
        """Run the job's one step with the value that the secret holds."""
        (job,) = yaml.safe_load((ROOT / "examples/several-systems.yml").read_text())["jobs"].values()
        (step,) = job["steps"]
        given = self.story.environment_now()
        inputs: dict[str, Any] = {**step["with"], "rotate_after": "", "reason": ""}
        inputs |= {"old_key_id": str(self.story.old_key.key_id)}
        inputs |= {name: given[f"INPUT_{name.upper()}"] for name in ("api_key", "github_token")}
        known = {**self.secrets, "NEON_API_KEY": "", "ROTATE_GITHUB_TOKEN": ""}
        passed = {
            name: re.sub(r"\$\{\{ secrets\.(\w+) }}", lambda m: known[m[1]], text) for name, text in step["env"].items()
        }
        places = {
            "GITLAB_URL": self.gitlab.url,
            "TFE_ADDRESS": self.hcp.url,
            "NEON_ROTATE_VAULT_URL": self.vault.url,
            "GITHUB_REPOSITORY_OWNER": "octo-org",
        }
        told = {f"INPUT_{name.upper()}": str(text) for name, text in {**inputs, **more}.items()}
        return self.runner.run({**given, **told, **passed, **places, **self.issuer.environment})

    @property
    def held(self) -> dict[str, str | None]:
        """What each of the four holds."""
        found = self.gitlab.variable(PROJECT, NAME, "production")
        return {
            "github": self.world.github.secret(REPOSITORY, NAME),
            "gitlab": found.value if found else None,
            "hcp": self.workspace.variables[0].value,
            "vault": str((self.vault.kept[SECRET].versions[-1] or {})[NAME]),
        }


@pytest.fixture
def company(world: World, runner: Runner) -> Company:
    return Company(world, runner)


def test_all_four_hold_the_new_key_before_the_old_one_dies(company: Company) -> None:
    old = company.story.old_key
    tells(company.run(), "rotated", 0)
    (new,) = set(company.held.values())
    assert new
    assert company.world.neon.is_live(new)
    assert company.world.neon.is_live(old.value), "the overlap"
    company.world.advance(25 * 3600)
    tells(company.run(command="sweep"), "rotated", 0)
    assert not company.world.neon.is_live(old.value)
    assert set(company.held.values()) == {new}
    assert company.vault.kept[SECRET].versions[-1] == {NAME: new, "OTHER": "other"}
    untouched = company.gitlab.variable(PROJECT, NAME)
    assert untouched
    assert untouched.value == "another"


@pytest.mark.parametrize("server", ["gitlab", "hcp-terraform", "vault"])
def test_where_one_of_them_takes_no_write_no_key_dies_and_the_next_run_ends_it(server: str, company: Company) -> None:
    old = company.story.old_key
    verbs = {"gitlab": "PUT", "hcp-terraform": "PATCH", "vault": "PATCH"}
    company.world.faults.add(Fault("status", server=server, method=verbs[server], code=503, times=None))
    tells(company.run(overlap="0s"), "incomplete", 4)
    assert company.world.neon.is_live(old.value)
    assert all(company.world.neon.is_live(value or "") for value in company.held.values())
    company.world.faults.reset()
    tells(company.run(overlap="0s"), "rotated", 0)
    assert not company.world.neon.is_live(old.value)
    assert len(set(company.held.values())) == 1


def test_after_an_exposure_the_old_key_is_dead_and_all_four_work_again(company: Company) -> None:
    tells(company.run(overlap="0s", exposed="true", reason="seen in a log"), "rotated", 0)
    assert company.story.old_key.revoked
    (new,) = set(company.held.values())
    assert company.world.neon.is_live(new or "")
