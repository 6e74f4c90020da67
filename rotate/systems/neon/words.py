"""What is said when Neon says no: a catalogue by occasion, built from an allow-list of the answer's fields."""

from __future__ import annotations

from http import HTTPStatus

from rotate.errors import Outcome, Refused, SourceError, one_line
from rotate.wire.outcome import REFUSAL, Answer, described

TRY_AGAIN = "Run it again in a few minutes. See https://neonstatus.com if it goes on."
# These pass by themselves: a time-out, a lock, too early, too many (RFC 9110, RFC 4918, RFC 8470, RFC 6585).
PASSING = frozenset({408, 423, 425, 429})
MEND = (
    "Neon will refuse the same request again: mend what its message names, then run it again. If it names nothing that "
    "you can mend, tell Neon support the request id."
)
WITHOUT = (
    "Do without the second list: leave out `from_scope` and `current_key`, say `old_key_id: none`, and revoke the "
    "wider key by hand at Neon."
)
TELL_NEON = "The key was not used. Run it again; if it goes on, tell Neon support the request id."
REVOKE_BY_HAND = "Revoke the key at Neon → API keys, then run this again: it looks whether the key is gone."
MINTER = (
    "Give in `api_key` a personal key of an organization Admin; only such a key may issue, list and revoke "
    "organization and project-scoped keys."
)
UNAUTHORIZED = 401
DENIED = frozenset({403, 404})


def is_neons(row: object) -> bool:
    """Say whether a refusal is Neon's own (Neon OpenAPI: GeneralError). A proxy or a portal answers 401 too."""
    return isinstance(row, dict) and isinstance(row.get("code"), str) and isinstance(row.get("message"), str)


def quote(answer: Answer) -> str:
    """Give the status and, of a Neon `GeneralError`, its message and request id, on one line."""
    row = answer.json()
    said = f"HTTP {answer.status}"
    if isinstance(row, dict):
        message, request_id = row.get("message"), row.get("request_id")
        if isinstance(message, str) and message:
            said += f", “{one_line(message)}”"
        if isinstance(request_id, str) and request_id:
            said += f", request {one_line(request_id)}"
    elif answer.text and answer.json() is None:
        said += ", with a body that is no JSON"
    return said


def unexpected(doing: str, answer: Answer, outcome: Outcome = Outcome.NO_EFFECT) -> SourceError:
    """Word an answer that the OpenAPI description does not promise."""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return SourceError(
            "neon-rate-limited", f"Neon is limiting requests ({quote(answer)}){_until(answer)}.", TRY_AGAIN
        )
    return SourceError(
        "neon-unexpected-answer",
        f"Neon was asked to {doing} and gave an answer that cannot be used ({quote(answer)}).",
        MEND if lasting(answer) else TRY_AGAIN,
        outcome=outcome,
    )


def lasting(answer: Answer) -> bool:
    """Say whether the same request would be refused again."""
    return answer.status in REFUSAL and answer.status not in PASSING


def not_neon(answer: Answer) -> SourceError:
    """Word a page in place of an answer. Whether the request had its effect is not known; nothing of it is told."""
    return SourceError(
        "neon-no-json",
        f"What answered is not Neon's API: {described(answer)}.",
        "Something between this machine and Neon answered: a proxy's block page, or a network's sign-in page? Look at "
        "it from the same runner (`curl -i` with the address in `api_host`), and have Neon's API let through. "
        "`api_host` ends in `/api/v2`.",
        outcome=Outcome.UNKNOWN,
    )


def _until(answer: Answer) -> str:
    """Say for how long, where Neon tells it."""
    after = answer.headers.get("retry-after", "").strip()
    return f" and asks to wait {after} s" if after.isdigit() else ""


def may_not_list(org_id: str | None, answer: Answer) -> Refused:
    """Word a refused list; Neon refuses with 404 as well as 403 (facts: Neon §2)."""
    whose = f"the keys of organization {org_id}" if org_id else "the keys of this account"
    return Refused("minter-needed", f"The key in `api_key` may not list {whose} ({quote(answer)}).", MINTER)


def issue_refused(answer: Answer) -> SourceError:
    """Word a refused create."""
    return SourceError("issue-refused", f"Neon refused to issue a key ({quote(answer)}).", _issue_remedy(answer))


def _issue_remedy(answer: Answer) -> str:
    if answer.status in DENIED:
        return MINTER
    if answer.status == UNAUTHORIZED:
        return "The key in `api_key` died during the run. Check who revoked it, store a live one, and run it again."
    if answer.status == HTTPStatus.CONFLICT:
        return "A key of that name is alive. Run it again: each run uses a new name."
    return MEND if lasting(answer) else TRY_AGAIN


def revoke_refused(key_id: int, answer: Answer) -> SourceError:
    """Word a refused revoke. 404 is what Neon says of a key that is not there, and of one that the caller may not see
    (facts: Neon §4): the list, which is read after it, tells which.
    """
    if answer.status == HTTPStatus.NOT_FOUND:
        return SourceError(
            "revoke-found-no-key",
            f"Neon was asked to revoke key {key_id} and found no such key ({quote(answer)}).",
            "If the table of live keys has it no more, somebody else revoked it meanwhile: another rotation of the "
            "same key, perhaps. If it is still there, `api_key` may not revoke it; do it by hand at Neon → API keys.",
        )
    again = "" if lasting(answer) else "Run it again: it tries once more. "
    message = f"Neon refused to revoke key {key_id} ({quote(answer)})."
    return SourceError("revoke-refused", message, f"{again}{REVOKE_BY_HAND}")
