"""Railway as a system: `railway://<project>/<environment>/<service>#NAME`.

Sources: railwayapp/docs content/docs/integrations/api.md (the endpoint, the tokens and their headers, 10 requests a
second on the Hobby plan); railwayapp/cli src/client.rs and src/config.rs: `RAILWAY_TOKEN` holds the token of a project
and comes before `RAILWAY_API_TOKEN`, that of an account or a workspace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.service.description import Service
from rotate.service.pace import Pace
from rotate.system import PickUp, Proof, Traits
from rotate.systems.railway.address import wrong

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Deployment, Destination

OF_PROJECT, OF_ACCOUNT = "RAILWAY_TOKEN", "RAILWAY_API_TOKEN"
SERVICE = Service(
    kind="railway",
    title="Railway",
    tokens=(OF_PROJECT, OF_ACCOUNT),
    needs="It must be a token of the project for this very environment, or in its stead, as "
    f"`{OF_ACCOUNT}`, a token of a workspace or an account that may change the environment's variables.",
    make="Create one at Railway → the project → Settings → Tokens (or railway.com/account/tokens).",
    usual="https://backboard.railway.com",
    root="/graphql",
    pace=Pace(10, 1.0),
    asks=8,
)


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.railway.variable import Variable

    return Variable(at, means)


def _deployment(at: Address, means: Means) -> Deployment:
    from rotate.systems.railway.deploys import Deploys

    return Deploys(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("project", Kind.TEXT, "The project, by its name or its id"),
        Field("environment", Kind.TEXT, "The environment of the project, by its name or its id"),
        Field("service", Kind.TEXT, "The service, by its name or its id; left out for a shared variable"),
    )


SYSTEM = plain(
    Parts(
        "railway",
        ("{project}/{environment}/{service}", "{project}/{environment}"),
        (),
        wrong,
        _open,
        lasting=SERVICE.lasting,
        examples=("railway://payments/production/api", "railway://payments/production"),
        deployment=_deployment,
    ),
    Traits(Proof.VALUE, PickUp.NEXT_DEPLOY, creates=True, keeps=("sealed",), else_proof=Proof.TIME),
    _fields,
    SERVICE.lacks,
)
