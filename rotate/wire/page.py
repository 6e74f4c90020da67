"""Whether a page answered in place of an API: a proxy that blocks, a network that wants a sign-in, another server."""

from __future__ import annotations

from rotate.errors import one_line
from rotate.wire.outcome import Answer

# A server that fails sends pages too; they are its own.
FAILING = range(500, 600)
CUT_OFF = "json"
LONGEST_TYPE = 40


def is_page(answer: Answer) -> bool:
    """Say whether the body is something else than JSON. An empty one is none; what calls itself JSON was cut off."""
    if answer.status in FAILING or not answer.text.strip() or CUT_OFF in answer.headers.get("content-type", ""):
        return False
    return answer.json() is None and answer.text.strip() != "null"


def described(answer: Answer) -> str:
    """Say what answered, by its status and media type. Nothing of the page itself is told: it could hold anything."""
    kind = one_line(answer.headers.get("content-type", "").partition(";")[0], LONGEST_TYPE) or "no media type"
    return f"HTTP {answer.status} with a page that is no JSON ({kind})"
