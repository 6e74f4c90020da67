"""Who asks AWS: the usual chain, and the identity of a job in place of a stored secret.

Order, as in AWS's SDKs ("Standardized credential providers"): `AWS_ACCESS_KEY_ID` and what goes with it; `AWS_ROLE_ARN`
with the token in `AWS_WEB_IDENTITY_TOKEN_FILE`, else with the identity that GitHub gives the job; a profile of the
shared files; a container's role; an EC2 instance's. The last three are botocore's own, with its own connections. Of an
instance only a machine is asked that says it is one, since other clouds have other servers at the same address
(Amazon EC2 documentation, "Identify EC2 instances": the machine's vendor, or a UUID that begins with `ec2`).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from rotate.errors import DestinationError, Refused
from rotate.means import Means
from rotate.problems import Problems
from rotate.secret import Secret
from rotate.service import words
from rotate.service.description import Ask
from rotate.service.identity import can_identify, id_token
from rotate.systems.aws.system import GIVE, Amazon
from rotate.wire.http import Style
from rotate.wire.outcome import SUCCESS, Answer, NoAnswerError

AUDIENCE = "sts.amazonaws.com"
SESSION = "neon-rotate"
KEY = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
ROLE, TOKEN_FILE = "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"
CONTAINER = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
FILES = {"AWS_SHARED_CREDENTIALS_FILE": ".aws/credentials", "AWS_CONFIG_FILE": ".aws/config"}
METADATA = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
MACHINE = (Path("/sys/devices/virtual/dmi/id/sys_vendor"), Path("/sys/hypervisor/uuid"))
# The older names of what the chain has now, and what is asked of the environment itself, which the run gives.
DROPPED = ("env", "ec2-credentials-file", "boto-config", "container-role", "iam-role")
_XML = "<{0}>([^<]*)</{0}>"

STS = Amazon(
    kind="aws-sts",
    title="AWS STS",
    tokens=(),
    needs="The role's trust policy must name GitHub's issuer, the audience `sts.amazonaws.com` and this repository.",
    make="",
    urls=("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"),
    says=("__type", "message"),
)


def known(environment: Mapping[str, str]) -> bool:
    """Say whether anything in the environment, or on this machine, can log in. Nothing is contacted."""
    if all(environment.get(name) for name in KEY) or any(environment.get(name) for name in ("AWS_PROFILE", *CONTAINER)):
        return True
    if environment.get(ROLE) and (environment.get(TOKEN_FILE) or can_identify(environment)):
        return True
    return any(path.is_file() for path in _files(environment).values()) or on_instance(environment)


def on_instance(environment: Mapping[str, str]) -> bool:
    """Say whether this machine may be an EC2 instance, or somebody says where an instance's metadata are."""
    if environment.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        return False
    if environment.get(METADATA):
        return True
    return any(path.is_file() and path.read_text().lower().startswith(("amazon ec2", "ec2")) for path in MACHINE)


def credentials(means: Means, region: str, endpoint: str) -> Any:
    """Give botocore's credentials, which renew themselves. `endpoint`: of STS, where no variable says another.

    Raises:
        Refused: nothing logs in. DestinationError: what should have failed.
    """
    from botocore.credentials import EnvProvider
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = EnvProvider(means.environment).load() or _identity(means, endpoint) or _chain(means, region)
    except (BotoCoreError, ClientError, OSError) as error:
        raise failed(error) from None
    if found is None:
        message = "There is no login for AWS: neither the environment, nor a profile, nor this machine has one."
        raise Refused("destination-token-missing", message, GIVE)
    return found


def failed(error: Exception) -> DestinationError:
    """Word a login that failed; of its text, which could hold anything, nothing is told."""
    message = f"Could not log in to AWS: {type(error).__name__}. Nothing was changed there."
    return DestinationError("destination-token-refused", message, f"Look at the login. {GIVE}")


def _files(environment: Mapping[str, str]) -> dict[str, Path]:
    home = Path(environment.get("HOME") or environment.get("USERPROFILE") or "/")
    return {name: Path(environment.get(name) or home / usual).expanduser() for name, usual in FILES.items()}


def _chain(means: Means, region: str) -> Any:
    """Ask the rest of botocore's chain, which reads files, or asks a container or an instance."""
    from botocore.credentials import ContainerProvider, CredentialResolver, create_credential_resolver
    from botocore.session import Session

    environment = means.environment
    session = Session(profile=environment.get("AWS_PROFILE") or None)
    for variable, path in zip(("credentials_file", "config_file"), _files(environment).values(), strict=True):
        session.set_config_variable(variable, str(path))
    if environment.get(METADATA):
        session.set_config_variable("ec2_metadata_service_endpoint", environment[METADATA])
    usual = create_credential_resolver(session, region_name=region)
    providers = [one for one in usual.providers if one.METHOD not in DROPPED]
    providers.append(ContainerProvider(environ=dict(environment)))
    if on_instance(environment):
        providers.append(usual.get_provider("iam-role"))
    return CredentialResolver(providers).load_credentials()


def _identity(means: Means, endpoint: str) -> Any:
    """Give what a role gives for an identity, once it is first needed; nothing where there is none of the two."""
    environment = means.environment
    if not (environment.get(ROLE) and (environment.get(TOKEN_FILE) or can_identify(environment))):
        return None
    from botocore.credentials import DeferredRefreshableCredentials

    return DeferredRefreshableCredentials(partial(_assumed, means, endpoint), "assume-role-with-web-identity")


def _assumed(means: Means, endpoint: str) -> dict[str, str]:
    """Exchange an identity for the credentials of a role (botocore's model sts 2011-06-15: XML answers).

    Raises:
        RotateError: GitHub gave no identity, or STS refused it, in words.
    """
    environment = means.environment
    if environment.get(TOKEN_FILE):
        token = Secret(Path(environment[TOKEN_FILE]).read_text().strip())
        means.hide(token)
    else:
        token = id_token(means, AUDIENCE)
    service = STS.at(endpoint)
    url = service.url(environment, Problems())
    one = Ask("GET", "/", f"log in to AWS as {environment[ROLE]}")
    form = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": environment[ROLE],
        "RoleSessionName": environment.get("AWS_ROLE_SESSION_NAME") or SESSION,
        "WebIdentityToken": token.reveal(),
    }
    style = Style(form=True, read=partial(_as_json, token))
    try:
        answer = means.api(url).call("POST", "/", Secret(""), form, idempotent=True, style=style)
    except NoAnswerError as error:
        raise words.silent(service, one, error) from None
    if wrong := words.failure(service, one, answer, answer.text, url):
        raise wrong
    given = answer.json()
    if not isinstance(given, dict) or not all(given.values()):
        raise words.unexpected(service, one.doing, "without credentials")
    return given


def _as_json(token: Secret, answer: Answer) -> Answer:
    """Give the few fields that are needed of an answer in XML, as JSON; any other answer as it is."""
    from rotate.wire.outcome import without

    text = without(token, answer.text)
    if "xml" not in answer.headers.get("content-type", ""):
        return replace(answer, text=text)
    names = {"__type": "Code", "message": "Message"}
    if answer.status in SUCCESS:
        names = {"access_key": "AccessKeyId", "secret_key": "SecretAccessKey"}
        names |= {"token": "SessionToken", "expiry_time": "Expiration"}
    found = {name: re.search(_XML.format(tag), text) for name, tag in names.items()}
    said = {name: html.unescape(one[1]) if one else "" for name, one in found.items()}
    return replace(answer, text=json.dumps(said), headers={**answer.headers, "content-type": "application/json"})
