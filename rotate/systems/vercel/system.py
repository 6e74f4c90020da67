"""Vercel as a system: `vercel://<project>?target=production#NAME`, `vercel://team/shared?target=production#NAME`.

Sources: Vercel's API description (openapi.vercel.sh), its newer parts by the types of Vercel's own @vercel/sdk 1.28.35;
docs/environment-variables: a change of a variable reaches new deployments alone. `VERCEL_TOKEN` is the variable of
Vercel's own CLI, `VERCEL_API_TOKEN` that of Vercel's Terraform provider.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.service.description import Service
from rotate.system import PickUp, Proof, Traits
from rotate.systems.vercel.address import wrong

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Deployment, Destination

# The id (`team_…`) or the slug of the team that the project belongs to; a personal account needs none.
TEAM = "VERCEL_TEAM_ID"
SERVICE = Service(
    kind="vercel",
    title="Vercel",
    tokens=("VERCEL_TOKEN", "VERCEL_API_TOKEN"),
    needs="It must be an access token of somebody who may change the environment variables of the project (for shared "
    f"ones: of the team), with the team as its scope. Where a team has the project, `{TEAM}` says which.",
    make="Create one at Vercel → Account Settings → Tokens.",
    usual="https://api.vercel.com",
    says=("error",),
)


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.vercel.variables import opened

    return opened(at, means)


def _deployment(at: Address, means: Means) -> Deployment:
    from rotate.systems.vercel.production import Production

    return Production(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("project", Kind.TEXT, "The project, by its name or its id"),
        Field("target", Kind.TEXT, "`production`, `preview` or `development`: which variable of the name is meant"),
        Field("branch", Kind.TEXT, "The branch, of a variable that the previews of one branch alone have"),
        Field("custom", Kind.TEXT, "The slug of an environment of the project's own, in place of `target`"),
    )


SYSTEM = plain(
    Parts(
        "vercel",
        ("{project}",),
        ("target", "branch", "custom"),
        wrong,
        _open,
        find="rotate.systems.vercel.finder:find",
        examples=("vercel://payments?target=production", "vercel://team/shared?target=production"),
        deployment=_deployment,
    ),
    Traits(
        Proof.VALUE,
        PickUp.NEXT_DEPLOY,
        creates=True,
        keeps=("target", "type", "branch", "comment"),
        else_proof=Proof.TIME,
    ),
    _fields,
    SERVICE.lacks,
)
