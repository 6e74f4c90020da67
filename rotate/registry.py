"""Which systems there are, as text: one that a run does not use imports nothing."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from rotate.system import System, UsualReader

# Kind → where its description is: `module:name`.
SYSTEMS: dict[str, str] = {
    "aws-secretsmanager": "rotate.systems.aws.system:SECRETS_MANAGER",
    "aws-ssm": "rotate.systems.aws.system:PARAMETER_STORE",
    "azure-keyvault": "rotate.systems.azure_keyvault.system:SYSTEM",
    "circleci": "rotate.systems.circleci.system:SYSTEM",
    "doppler": "rotate.systems.doppler.system:SYSTEM",
    "gcp-secretmanager": "rotate.systems.gcp.system:SYSTEM",
    "github": "rotate.systems.github.system:SYSTEM",
    "gitlab": "rotate.systems.gitlab.system:SYSTEM",
    "hcp-terraform": "rotate.systems.hcp_terraform.system:SYSTEM",
    "kubernetes": "rotate.systems.kubernetes.system:SYSTEM",
    "vault": "rotate.systems.vault.system:SYSTEM",
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
    module, _, name = SYSTEMS[kind].partition(":")
    described: System = getattr(import_module(module), name)
    return described


def usual() -> UsualReader:
    """Give the reader of the usual system, which has inputs of its own."""
    return cast("UsualReader", system(USUAL).reader)
