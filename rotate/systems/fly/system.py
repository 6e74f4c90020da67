"""Fly.io as a system: `fly://<app>#NAME`, by the Machines API.

Sources: superfly/fly-go (flaps/flaps_secrets.go, secrets_types.go, tokens/tokens.go), which flyctl sets its secrets by,
in place of the older GraphQL. fly.io/docs/machines/api/working-with-machines-api: the host. `FLY_API_TOKEN` and
`FLY_FLAPS_BASE_URL` are flyctl's own variables.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.problems import Problems
from rotate.secret import Secret
from rotate.service.description import Service
from rotate.system import PickUp, Proof, Traits
from rotate.systems.fly.address import wrong
from rotate.wire.http import Style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rotate.address import Address
    from rotate.errors import RotateError
    from rotate.means import Means
    from rotate.ports import Deployment, Destination
    from rotate.service.client import Client

MACAROONS = ("fm1r_", "fm2_")
SCHEMES = ("flyv1", "bearer")
SERVICE = Service(
    kind="fly",
    title="Fly.io",
    tokens=("FLY_API_TOKEN",),
    needs="It must be a deploy token of the app, or an organization's token.",
    make="Create one by `fly tokens create deploy --app <app>`, or at Fly.io → the app → Tokens.",
    urls=("FLY_FLAPS_BASE_URL",),
    usual="https://api.machines.dev",
    root="/v1",
    says=("error", "message"),
)


def lacks(environment: Mapping[str, str]) -> tuple[RotateError, ...]:
    """Say all that the environment lacks. Nothing is contacted."""
    return SERVICE.lacks(_bare(environment))


def client(means: Means) -> Client:
    """Give the way to Fly.io. A macaroon goes out under the scheme `FlyV1`, with no token of another sort beside it."""
    from rotate.service.client import Client

    given = SERVICE.token(_bare(means.environment), Problems()).reveal()
    macaroons = ",".join(one for one in given.split(",") if one.startswith(MACAROONS))
    sent = Secret(macaroons or given)
    whole = means.environment.get(SERVICE.tokens[0], "").strip()
    for one in (whole, given, *given.split(","), sent.reveal()) if given else ():
        means.hide(Secret(one))
    style = Style(prefix="FlyV1 " if macaroons else "Bearer ")
    return Client(replace(SERVICE, style=style), means, login=lambda: sent)


def _bare(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave out the schemes that may stand before a token, as `fly tokens create` prints it."""
    words = environment.get(SERVICE.tokens[0], "").split()
    while words and words[0].lower() in SCHEMES:
        del words[0]
    return {**environment, SERVICE.tokens[0]: " ".join(words)}


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.fly.app_secret import AppSecret

    return AppSecret(at, means)


def _rollout(at: Address, means: Means) -> Deployment:
    from rotate.systems.fly.rollout import Rollout

    return Rollout(at, means)


def _fields() -> tuple[Field, ...]:
    return (Field("app", Kind.TEXT, "The name of the app"),)


SYSTEM = plain(
    Parts(
        "fly",
        ("{app}",),
        (),
        wrong,
        _open,
        find="rotate.systems.fly.finder:find",
        examples=("fly://octo-payments",),
        deployment=_rollout,
    ),
    Traits(Proof.DIGEST, PickUp.NEXT_DEPLOY, creates=True, keeps=("every other secret",)),
    _fields,
    lacks,
)
