"""Cloudflare as a system: `cloudflare://workers/<script>#NAME`, `…://pages/<project>?environment=preview`,
`…://secrets-store/<store>`.

Sources: Cloudflare's documentation (workers/configuration/secrets, pages/configuration/api, secrets-store) and its own
client (PyPI `cloudflare` 5.9.0, made from its OpenAPI description). Pace: 1,200 requests in five minutes for a token,
and what exceeds them blocks everything for five minutes (fundamentals/api/reference/limits). The variables of the
environment are those of its command line (cloudflare/workers-sdk, wrangler).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from rotate.errors import ConfigurationError, RotateError
from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.service.description import Service
from rotate.service.pace import Pace
from rotate.system import PickUp, Proof, Traits

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Deployment, Destination

WORKERS, PAGES, STORE = "workers", "pages", "secrets-store"
PRODUCTION, PREVIEW = "production", "preview"
ACCOUNT = "CLOUDFLARE_ACCOUNT_ID"
ACCOUNT_FORM = re.compile(r"[0-9a-f]{32}")
PLACES = {
    WORKERS: (re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*"), "the name of the Worker, such as `payments`"),
    PAGES: (re.compile(r"[a-z0-9][a-z0-9-]*"), "the name of the Pages project: small letters, digits and `-`"),
    STORE: (re.compile(r"[^/]+"), "the name or the id of the store"),
}
SERVICE = Service(
    kind="cloudflare",
    title="Cloudflare",
    tokens=("CLOUDFLARE_API_TOKEN",),
    needs="It must be an API token of the account with the permission Workers Scripts: Edit (for a Worker), Cloudflare "
    "Pages: Edit (for a Pages project) or Secrets Store: Edit (for a store).",
    make="Create one at Cloudflare → Manage Account → Account API Tokens → Create Token → Custom token.",
    urls=("CLOUDFLARE_API_BASE_URL",),
    usual="https://api.cloudflare.com",
    root="/client/v4",
    says=("errors",),
    pace=Pace(1200, 300.0),
    asks=14,
)


def wrong(at: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    form, _, place = at.where.partition("/")
    if not at.slashes or form not in PLACES:
        return "it begins with `cloudflare://workers/`, `cloudflare://pages/` or `cloudflare://secrets-store/`"
    pattern, meant = PLACES[form]
    environment = at.options.get("environment", PRODUCTION)
    if not pattern.fullmatch(place):
        return f"behind `{form}/` it takes {meant}"
    if "environment" in at.options and form != PAGES:
        return "only a Pages project has an `environment`"
    if environment not in (PRODUCTION, PREVIEW):
        return "`environment` is `production` or `preview`"
    return "" if not at.name or re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", at.name) else "its name can be no variable's"


def lacks(environment: Mapping[str, str]) -> tuple[RotateError, ...]:
    """Say all that the environment lacks: nothing is contacted."""
    found = SERVICE.lacks(environment)
    if ACCOUNT_FORM.fullmatch(environment.get(ACCOUNT, "").strip()):
        return found
    message = f"`{ACCOUNT}` is not set, or is no id of an account: 32 digits and letters from a to f."
    remedy = (
        f"It is no secret: it stands at Cloudflare → Workers & Pages → Account details.\n\n    env:\n      {ACCOUNT}: …"
    )
    return (*found, ConfigurationError("cloudflare-account-missing", message, remedy))


def _open(at: Address, means: Means) -> Destination:
    if at.where.startswith(f"{WORKERS}/"):
        from rotate.systems.cloudflare.worker import WorkerSecret

        return WorkerSecret(at, means)
    if at.where.startswith(f"{PAGES}/"):
        from rotate.systems.cloudflare.pages import PagesVariable

        return PagesVariable(at, means)
    from rotate.systems.cloudflare.store import StoreSecret

    return StoreSecret(at, means)


def _deployment(at: Address, means: Means) -> Deployment:
    from rotate.systems.cloudflare.deployment import PagesDeployment

    return PagesDeployment(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("worker", Kind.TEXT, "The name of a Worker"),
        Field("pages", Kind.TEXT, "The name of a Pages project, in place of a Worker"),
        Field("store", Kind.TEXT, "The name or the id of a store of the Secrets Store, in place of a Worker"),
        Field(
            "environment",
            Kind.CHOICE,
            "Which environment of a Pages project; `production` if left out",
            choices=(PRODUCTION, PREVIEW),
        ),
    )


SYSTEM = plain(
    Parts(
        "cloudflare",
        ("workers/{worker}", "pages/{pages}", "secrets-store/{store}"),
        ("environment",),
        wrong,
        _open,
        find="rotate.systems.cloudflare.finder:find",
        usual={"environment": PRODUCTION},
        lasting=SERVICE.lasting,
        examples=("cloudflare://workers/payments", "cloudflare://pages/shop", "cloudflare://secrets-store/shared"),
        deployment=_deployment,
    ),
    Traits(
        Proof.ACCEPTED,
        PickUp.AT_READ,
        creates=True,
        keeps=("type", "scopes", "comment", "all other bindings", "the other environment"),
        else_proof=Proof.TIME,
        else_picked_up=MappingProxyType({f"{PAGES}/": PickUp.NEXT_DEPLOY}),
    ),
    _fields,
    lacks,
)
