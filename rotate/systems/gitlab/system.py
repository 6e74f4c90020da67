"""GitLab as a system: `gitlab://project/<path>?scope=<environment scope>#NAME`, `gitlab://group/<path>`, `gitlab://instance`.

Sources: GitLab's documentation `doc/api/project_level_variables.md`, `group_level_variables.md`,
`instance_level_ci_variables.md` and `doc/ci/variables/_index.md`. Pace: 2,000 requests a minute for a user of
GitLab.com (about.gitlab.com, 2020-12-17); others are announced, and not in effect yet (user/gitlab_com/rate_limits).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.service.description import Service
from rotate.service.pace import Pace
from rotate.system import PickUp, Proof, Traits
from rotate.systems.gitlab.address import EVERY_SCOPE, wrong

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Destination, Notebook

SERVICE = Service(
    kind="gitlab",
    title="GitLab",
    tokens=("GITLAB_TOKEN",),
    needs="It must be a personal, project or group access token with the scope `api` and the role Maintainer (for a "
    "project) or Owner (for a group); for the instance, an administrator's. The `CI_JOB_TOKEN` of a job never can.",
    make="Create one at GitLab → the project or group → Settings → Access tokens.",
    urls=("GITLAB_URL", "CI_SERVER_URL"),
    usual="https://gitlab.com",
    root="/api/v4",
    says=("message", "error", "error_description"),
    pace=Pace(2000, 60.0),
)


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.gitlab.variable import Variable

    return Variable(at, means)


def _notes(at: Address, means: Means) -> Notebook:
    from rotate.service.notes import KeptNotes
    from rotate.systems.gitlab.notes import Variables

    return KeptNotes(Variables(at, means))


def _fields() -> tuple[Field, ...]:
    return (
        Field("project", Kind.TEXT, "The path of the project, with its groups"),
        Field("group", Kind.TEXT, "The path of a group, in place of a project: its variable, read by all its projects"),
        Field("scope", Kind.TEXT, "The environment scope of the variable; `*` if left out"),
    )


SYSTEM = plain(
    Parts(
        "gitlab",
        ("project/{project}", "group/{group}"),
        ("scope",),
        wrong,
        _open,
        _notes,
        find="rotate.systems.gitlab.finder:find",
        usual={"scope": EVERY_SCOPE},
        lasting=SERVICE.lasting,
        examples=("gitlab://project/octo/payments", "gitlab://group/octo?scope=production"),
    ),
    Traits(
        Proof.VALUE,
        PickUp.NEXT_JOB,
        creates=True,
        keeps=("protected", "masked", "hidden", "raw", "type", "scope", "description"),
    ),
    _fields,
    SERVICE.lacks,
)
