"""What a lineage is called, and what its home is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rotate.address import Address
from rotate.protocol.facts.marker import LINEAGE_LIMIT, LINEAGE_PATTERN, default_lineage
from rotate.settings.context import Context
from rotate.settings.model import Elsewhere, Origin, Place
from rotate.settings.parse import Problems, shown


def named_after(held: Sequence[Place], elsewhere: Sequence[Elsewhere], context: Context) -> str:
    """Give what the keys are named after, where nobody names them."""
    first = held[0].owner if held else elsewhere[0].address.where if elsewhere else ""
    return first or context.repository if held or elsewhere else ""


def origin(raw: Mapping[str, str], context: Context, keeper: Address | None) -> Origin:
    """Tell what the lineage's home is made of: who keeps the note, or the repository, as far as the runner tells it."""
    if keeper:
        return Origin(str(keeper._replace(name="")), 1, bool(raw.get("key_name")))
    told = bool(context.repository) and context.repository_id.isascii() and context.repository_id.isdigit()
    return Origin(context.host, int(context.repository_id) if told else 0, bool(raw.get("key_name")))


def key_name(raw: Mapping[str, str], owner: str, secret_name: str, problems: Problems) -> str:
    """Read the name that the keys begin with; made from whose they are, if nobody gives one."""
    text = raw.get("key_name") or default_lineage(owner, secret_name)
    if not LINEAGE_PATTERN.fullmatch(text):
        problems.say(
            "input-invalid",
            f"`key_name` is `{shown(text)}`; it takes {LINEAGE_LIMIT} letters, digits and inner `-` at most.",
            "    key_name: my-app",
            "key_name",
        )
    return text
