"""What an answer of a service means, in words: what happened, what state things are in, what to do.

401                          destination-token-refused
403                          destination-not-allowed
404, 410                     destination-absent: not there, or this token does not see it
409, 412                     destination-changed: somebody else is changing it
408, 423, 425, 429           destination-busy, and so is 503 that says how long to wait
other 4xx                    destination-refused: the same request will be refused again
5xx                          destination-failing
3xx                          destination-redirected: nothing was sent there
no JSON, half of it          destination-no-json
nothing                      destination-unreachable, or certificate-untrusted, proxy-failed
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from rotate.errors import DestinationError, Outcome, Refused, RotateError, one_line
from rotate.secret import SHAPES
from rotate.service.description import Ask, Service
from rotate.wire.outcome import REFUSAL, SUCCESS, Answer, NoAnswerError, described, is_page
from rotate.wire.trouble import dressed

UNAUTHORIZED, FORBIDDEN, UNAVAILABLE = 401, 403, 503
GONE, CHANGED, BUSY = frozenset({404, 410}), frozenset({409, 412}), frozenset({408, 423, 425, 429})
REDIRECT = range(300, 400)
MOST_SAID = 3
LATER = "Run it again in a few minutes: what is stored still works."
STATES = {
    Outcome.NO_EFFECT: " Nothing was changed there.",
    Outcome.UNKNOWN: " Whether it took the value is not known.",
}


class Cause(NamedTuple):
    """Why an answer cannot be used: a stable reason, what happened, what to do."""

    reason: str
    said: str
    remedy: str


def failure(service: Service, one: Ask, answer: Answer, said: str, url: str) -> RotateError | None:
    """Give what is wrong with an answer; nothing where it can be used. `said`: its text without the value sent."""
    if answer.status in one.takes and not is_page(answer):
        return None
    if answer.status in SUCCESS and not (is_page(answer) or _cut_off(answer)):
        return None
    reason, why, remedy = _judged(service, answer, said, url)
    outcome = Outcome.NO_EFFECT if one.reads else answer.outcome
    if reason == "destination-no-json" and not one.reads:
        outcome = Outcome.UNKNOWN  # whatever its status: it is somebody else's
    message = f"Could not {one.doing}: {why}.{'' if one.reads else STATES[outcome]}"
    if one.reads and answer.status in (UNAUTHORIZED, FORBIDDEN, *GONE):
        return Refused(reason, message, remedy)
    return DestinationError(reason, message, remedy, outcome=outcome)


def silent(service: Service, one: Ask, error: NoAnswerError) -> DestinationError:
    """Word a lost reply, a failed connection or a time-out."""
    outcome = Outcome.NO_EFFECT if one.reads else error.outcome
    state = "" if one.reads else STATES[outcome]
    message = f"Could not {one.doing}: {service.title} did not answer ({error.said}).{state}"
    return dressed(DestinationError("destination-unreachable", message, LATER, outcome=outcome), error)


def unexpected(service: Service, doing: str, what: str, outcome: Outcome = Outcome.NO_EFFECT) -> DestinationError:
    """Word an answer whose JSON is not what the service's description promises."""
    message = f"Could not {doing}: {service.title} answered, but {what}."
    remedy = f"Run it again. If it goes on, look whether the address leads to {service.title}, and report this message."
    return DestinationError("destination-unexpected-answer", message, remedy, outcome=outcome)


def rows_of(
    service: Service, found: object, doing: str, what: str = "a list", outcome: Outcome = Outcome.NO_EFFECT
) -> list[dict[str, object]]:
    """Give the objects that an answer lists. Raises `unexpected`, naming `what` was expected, where these are none."""
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise unexpected(service, doing, f"not with {what}", outcome)
    return found


def _judged(service: Service, answer: Answer, said: str, url: str) -> Cause:
    """Judge by the status; of a body that is none of the service's, nothing is told."""
    status, quoted = answer.status, _quoted(service, answer, said)
    waits = answer.headers.get("retry-after", "").strip()
    if status in BUSY or (status == UNAVAILABLE and waits):
        asked = f" and asks to wait {waits} s" if waits.isdigit() else ""
        why = f"{service.title} takes no more requests for now ({quoted}){asked}"
        return Cause("destination-busy", why, f"{LATER} Other tools that use the same token count too.")
    if status in REDIRECT:
        return _redirected(service, answer, url)
    if is_page(answer) or (status in SUCCESS and _cut_off(answer)):
        half = "" if is_page(answer) else ", which was cut off"
        why = f"what answered is not {service.title}'s API: {described(answer)}{half}"
        remedy = (
            f"Something between this machine and {service.title} answered, or the base URL is wrong: look at it from "
            "the same machine, and have it let through (docs/networks.md)."
        )
        return Cause("destination-no-json", why, remedy)
    return _refused(service, status, f"{service.title} answers {quoted}")


def _refused(service: Service, status: int, why: str) -> Cause:
    if status == UNAUTHORIZED:
        remedy = f"The token is wrong, was revoked, or has expired. {service.give}"
        return Cause("destination-token-refused", why, remedy)
    if status == FORBIDDEN:
        return Cause("destination-not-allowed", why, f"The token may not do that. {service.give}")
    if status in GONE:
        remedy = f"Check the spelling of the address. If it is right, this token does not see the place. {service.give}"
        return Cause("destination-absent", why, remedy)
    if status in CHANGED:
        return Cause("destination-changed", why, "Somebody else may be changing it at the same time. Run it again.")
    if status in REFUSAL:
        remedy = f"{service.title} will refuse the same request again: mend what its message names, then run it again."
        return Cause("destination-refused", why, remedy)
    return Cause("destination-failing", why, LATER)


def _redirected(service: Service, answer: Answer, url: str) -> Cause:
    """Name the host that an answer points to, and no more of its text."""
    try:
        host = urlsplit(answer.headers.get("location", "")).hostname or ""
    except ValueError:
        host = ""
    other = host and host != urlsplit(url).hostname
    to = f"another host, {one_line(host, 100)}" if other else "another address of the same host"
    why = f"{service.title} answers HTTP {answer.status}, which points to {to}; nothing was sent there"
    moved = "It was renamed or moved, or the base URL is not that of the API: write the address as it is now"
    if other:
        moved = "Write that host in the variable for the base URL, if it is the right one"
    return Cause("destination-redirected", why, f"{moved}, then run it again.")


def _cut_off(answer: Answer) -> bool:
    return answer.text.strip() not in ("", "null") and answer.json() is None


def _quoted(service: Service, answer: Answer, said: str) -> str:
    """Give the status and, of the fields that may be quoted, the words: short, on one line, without what looks like a
    value."""
    try:
        row: object = json.loads(said)
    except ValueError:
        row = None
    told = [text for name in service.says for text in _texts(_at(row, name))]
    words = "; ".join(re.sub(SHAPES, "***", text) for text in told[:MOST_SAID])
    return f"HTTP {answer.came or answer.status}" + (f", “{one_line(words)}”" if words else "")


def _at(row: object, field: str) -> object:
    """Give what a field holds, such as `error.message`; nothing where there is none."""
    for name in field.split("."):
        row = row.get(name) if isinstance(row, dict) else None
    return row


def _texts(value: object, field: str = "") -> Iterator[str]:
    """Give the texts in a field; of an object, with the name of each of its fields, as validation errors come."""
    if isinstance(value, str) and value:
        yield f"{field} {value}".strip()
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one, field)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _texts(one, str(name))
