"""The login to Microsoft Entra ID: a token for Key Vault, once in a run.

Sources: Microsoft identity platform, "OAuth 2.0 client credentials flow" (a form to `<tenant>/oauth2/v2.0/token`, with
a secret or with a token of another issuer as assertion); azure-identity 1.27.0, `_credentials/environment.py` and
`workload_identity.py` (which variables, and in which order).
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from rotate.errors import Refused, RotateError
from rotate.means import Means
from rotate.problems import Problems
from rotate.secret import Secret
from rotate.service import words
from rotate.service.description import Ask
from rotate.service.identity import id_token
from rotate.systems.azure_keyvault.cloud import CLIENT, FILE, SECRET, TENANT, authority, cloud_of
from rotate.systems.azure_keyvault.system import KeyVault
from rotate.wire.http import Style
from rotate.wire.outcome import NoAnswerError, without

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# Entra answers 400 or 401 to a wrong tenant, application, secret or identity, and names which.
DENIED = frozenset({400, 401})
ENTRA = KeyVault(
    kind="azure-keyvault",
    title="Microsoft Entra ID",
    tokens=(),
    needs="The application needs a client secret, or a federated credential whose issuer, subject and audience are "
    "those of the job.",
    make="Look at Entra ID → App registrations → the application → Certificates & secrets.",
    says=("error_description", "error"),
)
# Worded as a read is, since a login changes nothing anywhere.
LOGIN = Ask("GET", "", "log in to Azure")


def log_in(means: Means) -> Secret:
    """Give a token for Key Vault, and hide it.

    Raises:
        Refused: Entra does not take the login, or what it needs is missing. DestinationError: Entra did not answer, or
            not with a token.
    """
    environment, cloud = means.environment, cloud_of(means.environment)
    url = authority(environment, Problems())  # `lacks` says what is wrong with it before anything is opened
    way, proof = _proof(means, cloud.audience)
    means.hide(proof)
    form = {"grant_type": "client_credentials", "client_id": environment[CLIENT].strip(), "scope": cloud.scope}
    form |= {way: proof.reveal(), **({} if way == "client_secret" else {"client_assertion_type": ASSERTION})}
    path = f"/{quote(environment[TENANT].strip(), safe='')}/oauth2/v2.0/token"
    try:
        answer = means.api(url).call("POST", path, Secret(""), form, idempotent=True, style=Style(form=True))
    except NoAnswerError as error:
        raise words.silent(ENTRA, LOGIN, error) from None
    if failure := words.failure(ENTRA, LOGIN, answer, without(proof, answer.text), url):
        raise _refused(failure) if answer.status in DENIED else failure
    row = answer.json()
    text = row.get("access_token") if isinstance(row, dict) else None
    if not isinstance(text, str) or not text:
        raise words.unexpected(ENTRA, LOGIN.doing, "without a token")
    token = Secret(text)
    means.hide(token)
    return token


def _refused(failure: RotateError) -> RotateError:
    """Word all that Entra does not take alike; a page in its place stays what it is."""
    if failure.reason == "destination-no-json":
        return failure
    return Refused("destination-token-refused", failure.message, ENTRA.give)


def _proof(means: Means, audience: str) -> tuple[str, Secret]:
    """Give what shows that it is the application, and the name of its field: a secret, or the identity of the job."""
    if secret := means.environment.get(SECRET, "").strip():
        return "client_secret", Secret(secret)
    file = means.environment.get(FILE, "").strip()
    return "client_assertion", _of_file(file) if file else id_token(means, audience)


def _of_file(path: str) -> Secret:
    try:
        text = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        text = ""
    if not text:
        message = f"The file that `{FILE}` names cannot be read, or is empty: nothing was sent."
        raise Refused("destination-token-missing", message, ENTRA.give)
    return Secret(text)
