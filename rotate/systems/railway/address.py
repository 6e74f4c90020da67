"""Addresses of Railway's variables: `railway://<project>/<environment>/<service>#NAME`; shared ones have no service.

Source: railwayapp/docs content/docs/variables.md: variables belong to a service in an environment, or are shared by an
environment. Each of the three is meant by its id or by its name.
"""

from __future__ import annotations

import re

from rotate.address import Address

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PARTS = (2, 3)


def wrong(address: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    parts = address.where.split("/")
    if not address.slashes or len(parts) not in _PARTS or not all(part and part == part.strip() for part in parts):
        return (
            "it names a project, an environment and a service, or the first two alone for a shared variable, each by "
            "its name or its id (by the id where a name has a `/`): `railway://payments/production/api`"
        )
    if address.name and not _NAME.fullmatch(address.name):
        return "a variable's name has letters, digits and `_`"
    return ""
