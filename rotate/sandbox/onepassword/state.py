"""What the pretend Connect server holds: vaults, items and tokens, to seed and to inspect."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from rotate.sandbox.exchange import Json

LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


def new_id() -> str:
    """Give an id as vaults and items have them."""
    return "".join(secrets.choice(LETTERS) for _ in range(26))


@dataclass(slots=True)
class Vault:
    """One vault: its items by their ids, each as JSON without id and vault."""

    name: str
    items: dict[str, dict[str, Json]] = field(default_factory=dict)


class OnePasswordState:
    """Connect's memory."""

    def __init__(self) -> None:
        """Start without vaults."""
        self.url = ""
        self.vaults: dict[str, Vault] = {}
        self._tokens: dict[str, dict[str, str]] = {}

    def add_vault(self, name: str) -> str:
        """Make a vault, and give its id."""
        made = new_id()
        self.vaults[made] = Vault(name)
        return made

    def add_item(self, vault: str, title: str, *fields: dict[str, Json]) -> str:
        """Put an item in a vault, and give its id."""
        made = new_id()
        beside: dict[str, Json] = {"tags": [], "urls": [], "sections": [], "favorite": False}
        item: dict[str, Json] = {"title": title, "category": "API_CREDENTIAL", "version": 1, "fields": [*fields]}
        self.vaults[vault].items[made] = {**item, **beside}
        return made

    def add_token(self) -> str:
        """Give somebody a token that sees no vault yet; see `let`."""
        value = f"connect.{secrets.token_hex(20)}"
        self._tokens[value] = {}
        return value

    def let(self, token: str, vault: str, access: str) -> None:
        """Give a token `read` or `write` access to a vault; any other takes the vault out of its sight."""
        self._tokens[token][vault] = access

    def access(self, token: str) -> dict[str, str] | None:
        """Give what a token may; `None` where there is none."""
        return self._tokens.get(token)
