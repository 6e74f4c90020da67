"""Netlify as a system: `netlify://<account>/<site>?context=production#NAME`, `netlify://<account>#NAME`.

Sources: Netlify's documentation (environment variables: overview, get started; API: get started) and its CLI
(src/utils/env/index.ts: the contexts, `branch:<name>`, which branches have no name of a context; base-command.ts:
`NETLIFY_AUTH_TOKEN`, `NETLIFY_API_URL`). Pace: 500 requests a minute ("Rate limiting").
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
    from rotate.ports import Deployment, Destination

ALL, PRODUCTION, DEV, BRANCH = "all", "production", "dev", "branch"
CONTEXTS = (ALL, PRODUCTION, "deploy-preview", "branch-deploy", DEV, "dev-server")
OF_BRANCH = f"{BRANCH}:"
WHERE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9-]*)?")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SERVICE = Service(
    kind="netlify",
    title="Netlify",
    tokens=("NETLIFY_AUTH_TOKEN",),
    needs="It must be a personal access token of somebody who may change the site's environment variables and start "
    "its builds; for what all sites share, of a member of the team, and not of a collaborator of single sites.",
    make="Create one at Netlify → User settings → Applications → Personal access tokens, and allow it the team where "
    "that asks for SAML.",
    urls=("NETLIFY_API_URL",),
    usual="https://api.netlify.com",
    root="/api/v1",
    says=("message", "msg"),
    pace=Pace(500, 60.0),
)


def wrong(at: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    context = at.options.get("context", ALL)
    branch = context.removeprefix(OF_BRANCH)
    if not at.slashes or not WHERE.fullmatch(at.where):
        return "it needs the account, and behind a `/` the site's name or id: `netlify://octo/payments`"
    if context not in CONTEXTS and (branch in ("", context, *CONTEXTS)):
        return f"`context` is {', '.join(f'`{one}`' for one in CONTEXTS)} or `branch:<name>`"
    if at.name and not NAME.fullmatch(at.name):
        return "a variable's name has letters, digits and `_`, and no digit first"
    return ""


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.netlify.variable import Variable

    return Variable(at, means)


def _deployment(at: Address, means: Means) -> Deployment:
    from rotate.systems.netlify.deployment import SiteDeployment

    return SiteDeployment(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("account", Kind.TEXT, "The slug of the account (the team), as in the address of its page"),
        Field("site", Kind.TEXT, "The name or the id of the site; without one, what all sites of the account share"),
        Field("context", Kind.TEXT, "The deploy context: `production`, `branch:<name>` …; `all` if left out"),
    )


SYSTEM = plain(
    Parts(
        "netlify",
        ("{account}/{site}", "{account}"),
        ("context",),
        wrong,
        _open,
        find="rotate.systems.netlify.finder:find",
        usual={"context": ALL},
        lasting=SERVICE.lasting,
        examples=("netlify://octo/payments?context=production", "netlify://octo"),
        deployment=_deployment,
    ),
    Traits(
        Proof.VALUE,
        PickUp.NEXT_DEPLOY,
        creates=True,
        keeps=("scopes", "is_secret", "the values of the other contexts"),
        else_proof=Proof.TIME,
    ),
    _fields,
    SERVICE.lacks,
)
