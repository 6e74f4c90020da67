"""An access token for Google Cloud, renewed while a run lasts, by Google's own library over our own bounded client.

Sources: google-auth 2.63 (`google/auth/transport/__init__.py`, `identity_pool.py`, `external_account.py`): it asks
whatever `Request` it is given, and a failure that the `Request` raises itself ends its repeats; the files that
google-github-actions/auth leaves are `external_account` ones. Its action.yml (`audience`): what a job's identity is
made out to, `https://iam.googleapis.com/<provider>`. google-auth's `compute_engine/_metadata.py`: the header, and the
path of the token.
"""

from __future__ import annotations

import json
import threading
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from rotate.errors import Refused
from rotate.secret import Secret
from rotate.service.client import Client
from rotate.service.identity import id_token
from rotate.systems.gcp import ways
from rotate.systems.gcp.system import SERVICE, GoogleService
from rotate.wire.http import Style

if TYPE_CHECKING:
    from google.auth.transport import Request

    from rotate.means import Means

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
STS, IAM = "https://sts.googleapis.com", "https://iamcredentials.googleapis.com"
OF_MACHINE = "/computeMetadata/v1/instance/service-accounts/default/token"
JWT = "urn:ietf:params:oauth:token-type:jwt"
AWS = "urn:ietf:params:aws:token-type:aws4_request"
QUOTA, QUOTA_HEADER = "GOOGLE_CLOUD_QUOTA_PROJECT", "x-goog-user-project"


class Credentials(Protocol):
    """What Google's library makes of a file, as far as it is used here."""

    token: str | None

    @property
    def valid(self) -> bool:
        """Whether there is a token that lasts some minutes more."""
        ...

    def refresh(self, request: Request) -> None:
        """Get another."""
        ...


class GoogleClient(Client):
    """Asks Secret Manager in one run, with a token that is renewed before it ends, after an hour."""

    def __init__(self, service: GoogleService, means: Means) -> None:
        environment = means.environment
        stored = bool(environment.get(ways.STORED, "").strip())
        login = means.once("login to Google Cloud", partial(Login, means))
        super().__init__(service, means, None if stored else login.token)
        if not stored:
            self._token = login.token
        project = environment.get(QUOTA) or ("" if stored else str(_info(environment).get("quota_project_id") or ""))
        if project:
            # Google's library sends the same: without it, APIs refuse the credentials of a person.
            self.service = replace(service, style=Style(headers={QUOTA_HEADER: project}))


class Login:
    """Gets a token when it is first needed, and another before it ends. Contacts nobody before."""

    def __init__(self, means: Means) -> None:
        self._means = means
        self._lock = threading.Lock()
        self._credentials: Credentials | None = None

    def token(self) -> Secret:
        """Give a token that lasts some minutes more.

        Raises:
            Refused: what there is to log in with is of no use, or was refused. DestinationError: Google did not answer.
        """
        from rotate.systems.gcp.carrier import Carrier

        with self._lock:
            carrier = Carrier(self._means)
            if self._credentials is None:
                self._credentials = _usable(partial(_credentials, self._means))
            if not self._credentials.valid:
                _usable(partial(self._credentials.refresh, carrier))
            found = Secret(self._credentials.token or "")
        self._means.hide(found)
        return found


def _usable(use: Callable[[], Any]) -> Any:
    """Word what Google's library says of a file by its kind alone: its text may hold anything."""
    from google.auth.exceptions import GoogleAuthError

    try:
        return use()
    except (GoogleAuthError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = (
            "Could not log in to Google Cloud: what there is to log in with is not what Google's library takes "
            f"({type(error).__name__})."
        )
        raise Refused("destination-token-refused", message, SERVICE.give) from None


def _credentials(means: Means) -> Credentials:
    environment = means.environment
    if ways.federated(environment):
        return _federation(means, environment[ways.PROVIDER].strip(), environment.get(ways.ACCOUNT, "").strip())
    if file := ways.file_of(environment):
        return _of_file(json.loads(file.read_text()))
    return _machine(means, ways.metadata_host(environment))


def _of_file(info: dict[str, Any]) -> Credentials:
    """Take a file of any kind. What is another's identity is told by its source, as google-auth does it
    (`_default.py`), whose own way would ask for the name of the project first, past our client."""
    if info.get("type") != "external_account":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of files that nobody looked at, and these are the job's own
            found: Credentials = import_module("google.auth").load_credentials_from_dict(info, scopes=[SCOPE])[0]
        return found
    kind = "pluggable" if "executable" in info["credential_source"] else "identity_pool"
    kind = "aws" if info.get("subject_token_type") == AWS else kind
    made: Credentials = import_module(f"google.auth.{kind}").Credentials.from_info(info, scopes=[SCOPE])
    return made


def _federation(means: Means, provider: str, account: str) -> Credentials:
    """Let the job show who it is: its identity becomes a token of the pool's, and that one of the account's."""
    from google.auth.identity_pool import SubjectTokenSupplier

    class Identity(SubjectTokenSupplier):
        def get_subject_token(self, context: object, request: object) -> str:
            del context, request
            return id_token(means, f"https://iam.googleapis.com/{provider}").reveal()

    of_account = f"{IAM}/v1/projects/-/serviceAccounts/{account}:generateAccessToken" if account else None
    found: Credentials = import_module("google.auth.identity_pool").Credentials(
        audience=f"//iam.googleapis.com/{provider}",
        subject_token_type=JWT,
        token_url=f"{STS}/v1/token",
        subject_token_supplier=Identity(),
        service_account_impersonation_url=of_account,
        scopes=[SCOPE],
    )
    return found


def _machine(means: Means, host: str) -> Credentials:
    """Be the account of the machine. Google's own would read the host from the process, and ask it for more."""
    from google.auth.credentials import Credentials as Base

    class Machine(Base):
        def refresh(self, request: Request) -> None:
            answer = request(f"http://{host}{OF_MACHINE}", headers={"Metadata-Flavor": "Google"})
            row = json.loads(answer.data)
            self.token = row["access_token"]
            self.expiry = means.clock.now().replace(tzinfo=None) + timedelta(seconds=row["expires_in"])

    make: Callable[[], Credentials] = Machine
    return make()


def _info(environment: Mapping[str, str]) -> Mapping[str, object]:
    """Give what a file of credentials says; nothing where it cannot be read, which the login says."""
    file = None if ways.federated(environment) else ways.file_of(environment)
    try:
        info = json.loads(file.read_text()) if file else {}
    except (OSError, ValueError):
        return {}
    return info if isinstance(info, dict) else {}
