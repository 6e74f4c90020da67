"""Where GitHub keeps a secret: owner and store, or an environment (one shape for all in its OpenAPI description).

github://octo-org/payments#NEON_API_KEY                 github://octo-org/payments?environment=prod#NEON_API_KEY
github://orgs/octo-org?store=dependabot#NEON_API_KEY
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import quote

from rotate.address import Address as Named
from rotate.address import parsed

if TYPE_CHECKING:
    from rotate.systems.github.wire.client import GitHub


KIND, ORGANIZATIONS = "github", "orgs/"


class Store(StrEnum):
    """Who reads the secret. Environments exist for Actions only."""

    ACTIONS = "actions"
    DEPENDABOT = "dependabot"
    CODESPACES = "codespaces"
    AGENTS = "agents"


# Permission names as GitHub's settings pages show them (facts: GitHub §2.5). For the agents' store no source at hand
# names it, so it is not named.
_REPOSITORY = {
    Store.ACTIONS: "the repository permission **Secrets: read and write**",
    Store.DEPENDABOT: "the repository permission **Dependabot secrets: read and write**",
    Store.CODESPACES: "the repository permission **Codespaces secrets: read and write**",
    Store.AGENTS: "the repository permission for agents' secrets, read and write",
}
_ORGANIZATION = {
    Store.ACTIONS: "the organization permission **Secrets: read and write**",
    Store.DEPENDABOT: "the organization permission **Dependabot secrets: read and write**",
    Store.CODESPACES: "the organization permission **Codespaces secrets: read and write**",
    Store.AGENTS: "the organization permission for agents' secrets, read and write",
}
# What GitHub OpenAPI app-permissions calls those which it names.
_NAMES = {
    (False, Store.ACTIONS): "secrets",
    (False, Store.DEPENDABOT): "dependabot_secrets",
    (True, Store.ACTIONS): "organization_secrets",
}
_FORMER = rf"(?P<owner>[^ ]+) · (?:environment (?P<environment>.+)|(?P<store>{'|'.join(Store)})) · (?P<name>[A-Z_0-9]+)"
_ENVIRONMENT = "the repository permission **Environments: read and write** (not *Secrets*)"


@dataclass(frozen=True, slots=True)
class Address:
    """One holder of secrets: `owner` is a repository (`owner/name`) or an organization's login. `reads_only`: nobody
    wants to write there, so that a refusal asks for no right to."""

    owner: str
    store: Store = Store.ACTIONS
    environment: str = ""
    reads_only: bool = field(default=False, compare=False)

    @property
    def of_organization(self) -> bool:
        """Say whether the owner is an organization, whose secrets have a visibility."""
        return "/" not in self.owner

    @property
    def path(self) -> str:
        """Give the path of its secrets. An environment's name is free text, so it is encoded whole."""
        if self.environment:
            return f"/repos/{self.owner}/environments/{quote(self.environment, safe='')}/secrets"
        return f"/{'orgs' if self.of_organization else 'repos'}/{self.owner}/{self.store}/secrets"

    def spot_of(self, name: str) -> tuple[str, str, str, str]:
        """Give what tells a secret here from every other one; GitHub's names are the same in upper and lower case."""
        return self.owner.lower(), self.store.value, self.environment.lower(), name

    @property
    def label(self) -> str:
        """Give its address."""
        return self.label_of("")

    def label_of(self, name: str) -> str:
        """Give the address of a secret here; its destination has this name."""
        options = {"environment": self.environment} if self.environment else {}
        options |= {} if self.environment or self.store is Store.ACTIONS else {"store": self.store.value}
        return str(Named(KIND, f"{ORGANIZATIONS}{self.owner}" if self.of_organization else self.owner, options, name))

    @property
    def permission(self) -> str:
        """Say what a token needs to write there, or to read."""
        kind = _ORGANIZATION if self.of_organization else _REPOSITORY
        words = _ENVIRONMENT if self.environment else kind[self.store]
        return words.replace("read and write", "read") if self.reads_only else words

    @property
    def permission_name(self) -> str:
        """Give the name of that permission at GitHub's API; empty where it is not known."""
        if self.environment:
            return "environments"
        return _NAMES.get((self.of_organization, self.store), "")


@dataclass(frozen=True, slots=True)
class Target:
    """A destination, for those who look beside it. `ignored`: places whose secret of the same name is another key's,
    with `*` and `?`."""

    github: GitHub
    address: Address
    name: str
    ignored: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """Name it as its destination is named."""
        return self.address.label_of(self.name)


def former_name(name: str) -> str:
    """Give the name that a destination had before it was an address: `owner · store, or environment · name`."""
    at = parsed(name)
    within = f"environment {at.options['environment']}" if "environment" in at.options else at.options.get("store", "")
    return f"{at.where.removeprefix(ORGANIZATIONS)} · {within or Store.ACTIONS.value} · {at.name}"


def present_name(name: str) -> str:
    """Give the address of a destination that had such a name; any other text as it is."""
    found = re.fullmatch(_FORMER, name)
    if not found:
        return name
    store = Store(found["store"] or Store.ACTIONS)
    return Address(found["owner"], store, found["environment"] or "").label_of(found["name"])


def account_of(owner: str) -> str:
    """Give the login of a repository's owner, or of an organization; GitHub does not tell cases apart."""
    return owner.partition("/")[0].lower()
