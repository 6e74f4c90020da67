"""What a credential and its keys are called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rotate.context import Context
from rotate.problems import Problems
from rotate.protocol.facts.marker import LINEAGE_LIMIT, LINEAGE_PATTERN, default_lineage
from rotate.settings.model import DEFAULT_NAME
from rotate.settings.parse import shown
from rotate.system import Place

SECRET_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def name(text: str, field: str, problems: Problems) -> str:
    """Check a name of a secret or a variable as GitHub does (facts: GitHub §2.3). There cases are not told apart; here
    it is upper case."""
    if not SECRET_NAME.fullmatch(text) or text.upper().startswith("GITHUB_"):
        problems.say(
            "secret-name-invalid",
            f"GitHub refuses the name `{shown(text)}`: letters, digits and `_`, no digit first, not GITHUB_….",
            f"Choose another, such as {DEFAULT_NAME}.",
            field,
        )
    return text.upper()


def credential(raw: Mapping[str, str], places: Sequence[Place], problems: Problems) -> str:
    """Name the credential: as somebody says, else as its first place does."""
    named = raw.get("credential", "")
    first = places[0].names_credential if places and not named else ""
    return first or name(named or raw.get("secret_name", DEFAULT_NAME), "credential", problems)


def key_name(
    raw: Mapping[str, str], places: Sequence[Place], credential: str, context: Context, problems: Problems
) -> str:
    """Read the name that the keys begin with; made from whose the first place is, if nobody gives one."""
    owner = (places[0].owner or context.repository) if places else ""
    text = raw.get("key_name") or default_lineage(owner, credential)
    if not LINEAGE_PATTERN.fullmatch(text):
        problems.say(
            "input-invalid",
            f"`key_name` is `{shown(text)}`; it takes {LINEAGE_LIMIT} letters, digits and inner `-` at most.",
            "    key_name: my-app",
            "key_name",
        )
    return text
