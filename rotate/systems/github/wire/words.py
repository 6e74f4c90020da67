"""What is said when GitHub says no: which permission, on which token, for which repository, and where to click."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from rotate.errors import DestinationError, Outcome, Refused, RotateError
from rotate.systems.github.wire import refusals
from rotate.systems.github.wire.bearers import EXPIRATION, ended
from rotate.wire.outcome import REFUSAL, Answer, NoAnswerError
from rotate.wire.trouble import dressed

UNAUTHORIZED = 401
FORBIDDEN = 403
NOT_FOUND = 404
TOO_MANY = 429

ABSENT = "github-repository-not-found"
# These pass by themselves: a time-out, a race, a lock, too early, too many (RFC 9110, RFC 4918, RFC 8470, RFC 6585).
PASSING = frozenset({408, 409, 423, 425, 429})
MINUTE = 60
MEND = (
    "GitHub will refuse the same request again: mend what its message names, then run it again. If it names nothing "
    "that you can mend, report this message with the steps of the report."
)
TRY_AGAIN = "Run it again in a few minutes. See https://www.githubstatus.com if it goes on."
NEEDS = (
    "`github_token` must be a fine-grained personal access token for {owner} with {permission}; a GitHub App "
    "(`app_id`) needs the same. The `GITHUB_TOKEN` of the workflow can never have it. Create one at "
    "GitHub → Settings → Developer settings → Fine-grained tokens, store it as a secret, and pass it:\n\n"
    "    github_token: ${{{{ secrets.ROTATE_GITHUB_TOKEN }}}}"
)
APP_NEEDS = (
    "The GitHub App {app} must have {permission} for {owner}: GitHub → Settings → Developer settings → GitHub Apps → "
    "the App → Permissions & events. Then accept the new permissions at the installation, which must include {owner}."
)


def token_remedy(owner: str, permission: str, app: str = "") -> str:
    """Say which permission the token (or the App) needs, and how to give it. `permission` names its kind too."""
    return (APP_NEEDS if app else NEEDS).format(owner=owner, permission=permission, app=app)


def refusal(doing: str, owner: str, permission: str, answer: Answer) -> RotateError:
    """Turn an answer that is no success into a failure with its remedy."""
    said = f"GitHub answers {quote(answer)}"
    asks_to_wait = "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
    if answer.status == TOO_MANY or (answer.status == FORBIDDEN and asks_to_wait):
        return _rate_limited(doing, said, answer)
    if cause := refusals.known(doing, owner, permission, answer):
        return cause
    if answer.status == UNAUTHORIZED:
        wrong = "that the installation gave is not taken" if answer.app else "in `github_token` is wrong or has expired"
        remedy = f"The token {wrong}. {token_remedy(owner, permission, answer.app)}"
        known = ended(answer.headers.get(EXPIRATION, ""))
        return Refused("github-token-invalid", f"Could not {doing}: {said}.{known}", remedy)
    if answer.status == FORBIDDEN:
        remedy = token_remedy(owner, permission, answer.app)
        return Refused("github-permission-missing", f"Could not {doing}: {said}.", remedy)
    if answer.status == NOT_FOUND:
        remedy = f"Check the spelling of {owner}, and that the token may see it. "
        remedy += token_remedy(owner, permission, answer.app)
        return Refused("github-repository-not-found", f"Could not {doing}: {said}.", remedy)
    message = f"Could not {doing}: {said}."
    if answer.status in REFUSAL and answer.status not in PASSING:
        return DestinationError("github-refused", message, MEND, outcome=answer.outcome)
    return DestinationError("github-unexpected-answer", message, TRY_AGAIN, outcome=answer.outcome)


def write_refusal(doing: str, owner: str, permission: str, answer: Answer) -> DestinationError:
    """The same for a write, whose outcome counts and which is never a guard's refusal."""
    found = refusal(doing, owner, permission, answer)
    outcome = Outcome.UNKNOWN if answer.outcome is Outcome.APPLIED else answer.outcome
    return DestinationError(found.reason, found.message, found.remedy, outcome=outcome)


def unreachable(doing: str, error: NoAnswerError) -> DestinationError:
    """Word a lost reply, a failed connection, or an answer that is not GitHub's."""
    if isinstance(error, refusals.NotJsonError):
        return refusals.not_github(doing, error)
    message = f"Could not {doing}: GitHub did not answer ({error.said})."
    return dressed(DestinationError("github-unreachable", message, TRY_AGAIN, outcome=error.outcome), error)


def unlike(doing: str, what: str = "the answer is not") -> DestinationError:
    """Word what is not as GitHub describes it. `what`: an answer, or a part of one, with its verb."""
    message = f"Could not {doing}: {what} as GitHub's OpenAPI description says."
    return DestinationError("github-unexpected-answer", message, TRY_AGAIN)


quote = refusals.quote


def _rate_limited(doing: str, said: str, answer: Answer) -> DestinationError:
    """Say until when, as GitHub told: by its own clock, so that it does not matter when this is read."""
    until = limited_until(answer)
    message = f"Could not {doing}: {said}. GitHub limits requests" + (f" until {until:%F %H:%M} UTC." if until else ".")
    when = f"after {until:%H:%M} UTC" if until else "in a few minutes"
    remedy = (
        f"Run it again {when}: until then GitHub refuses this token every request. Other tools that use the same "
        "person's tokens count too; a GitHub App (docs/github-app.md) has a limit of its own."
    )
    return DestinationError("github-rate-limited", message, remedy)


def limited_until(answer: Answer) -> datetime | None:
    """Read when a rate limit ends; the minute after, since seconds are not told. `None` where GitHub does not say."""
    reset, after = answer.headers.get("x-ratelimit-reset", ""), answer.headers.get("retry-after", "").strip()
    try:
        if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
            ends = datetime.fromtimestamp(int(reset), UTC)
        else:
            ends = parsedate_to_datetime(answer.headers.get("date", "")) + timedelta(seconds=int(after))
    except (ValueError, OverflowError, OSError):
        return None
    return ends + timedelta(seconds=-ends.second % MINUTE)
