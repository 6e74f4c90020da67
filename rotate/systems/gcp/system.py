"""Google Cloud's Secret Manager as a system: `gcp-secretmanager://<project>/<secret>?location=<region>`.

Sources: discovery document of secretmanager v1 (revision 20261021), whose `endpoints` are those of regional secrets;
Secret Manager's documentation, "Access control with IAM" (roles).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rotate.errors import ConfigurationError, RotateError
from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.problems import Problems
from rotate.service.description import Service
from rotate.system import PickUp, Proof, Traits
from rotate.systems.gcp import ways
from rotate.systems.gcp.address import wrong

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Destination


@dataclass(frozen=True, slots=True)
class GoogleService(Service):
    """A service that is logged in to in one of several ways; a stored access token would last an hour."""

    @property
    def give(self) -> str:
        """Say which roles are needed, and how a job logs in without a stored secret."""
        return f"{self.needs} {self.make}\n\n{ways.LINES}"

    def lacks(self, environment: Mapping[str, str]) -> tuple[RotateError, ...]:
        """Say all that the environment lacks: nothing is contacted."""
        problems = Problems()
        self.url(environment, problems)
        if lacking := ways.lacking(environment):
            problems.add(ConfigurationError("destination-token-missing", lacking, self.give))
        elif environment.get(ways.STORED, "").strip():
            self.token(environment, problems)
        return tuple(problem for _, problem in problems.found)


SERVICE = GoogleService(
    kind="gcp-secretmanager",
    title="Google Cloud",
    tokens=(ways.STORED,),
    needs="On the secret it needs the roles Secret Manager Secret Version Adder, to write, and Secret Accessor and "
    "Viewer, to prove what was written (`secretmanager.secretVersionAdder`, `.secretAccessor`, `.viewer`); where a "
    "version alias has to follow, `secretmanager.secrets.update` too (Secret Manager Admin, or a role of your own).",
    make="Grant them in the console at Security → Secret Manager → the secret → Permissions, and let the job log in:",
    usual="https://secretmanager.googleapis.com",
    root="/v1",
    says=("message", "error.message", "error_description"),
)


def service_of(location: str) -> GoogleService:
    """Give the service of a regional secret's location; of none, the global one."""
    return replace(SERVICE, usual=f"https://secretmanager.{location}.rep.googleapis.com") if location else SERVICE


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.gcp.secret import CloudSecret

    return CloudSecret(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("project", Kind.TEXT, "The id or the number of the project"),
        Field("secret_id", Kind.TEXT, "The name of the secret"),
        Field("location", Kind.TEXT, "The location of a regional secret; left out for one that is in none"),
    )


SYSTEM = plain(
    Parts(
        "gcp-secretmanager",
        ("{project}/{secret_id}",),
        ("location",),
        wrong,
        _open,
        find="rotate.systems.gcp.finder:find",
        named=False,
        examples=("gcp-secretmanager://acme-prod/neon-api-key",),
    ),
    Traits(
        Proof.VALUE,
        PickUp.AT_READ,
        creates=True,
        keeps=(
            "labels",
            "annotations",
            "replication and keys of your own",
            "topics",
            "rotation",
            "expiry",
            "aliases of other versions",
            "earlier versions",
        ),
    ),
    _fields,
    SERVICE.lacks,
)
