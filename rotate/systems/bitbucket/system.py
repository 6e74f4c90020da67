"""Bitbucket as a system: `bitbucket://repository/<workspace>/<repository>#NAME`, `bitbucket://workspace/<workspace>`,
`bitbucket://deployment/<workspace>/<repository>/<environment>`.

Sources: Atlassian's documentation (support.atlassian.com/bitbucket-cloud/docs: variables-and-secrets,
api-request-limits, api-token-permissions, repository-access-token-permissions). Access tokens of a repository, project
or workspace go as Bearer; the API token of a person goes by HTTP Basic, with the e-mail address of the account. Pace:
1,000 requests an hour, which grows with a workspace's seats.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.service.description import Service
from rotate.service.pace import Pace
from rotate.system import PickUp, Proof, Traits

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Destination

REPOSITORY, WORKSPACE, DEPLOYMENT = "repository", "workspace", "deployment"
SLUG = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"
WHERE = re.compile(rf"{REPOSITORY}/{SLUG}/{SLUG}|{WORKSPACE}/{SLUG}|{DEPLOYMENT}/{SLUG}/{SLUG}/.+")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
EMAIL = "BITBUCKET_EMAIL"
SERVICE = Service(
    kind="bitbucket",
    title="Bitbucket",
    tokens=("BITBUCKET_TOKEN",),
    needs="It must be an access token of the repository, its project or the workspace with the scope "
    "`pipeline:variable` (Pipelines: Edit variables), or an API token of an administrator with the scopes "
    f"`read:pipeline:bitbucket` and `admin:pipeline:bitbucket`, whose e-mail address then stands in `{EMAIL}`.",
    make="Create one at Bitbucket → the repository → Repository settings → Access tokens (of a workspace: Workspace "
    "settings → Access tokens).",
    usual="https://api.bitbucket.org",
    root="/2.0",
    says=("error",),
    pace=Pace(1000, 3600.0),
)


def wrong(at: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    if not at.slashes or not WHERE.fullmatch(at.where):
        return (
            "it is `bitbucket://repository/<workspace>/<repository>`, `bitbucket://workspace/<workspace>` or "
            "`bitbucket://deployment/<workspace>/<repository>/<environment>`"
        )
    bad = at.name and not NAME.fullmatch(at.name)
    return "a variable's name has letters, digits and `_`, no digit first" if bad else ""


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.bitbucket.variable import Variable

    return Variable(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("workspace", Kind.TEXT, "The workspace, as its address names it; alone, the variable is the workspace's"),
        Field("repository", Kind.TEXT, "The repository, as its address names it"),
        Field("environment", Kind.TEXT, "The name of a deployment environment of the repository, such as `Production`"),
    )


SYSTEM = plain(
    Parts(
        "bitbucket",
        (
            "repository/{workspace}/{repository}",
            "workspace/{workspace}",
            "deployment/{workspace}/{repository}/{environment}",
        ),
        (),
        wrong,
        _open,
        lasting=SERVICE.lasting,
        examples=("bitbucket://repository/octo/payments", "bitbucket://deployment/octo/payments/Production"),
    ),
    Traits(Proof.ACCEPTED, PickUp.NEXT_JOB, creates=True, keeps=("secured",), else_proof=Proof.VALUE),
    _fields,
    SERVICE.lacks,
)
