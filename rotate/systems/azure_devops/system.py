"""Azure DevOps as a system: `azure-devops://<organization>/<project>/<variable group>#NAME`.

Sources: Microsoft's documentation (learn.microsoft.com/azure/devops: pipelines/library/variable-groups,
pipelines/process/variables, organizations/accounts/use-personal-access-tokens-to-authenticate) and the official
description (MicrosoftDocs/vsts-rest-api-specs, distributedTask/7.1): a personal access token is the password of HTTP
Basic, for any user's name. With `X-TFS-FedAuthRedirect` a token that is not taken is 401, as in Microsoft's own clients
(azure-devops for Python, client.py), and no way to a page for signing in.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.service.description import Service
from rotate.system import PickUp, Proof, Traits
from rotate.wire.http import basic

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Destination

# A `*` in the name of a group would be a pattern (az pipelines variable-group list).
WHERE = re.compile(r"[^/.][^/]*/[^/.][^/]*/[^*]+")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
SERVICE = Service(
    kind="azure-devops",
    title="Azure DevOps",
    tokens=("AZURE_DEVOPS_EXT_PAT",),
    needs="It must be a personal access token with the scope Variable Groups: Read, create & manage, of somebody who "
    "is an Administrator of the variable group.",
    make="Create one at Azure DevOps → User settings → Personal access tokens, and give the role at Pipelines → "
    "Library → the group → Security.",
    usual="https://dev.azure.com",
    style=basic("")._replace(headers={"X-TFS-FedAuthRedirect": "Suppress"}),
    says=("message",),
)


def wrong(at: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    if not at.slashes or not WHERE.fullmatch(at.where):
        return "it needs the organization, the project and the name of the variable group, without a `*`"
    bad = at.name and not NAME.fullmatch(at.name)
    return "a variable's name has letters, digits, `_`, `.` and `-`, no digit first" if bad else ""


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.azure_devops.variable import Variable

    return Variable(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("organization", Kind.TEXT, "The organization; on a server of your own the collection"),
        Field("project", Kind.TEXT, "A project that has the variable group"),
        Field("variable_group", Kind.TEXT, "The name of the variable group"),
    )


SYSTEM = plain(
    Parts(
        "azure-devops",
        ("{organization}/{project}/{variable_group}",),
        (),
        wrong,
        _open,
        examples=("azure-devops://octo/payments/production",),
    ),
    Traits(
        Proof.ACCEPTED,
        PickUp.NEXT_JOB,
        creates=True,
        keeps=("secret", "read-only", "all other variables", "description", "the projects that share the group"),
        else_proof=Proof.VALUE,
    ),
    _fields,
    SERVICE.lacks,
)
