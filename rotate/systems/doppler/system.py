"""Doppler as a system: `doppler://<project>/<config>#NAME`.

Sources: Doppler's API description (docs.doppler.com, core.json); the tokens: docs.doppler.com/reference/api. Pace: 240
requests a minute for one token (the same page in an undated copy; an older one says 120). `DOPPLER_TOKEN` and
`DOPPLER_API_HOST` are the variables of Doppler's own CLI.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rotate.errors import RotateError
from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.problems import Problems
from rotate.service.description import Service
from rotate.service.pace import Pace
from rotate.system import PickUp, Proof, Traits
from rotate.systems.doppler.address import wrong

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Destination

# What Doppler's own action calls `doppler-identity-id` (DopplerHQ/secrets-fetch-action, action.yml).
IDENTITY = "DOPPLER_IDENTITY_ID"
SERVICE = Service(
    kind="doppler",
    title="Doppler",
    tokens=("DOPPLER_TOKEN",),
    needs="It must be a service token of the config with the access read/write, or the token of a service account or a "
    "person that may write the config's secrets. A GitHub job with `id-token: write` needs none: give it the id of an "
    f"identity of a service account as `{IDENTITY}`.",
    make="Create one at Doppler → the project → the config → Access.",
    urls=("DOPPLER_API_HOST",),
    usual="https://api.doppler.com",
    root="/v3",
    says=("messages", "message"),
    pace=Pace(240, 60.0),
    asks=10,
)


def by_identity(environment: Mapping[str, str]) -> bool:
    """Say whether the job's identity is to log in: an identity is named, and no token is stored."""
    return not environment.get("DOPPLER_TOKEN", "").strip() and bool(environment.get(IDENTITY, "").strip())


def lacks(environment: Mapping[str, str]) -> tuple[RotateError, ...]:
    """Say all that the environment lacks. Nothing is contacted."""
    if not by_identity(environment):
        return SERVICE.lacks(environment)
    problems = Problems()
    SERVICE.url(environment, problems)
    return tuple(problem for _, problem in problems.found)


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.doppler.secret import ConfigSecret

    return ConfigSecret(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("project", Kind.TEXT, "The project"),
        Field("config", Kind.TEXT, "The config of the project, such as `prd`"),
    )


SYSTEM = plain(
    Parts(
        "doppler",
        ("{project}/{config}",),
        (),
        wrong,
        _open,
        find="rotate.systems.doppler.finder:find",
        lasting=SERVICE.lasting,
        examples=("doppler://payments/prd",),
    ),
    Traits(Proof.VALUE, PickUp.AT_READ, creates=True, compare_and_set=True, keeps=("visibility", "note")),
    _fields,
    lacks,
)
