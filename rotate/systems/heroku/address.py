"""Addresses of Heroku's config vars: `heroku://<app>`, by the app's name or its id.

Sources: Heroku's API schema (heroku/heroku-go, v5/schema.json): `app.name` and the pattern of a config var's name. The
namespace `HEROKU_` is the platform's own (devcenter.heroku.com/articles/config-vars).
"""

from __future__ import annotations

import re

from rotate.address import Address

_APP = re.compile(r"[a-z][a-z0-9-]{1,28}[a-z0-9]|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(r"[A-Za-z0-9_]+")


def wrong(address: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    if not (address.slashes and _APP.fullmatch(address.where)):
        return "behind `heroku://` it takes the name of an app, such as `octo-payments`, or the app's id"
    if address.name and not _NAME.fullmatch(address.name):
        return "a config var's name has letters, digits and `_`"
    return "names that begin with `HEROKU_` are the platform's own" if address.name.startswith("HEROKU_") else ""
