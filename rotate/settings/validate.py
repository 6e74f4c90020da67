"""From text to settings, all problems at once, nothing contacted.

Each problem is a `ConfigurationError` with the YAML that mends it; a pull request's event is `Refused`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

from rotate.errors import ConfigurationError, Refused, RotateError
from rotate.protocol.marker import LINEAGE_LIMIT, LINEAGE_PATTERN, default_lineage
from rotate.protocol.model import Command, Scope
from rotate.secret import Secret
from rotate.settings.model import DEFAULT_API_HOST, DEFAULT_NAME, Context, Settings

Choice = TypeVar("Choice", bound=StrEnum)

NEON_ID = re.compile(r"[a-z0-9-]{1,60}")
SECRET_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
REPOSITORY = re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+")
DURATION = re.compile(r"(\d{1,5})\s*([mhdw])")
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
TRUTHS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
LONGEST_REASON = 500


class _Problems(list[RotateError]):
    """Collects; never stops at the first."""

    def say(self, reason: str, message: str, remedy: str) -> None:
        self.append(ConfigurationError(reason, message, remedy))


def validate(raw: Mapping[str, str], context: Context) -> Settings | tuple[RotateError, ...]:
    """Check everything; give the settings, or every problem found."""
    problems = _Problems()
    _event(context, problems)
    scope = _choice(raw, "scope", Scope.PERSONAL, problems)
    command = _choice(raw, "command", Command.ROTATE, problems)
    if _truth(raw, "dry_run", problems) and command is Command.ROTATE:
        command = Command.PLAN
    org_id, project_id = _principal(raw, scope, problems)
    repository = _repository(raw, context, problems)
    secret_name = _secret_name(raw, problems)
    old_key_id, nothing_before = _old_key(raw, problems)
    settings = Settings(
        command=command,
        api_key=_required_secret(raw, "api_key", API_KEY_LINE, problems),
        api_host=_url(raw.get("api_host", DEFAULT_API_HOST), "api_host", problems),
        scope=scope,
        key_name=_key_name(raw, repository, secret_name, problems),
        secret_name=secret_name,
        repository=repository,
        home=context.repository or repository,
        github_token=_required_secret(raw, "github_token", GITHUB_LINE, problems),
        org_id=org_id,
        project_id=project_id,
        current_key=_secret(raw, "current_key", problems),
        old_key_id=old_key_id,
        nothing_before=nothing_before,
        rotate_after=_duration(raw, problems),
        reason=raw.get("reason", "")[:LONGEST_REASON],
    )
    _url(context.api_url, "GITHUB_API_URL", problems)
    return tuple(problems) or settings


API_KEY_LINE = "    api_key: ${{ secrets.NEON_API_KEY }}"
GITHUB_LINE = (
    "    github_token: ${{ secrets.ROTATE_GITHUB_TOKEN }}\n\nIt is a fine-grained personal access token with the "
    "repository permissions Secrets and Variables: read and write. The workflow's own GITHUB_TOKEN cannot write "
    "secrets."
)


def _event(context: Context, problems: _Problems) -> None:
    if context.event_name.startswith("pull_request"):
        problems.append(
            Refused(
                "pull-request-event",
                f"This run was started by `{context.event_name}`: code from a pull request must not meet a Neon key.",
                "Start the rotation by `schedule` or `workflow_dispatch`:\n\n    on:\n      schedule:\n"
                "        - cron: '23 4 * * *'\n      workflow_dispatch:",
            )
        )


def _choice(raw: Mapping[str, str], name: str, default: Choice, problems: _Problems) -> Choice:
    text = raw.get(name, default.value)
    kind = type(default)
    try:
        return kind(text)
    except ValueError:
        allowed = " | ".join(member.value for member in kind)
        problems.say(
            "input-invalid", f"`{name}` is `{_shown(text)}`, which is none of {allowed}.", f"    {name}: {default}"
        )
        return default


def _truth(raw: Mapping[str, str], name: str, problems: _Problems) -> bool:
    text = raw.get(name, "false")
    if text.lower() not in TRUTHS:
        problems.say("input-invalid", f"`{name}` is `{_shown(text)}`, not true or false.", f"    {name}: true")
    return TRUTHS.get(text.lower(), False)


def _principal(raw: Mapping[str, str], scope: Scope, problems: _Problems) -> tuple[str | None, str | None]:
    needed = {
        Scope.PERSONAL: (),
        Scope.ORGANIZATION: ("org_id",),
        Scope.PROJECT: ("org_id", "project_id"),
    }[scope]
    where = {"org_id": "Neon → Organization settings (it begins with `org-`)", "project_id": "Neon → Project settings"}
    for name in ("org_id", "project_id"):
        text = raw.get(name)
        if name in needed and not text:
            problems.say("input-missing", f"`scope: {scope}` needs `{name}`.", f"    {name}: …    # {where[name]}")
        elif text and name not in needed:
            remedy = f"Remove `{name}`, or set the `scope` that it belongs to."
            problems.say("input-invalid", f"`{name}` is given, but `scope: {scope}` has no use for it.", remedy)
        elif text and not NEON_ID.fullmatch(text):
            problems.say(
                "input-invalid", f"`{name}` is `{_shown(text)}`, which is no Neon id.", f"Look it up at {where[name]}."
            )
    return raw.get("org_id") if "org_id" in needed else None, raw.get("project_id") if "project_id" in needed else None


def _repository(raw: Mapping[str, str], context: Context, problems: _Problems) -> str:
    text = raw.get("repository") or context.repository
    if not text:
        problems.say("input-missing", "Nothing says which repository holds the secret.", "    repository: owner/name")
    elif not REPOSITORY.fullmatch(text):
        message = f"`repository` is `{_shown(text)}`; it needs the owner and the name."
        problems.say("repository-invalid", message, "    repository: owner/name")
    return text


def _secret_name(raw: Mapping[str, str], problems: _Problems) -> str:
    """Check as GitHub does (facts: GitHub §2.3); names are case-insensitive there, upper case here."""
    text = raw.get("secret_name", DEFAULT_NAME)
    if not SECRET_NAME.fullmatch(text) or text.upper().startswith("GITHUB_"):
        problems.say(
            "secret-name-invalid",
            f"GitHub refuses the secret name `{_shown(text)}`: letters, digits and `_`, no digit first, not GITHUB_….",
            f"    secret_name: {DEFAULT_NAME}",
        )
    return text.upper()


def _key_name(raw: Mapping[str, str], repository: str, secret_name: str, problems: _Problems) -> str:
    text = raw.get("key_name") or default_lineage(repository, secret_name)
    if not LINEAGE_PATTERN.fullmatch(text):
        problems.say(
            "input-invalid",
            f"`key_name` is `{_shown(text)}`; it takes {LINEAGE_LIMIT} letters, digits and inner `-` at most.",
            "    key_name: my-app",
        )
    return text


def _old_key(raw: Mapping[str, str], problems: _Problems) -> tuple[int | None, bool]:
    text = raw.get("old_key_id", "")
    if not text or text.lower() == "none":
        return None, bool(text)
    if not (text.isascii() and text.isdigit()):
        message = f"`old_key_id` is `{_shown(text)}`, neither a key's number nor `none`."
        problems.say("input-invalid", message, "    old_key_id: 1234567    # or: none")
        return None, False
    return int(text), False


def _duration(raw: Mapping[str, str], problems: _Problems) -> timedelta | None:
    text = raw.get("rotate_after", "")
    if not text:
        return None
    found = DURATION.fullmatch(text.lower())
    if not found or int(found[1]) == 0:
        message = f"`rotate_after` is `{_shown(text)}`; it is a number with m, h, d or w."
        problems.say("input-invalid", message, "    rotate_after: 30d    # leave it out to rotate in every run")
        return None
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def _url(text: str, name: str, problems: _Problems) -> str:
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
        problems.say("url-insecure", message, remedy)
    return text.rstrip("/")


def _required_secret(raw: Mapping[str, str], name: str, line: str, problems: _Problems) -> Secret:
    secret = _secret(raw, name, problems)
    if secret is None:
        message = f"`{name}` is missing or blank. A secret that does not exist reads as blank in a workflow."
        problems.say("input-missing", message, line)
    return secret or Secret("")


def _secret(raw: Mapping[str, str], name: str, problems: _Problems) -> Secret | None:
    """Take any one-line text without spaces: the format of keys and tokens is nobody's promise (facts: Neon §5)."""
    text = raw.get(name)
    if not text:
        return None
    if not (text.isascii() and text.isprintable()) or " " in text:
        message = f"`{name}` holds spaces, line breaks or characters that no key has."
        problems.say("input-invalid", message, f"Store the value of the secret that `{name}` reads again, by itself.")
    return Secret(text)


def _shown(text: str) -> str:
    """Quote an input in a message: short, on one line."""
    return "".join(char if char.isprintable() and char != "`" else "·" for char in text)[:60]
