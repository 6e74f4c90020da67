"""Heroku as a system: `heroku://<app>#NAME`.

Sources: Heroku's API schema (heroku/heroku-go, v5/schema.json) and devcenter.heroku.com: articles/config-vars (each
change makes a release and restarts the app), articles/oauth (scopes), articles/platform-api-reference (version 3 by the
header `Accept`; 4,500 requests an hour for an account). `HEROKU_API_KEY` is the variable of Heroku's own CLI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.service.description import Service
from rotate.service.pace import Pace
from rotate.system import PickUp, Proof, Traits
from rotate.systems.heroku.address import wrong
from rotate.wire.http import Style

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Deployment, Destination

ACCEPT = {"Accept": "application/vnd.heroku+json; version=3"}
SERVICE = Service(
    kind="heroku",
    title="Heroku",
    tokens=("HEROKU_API_KEY",),
    needs="It must be an authorization with the scopes `read-protected` and `write-protected` of an account that may "
    "operate the app (in a team: the permissions operate and deploy).",
    make="Create one by `heroku authorizations:create --scope read-protected,write-protected`, or at Heroku → Account "
    "settings → Applications → Authorizations.",
    usual="https://api.heroku.com",
    style=Style(headers=ACCEPT),
    says=("message",),
    pace=Pace(4500, 3600.0),
    asks=16,
)


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.heroku.variable import ConfigVar

    return ConfigVar(at, means)


def _restart(at: Address, means: Means) -> Deployment:
    from rotate.systems.heroku.restart import Restart

    return Restart(at, means)


def _fields() -> tuple[Field, ...]:
    return (Field("app", Kind.TEXT, "The name of the app, or its id"),)


SYSTEM = plain(
    Parts(
        "heroku",
        ("{app}",),
        (),
        wrong,
        _open,
        find="rotate.systems.heroku.finder:find",
        lasting=SERVICE.lasting,
        examples=("heroku://octo-payments",),
        deployment=_restart,
    ),
    Traits(Proof.VALUE, PickUp.RESTART, creates=True, keeps=("every other config var",)),
    _fields,
    SERVICE.lacks,
)
