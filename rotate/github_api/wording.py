"""What is said when GitHub says no: which permission, on which token, for which repository, and where to click."""

from __future__ import annotations

from rotate.errors import DestinationError, Outcome, Refused, RotateError, one_line
from rotate.github_api.expiry import EXPIRATION, ended
from rotate.wire.outcome import Answer, NoAnswerError
from rotate.wire.trouble import dressed

UNAUTHORIZED = 401
FORBIDDEN = 403
NOT_FOUND = 404
TOO_MANY = 429

ABSENT = "github-repository-not-found"
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
    limited = answer.status == TOO_MANY or (answer.status == FORBIDDEN and _limited(answer))
    if limited:
        return DestinationError("github-rate-limited", f"Could not {doing}: {said}.", TRY_AGAIN)
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
    return DestinationError(
        "github-unexpected-answer", f"Could not {doing}: {said}.", TRY_AGAIN, outcome=answer.outcome
    )


def write_refusal(doing: str, owner: str, permission: str, answer: Answer) -> DestinationError:
    """The same for a write, whose outcome counts and which is never a guard's refusal."""
    found = refusal(doing, owner, permission, answer)
    outcome = Outcome.UNKNOWN if answer.outcome is Outcome.APPLIED else answer.outcome
    return DestinationError(found.reason, found.message, found.remedy, outcome=outcome)


def unreachable(doing: str, error: NoAnswerError) -> DestinationError:
    """Word a lost reply or a failed connection."""
    message = f"Could not {doing}: GitHub did not answer ({error.said})."
    return dressed(DestinationError("github-unreachable", message, TRY_AGAIN, outcome=error.outcome), error)


def quote(answer: Answer) -> str:
    """Give the status and GitHub's own message, on one line."""
    row = answer.json()
    message = row.get("message") if isinstance(row, dict) else None
    if not isinstance(message, str) or not message:
        return f"HTTP {answer.status}"
    return f"HTTP {answer.status}, “{one_line(message)}”"


def _limited(answer: Answer) -> bool:
    return "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
