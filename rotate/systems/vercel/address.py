"""Addresses of Vercel's variables: `vercel://<project>?target=production#NAME`, `vercel://team/shared?target=production#NAME`.

Several variables of one name may stand in a project, each for other environments: `target` (or `custom`, the slug of an
environment of the project's own) says which is meant, and `branch` one that holds for the previews of one branch alone.
A project's name has no slash, so that none can be mistaken for what its team shares.

Sources: Vercel's documentation (docs/environment-variables, docs/projects/overview); the types of @vercel/sdk 1.28.35.
"""

from __future__ import annotations

import re

from rotate.address import Address

SHARED = "team/shared"
PRODUCTION, PREVIEW, DEVELOPMENT = "production", "preview", "development"
TARGETS = (PRODUCTION, PREVIEW, DEVELOPMENT)
_PROJECT = re.compile(r"[A-Za-z0-9._-]{1,100}")
_SLUG = re.compile(r"[A-Za-z0-9_-]{1,100}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
MOST_OF_A_BRANCH = 250


def wrong(address: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    if not address.slashes or not (address.where == SHARED or _PROJECT.fullmatch(address.where)):
        return f"it names a project, by its name or its id, or is `vercel://{SHARED}`"
    if address.name and not _NAME.fullmatch(address.name):
        return "a variable's name has letters, digits and `_`, no digit first"
    return _of_options(dict(address.options), shared=address.where == SHARED)


def _of_options(options: dict[str, str], *, shared: bool) -> str:
    target, custom, branch = (options.get(name) for name in ("target", "custom", "branch"))
    if (target is None) == (custom is None):
        return "it says which variable of the name it means: `?target=production`, or `?custom=` and an environment"
    if target is not None and target not in TARGETS:
        return "`target` is `production`, `preview` or `development`; other environments are named by `custom`"
    if shared and (custom or branch):
        return "a variable that a team shares is picked by `target` alone"
    if custom is not None and not _SLUG.fullmatch(custom):
        return "`custom` is the slug of an environment of the project, such as `staging`"
    if branch is not None and (target != PREVIEW or len(branch) > MOST_OF_A_BRANCH):
        return "`branch` stands beside `target=preview` alone, and has 250 characters at most"
    return ""
