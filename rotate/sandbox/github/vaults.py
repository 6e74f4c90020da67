"""Where the pretend GitHub keeps secrets: one key pair and one set of names per owner, store and environment."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from nacl.public import PrivateKey, SealedBox

from rotate.sandbox.clock import stamp
from rotate.sandbox.exchange import Json

STORES = ("actions", "dependabot", "codespaces", "agents")
VISIBILITIES = ("all", "private", "selected")


@dataclass(slots=True)
class StoredSecret:
    """A secret, opened. `stale_reads` counts the metadata reads that will still show `shown_at`.

    `visibility` and `selected` (repository ids) are those of an organization's secret; empty elsewhere.
    """

    name: str
    value: str = field(repr=False)
    created_at: datetime
    updated_at: datetime
    shown_at: datetime
    stale_reads: int = 0
    visibility: str = ""
    selected: tuple[int, ...] = ()

    def metadata(self) -> dict[str, Json]:
        """Read the metadata once. GitHub OpenAPI actions-secret, organization-actions-secret."""
        shown = self.updated_at
        if self.stale_reads:
            self.stale_reads -= 1
            shown = self.shown_at
        access: dict[str, Json] = {"visibility": self.visibility} if self.visibility else {}
        return {"name": self.name, "created_at": stamp(self.created_at), "updated_at": stamp(shown), **access}


@dataclass(eq=False, slots=True)
class Vault:
    """The secrets of one owner in one store, or of one environment, with the key pair to which they are sealed."""

    key_id: str = field(default_factory=lambda: str(secrets.randbelow(9 * 10**17) + 10**17))
    box_key: PrivateKey = field(default_factory=PrivateKey.generate, repr=False)
    secrets: dict[str, StoredSecret] = field(default_factory=dict)

    def public_key(self) -> dict[str, Json]:
        """Tell the key to seal to. GitHub OpenAPI actions-public-key."""
        return {"key_id": self.key_id, "key": base64.b64encode(bytes(self.box_key.public_key)).decode()}

    def open(self, sealed: str) -> str:
        """Open a sealed box in base64. Raises `ValueError` or `nacl.exceptions.CryptoError` when it cannot."""
        return SealedBox(self.box_key).decrypt(base64.b64decode(sealed, validate=True)).decode()

    def change_key(self) -> None:
        """Take another key pair, so that what was sealed to the earlier one is refused."""
        self.key_id = str(int(self.key_id) + 1)
        self.box_key = PrivateKey.generate()


def vaults() -> dict[str, Vault]:
    """Give an owner's empty vaults, one for each store."""
    return {store: Vault() for store in STORES}
