"""Jenkins as a system: `jenkins://<folder>/<credential id>` and `jenkins://system/<credential id>`.

Nothing stands behind `#`: a Secret text holds one value, which has no name beside the credential's id, and a name that
is left out would be taken for `secret_name`. A folder in a folder is `team/app`. `?domain=` names a domain; without it,
it is the global one.

Sources: jenkinsci/credentials-plugin docs/user.adoc and CredentialsStoreAction.java; ViewCredentialsAction.java (who
may not view a store gets 404); the user guide, "Authenticating scripted clients" (HTTP Basic with an API token).
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

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Destination

USER, TOKEN = "JENKINS_USER", "JENKINS_TOKEN"
SYSTEM_STORE, GLOBAL = "system", "_"


@dataclass(frozen=True, slots=True)
class JenkinsService(Service):
    """Takes the name of a user and a token."""

    @property
    def give(self) -> str:
        """Say which right is needed, where to make the token, and how to pass both."""
        lines = f"    env:\n      {USER}: rotation\n      {TOKEN}: ${{{{ secrets.{TOKEN} }}}}"
        return f"{self.needs} {self.make} Store it as a secret and pass it with the user's name:\n\n{lines}"

    def lacks(self, environment: Mapping[str, str]) -> tuple[RotateError, ...]:
        """Say all that the environment lacks. Nothing is contacted."""
        problems = Problems()
        self.url(environment, problems)
        missing = [name for name in (USER, TOKEN) if not environment.get(name, "").strip()]
        if missing:
            said = " and ".join(f"`{name}`" for name in missing) + (" are" if missing[1:] else " is")
            message = f"There is no login for Jenkins: {said} not set or empty."
            problems.add(ConfigurationError("destination-token-missing", message, self.give))
        else:
            self.token(environment, problems)
        return tuple(problem for _, problem in problems.found)

    def of(self, environment: Mapping[str, str]) -> Service:
        """Give the same service, asked by the user whom the environment names."""
        from rotate.systems.jenkins.dialect import Dialect

        return replace(self, style=Dialect.by(environment.get(USER, "").strip()))


SERVICE = JenkinsService(
    kind="jenkins",
    title="Jenkins",
    tokens=(TOKEN,),
    needs=f"It must be an API token of the user in `{USER}`, who needs Credentials/View and Credentials/Update in the "
    "folder (for `system`, of the whole installation), Overall/Read and, of the folder, Job/Read.",
    make="Create one at Jenkins → the user → Security → API Token.",
    urls=("JENKINS_URL",),
    says=("message",),
)


def wrong(at: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    folder, _, credential = at.where.rpartition("/")
    parts = [*folder.split("/"), credential, at.options.get("domain", GLOBAL)]
    if not at.slashes or not folder:
        return "it names the folder, or `system`, and the credential's id: `jenkins://team/app/neon-api-key`"
    if not all(parts) or {".", ".."} & set(parts) or "/" in parts[-1] or not at.where.isprintable():
        return "a folder's name, a credential's id and a domain are no empty text, no `.` and no `..`"
    return "a Secret text holds one value, whose name is the credential's id, so nothing stands behind `#`" * bool(
        at.name
    )


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.jenkins.credential import SecretText

    return SecretText(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("folder", Kind.TEXT, "The folder, such as `team/app`; without it, Jenkins' own store (System)"),
        Field("credential_id", Kind.TEXT, "The id of the credential"),
        Field("domain", Kind.TEXT, "The domain of the store, where it is not the global one"),
    )


SYSTEM = plain(
    Parts(
        "jenkins",
        ("{folder}/{credential_id}", f"{SYSTEM_STORE}/{{credential_id}}"),
        ("domain",),
        wrong,
        _open,
        usual={"domain": GLOBAL},
        examples=("jenkins://team/app/neon-api-key", "jenkins://system/neon-api-key?domain=production"),
        named=False,
    ),
    Traits(Proof.ACCEPTED, PickUp.NEXT_JOB, creates=True, keeps=("everything else of its XML",)),
    _fields,
    SERVICE.lacks,
)
