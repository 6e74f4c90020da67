"""Values that stand where another kind belongs: told by what everybody knows of them, before anybody is contacted.

A value of no known shape is taken as it is: the format of keys and tokens is nobody's promise (facts: Neon §5).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rotate.errors import ConfigurationError
from rotate.ports import Hide
from rotate.secret import SHAPES, Secret

SECRETS = ("api_key", "current_key", "github_token", "app_private_key")
GITHUB = re.compile(r"gh[opsur]_|github_pat_")
NEON = re.compile(r"napi_|[a-z0-9]{64}\Z(?<![0-9a-f]{64})")
NAMED = re.compile(r"(?:export )?[A-Za-z_][A-Za-z0-9_]*=[^=]")
LOOKS = re.compile(SHAPES + r"|-----BEGIN [A-Z ]*PRIVATE KEY-----|[a-z]+://[^\s/@:]*:[^\s/@]+@\S*")
LINES = {
    "api_key": "    api_key: ${{ secrets.NEON_API_KEY }}",
    "current_key": "    current_key: ${{ secrets.NEON_API_KEY }}",
    "github_token": "    github_token: ${{ secrets.ROTATE_GITHUB_TOKEN }}",
}


def mistaken(name: str, text: str, raw: Mapping[str, str]) -> tuple[str, str]:
    """Say what a secret input holds that it cannot mean, and what to do; two empty texts where nothing is known."""
    line = LINES.get(name, "")
    again = f"Store the value alone, as it was given, in the secret that `{name}` reads:\n\n{line}"
    if text[0] in "\"'" or text[-1] in "\"'":
        return f"`{name}` stands in quotes, which belong to no key and no token.", again
    if "${" in text:
        return f"`{name}` holds an expression that nobody evaluated.", f"Write it so in the workflow:\n\n{line}"
    if NAMED.match(text):
        return f"`{name}` holds the name of a variable too, before its value.", again
    if "://" in text:
        return f"`{name}` holds an address or a connection string.", f"{again}\n\n{EXPOSED}"
    return _other(name, text, raw, line)


EXPOSED = "If the value that is there now was ever seen by somebody else, it is exposed: change it where it was made."


def _other(name: str, text: str, raw: Mapping[str, str], line: str) -> tuple[str, str]:
    """Tell the key of the one service from the token of the other; of what others take nothing is known."""
    if name not in LINES:
        return "", ""
    to_github = name == "github_token"
    if not (NEON if to_github else GITHUB).match(text):
        return "", ""
    found, meant = ("a Neon key", "GitHub's token") if to_github else ("a GitHub token", "a Neon key")
    other = raw.get("api_key" if to_github else "github_token", "")
    if name != "current_key" and (GITHUB if to_github else NEON).match(other):
        swapped = "`api_key` holds a GitHub token and `github_token` a Neon key: the two are swapped."
        return swapped, f"{LINES['api_key']}\n{LINES['github_token']}"
    return f"`{name}` holds {found}, where {meant} belongs.", line


def astray(raw: Mapping[str, str], hide: Hide) -> dict[str, ConfigurationError]:
    """Find what looks like a value in inputs that take none. `hide` hears each before anything else is done with it."""
    problems = {}
    for name, text in raw.items():
        found = [one[0] for one in LOOKS.finditer(text)] if name not in SECRETS else []
        for value in found:
            hide(Secret(value))
        if found:
            message = f"`{name}` holds what looks like a key, a token or a password (it is not shown)."
            problems[name] = ConfigurationError("secret-misplaced", message, f"{PLACES}\n\n{WRITTEN}")
    return problems


PLACES = "Take it out of there. These inputs take a secret:\n\n" + "\n".join(
    [*LINES.values(), "    app_private_key: ${{ secrets.ROTATE_APP_PRIVATE_KEY }}"]
)
WRITTEN = "If it was written into a file or an argument as it is, it is exposed: rotate it."
