"""Buildkite as a system: `buildkite://<organization>/<cluster>#NAME`.

Sources (buildkite/docs): pages/apis/rest_api (host, version, pages of at most 100), rest_api/clusters/secrets (names),
managing_api_tokens (scopes), rest_api/rate_limits: 50 requests a minute of one user and 200 of an organization; a 429
says in `reset` how many seconds to wait, and has no `Retry-After`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from http import HTTPStatus
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
    from rotate.wire.outcome import Answer

SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
NAME = re.compile(r"(?!buildkite|bk)[a-z][a-z0-9_]{0,254}", re.IGNORECASE)


def _read(answer: Answer) -> Answer:
    """Give the seconds that a 429 asks to wait under the usual name."""
    row = answer.json() if answer.status == HTTPStatus.TOO_MANY_REQUESTS else None
    reset = row.get("reset") if isinstance(row, dict) else None
    if not isinstance(reset, int):
        return answer
    return replace(answer, headers={"retry-after": str(reset), **answer.headers})


SERVICE = Service(
    kind="buildkite",
    title="Buildkite",
    tokens=("BUILDKITE_API_TOKEN",),
    needs="It must be an API access token with the scopes `read_secrets_details` and `write_secrets` for the "
    "organization (and `read_clusters`, where an address names its cluster by name), of a maintainer of the cluster or "
    "an administrator of the organization.",
    make="Create one at Buildkite → Personal Settings → API Access Tokens.",
    usual="https://api.buildkite.com",
    root="/v2",
    style=Style(read=_read),
    says=("message", "errors"),
    pace=Pace(50, 60.0),
    asks=8,
)


def wrong(at: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    organization, _, cluster = at.where.partition("/")
    if not (at.slashes and SLUG.fullmatch(organization) and cluster.strip("/") == cluster.strip() == cluster != ""):
        return "it needs the organization's slug and the cluster, by its id or its name: `buildkite://octo/deploy`"
    bad = at.name and not NAME.fullmatch(at.name)
    return (
        "a name has letters, digits and `_`, a letter first, no `bk` or `buildkite` first, 255 at most" if bad else ""
    )


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.buildkite.secrets import ClusterSecret

    return ClusterSecret(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("organization", Kind.TEXT, "The slug of the organization"),
        Field("cluster", Kind.TEXT, "The id of the cluster, or its name"),
    )


SYSTEM = plain(
    Parts(
        "buildkite",
        ("{organization}/{cluster}",),
        (),
        wrong,
        _open,
        find="rotate.systems.buildkite.finder:find",
        lasting=SERVICE.lasting,
        examples=("buildkite://octo/deploy",),
    ),
    Traits(Proof.TIME, PickUp.NEXT_JOB, creates=True, keeps=("policy", "description")),
    _fields,
    SERVICE.lacks,
)
