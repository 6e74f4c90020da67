"""Vault and OpenBao as a system: `vault://<mount>/<path>#<field>`, a field of a secret in a KV store.

OpenBao is Vault's fork, with the same API for all that is used here. Sources: HashiCorp's and OpenBao's documentation
(api-docs/secret/kv/kv-v1, kv-v2, auth/jwt, system/capabilities-self, system/internal-ui-mounts; commands: environment
variables) and OpenBao 2.7.2 itself, which the tests ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rotate.errors import ConfigurationError, RotateError
from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.problems import Problems
from rotate.service.description import Service
from rotate.system import PickUp, Proof, Traits
from rotate.wire.http import Style

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Destination, Notebook

ROLE = "VAULT_ROLE"
SERVICE = Service(
    kind="vault",
    title="Vault",
    tokens=("VAULT_TOKEN", "BAO_TOKEN"),
    needs="Its policy must let it read and change the secret: `read`, and `patch` or `update`, on "
    "`<mount>/data/<path>` (KV 1: `<mount>/<path>`).",
    make="Better than a stored token: a role for GitHub's OIDC token, in `VAULT_ROLE` (docs/systems/vault.md).",
    urls=("VAULT_ADDR", "BAO_ADDR"),
    root="/v1",
    style=Style(header="X-Vault-Token", prefix=""),
    says=("errors",),
)


def wrong(at: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    parts = at.where.split("/")
    if not at.slashes or len(parts) < len(("mount", "path")) or not all(parts) or {".", ".."} & set(parts):
        return "it needs the mount and the path of the secret, such as `secret/ci/neon`"
    return ""


def lacks(environment: Mapping[str, str]) -> tuple[RotateError, ...]:
    """Say what the environment lacks. A role takes the place of a token, where the job can show who it is."""
    from rotate.service.identity import PERMISSION, can_identify

    problems = Problems()
    SERVICE.url(environment, problems)
    role, given = environment.get(ROLE, "").strip(), any(environment.get(name, "").strip() for name in SERVICE.tokens)
    if given or not role:
        SERVICE.token(environment, problems)
    elif not (environment.get("VAULT_ID_TOKEN") or can_identify(environment)):
        message = f"`{ROLE}` names a role to log in to Vault with, and this job cannot show who it is."
        problems.add(ConfigurationError("id-token-missing", message, PERMISSION))
    return tuple(problem for _, problem in problems.found)


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.vault.field import SecretField

    return SecretField(at, means)


def _notes(at: Address, means: Means) -> Notebook:
    from rotate.service.notes import KeptNotes
    from rotate.systems.vault.notes import Secrets

    return KeptNotes(Secrets(at, means))


def _fields() -> tuple[Field, ...]:
    return (
        Field("mount", Kind.TEXT, "Where the KV store is mounted, such as `secret`"),
        Field("path", Kind.TEXT, "The path of the secret in it"),
    )


SYSTEM = plain(
    Parts(
        "vault",
        ("{mount}/{path}",),
        (),
        wrong,
        _open,
        _notes,
        find="rotate.systems.vault.finder:find",
        examples=("vault://secret/ci/neon#NEON_API_KEY",),
    ),
    Traits(
        Proof.VALUE,
        PickUp.AT_READ,
        creates=True,
        compare_and_set=True,
        keeps=("all other fields", "custom metadata"),
    ),
    _fields,
    lacks,
)
