"""What Key Vault's refusals mean: the inner code of its error says more than the status.

Sources: MicrosoftDocs/azure-docs articles/key-vault/general/rest-error-codes.md, common-error-codes.md and
authentication-requests-and-responses.md (a 401 names the tenant of the vault in its challenge); the texts of errors in
issues of Azure/azure-sdk-for-js (recorded answers), Azure/azure-cli and hashicorp/terraform-provider-azurerm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from rotate.errors import DestinationError, Refused, RotateError
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.words import Cause
from rotate.systems.azure_keyvault.cloud import TENANT
from rotate.wire.outcome import Answer, without

UNAUTHORIZED, NOT_FOUND = 401, 404
JUDGED = frozenset({UNAUTHORIZED, 403, NOT_FOUND, 409})
ABSENT = "SecretNotFound"
_ROLE = (
    "Give the identity the role Key Vault Secrets Officer, at the vault → Access control (IAM), or at the secret "
    "alone. It may take some minutes until an assignment counts."
)
_POLICY = "Give the identity the secret permissions Get, List and Set, at the vault → Access policies → Create."
_NETWORK = (
    "Let the address of this machine in, at the vault → Networking; the runners that GitHub hosts have no fixed one. "
    "Or run this on a runner of your own that has a way to the vault (a private endpoint)."
)
_DISABLED = (
    "Enable the latest version, or write a new one: a disabled one cannot be read.\n\n"
    "    az keyvault secret set-attributes --vault-name … --name … --enabled true"
)
_DELETED = (
    "Recover it, then run this again; or take another name, or purge the deleted one if nobody needs it:\n\n"
    "    az keyvault secret recover --vault-name … --name …"
)
# By inner code: what it means beside the status, and what to do.
MEANINGS = {
    "ForbiddenByRbac": Cause("destination-not-allowed", "No role gives the identity that right there.", _ROLE),
    "ForbiddenByPolicy": Cause("destination-not-allowed", "No access policy gives the identity that right.", _POLICY),
    "ForbiddenByFirewall": Cause("destination-not-allowed", "The vault's firewall keeps this machine out.", _NETWORK),
    "ForbiddenByConnection": Cause("destination-not-allowed", "The vault is closed to public networks.", _NETWORK),
    "SecretDisabled": Cause("destination-disabled", "The version is disabled.", _DISABLED),
    "ObjectIsDeletedButRecoverable": Cause("destination-deleted", "A deleted secret holds the name.", _DELETED),
    "ObjectIsBeingDeleted": Cause("destination-deleted", "The secret is being deleted.", _DELETED),
}
# The challenge: `Bearer authorization="https://login.microsoftonline.com/<tenant>", resource="https://vault.azure.net"`.
_CHALLENGE = re.compile(
    r'authorization(?:_uri)?="https?://[^"/]+/([0-9A-Za-z.-]{1,100})"(?:.*resource="(https://[0-9A-Za-z.-]{1,100})")?'
)


def ask(client: Client, one: Ask, tenant: str) -> Answer:
    """Ask Key Vault. A 404 is taken only where it is Key Vault's own: one of anything before it proves no absence.

    `tenant`: the one whose identity asks, as far as it is known. Raises what `Client.ask` does, with the remedy of the
    inner code.
    """
    answer = client.ask(replace(one, takes=one.takes | JUDGED))
    absent = answer.status == NOT_FOUND and ABSENT in _codes(answer.json())
    if answer.status in one.takes and (absent or answer.status != NOT_FOUND):
        return answer
    said = without(one.value, answer.text) if one.value else answer.text
    if failure := words.failure(client.service, replace(one, takes=frozenset()), answer, said, ""):
        raise _meant(failure, answer, tenant)
    return answer


def deleted(name: str) -> Refused:
    """Word a name that a deleted secret holds."""
    message = f"{name} was deleted, and can still be recovered: until then its name takes no new value."
    return Refused("destination-deleted", message, _DELETED)


def _meant(failure: RotateError, answer: Answer, tenant: str) -> RotateError:
    """Give a failure the reason and remedy of what Key Vault says."""
    kind, message = Refused if isinstance(failure, Refused) else DestinationError, failure.message
    for code in _codes(answer.json()):
        if code in MEANINGS:
            reason, meaning, remedy = MEANINGS[code]
            return kind(reason, f"{message} {meaning}", remedy, outcome=failure.outcome)
    challenge = _CHALLENGE.search(answer.headers.get("www-authenticate", ""))
    if answer.status == UNAUTHORIZED and challenge and challenge[1].lower() != tenant.lower():
        theirs = f"The vault belongs to the tenant {challenge[1]}{f', the token to {tenant}' if tenant else ''}."
        lines = f"env:\n      {TENANT}: {challenge[1]}"
        if not tenant:
            lines = f"az account get-access-token --tenant {challenge[1]} --resource {challenge[2] or '…'}"
        remedy = f"Log in to the vault's tenant (a token lives for an hour or so):\n\n    {lines}"
        return kind(failure.reason, f"{message} {theirs}", remedy, outcome=failure.outcome)
    return failure


def _codes(row: object) -> Iterator[str]:
    """Give the codes of an error, the outer first."""
    error = row.get("error") if isinstance(row, dict) else None
    while isinstance(error, dict):
        if isinstance(error.get("code"), str):
            yield error["code"]
        error = error.get("innererror")
