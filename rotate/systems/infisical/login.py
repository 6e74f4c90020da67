"""How Infisical is asked: with a token, or with one that it gives to a machine identity for some minutes.

Sources: infisical.com/docs/documentation/platform/identities/universal-auth and …/oidc-auth/github; Infisical's own
action (Infisical/secrets-action, src/infisical.js) sends `identityId` and `jwt`, and asks GitHub for a token without an
audience of its own, so that it is made out to the URL of the repository's owner.
"""

from __future__ import annotations

from functools import partial

from rotate.means import Means
from rotate.secret import Secret
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.identity import id_token
from rotate.systems.infisical.system import CLIENT, IDENTITY, SECRET, SERVICE, STORED, told


def opened(means: Means) -> Client:
    """Give the way to Infisical for one run. Nothing is contacted."""
    environment = means.environment
    stored = told(environment, STORED)
    logs_in = told(environment, SECRET) or told(environment, IDENTITY)
    return Client(SERVICE, means) if stored or not logs_in else Client(SERVICE, means, partial(_log_in, means))


def _log_in(means: Means) -> Secret:
    """Give the identity's token, and hide it. Raises `RotateError`: there is none. Nothing was changed, however."""
    environment = means.environment
    doing = "log in to Infisical"
    if text := told(environment, SECRET):
        shown, path = Secret(text), "universal-auth"
        body = {"clientId": told(environment, CLIENT), "clientSecret": text}
    else:
        owner = told(environment, "GITHUB_REPOSITORY_OWNER") or told(environment, "GITHUB_REPOSITORY").partition("/")[0]
        shown, path = id_token(means, f"https://github.com/{owner}"), "oidc-auth"
        body = {"identityId": told(environment, IDENTITY), "jwt": shown.reveal()}
    means.hide(shown)
    ask = Ask("POST", f"/v1/auth/{path}/login", doing, body=body, value=shown, looks=True, anonymous=True)
    row = Client(SERVICE, means, lambda: Secret("")).ask(ask).json()
    token = row.get("accessToken") if isinstance(row, dict) else None
    if not isinstance(token, str) or not token:
        raise words.unexpected(SERVICE, doing, "without a token")
    found = Secret(token)
    means.hide(found)
    return found
