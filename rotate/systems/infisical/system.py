"""Infisical as a system: `infisical://<project>/<environment>/<path>#NAME`.

Sources: Infisical/infisical, backend/src/server/routes/v4/secret-router.ts; the variables of the login are those of
Infisical's own CLI (infisical.com/docs/cli/commands/login). Pace: Infisical Cloud takes 120 requests about secrets a
minute from one address on its smallest plan; a server of one's own has no limit (docs/api-reference/overview/
rate-limits).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rotate.errors import ConfigurationError, RotateError
from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.problems import Problems
from rotate.service.description import Service
from rotate.service.pace import Pace
from rotate.system import PickUp, Proof, Traits
from rotate.systems.infisical.address import wrong

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Destination

STORED = "INFISICAL_TOKEN"
CLIENT, SECRET = "INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", "INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET"
IDENTITY = "INFISICAL_MACHINE_IDENTITY_ID"
SERVICE = Service(
    kind="infisical",
    title="Infisical",
    tokens=(STORED,),
    needs="It must be an access token of a machine identity that may describe, read and edit the secret. The identity "
    f"can instead log in by Universal Auth (`{CLIENT}` and `{SECRET}`); a GitHub job with `id-token: write` needs no "
    f"secret at all: give it the id of an identity with OIDC Auth as `{IDENTITY}`.",
    make="Create one at Infisical → Organization → Access Control → Machine Identities, and add it to the project.",
    urls=("INFISICAL_URL",),
    usual="https://app.infisical.com",
    root="/api",
    says=("message",),
    pace=Pace(120, 60.0),
)


def told(environment: Mapping[str, str], name: str) -> str:
    """Give what a variable says; nothing where it is not set."""
    return environment.get(name, "").strip()


def lacks(environment: Mapping[str, str]) -> tuple[RotateError, ...]:
    """Say all that the environment lacks. Nothing is contacted."""
    pair = {name: told(environment, name) for name in (CLIENT, SECRET)}
    if told(environment, STORED) or not (any(pair.values()) or told(environment, IDENTITY)):
        return SERVICE.lacks(environment)
    problems = Problems()
    SERVICE.url(environment, problems)
    missing = [name for name, text in pair.items() if not text]
    if len(missing) == 1:
        message = f"Universal Auth of Infisical takes two variables, and `{missing[0]}` is not set or is empty."
        lines = "\n".join(f"      {name}: ${{{{ secrets.{name} }}}}" for name in pair)
        remedy = f"{SERVICE.needs} {SERVICE.make} Store both and pass them:\n\n    env:\n{lines}"
        problems.add(ConfigurationError("destination-token-missing", message, remedy))
    return tuple(problem for _, problem in problems.found)


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.infisical.secret import FolderSecret

    return FolderSecret(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("project", Kind.TEXT, "The id of the project"),
        Field("environment", Kind.TEXT, "The slug of the environment, such as `prod`"),
        Field("path", Kind.TEXT, "The folder, such as `apps/payments`; left out, the root folder"),
    )


SYSTEM = plain(
    Parts(
        "infisical",
        ("{project}/{environment}", "{project}/{environment}/{path}"),
        (),
        wrong,
        _open,
        lasting=SERVICE.lasting,
        examples=("infisical://7e2f1a4c-3a0e-4f43-b1c1-2f1f0a1d9c11/prod/apps/payments",),
    ),
    Traits(
        Proof.VALUE,
        PickUp.AT_READ,
        creates=True,
        keeps=("comment", "tags", "metadata", "reminder", "multiline encoding"),
    ),
    _fields,
    lacks,
)
