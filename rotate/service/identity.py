"""The identity of a job in place of a stored secret: the OIDC token that GitHub gives one with `id-token: write`.

Source: GitHub's documentation, "OpenID Connect reference" (content/actions/reference/security/oidc.md): the runner sets
two variables; a GET of the URL with `&audience=` and the other as bearer gives `{"value": <JWT>}`. GitLab instead puts
the tokens of `id_tokens:` into variables of the job's own choice (doc/ci/secrets/id_token_authentication.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from rotate.errors import DestinationError, Refused
from rotate.means import Means
from rotate.problems import Problems
from rotate.secret import Secret
from rotate.settings.parse import url
from rotate.wire.outcome import SUCCESS, NoAnswerError
from rotate.wire.trouble import dressed

URL, TOKEN = "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
PERMISSION = "Let the job ask for its identity:\n\n    permissions:\n      id-token: write"


def can_identify(environment: Mapping[str, str]) -> bool:
    """Say whether this job may ask GitHub for its identity. Nothing is contacted."""
    return bool(environment.get(URL) and environment.get(TOKEN))


def id_token(means: Means, audience: str) -> Secret:
    """Ask GitHub for this job's identity, made out to `audience`, and hide it.

    Raises:
        Refused: the job has no `id-token: write`. DestinationError: GitHub gave none.
    """
    environment = means.environment
    if not can_identify(environment):
        message = "This job has no right to an identity of its own (`id-token: write`), which was to log in with."
        raise Refused("id-token-missing", message, PERMISSION)
    asked, token, problems = urlsplit(environment[URL]), Secret(environment[TOKEN]), Problems()
    means.hide(token)
    base = url(f"{asked.scheme}://{asked.netloc}", URL, problems)
    for _, problem in problems.found:
        raise problem
    query = "&".join(part for part in (asked.query, urlencode({"audience": audience})) if part)
    try:
        answer = means.api(base).call("GET", f"{asked.path}?{query}", token, idempotent=True)
    except NoAnswerError as error:
        message = f"GitHub did not give this job its identity: {error.said}."
        raise dressed(DestinationError("id-token-refused", message, "Run it again."), error) from None
    row = answer.json()
    value = row.get("value") if isinstance(row, dict) and answer.status in SUCCESS else None
    if not isinstance(value, str) or not value:
        message = f"GitHub did not give this job its identity: it answers HTTP {answer.status}."
        raise DestinationError("id-token-refused", message, f"Run it again. {PERMISSION}")
    found = Secret(value)
    means.hide(found)
    return found
