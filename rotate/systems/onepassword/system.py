"""1Password as a system, through a Connect server: `onepassword://<vault>/<item>#<field>`.

Sources: the official description of Connect 1.7.1 (1Password/connect, docs/openapi/spec.yaml); `OP_CONNECT_HOST` and
`OP_CONNECT_TOKEN` are the variables of 1Password's own clients (1Password/connect-sdk-python, README.md). It is run by
oneself and documents no limit of requests.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.service.description import Service
from rotate.system import PickUp, Proof, Traits

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Destination

SERVICE = Service(
    kind="onepassword",
    title="1Password Connect",
    tokens=("OP_CONNECT_TOKEN",),
    needs="It must be an access token of a Connect server with the right to read and write the vault.",
    make="Create one at 1password.com → Developer → Connect servers → the server → Access tokens.",
    urls=("OP_CONNECT_HOST",),
    root="/v1",
    says=("message",),
    asks=7,
)
# What stands in a filter between quotes; how one escapes a quote there is not documented.
_QUOTED = re.compile(r'["\\\x00-\x1f]')


def wrong(address: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    vault, _, item = address.where.partition("/")
    if not address.slashes or not all(one.strip() == one != "" for one in (vault, item)) or "/" in item:
        return "it names a vault and one of its items, each by its name or its id: `onepassword://Production/Neon`"
    if _QUOTED.search(address.where):
        return "a name with a quote or a backslash cannot be looked for: write the id of the vault or of the item"
    return ""


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.onepassword.field import ItemField

    return ItemField(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("vault", Kind.TEXT, "The vault, by its name or its id"),
        Field("item", Kind.TEXT, "The item of the vault, by its title or its id"),
    )


SYSTEM = plain(
    Parts(
        "onepassword",
        ("{vault}/{item}",),
        (),
        wrong,
        _open,
        lasting=SERVICE.lasting,
        examples=("onepassword://Production/Neon",),
    ),
    Traits(
        Proof.VALUE,
        PickUp.AT_READ,
        creates=True,
        keeps=("type, section, purpose and label of the field", "everything else of the item"),
    ),
    _fields,
    SERVICE.lacks,
)
