"""Addresses of GitLab's variables: `gitlab://project/<path>`, `gitlab://group/<path>`, `gitlab://instance`.

A path is the full one, with its subgroups, or the number of the project or group. `scope` is the environment scope;
`*`, the usual one, is left out, so that a variable has one address.

Sources: GitLab docs, user/reserved_names.md (paths), ci/environments (scopes), api/project_level_variables.md (keys).
"""

from __future__ import annotations

import re

from rotate.address import Address

PROJECT, GROUP, INSTANCE = "project", "group", "instance"
EVERY_SCOPE = "*"
_SEGMENT = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*")
_KEY = re.compile(r"[A-Za-z0-9_]{1,255}")
_SCOPE = re.compile(r"[A-Za-z0-9_/${}.* -]{1,255}")


def wrong(address: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    kind, _, path = address.where.partition("/")
    if not address.slashes or kind not in (PROJECT, GROUP, INSTANCE):
        return "it begins with `gitlab://project/`, `gitlab://group/` or `gitlab://instance`"
    return _of_path(kind, path) or _of_scope(kind, address.options.get("scope")) or _of_name(address.name)


def _of_path(kind: str, path: str) -> str:
    if kind == INSTANCE:
        return "`gitlab://instance` has no path" if path else ""
    if not all(map(_SEGMENT.fullmatch, path.split("/"))):
        return f"behind `{kind}/` it takes the full path as GitLab shows it in its own address, such as `octo/payments`"
    alone = kind == PROJECT and "/" not in path and not path.isdigit()
    return "a project's path begins with its group or user: `octo/payments`" if alone else ""


def _of_scope(kind: str, scope: str | None) -> str:
    if scope is None:
        return ""
    if kind == INSTANCE:
        return "a variable of the instance has no environment scope"
    return "" if _SCOPE.fullmatch(scope) else "`scope` is an environment's name or a pattern such as `review/*`"


def _of_name(name: str) -> str:
    return "" if not name or _KEY.fullmatch(name) else "a variable's name has letters, digits and `_`, 255 at most"
