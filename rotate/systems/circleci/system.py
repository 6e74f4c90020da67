"""CircleCI as a system: `circleci://context/<org slug>/<context>#NAME`, `circleci://project/<project slug>#NAME`.

Sources: CircleCI's documentation (circleci/circleci-docs: toolkit/api-developers-guide, security/contexts,
managing-api-tokens). A slug is opaque: `gh/octo/payments`, or `circleci/<organization id>/<project id>`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.service.description import Service
from rotate.system import PickUp, Proof, Traits
from rotate.wire.http import Style

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Destination

CONTEXT, PROJECT = "context", "project"
ORGANIZATION_PARTS, PROJECT_PARTS = 2, 3
# security/contexts: 300 characters at most.
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,299}")
SERVICE = Service(
    kind="circleci",
    title="CircleCI",
    tokens=("CIRCLECI_TOKEN",),
    needs="It must be a personal API token of somebody who may change the variables of the project or the context; "
    "project tokens are not taken by this API.",
    make="Create one at CircleCI → User Settings → Personal API Tokens.",
    urls=("CIRCLECI_URL",),
    usual="https://circleci.com",
    root="/api/v2",
    style=Style(header="Circle-Token", prefix=""),
    says=("message",),
)


def wrong(at: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    kind, *parts = at.where.split("/")
    if not at.slashes or kind not in (CONTEXT, PROJECT):
        return "it begins with `circleci://context/` or `circleci://project/`"
    if kind == PROJECT and (len(parts) != PROJECT_PARTS or not all(parts)):
        return "behind `project/` it takes the project's slug, such as `gh/octo/payments`"
    if kind == CONTEXT and (len(parts) <= ORGANIZATION_PARTS or not all(parts)):
        return "behind `context/` it takes the organization's slug and the context's name, such as `gh/octo/deploy`"
    bad = at.name and not NAME.fullmatch(at.name)
    return "a variable's name has letters, digits and `_`, no digit first, 300 at most" if bad else ""


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.circleci.variables import ContextVariable, ProjectVariable

    return (ContextVariable if at.where.startswith(f"{CONTEXT}/") else ProjectVariable)(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("organization", Kind.TEXT, "The slug of the organization that has the context, such as `gh/octo`"),
        Field("context", Kind.TEXT, "The name of the context"),
        Field("project", Kind.TEXT, "The slug of a project, in place of a context: `gh/octo/payments`"),
    )


SYSTEM = plain(
    Parts(
        "circleci",
        ("context/{organization}/{context}", "project/{project}"),
        (),
        wrong,
        _open,
        find="rotate.systems.circleci.finder:find",
        examples=("circleci://context/gh/octo/deploy", "circleci://project/gh/octo/payments"),
    ),
    Traits(
        Proof.TIME,
        PickUp.NEXT_JOB,
        creates=True,
        keeps=("restrictions of the context",),
        else_proof=Proof.TAIL,
    ),
    _fields,
    SERVICE.lacks,
)
