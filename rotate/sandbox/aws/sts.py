"""STS's one action for whoever has no login yet, and a container's and an instance's way to credentials.

Sources: botocore's model sts 2011-06-15 (AssumeRoleWithWebIdentity; XML); AWS SDKs, "Container credential provider";
Amazon EC2 documentation, "Use the Instance Metadata Service" (a token first).
"""

from __future__ import annotations

import json
import secrets
from urllib.parse import parse_qs

import jwt

from rotate.sandbox.aws.state import ROLE, AWSState
from rotate.sandbox.exchange import Json, Reply, Request

XML = {"Content-Type": "text/xml"}
NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
FORBIDDEN, BAD = 403, 400
ENDS = "2099-01-01T00:00:00Z"
IMDS = "/latest/meta-data/iam/security-credentials/"


def credentials_for(state: AWSState, request: Request) -> Reply:
    """Answer a request without a target."""
    if request.method == "GET" and request.path == "/container":
        return Reply.of(200, _made(state))
    if request.path == "/latest/api/token" and request.method == "PUT":
        return Reply(
            200, b"metadata-token", {"Content-Type": "text/plain", "X-aws-ec2-metadata-token-ttl-seconds": "9"}
        )
    if request.path.startswith(IMDS) and request.headers.get("x-aws-ec2-metadata-token") == "metadata-token":
        name = request.path.removeprefix(IMDS)
        return Reply(200, json.dumps({"Code": "Success", **_made(state)}).encode() if name else b"rotate")
    form = {name: texts[0] for name, texts in parse_qs(request.body.decode()).items()}
    if form.get("Action") != "AssumeRoleWithWebIdentity":
        return _error(BAD, "InvalidAction", "Could not find the operation")
    try:
        jwt.decode(form["WebIdentityToken"], state.public_key, ["RS256"], audience="sts.amazonaws.com")
    except jwt.PyJWTError:
        return _error(BAD, "InvalidIdentityToken", f"Couldn't retrieve the token {form['WebIdentityToken']}")
    if form["RoleArn"] != ROLE:
        return _error(FORBIDDEN, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
    made = _made(state)
    inner = {"AccessKeyId": made["AccessKeyId"], "SecretAccessKey": made["SecretAccessKey"]}
    inner |= {"SessionToken": made["Token"], "Expiration": made["Expiration"]}
    said = "".join(f"<{name}>{text}</{name}>" for name, text in inner.items())
    result = f"<AssumeRoleWithWebIdentityResult><Credentials>{said}</Credentials></AssumeRoleWithWebIdentityResult>"
    whole = f'<AssumeRoleWithWebIdentityResponse xmlns="{NAMESPACE}">{result}</AssumeRoleWithWebIdentityResponse>'
    return Reply(200, whole.encode(), XML)


def _made(state: AWSState) -> dict[str, Json]:
    login = state.add_login(session=secrets.token_urlsafe(40))
    found: dict[str, Json] = {"AccessKeyId": login.key_id, "SecretAccessKey": login.key}
    return {**found, "Token": login.session, "Expiration": ENDS}


def _error(status: int, code: str, message: str) -> Reply:
    said = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    return Reply(status, f'<ErrorResponse xmlns="{NAMESPACE}">{said}</ErrorResponse>'.encode(), XML)
