"""Gitea and Forgejo as one system: `gitea://<owner>/<repository>#NAME`, `gitea://org/<organization>#NAME`.

Nobody can be called `org`, so that the two forms are never mistaken for one another.

Sources (go-gitea/gitea; Forgejo has the same): models/user/user.go (reserved names), modules/validation (names of
users and repositories), services/secrets/validation.go (names of secrets, which are stored in capitals), and
routers/api/v1/api.go (a PUT takes the scope `write:repository` or `write:organization`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.service.description import Service
from rotate.system import PickUp, Proof, Traits
from rotate.wire.http import Style

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Destination

ORGANIZATION = "org"
_OWNER, _REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*"), re.compile(r"[A-Za-z0-9_.-]*[A-Za-z0-9_-]")
_NAME = re.compile(r"(?!GITEA_|GITHUB_)[A-Z_][A-Z0-9_]*")
SERVICE = Service(
    kind="gitea",
    title="Gitea",
    tokens=("GITEA_TOKEN",),
    needs="It must be an access token with the permission `repository` (for an organization `organization`) set to "
    "*Read and Write*, of the owner of the repository or an owner of the organization. The token of a job never can.",
    make="Create one at Gitea or Forgejo → Settings → Applications.",
    urls=("GITEA_URL",),
    root="/api/v1",
    style=Style(prefix="token "),
)


def wrong(at: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    owner, slash, rest = at.where.partition("/")
    if not (at.slashes and slash and _OWNER.fullmatch(owner)):
        return "it is `gitea://<owner>/<repository>` or `gitea://org/<organization>`"
    if not (_OWNER if owner == ORGANIZATION else _REPOSITORY).fullmatch(rest):
        what = "an organization's" if owner == ORGANIZATION else "a repository's"
        return f"behind `{owner}/` it takes {what} name: letters, digits, `-`, `_` and `.`"
    bad = at.name and not _NAME.fullmatch(at.name)
    return "a secret's name has capitals, digits and `_`, and does not begin with `GITEA_` or `GITHUB_`" if bad else ""


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.gitea.actions_secret import ActionsSecret

    return ActionsSecret(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("owner", Kind.TEXT, "The user or organization that has the repository"),
        Field("repository", Kind.TEXT, "The name of the repository"),
        Field("organization", Kind.TEXT, "An organization, in place of both: its secret, read by all its repositories"),
    )


SYSTEM = plain(
    Parts(
        "gitea",
        ("{owner}/{repository}", "org/{organization}"),
        (),
        wrong,
        _open,
        find="rotate.systems.gitea.finder:find",
        examples=("gitea://octo/payments", "gitea://org/octo"),
    ),
    Traits(Proof.ACCEPTED, PickUp.NEXT_JOB, creates=True, keeps=("description",)),
    _fields,
    SERVICE.lacks,
)
