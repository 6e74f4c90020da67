"""Azure Key Vault as a system: `azure-keyvault://<vault>/<secret>`.

Sources: Azure/azure-rest-api-specs specification/keyvault/data-plane/Secrets/stable/2025-07-01/secrets.json and
MicrosoftDocs/azure-docs articles/key-vault. Pace: 4,000 requests in 10 seconds for each vault (its page
general/rest-error-codes.md), here for all together. What azure/login leaves behind is the profile of the Azure CLI in
the home of the runner (Azure/login src/Cli/AzureCliLogin.ts), which the container of an action does not see: a later
step can ask the CLI for a token, and pass it as `AZURE_KEYVAULT_TOKEN`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rotate.errors import ConfigurationError
from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.problems import Problems
from rotate.secret import Secret
from rotate.service.description import Service
from rotate.service.pace import Pace
from rotate.system import PickUp, Proof, Traits
from rotate.systems.azure_keyvault.address import wrong
from rotate.systems.azure_keyvault.cloud import AUTHORITY, PUBLIC, TOKEN, authority, lacking

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Destination

LINES = """Pass who logs in, and let the job show its identity (or pass AZURE_CLIENT_SECRET):

    permissions:
      id-token: write
    env:
      AZURE_TENANT_ID: ${{ secrets.AZURE_TENANT_ID }}
      AZURE_CLIENT_ID: ${{ secrets.AZURE_CLIENT_ID }}"""


class KeyVault(Service):
    """A service that is logged in to, unless a token is at hand."""

    @property
    def give(self) -> str:
        """Say which right is needed, and what logs in."""
        return f"{self.needs} {self.make} {LINES}"

    def token(self, environment: Mapping[str, str], problems: Problems) -> Secret:
        """Give the token at hand. Without one, there must be what logs in."""
        if environment.get(TOKEN, "").strip():
            return super().token(environment, problems)
        if environment.get(AUTHORITY, "").strip():
            authority(environment, problems)
        if missing := lacking(environment):
            said = " and ".join(f"`{name}`" for name in missing)
            message = f"There is no login for {self.title}: {said} {'is' if len(missing) == 1 else 'are'} not set."
            problems.add(ConfigurationError("destination-token-missing", message, self.give))
        return Secret("")


SERVICE = KeyVault(
    kind="azure-keyvault",
    title="Azure Key Vault",
    tokens=(TOKEN,),
    needs="The identity must have the role Key Vault Secrets Officer at the vault or the secret; in a vault with "
    "access policies, the secret permissions Get, List and Set.",
    make="Give it that at the vault → Access control (IAM), or → Access policies.",
    usual=f"https://{PUBLIC.suffix}",  # the host of each vault lies below it
    says=("error", "message"),
    pace=Pace(4000, 10.0),
    asks=7,
)


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.azure_keyvault.vault_secret import VaultSecret

    return VaultSecret(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("vault", Kind.TEXT, "The name of the vault"),
        Field("name", Kind.TEXT, "The name of the secret in it"),
    )


SYSTEM = plain(
    Parts(
        "azure-keyvault",
        ("{vault}/{name}",),
        (),
        wrong,
        _open,
        lasting=SERVICE.lasting,
        examples=("azure-keyvault://payments/neon-api-key",),
        named=False,
    ),
    Traits(Proof.VALUE, PickUp.AT_READ, creates=True, keeps=("content type", "tags", "enabled", "nbf", "exp")),
    _fields,
    SERVICE.lacks,
)
