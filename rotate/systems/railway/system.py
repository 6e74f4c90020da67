"""Railway as a system: `railway://<project>/<environment>/<service>#NAME`.

Sources: railwayapp/docs content/docs/integrations/api.md (the endpoint, the tokens and their headers; on the Hobby plan
1000 requests an hour and 10 a second); a public record of 447 answers of October 2026, which announced the first of the
two alone (`RateLimit-Policy: "default";q=1000;w=3600`); railwayapp/cli src/client.rs and src/config.rs: `RAILWAY_TOKEN`
holds the token of a project and comes before `RAILWAY_API_TOKEN`, that of an account or a workspace.
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

PACE = Pace(1000, 3600.0)
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
    pace=PACE,
    asks=12,
)


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.railway.variable import Variable

    return Variable(at, means)


def _deployment(at: Address, means: Means) -> Deployment:
    from rotate.systems.railway.deploys import Deploys

    return Deploys(at, means)


def lasting(places: int) -> float:
    """Give how many seconds the limit makes a rotation of so many destinations last: a first thousand requests go at
    once, and the next ones when an hour has passed."""
    return max(0, places * SERVICE.asks - 1) // PACE.most * PACE.seconds


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
        find="rotate.systems.railway.finder:find",
        lasting=lasting,
        examples=("railway://payments/production/api", "railway://payments/production"),
        deployment=_deployment,
    ),
    Traits(Proof.VALUE, PickUp.NEXT_DEPLOY, creates=True, keeps=("sealed",), else_proof=Proof.TIME),
    _fields,
    SERVICE.lacks,
)
