"""From one input's text to its value. Each problem is said where it is found, and nothing stops at the first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

from rotate.errors import cut
from rotate.problems import Problems
from rotate.secret import SHAPES, Secret
from rotate.settings.kinds import mistaken
from rotate.settings.model import DEFAULT_API_HOST

Choice = TypeVar("Choice", bound=StrEnum)

DURATION = re.compile(r"(\d{1,5})\s*([smhdw])")
MONTHS = re.compile(r"(\d{1,5})\s*M")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
TRUTHS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def choice(raw: Mapping[str, str], name: str, default: Choice, problems: Problems) -> Choice:
    """Read one of a closed list."""
    text = raw.get(name, default.value)
    kind = type(default)
    try:
        return kind(text)
    except ValueError:
        allowed = " | ".join(member.value for member in kind)
        problems.say(
            "input-invalid", f"`{name}` is `{shown(text)}`, which is none of {allowed}.", f"    {name}: {default}", name
        )
        return default


def truth(raw: Mapping[str, str], name: str, problems: Problems, *, default: bool = False) -> bool:
    """Read a yes or no, in any of the ways in which YAML writes them."""
    text = raw.get(name, str(default))
    if text.lower() not in TRUTHS:
        problems.say("input-invalid", f"`{name}` is `{shown(text)}`, not true or false.", f"    {name}: true", name)
    return TRUTHS.get(text.lower(), default)


def duration(raw: Mapping[str, str], name: str, problems: Problems, *, zero: bool = True) -> timedelta | None:
    """Read `30d`, `12h`, `0s`; `None` where it is not given."""
    text = raw.get(name, "")
    if not text:
        return None
    if months := MONTHS.fullmatch(text):
        message = f"`{name}` is `{shown(text)}`, which may mean months or minutes."
        remedy = f"    {name}: {30 * int(months[1])}d    # months\n    {name}: {months[1]}m    # minutes"
        problems.say("input-invalid", message, remedy, name)
        return None
    found = DURATION.fullmatch(text.lower())
    if not found or (int(found[1]) == 0 and not zero):
        message = f"`{name}` is `{shown(text)}`; it is a number with s, m, h, d or w."
        problems.say("input-invalid", message, f"    {name}: {EXAMPLES.get(name, '30d')}", name)
        return None
    return timedelta(**{UNITS[found[2]]: int(found[1])})


EXAMPLES = {
    "rotate_after": "30d    # leave it out to rotate in every run",
    "overlap": "24h",
    "wait": "15m",
    "canary_wait": "10m",
    "redeploy_wait": "10m",
}


def moment(raw: Mapping[str, str], name: str, problems: Problems) -> datetime | None:
    """Read an ISO 8601 time; without an offset it is UTC."""
    text = raw.get(name, "")
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        message = f"`{name}` is `{shown(text)}`, which is no time in ISO 8601."
        problems.say("input-invalid", message, f"    {name}: 2026-01-31T04:05Z", name)
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def number(raw: Mapping[str, str], name: str, problems: Problems) -> int | None:
    """Read a key's number; `None` where it is not given."""
    text = raw.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        problems.say("input-invalid", f"`{name}` is `{shown(text)}`, which is no number.", f"    {name}: 1234567", name)
        return None
    return int(text)


def neon_api(raw: Mapping[str, str], problems: Problems) -> str:
    """Read the base URL of Neon's API; without its path, every answer would be a page for people."""
    text = url(raw.get("api_host", DEFAULT_API_HOST), "api_host", problems)
    path = urlsplit(DEFAULT_API_HOST).path
    if not text.endswith(path) and not any(field == "api_host" for field, _ in problems.found):
        message = f"`api_host` ends in `{path}`, the path of Neon's API; what was given does not."
        problems.say("input-invalid", message, f"    api_host: {DEFAULT_API_HOST}", "api_host")
    return text


def url(text: str, name: str, problems: Problems) -> str:
    """Accept https, and http to this machine alone: a key never crosses a network in clear."""
    try:
        parts = urlsplit(text)
        host, secure, port = parts.hostname, parts.scheme == "https", parts.port
    except ValueError:
        host, secure, port = None, False, None
        parts = urlsplit("")
    usable = bool(host) and not (parts.query or parts.fragment or parts.username) and port != 0
    if not usable or not (secure or (parts.scheme == "http" and host in LOOPBACK)):
        message = f"`{name}` must be an https URL without query or password (http only to this machine)."
        remedy = f"    api_host: {DEFAULT_API_HOST}" if name == "api_host" else f"Set `{name}` as the runner does."
        problems.say("url-insecure", message, remedy, name)
    return text.rstrip("/")


def required_secret(raw: Mapping[str, str], name: str, line: str, problems: Problems, why: Callable[[], str]) -> Secret:
    """Read a secret that must be there. `line`: the YAML that passes it; `why`: what may have left it blank."""
    found = secret(raw, name, problems)
    if found is None:
        problems.say("input-missing", f"`{name}` is missing or blank. {why()}", line, name)
    return found or Secret("")


def secret(raw: Mapping[str, str], name: str, problems: Problems) -> Secret | None:
    """Take any one-line text without spaces: the format of keys and tokens is nobody's promise (facts: Neon §5)."""
    text = raw.get(name)
    if not text:
        return None
    if not (text.isascii() and text.isprintable()) or " " in text:
        message = f"`{name}` holds spaces, line breaks or characters that no key has."
        remedy = f"Store the value of the secret that `{name}` reads again, by itself."
        problems.say("input-invalid", message, remedy, name)
        return Secret(text)
    message, remedy = mistaken(name, text, raw)
    if message:
        problems.say("secret-of-another-kind", message, remedy, name)
    return Secret(text)


def nearest(word: str, known: Iterable[str]) -> str:
    """Give the known word that may be meant; nothing where none is close."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(word.lower(), [*known], 1)), "")


# So many letters and digits in a row, or so many of what values also have, are not what people call a thing.
_LONG = re.compile(SHAPES + "|[A-Za-z0-9]{21,}|[A-Za-z0-9_+/=~.-]{41,}")


def shown(text: str) -> str:
    """Quote an input in a message: short, on one line, and nothing of it that may be a value that went astray."""
    line = "".join(char if char.isprintable() and char != "`" else "·" for char in text)
    return cut(without_values(line), 60)


def without_values(text: str) -> str:
    """Take out what may be a value that went astray."""
    return _LONG.sub("(not shown)", text)
