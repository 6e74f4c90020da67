"""Addresses of Infisical's secrets: `infisical://<project>/<environment>/<path>#NAME`; without a path, the root folder.

Source: Infisical/infisical, backend/src/server/routes/v4/secret-router.ts: a project is named by its id, an environment
by its slug, and no secret's name has a blank, a colon or a slash.
"""

from __future__ import annotations

import re

from rotate.address import Address

_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


def wrong(address: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    project, *places = address.where.split("/")
    if not address.slashes or not places or not all(map(_SEGMENT.fullmatch, (project, *places))):
        return (
            "it names a project by its id, one of its environments by its slug, and the folder, if it is not the root: "
            "`infisical://64a5b8…/prod/apps/payments`"
        )
    if address.name and not _NAME.fullmatch(address.name):
        return "a secret's name has letters, digits, `_`, `-` and `.`"
    return ""
