"""HCP Terraform as a system: `hcp-terraform://<organization>/workspace/<name>?category=env#NAME`, `…/varset/<name>`.

Terraform Enterprise has the same API. Sources: HashiCorp's documentation (cloud-docs/api-docs: index, workspaces,
workspace-variables, variable-sets) and the official description (go-tfe v2/openapi/spec.json). Pace: 30 requests a
second for a user (index, "Rate Limiting").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.service.description import Service
from rotate.service.pace import Pace
from rotate.system import PickUp, Proof, Traits
from rotate.wire.http import Style

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Destination

WORKSPACE, VARSET = "workspace", "varset"
ENV, TERRAFORM = "env", "terraform"
HOLDER = re.compile(r"[^/]+/(workspace|varset)/[^/]+")
NAMES = {ENV: re.compile(r"[A-Za-z_][A-Za-z0-9_]*"), TERRAFORM: re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")}
SERVICE = Service(
    kind="hcp-terraform",
    title="HCP Terraform",
    tokens=("TFE_TOKEN",),
    needs="It must be the API token of a team or a user that may read and write variables of the workspace (for a "
    "variable set: manage variable sets).",
    make="Create one at HCP Terraform → the organization → Settings → API tokens → Team tokens.",
    urls=("TFE_ADDRESS",),
    usual="https://app.terraform.io",
    root="/api/v2",
    style=Style(headers={"Content-Type": "application/vnd.api+json", "Accept": "application/vnd.api+json"}),
    says=("errors",),
    pace=Pace(30, 1.0),
)


def wrong(at: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    category = at.options.get("category", ENV)
    if not at.slashes or not HOLDER.fullmatch(at.where):
        return "it needs the organization, then `workspace/` or `varset/`, and the name of that"
    if category not in NAMES:
        return "`category` is `env` or `terraform`"
    return "" if not at.name or NAMES[category].fullmatch(at.name) else "its name can be no variable's"


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.hcp_terraform.variable import Variable

    return Variable(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("organization", Kind.TEXT, "The name of the organization"),
        Field("workspace", Kind.TEXT, "The name of the workspace"),
        Field("varset", Kind.TEXT, "The name of a variable set, in place of a workspace"),
        Field("category", Kind.CHOICE, "Which kind of variable; `env` if left out", choices=(ENV, TERRAFORM)),
    )


SYSTEM = plain(
    Parts(
        "hcp-terraform",
        ("{organization}/workspace/{workspace}", "{organization}/varset/{varset}"),
        ("category",),
        wrong,
        _open,
        find="rotate.systems.hcp_terraform.finder:find",
        usual={"category": ENV},
        lasting=SERVICE.lasting,
        examples=("hcp-terraform://octo/workspace/production", "hcp-terraform://octo/varset/shared"),
    ),
    Traits(Proof.VERSION, PickUp.NEXT_JOB, creates=True, keeps=("sensitive", "category", "hcl", "description")),
    _fields,
    SERVICE.lacks,
)
