"""Render as a system: `render://<service>#NAME`, by id (`srv-…`) or by name, and `render://env-group/<id>#NAME`.

Sources: Render's description of its API (as api-docs.render.com publishes it; a copy is api-evangelist/render
openapi/_original/render-openapi.json), recorded answers (render-oss/terraform-provider-render testdata/*_cassette.yaml,
where a cron job's id begins with `crn-` and a group's with `evg-`), and api-docs.render.com "Rate limiting": 400
requests that read and 30 that write a minute, of which the lesser is kept for all.
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

GROUP = "env-group/"
GROUP_ID = re.compile(r"evg-[a-z0-9]+")
SERVICE_ID = re.compile(r"(srv|crn)-[a-z0-9]+")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
SERVICE = Service(
    kind="render",
    title="Render",
    tokens=("RENDER_API_KEY",),
    needs="It must be an API key of somebody who may change the environment of the service and deploy it.",
    make="Create one at Render → Account Settings → API Keys.",
    usual="https://api.render.com",
    root="/v1",
    says=("message",),
    pace=Pace(30, 60.0),
    asks=7,
)


def wrong(at: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    group = at.where.startswith(GROUP)
    if group and not GROUP_ID.fullmatch(at.where.removeprefix(GROUP)):
        return "behind `env-group/` it takes the group's id, `evg-…`, which its page in the Dashboard shows"
    if not at.slashes or not at.where or ("/" in at.where and not group):
        return "it takes a service's id or name (`render://srv-…`), or `render://env-group/` and the group's id"
    bad = at.name and not NAME.fullmatch(at.name)
    return "a variable's name has letters, digits, `_`, `-` and `.`, and begins with a letter or `_`" if bad else ""


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.render.variable import Variable

    return Variable(at, means)


def _deployment(at: Address, means: Means) -> Deployment:
    from rotate.systems.render.deploys import Deploys

    return Deploys(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("service", Kind.TEXT, "The id of the service, `srv-…`, or its name"),
        Field("env_group", Kind.TEXT, "The id of an environment group, `evg-…`, in place of a service"),
    )


SYSTEM = plain(
    Parts(
        "render",
        ("{service}", "env-group/{env_group}"),
        (),
        wrong,
        _open,
        find="rotate.systems.render.finder:find",
        lasting=SERVICE.lasting,
        deployment=_deployment,
        examples=("render://srv-d0cjkelq67qs70c2pugg", "render://env-group/evg-crbps4bqf0us73dfggr0"),
    ),
    Traits(Proof.VALUE, PickUp.NEXT_DEPLOY, creates=True, keeps=("every other variable",)),
    _fields,
    SERVICE.lacks,
)
