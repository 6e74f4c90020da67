"""GitLab as a system: `gitlab://project/<path>?scope=<environment scope>#NAME`, `gitlab://group/<path>`, `gitlab://instance`.

Sources: GitLab's documentation `doc/api/project_level_variables.md`, `group_level_variables.md`,
`instance_level_ci_variables.md` and `doc/ci/variables/_index.md`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.service import Service
from rotate.system import PickUp, Proof, Traits

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Destination

KEY = re.compile(r"[A-Za-z0-9_]{1,255}")
HOLDER = re.compile(r"instance|group/[^/?#]+(?:/[^/?#]+)*|project/[^/?#]+(?:/[^/?#]+)+")
EVERY = "*"
GITLAB = Service(
    kind="gitlab",
    title="GitLab",
    urls=("GITLAB_URL", "CI_SERVER_URL"),
    usual="https://gitlab.com",
    path="/api/v4",
    tokens=("GITLAB_TOKEN",),
    right="It must be a personal, project or group access token with the scope **api** and the role **Maintainer** of "
    "the project (**Owner** of a group, an administrator for the instance): the project or group → Settings → Access "
    "tokens. The job's own `CI_JOB_TOKEN` can never write variables.",
)


def wrong(at: Address) -> str:
    """Say what is wrong with an address."""
    if not HOLDER.fullmatch(at.where):
        return "it needs `project/` and the path of a project, `group/` and that of a group, or `instance`"
    if at.where == "instance" and at.options:
        return "a variable of the instance has no scope"
    return "" if not at.name or KEY.fullmatch(at.name) else "a variable's name has letters, digits and `_` alone"


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.gitlab.destination import Variable

    return Variable(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("project", Kind.TEXT, "The path of the project, with its groups"),
        Field("group", Kind.TEXT, "The path of a group, in place of a project: its variable, read by all its projects"),
        Field("scope", Kind.TEXT, "The environment scope of the variable; `*` if left out"),
    )


SYSTEM = plain(
    Parts("gitlab", ("project/{project}", "group/{group}"), ("scope",), wrong, _open, usual={"scope": EVERY}),
    Traits(
        Proof.VALUE,
        PickUp.NEXT_JOB,
        creates=True,
        keeps=("protected", "masked", "raw", "type", "scope", "description"),
    ),
    _fields,
    GITLAB.lacks,
)
