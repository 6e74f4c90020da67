"""Addresses of Fly.io's secrets: `fly://<app>`.

Source: fly.io/docs/apps/secrets: a secret is an environment variable of every Machine of its app; its name is stored as
it is, and case counts.
"""

from __future__ import annotations

import re

from rotate.address import Address

_APP = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def wrong(address: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    if not (address.slashes and _APP.fullmatch(address.where)):
        return "behind `fly://` it takes the name of an app, such as `octo-payments`"
    bad = address.name and not _NAME.fullmatch(address.name)
    return "a secret's name has letters, digits and `_`, and begins with no digit" if bad else ""
