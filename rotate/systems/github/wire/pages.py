"""Ask GitHub, so that what goes wrong is worded: one thing, or a whole list, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial

from rotate.errors import DestinationError, Refused, RotateError
from rotate.ports import Hindered
from rotate.systems.github.wire import words
from rotate.systems.github.wire.client import Body, GitHub
from rotate.wire.outcome import SUCCESS, Answer, NoAnswerError

SIZE = 100
MOST = 100

Row = dict[str, object]


def asked(
    github: GitHub,
    verb: str,
    path: str,
    doing: str,
    body: Body | Callable[[], Body] | None = None,
    *,
    idempotent: bool = True,
    last: bool = False,
    hindered: Hindered | None = None,
) -> Answer:
    """Make a request as `GitHub.call` does; `doing` says it in words.

    Raises:
        RotateError: no usable answer came back, or what `GitHub.call` raises.
    """
    try:
        return github.call(verb, path, body, idempotent=idempotent, last=last, hindered=hindered)
    except NoAnswerError as error:
        raise words.unreachable(doing, error) from None


def row_of(github: GitHub, path: str, doing: str, owner: str, permission: str) -> Row:
    """Read one thing. Raises `RotateError` where that cannot be."""
    answer = asked(github, "GET", path, doing)
    row = answer.json()
    if answer.status not in SUCCESS or not isinstance(row, dict):
        raise words.refusal(doing, owner, permission, answer)
    return row


def rows(
    github: GitHub,
    path: str,
    member: str,
    owner: str,
    permission: str,
    *,
    query: str = "",
    doing: str = "",
    most: int = MOST,
) -> Iterator[Row]:
    """Give row after row; of a long list no more than a page is kept.

    `member`: the name under which a page's rows stand; empty, they are the page.
    `query`: what is asked of the rows. `doing`: in words, where the path says too little. `most`: how many pages.

    Raises:
        RotateError: a page could not be read, or there are too many.
    """
    doing = doing or f"list {path}"
    return every(github, path, member, doing, partial(words.refusal, doing, owner, permission), query, most)


def every(
    github: GitHub,
    path: str,
    member: str,
    doing: str,
    refused: Callable[[Answer], RotateError],
    query: str = "",
    most: int = MOST,
) -> Iterator[Row]:
    """The same, where an answer that is no list is worded by `refused`."""
    shown = 0
    for page in range(1, most + 1):
        answer = asked(github, "GET", f"{path}?{query and f'{query}&'}per_page={SIZE}&page={page}", doing)
        document = answer.json()
        found = document.get(member) if isinstance(document, dict) else document if not member else None
        listed = found if isinstance(found, list) and all(isinstance(row, dict) for row in found) else None
        if answer.status not in SUCCESS or listed is None:
            raise refused(answer)
        yield from listed
        shown += len(listed)
        if len(listed) < SIZE:
            _whole(document, shown, doing)
            return
    message = f"Could not {doing}: there are more than {SIZE * most}."
    raise DestinationError("github-unexpected-answer", message, words.TRY_AGAIN)


def _whole(document: object, shown: int, doing: str) -> None:
    """Compare with GitHub's own count, where it gives one: a token may be shown a part of a list, without a word."""
    count = document.get("total_count") if isinstance(document, dict) else None
    if isinstance(count, int) and count > shown:
        raise Refused(
            "list-not-whole",
            f"Could not {doing}: GitHub counts {count} and shows {shown}. What is not shown would pass for absent.",
            "The token sees a part of it alone: let it reach all repositories of the owner (*Repository access: All "
            "repositories*; for a GitHub App, at its installation). If it does, run this again: the list may have "
            "changed while it was read.",
        )


def moment(row: Row, name: str) -> datetime | None:
    """Read a time of a row. GitHub's own have a zone; what is no such time is none."""
    try:
        found = datetime.fromisoformat(str(row.get(name)))
    except ValueError:
        return None
    return found if found.tzinfo else None
