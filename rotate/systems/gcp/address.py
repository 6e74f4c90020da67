"""Addresses of Secret Manager: `gcp-secretmanager://<project>/<secret>`, with `?location=` for a regional secret.

The project is its id or its number. The secret is the name: nothing stands behind `#`, so that it has one address.

Sources: discovery document of secretmanager v1, `projects.secrets.create` (a secret's id: letters, digits, `-` and `_`,
255 at most) and `projects.locations.secrets`; Resource Manager's documentation, "Creating and managing projects" (ids;
those of a domain, `example.com:payments`, are of old).
"""

from __future__ import annotations

import re

from rotate.address import Address

_PROJECT = re.compile(r"(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]|[0-9]{1,20}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,255}")
_LOCATION = re.compile(r"[a-z]{2,}(?:-[a-z]+[0-9]+)?")


def wrong(address: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    project, _, secret = address.where.partition("/")
    if not (address.slashes and secret):
        return "it says project and secret: `gcp-secretmanager://my-project/NEON_API_KEY`"
    if not _PROJECT.fullmatch(project):
        return "before the `/` it takes the id of a project, as in `my-project-123`, or its number"
    if not _SECRET.fullmatch(secret):
        return "a secret's name has letters, digits, `-` and `_`, 255 at most; no version stands behind it"
    if not _LOCATION.fullmatch(address.options.get("location", "eu")):
        return "`location` is that of a regional secret, such as `europe-west3`"
    return "the secret is the name: nothing stands behind `#`" if address.name else ""
