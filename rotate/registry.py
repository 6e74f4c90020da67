"""Which systems there are, as text: one that a run does not use imports nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from rotate.system import System, UsualReader

# Kind → where its description is: `module:name`.
SYSTEMS: dict[str, str] = {
    "aws-secretsmanager": "rotate.systems.aws.system:SECRETS_MANAGER",
    "aws-ssm": "rotate.systems.aws.system:PARAMETER_STORE",
    "azure-devops": "rotate.systems.azure_devops.system:SYSTEM",
    "azure-keyvault": "rotate.systems.azure_keyvault.system:SYSTEM",
    "bitbucket": "rotate.systems.bitbucket.system:SYSTEM",
    "buildkite": "rotate.systems.buildkite.system:SYSTEM",
    "circleci": "rotate.systems.circleci.system:SYSTEM",
    "cloudflare": "rotate.systems.cloudflare.system:SYSTEM",
    "command": "rotate.systems.command.system:SYSTEM",
    "doppler": "rotate.systems.doppler.system:SYSTEM",
    "file": "rotate.systems.file.system:SYSTEM",
    "fly": "rotate.systems.fly.system:SYSTEM",
    "gcp-secretmanager": "rotate.systems.gcp.system:SYSTEM",
    "gitea": "rotate.systems.gitea.system:SYSTEM",
    "github": "rotate.systems.github.system:SYSTEM",
    "gitlab": "rotate.systems.gitlab.system:SYSTEM",
    "hcp-terraform": "rotate.systems.hcp_terraform.system:SYSTEM",
    "heroku": "rotate.systems.heroku.system:SYSTEM",
    "infisical": "rotate.systems.infisical.system:SYSTEM",
    "jenkins": "rotate.systems.jenkins.system:SYSTEM",
    "kubernetes": "rotate.systems.kubernetes.system:SYSTEM",
    "neon-cli": "rotate.systems.neon_cli.system:SYSTEM",
    "mcp": "rotate.systems.mcp.system:SYSTEM",
    "netlify": "rotate.systems.netlify.system:SYSTEM",
    "onepassword": "rotate.systems.onepassword.system:SYSTEM",
    "railway": "rotate.systems.railway.system:SYSTEM",
    "render": "rotate.systems.render.system:SYSTEM",
    "vault": "rotate.systems.vault.system:SYSTEM",
    "vercel": "rotate.systems.vercel.system:SYSTEM",
    "woodpecker": "rotate.systems.woodpecker.system:SYSTEM",
}
# The one whose places have short inputs of their own, and whose repositories keep the note where they can.
USUAL = "github"
# What a policy file of earlier versions calls a kind.
TYPES = {"github_secret": USUAL}


def kinds() -> tuple[str, ...]:
    """Name every kind of address, the usual first."""
    return (USUAL, *sorted(SYSTEMS.keys() - {USUAL}))


def system(kind: str) -> System:
    """Load what a system says of itself.

    Raises:
        KeyError: there is none of this kind.
    """
    described: System = loaded(SYSTEMS[kind])
    return described


def loaded(where: str) -> Any:
    """Load what is in a module, by `module:name`: of a system, what few runs use."""
    module, _, name = where.partition(":")
    return getattr(import_module(module), name)


def reached(environment: Mapping[str, str]) -> Iterator[str]:
    """Name the systems, beside the usual, that can list what they have, and to which the environment has a login."""
    for kind in kinds()[1:]:
        described = system(kind)
        if described.traits.lists and not described.lacks(environment):
            yield kind


def usual() -> UsualReader:
    """Give the reader of the usual system, which has inputs of its own."""
    return cast("UsualReader", system(USUAL).reader)
