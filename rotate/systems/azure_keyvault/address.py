"""Addresses of Key Vault's secrets: `azure-keyvault://<vault>/<secret>`.

The secret is the name, so nothing stands behind `#`. Which version is meant is never said: it is the latest. Key Vault
compares identifiers without regard to case, so an address is in lower case: a secret has one.

Source: MicrosoftDocs/azure-docs articles/key-vault/general/about-keys-secrets-certificates.md, "Object identifiers".
"""

from __future__ import annotations

import re

from rotate.address import Address

_VAULT = re.compile(r"(?!.*--)[a-z][a-z0-9-]{1,22}[a-z0-9]")
_SECRET = re.compile(r"[a-z0-9-]{1,127}")


def wrong(address: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    vault, _, secret = address.where.partition("/")
    if not address.slashes or not secret:
        return "it names the vault and the secret, as in `azure-keyvault://payments/neon-api-key`"
    if address.where != address.where.lower():
        return "it is in lower case, however Key Vault shows it: names there have no case"
    if not _VAULT.fullmatch(vault):
        return "a vault's name has 3 to 24 letters, digits and single `-`; it is not the vault's URL"
    if not _SECRET.fullmatch(secret):
        return "a secret's name in Key Vault has letters, digits and `-` (no `_`), 127 at most; no version stands in it"
    return "the secret stands behind the vault, so nothing stands behind `#`" if address.name else ""
