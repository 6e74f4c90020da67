"""A pretend AWS: Secrets Manager, Parameter Store and STS behind one address, as an endpoint of a developer's is.

Rules: botocore's models secretsmanager 2017-10-17, ssm 2014-11-06 and sts 2011-06-15 with their documentation; errors
are answered with 400 and a code, but for STS's denial (403) and what fails at AWS (500).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from rotate.sandbox.aws.parameters import Parameters
from rotate.sandbox.aws.secrets import Secrets
from rotate.sandbox.aws.signature import holds, signed
from rotate.sandbox.aws.state import AWSState, Login
from rotate.sandbox.aws.sts import credentials_for
from rotate.sandbox.aws.words import CodedError
from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Json, Reply, Request

KIND = "application/x-amz-json-1.1"
TARGET = "X-Amz-Target"
READS = ("Get", "Describe")


class AWSServer(AWSState):
    """AWS's behaviour: who asks, whether they may, and what then happens."""

    name = "aws"
    bases = ("",)

    def __init__(self, clock: Clock) -> None:
        """Start empty."""
        super().__init__()
        self.clock = clock
        self._actions: dict[str, Callable[[dict[str, Json]], dict[str, Json]]] = {
            **{f"secretsmanager.{name}": act for name, act in Secrets(self).actions.items()},
            **{f"AmazonSSM.{name}": act for name, act in Parameters(self).actions.items()},
        }

    @staticmethod
    def verb(method: str, headers: Mapping[str, str]) -> str:
        """Say GET of what only reads and PUT of what writes: all that AWS is asked is a POST."""
        action = headers.get(TARGET, "").partition(".")[2]
        if method != "POST" or not action:
            return method
        return "GET" if action.startswith(READS) else "PUT"

    def answer(self, request: Request) -> Reply:
        """Act on one request."""
        if TARGET not in request.headers:
            return credentials_for(self, request)
        try:
            said = self._act(request)
        except CodedError as error:
            return Reply.of(400, {"__type": error.code, "message": error.message}, {"Content-Type": KIND})
        return Reply.of(200, said, {"Content-Type": KIND})

    def _act(self, request: Request) -> dict[str, Json]:
        target = request.headers[TARGET]
        act = self._actions.get(target)
        service = {"secretsmanager": "secretsmanager", "AmazonSSM": "ssm"}.get(target.partition(".")[0], "")
        if act is None:
            raise CodedError("UnknownOperationException", "")
        caller = self._caller(request, service)
        action = f"{service}:{target.partition('.')[2]}"
        if not caller.actions & {action, "*"}:
            arn = "arn:aws:sts::123456789012:assumed-role/rotate/neon-rotate"
            said = f"User: {arn} is not authorized to perform: {action} because no identity-based policy allows it"
            raise CodedError("AccessDeniedException", said)
        try:
            body: object = json.loads(request.body)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise CodedError("SerializationException", "")
        return act(body)

    def _caller(self, request: Request, service: str) -> Login:
        said = signed(request.headers)
        if said is None:
            raise CodedError("MissingAuthenticationTokenException", "Missing Authentication Token")
        login = self.logins.get(said.key)
        token = request.headers.get("X-Amz-Security-Token", "")
        if login is None or token != login.session or (token and "x-amz-security-token" not in said.headers):
            raise CodedError("UnrecognizedClientException", "The security token included in the request is invalid.")
        if said.service != service or not holds(said, login.key, request):
            said_so = "The request signature we calculated does not match the signature you provided."
            raise CodedError("InvalidSignatureException", said_so)
        return login
