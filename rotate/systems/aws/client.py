"""One request to a service of AWS: signed by botocore, sent by our own client, worded as everywhere.

Every request is a POST of JSON to `/` with the action in a header, and an error is a 400 with a code in its body
(smithy.io, "AWS JSON 1.1 protocol": `__type`, behind a `#` where a namespace stands before it). What a code means is
told by the status that other services answer for it, so that one wording and one rule of repetition fit.

Sources of the codes: botocore's models secretsmanager and ssm; Systems Manager API Reference, "Common Errors".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from rotate.means import Means
from rotate.ports import Hindered
from rotate.problems import Problems
from rotate.secret import Secret
from rotate.service import words
from rotate.service.description import Ask
from rotate.systems.aws import login
from rotate.systems.aws.system import Amazon
from rotate.wire.http import Style
from rotate.wire.outcome import REFUSAL, SUCCESS, Answer, NoAnswerError, without

MISSING, EXISTS = 404, 409
_TYPE = "application/x-amz-json-1.1"
_STATUS = {
    401: "UnrecognizedClientException InvalidClientTokenId InvalidSignatureException SignatureDoesNotMatch "
    "ExpiredTokenException ExpiredToken IncompleteSignature IncompleteSignatureException MissingAuthenticationToken "
    "MissingAuthenticationTokenException RequestExpired RequestTimeTooSkewed",
    403: "AccessDeniedException AccessDenied NotAuthorized OptInRequired DecryptionFailure EncryptionFailure",
    MISSING: "ResourceNotFoundException ParameterNotFound ParameterVersionNotFound",
    EXISTS: "ResourceExistsException ParameterAlreadyExists TooManyUpdates",
    429: "ThrottlingException Throttling TooManyRequestsException RequestLimitExceeded",
    500: "InternalServiceError InternalServiceErrorException InternalServerError InternalFailure",
    503: "ServiceUnavailable ServiceUnavailableException",
}
STATUS = {code: status for status, codes in _STATUS.items() for code in codes.split()}
READS = ("Get", "Describe", "List")


class Client:
    """Asks one service of one region in one run. To make it contacts nobody."""

    def __init__(self, service: Amazon, region: str, means: Means) -> None:
        self._means, self._region = means, region
        self.service = service.at(self._endpoint(service.signs))
        self._url = self.service.url(means.environment, Problems())
        self._api = means.api(self._url)
        self._secrets: tuple[Secret, ...] = ()

    def ask(
        self,
        action: str,
        body: Mapping[str, object],
        doing: str,
        *,
        takes: frozenset[int] = frozenset(),
        again: bool = True,
        hindered: Hindered | None = None,
        value: Secret | None = None,
    ) -> Answer:
        """Send one request and give its answer, as `rotate.service.client.Client` does."""
        verb = "GET" if action.startswith(READS) else "PUT"
        one = Ask(verb, "/", doing, takes=takes, again=again, hindered=hindered, value=value)
        signed, headers = self._signed(action, body)
        style = Style(prefix="", headers=headers, read=self._read)
        try:
            answer = self._api.call("POST", "/", signed, body, idempotent=again, style=style, hindered=hindered)
        except NoAnswerError as error:
            raise words.silent(self.service, one, error) from None
        said = without(value, answer.text) if value else answer.text
        if failure := words.failure(self.service, one, answer, said, self._url):
            raise failure
        return answer

    def _signed(self, action: str, body: Mapping[str, object]) -> tuple[Secret, Mapping[str, str]]:
        """Give the header that carries the signature, and those that it signs. It holds for some minutes: longer than
        the tries of one request last."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        frozen = self._frozen()
        headers = {"Content-Type": _TYPE, "X-Amz-Target": f"{self.service.target}.{action}"}
        request = AWSRequest("POST", f"{self._url}/", headers=headers, data=json.dumps(body))
        SigV4Auth(frozen, self.service.signs, self._region).add_auth(request)
        sent = dict(request.headers.items())
        return Secret(sent.pop("Authorization")), sent

    def _frozen(self) -> Any:
        """Give the credentials as they are now, renewed where they end soon, and hide them."""
        from botocore.exceptions import BotoCoreError, ClientError

        endpoint = partial(self._endpoint, "sts")
        make = partial(login.credentials, self._means, self._region, endpoint())
        found = self._means.once("login to aws", make)
        try:
            frozen = found.get_frozen_credentials()
        except (BotoCoreError, ClientError, OSError) as error:
            raise login.failed(error) from None
        self._secrets = tuple(Secret(text) for text in (frozen.secret_key, frozen.token) if text)
        for one in self._secrets:
            self._means.hide(one)
        return frozen

    def _endpoint(self, service: str) -> str:
        """Give the URL of a service in this region, from botocore's list of partitions."""
        resolver = self._means.once("endpoints of aws", _resolver)
        fips = self._means.environment.get("AWS_USE_FIPS_ENDPOINT", "").lower() == "true"
        found = resolver.construct_endpoint(service, self._region, use_fips_endpoint=fips)
        return f"https://{found['hostname']}"

    def _read(self, answer: Answer) -> Answer:
        """Judge an error by its code, and take the credentials out of it. What is stored is never touched: it may hold
        them as a field beside ours, which must go back as it came."""
        if answer.status in SUCCESS:
            return answer
        text = answer.text
        for one in self._secrets:
            text = without(one, text)
        answer = replace(answer, text=text)
        status = STATUS.get(code(answer), answer.status)
        return replace(answer, status=status, came=answer.status) if answer.status in REFUSAL else answer


def code(answer: Answer) -> str:
    """Give the code of an error; empty where there is none."""
    row = answer.json()
    found = row.get("__type") if isinstance(row, dict) else None
    return found.rpartition("#")[2] if isinstance(found, str) else ""


def _resolver() -> Any:
    from botocore.loaders import create_loader
    from botocore.regions import EndpointResolver

    return EndpointResolver(create_loader().load_data("endpoints"), uses_builtin_data=True)
