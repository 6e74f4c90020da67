"""How Vault is asked: with a token of the environment, or with one that a role gives to this job's own identity.

Sources: api-docs/auth/jwt (login), commands: environment variables (`VAULT_NAMESPACE`); GitLab's documentation
(doc/ci/secrets) calls the job's token `VAULT_ID_TOKEN`. GitHub's default audience is the URL of the repository's owner.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from rotate.errors import DestinationError
from rotate.means import Means
from rotate.secret import Secret
from rotate.service.client import Client
from rotate.service.description import Ask, Service
from rotate.service.identity import id_token
from rotate.systems.vault.system import ROLE, SERVICE

PATH, AUDIENCE, GIVEN = "VAULT_AUTH_PATH", "VAULT_JWT_AUDIENCE", "VAULT_ID_TOKEN"
USUAL_PATH = "jwt"


def opened(means: Means) -> Client:
    """Give the way to Vault for one run. Nothing is contacted."""
    environment = means.environment
    namespace = environment.get("VAULT_NAMESPACE") or environment.get("BAO_NAMESPACE") or ""
    headers = {"X-Vault-Request": "true", **({"X-Vault-Namespace": namespace} if namespace else {})}
    service = replace(SERVICE, style=SERVICE.style._replace(headers=headers))
    stored = any(environment.get(name, "").strip() for name in SERVICE.tokens)
    if stored or not environment.get(ROLE, "").strip():
        return Client(service, means)
    return Client(service, means, partial(_login, service, means))


def _login(service: Service, means: Means) -> Secret:
    """Log in. Raises `RotateError`: the job cannot show who it is, or the role takes it not."""
    environment = means.environment
    role, path = environment[ROLE].strip(), environment.get(PATH, "").strip("/ ") or USUAL_PATH
    server, owner = (environment.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY_OWNER"))
    audience = environment.get(AUDIENCE, "").strip() or f"{server or 'https://github.com'}/{owner}"
    given = environment.get(GIVEN, "").strip()
    shown = Secret(given) if given else id_token(means, audience)
    means.hide(shown)
    doing = f"log in to Vault with the role {role}"
    body = {"role": role, "jwt": shown.reveal()}
    ask = Ask("POST", f"/auth/{path}/login", doing, body=body, value=shown, looks=True, anonymous=True)
    row = Client(service, means, lambda: Secret("")).ask(ask).json()
    auth = row.get("auth") if isinstance(row, dict) else None
    token = auth.get("client_token") if isinstance(auth, dict) else None
    if not isinstance(token, str) or not token:
        message = f"Could not {doing}: Vault answered without a token."
        raise DestinationError("destination-unexpected-answer", message, f"Look whether `{PATH}` names a JWT login.")
    found = Secret(token)
    means.hide(found)
    return found
