"""Addresses of Doppler's secrets: `doppler://<project>/<config>#NAME`.

Source: Doppler's API description (docs.doppler.com, core.json): `project` is the identifier of a project, `config` the
name of one of its configs, such as `prd` or the branch config `prd_aws`.
"""

from __future__ import annotations

import re

from rotate.address import Address

_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")


def wrong(address: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    project, _, config = address.where.partition("/")
    if not address.slashes or not all(map(_SEGMENT.fullmatch, (project, config))):
        return "it names a project and one of its configs: `doppler://payments/prd`"
    if address.name and not _NAME.fullmatch(address.name):
        return "a secret's name has upper-case letters, digits and `_`"
    return ""
