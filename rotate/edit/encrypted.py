"""Files whose values another program encrypts: plain text is not written into them.

Sources: getsops.io/docs (the `sops` metadata of each format), dotenvx.com/docs/env-file (`encrypted:`,
`DOTENV_PUBLIC_KEY`), docs.ansible.com (`$ANSIBLE_VAULT;`, `!vault`).
"""

from __future__ import annotations

from rotate.edit.cursor import BOM
from rotate.edit.formats import slots

SOPS, DOTENVX, VAULT = "sops", "dotenvx", "ansible-vault"
_SOPS = {("sops", "mac"), ("sops", "version"), ("sops_mac",), ("sops_version",)}


def encrypted_by(data: bytes, form: str) -> str:
    """Name what encrypts the file or some of its values: `sops`, `dotenvx`, `ansible-vault`; nothing where none does.

    Raises:
        Refused: `file-not-readable`; the text is not of that format.
    """
    if data.removeprefix(BOM).startswith(b"$ANSIBLE_VAULT;"):
        return VAULT
    found = slots(data, form)
    if any(one.path in _SOPS for one in found):
        return SOPS
    if any(one.refers in ("!vault", "!vault-encrypted") for one in found):
        return VAULT
    named = any(str(one.path[0]).startswith("DOTENV_PUBLIC_KEY") for one in found)
    return DOTENVX if named or any(one.value.startswith("encrypted:") for one in found) else ""
