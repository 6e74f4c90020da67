"""A token of Doppler for a job that shows its identity: nothing is stored for it.

Sources: Doppler's API description, `POST /v3/auth/oidc`; DopplerHQ/secrets-fetch-action, which asks GitHub for a token
without an audience of its own, so that it is made out to the URL of the repository's owner.
"""

from __future__ import annotations

from rotate.errors import DestinationError
from rotate.means import Means
from rotate.problems import Problems
from rotate.secret import Secret
from rotate.service import words
from rotate.service.description import Ask
from rotate.service.identity import id_token
from rotate.systems.doppler.system import IDENTITY, SERVICE
from rotate.wire.outcome import NoAnswerError, without


def login(means: Means) -> Secret:
    """Give a token that lives some minutes, and hide it. No destination is touched, however it ends.

    Raises:
        Refused: the job may not ask for its identity. DestinationError: GitHub or Doppler gave nothing.
    """
    environment = means.environment
    owner = environment.get("GITHUB_REPOSITORY_OWNER") or environment.get("GITHUB_REPOSITORY", "").partition("/")[0]
    identity = id_token(means, f"https://github.com/{owner}")
    body = {"identity": environment[IDENTITY].strip(), "token": identity.reveal()}
    one = Ask("POST", "/auth/oidc", "log in to Doppler as this job", body=body, value=identity)
    url = SERVICE.url(environment, Problems())
    try:
        answer = means.api(url).call(one.verb, one.target, Secret(""), body, idempotent=True, style=SERVICE.style)
    except NoAnswerError as error:
        failed = words.silent(SERVICE, one, error)
        raise DestinationError(failed.reason, failed.message, failed.remedy) from None
    if failure := words.failure(SERVICE, one, answer, without(identity, answer.text), url):
        remedy = f"Look at the claims and the audience of the identity that `{IDENTITY}` names. {failure.remedy}"
        raise DestinationError(failure.reason, failure.message, remedy)
    row = answer.json()
    token = row.get("token") if isinstance(row, dict) else None
    if not isinstance(token, str) or not token:
        raise words.unexpected(SERVICE, one.doing, "without a token")
    found = Secret(token)
    means.hide(found)
    return found
