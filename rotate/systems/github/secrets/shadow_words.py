"""What is said where it is not known whether a narrower secret hides one of ours, and what to do about each cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rotate.errors import Incomplete, RotateError, listed

ENVIRONMENTS = "the repository permission **Actions: read** (and **Environments: read** where there are environments)"
MAY_NOT = frozenset({"github-permission-missing", "github-repository-not-found"})
ONCE = "`command: plan` looks at all of them, and changes nothing."


def unread(failed: Sequence[tuple[str, RotateError]]) -> Iterator[Incomplete]:
    """Word what could not be read, once for each cause. `failed`: the destination, and why."""
    for reason in dict.fromkeys(error.reason for _, error in failed):
        some = [(label, error) for label, error in failed if error.reason == reason]
        error = some[0][1]
        labels = listed(list(dict.fromkeys(label for label, _ in some)))
        yield Incomplete(
            "shadows-not-judged",
            f"Whether a narrower secret hides {labels} is not known. {error.message}",
            _remedy(error),
        )


def _remedy(error: RotateError) -> str:
    """An outage is no reason to look away for ever: only what the token may not read may be declared uninteresting."""
    if error.reason in MAY_NOT:
        return (
            f"Give the token {ENVIRONMENTS}. If you know that no narrower secret has this name, or that those which do "
            "hold another key, say so:\n\n    ignore_shadows: '*'"
        )
    return f"{ONCE} Why it could not be read, and what to do: {error.remedy}"


def left_out(labels: Sequence[str], *, short: bool) -> Iterator[Incomplete]:
    """Word what was not looked at, since there is so much. `labels`: the destination of each such place. `short`:
    GitHub has no more requests to spare in this hour."""
    if not labels:
        return
    of = listed(list(dict.fromkeys(labels)))
    why = "the rest of GitHub's requests of this hour is kept for the rotation" if short else "there are so many"
    wait = " once the hour is over," if short else ""
    yield Incomplete(
        "shadows-not-judged",
        f"Whether a narrower secret hides {of} was not looked for in {len(labels)} environments or repositories, those "
        f"that changed longest ago: {why}.",
        f"Look once,{wait} at all of them: {ONCE} Environments that every pull request leaves behind can be left out "
        "by name, if none of them has this secret:\n\n    ignore_shadows: preview/*",
    )
