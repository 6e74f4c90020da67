"""The pretend AWS against botocore's own models, both ways, and its refusals."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

import boto3
import botocore.session
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.parsers import create_parser
from botocore.validate import validate_parameters

from rotate.sandbox.aws.server import AWSServer
from rotate.sandbox.aws.state import REGION
from rotate.sandbox.ledger import Entry
from rotate.sandbox.world import World
from tests.support.bench import BEFORE
from tests.support.benches import BENCHES
from tests.systems.aws.bench import NEW, PARAMETER, SECRET, Cloud

MODELS = {"secretsmanager": "secretsmanager", "AmazonSSM": "ssm"}


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with World() as world:
        yield Cloud(world)


def check(entries: Iterable[Entry]) -> int:
    """Assert that every request and every answer is as botocore's models describe; give how many were."""
    session, checked = botocore.session.Session(), 0
    for entry in entries:
        prefix, _, action = entry.request_headers["X-Amz-Target"].partition(".")
        model = session.get_service_model(MODELS[prefix])
        operation = model.operation_model(action)
        validate_parameters(json.loads(entry.request_body), operation.input_shape)
        known = set(operation.input_shape.members)
        assert json.loads(entry.request_body).keys() <= known
        answer = {"status_code": entry.status, "headers": entry.response_headers, "body": entry.response_body}
        parsed = create_parser(model.protocol).parse(answer, operation.output_shape)
        if entry.status == 200:
            assert json.loads(entry.response_body).keys() <= set(operation.output_shape.members)
            assert parsed.keys() - {"ResponseMetadata"} == json.loads(entry.response_body).keys()
        else:
            assert parsed["Error"]["Code"] in {one.name for one in operation.error_shapes} | {"AccessDeniedException"}
        checked += 1
    return checked


@pytest.mark.parametrize("kind", ["aws-secretsmanager", "aws-ssm"])
def test_all_that_a_write_asks_and_hears_is_as_described(kind: str) -> None:
    with BENCHES[kind]() as bench:
        assert bench.web
        for value in (BEFORE, None):
            bench.write(value)
            before = bench.destination.observe() if value else bench.web.opened().observe()
            opened = bench.destination if value else bench.web.opened()
            before = opened.observe()
            opened.confirm(before, opened.put(NEW))
        bench.web.gag()
        with pytest.raises(Exception, match="not"):
            bench.web.opened().observe()
        assert check(one for one in bench.web.world.ledger if one.server == "aws") > 10


def theirs(service: str, cloud: Cloud, key: str = "") -> object:
    login = cloud.login
    return boto3.client(
        service,
        REGION,
        endpoint_url=cloud.state.url,
        aws_access_key_id=login.key_id,
        aws_secret_access_key=key or login.key,
    )


def test_boto3_reads_and_writes_what_it_holds(cloud: Cloud) -> None:
    secrets, parameters = theirs("secretsmanager", cloud), theirs("ssm", cloud)
    secrets.create_secret(Name=SECRET, SecretString="a")  # type: ignore[attr-defined]
    secrets.put_secret_value(SecretId=SECRET, SecretString="b")  # type: ignore[attr-defined]
    assert secrets.get_secret_value(SecretId=SECRET)["SecretString"] == "b"  # type: ignore[attr-defined]
    parameters.put_parameter(Name=PARAMETER, Value="a", Type="SecureString")  # type: ignore[attr-defined]
    shown = parameters.get_parameter(Name=PARAMETER)["Parameter"]  # type: ignore[attr-defined]
    assert shown["Value"] != "a", "it was not asked to decrypt"


def wrong(target: str, body: object, cloud: Cloud) -> str:
    service, _, action = target.partition(".")
    with pytest.raises(ClientError) as raised:
        getattr(theirs(service, cloud), action)(**body)  # type: ignore[arg-type]
    return str(raised.value.response["Error"]["Code"])


def test_its_refusals(cloud: Cloud) -> None:
    stored, token = cloud.state.add_secret(SECRET, "a"), "t" * 32
    stored.put("b", token)
    put = {"SecretId": SECRET, "SecretString": "c", "ClientRequestToken": token}
    assert wrong("secretsmanager.put_secret_value", put, cloud) == "ResourceExistsException"
    create = {"Name": SECRET, "SecretString": "c"}
    assert wrong("secretsmanager.create_secret", create, cloud) == "ResourceExistsException"
    stored.about["DeletedDate"] = 1.0
    assert wrong("secretsmanager.get_secret_value", {"SecretId": SECRET}, cloud) == "InvalidRequestException"
    del stored.about["DeletedDate"]
    stored.stages.clear()
    assert wrong("secretsmanager.get_secret_value", {"SecretId": SECRET}, cloud) == "ResourceNotFoundException"
    cloud.state.add_parameter(PARAMETER, "a")
    change = {"Name": PARAMETER, "Value": "b", "Type": "String", "Overwrite": True}
    assert wrong("ssm.put_parameter", change, cloud) == "ValidationException"
    assert wrong("ssm.get_parameters", {"Names": [f"n{one}" for one in range(11)]}, cloud) == "ValidationException"
    assert wrong("ssm.get_parameter_history", {"Name": PARAMETER}, cloud) == "UnknownOperationException"


def test_who_cannot_show_who_it_is_gets_nothing(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="InvalidSignatureException"):
        theirs("ssm", cloud, "wrong").get_parameter(Name=PARAMETER)  # type: ignore[attr-defined]
    post = {"X-Amz-Target": "AmazonSSM.GetParameter"}
    assert "MissingAuthenticationToken" in httpx.post(cloud.state.url, headers=post).text
    cloud.state.logins.clear()
    with pytest.raises(ClientError, match="UnrecognizedClientException"):
        theirs("ssm", cloud).get_parameter(Name=PARAMETER)  # type: ignore[attr-defined]
    assert "InvalidAction" in httpx.post(cloud.state.url, data={"Action": "GetCallerIdentity"}).text


def sent(target: str, body: object, cloud: Cloud, signed: str = "") -> str:
    """Send a signed request that no client would make; give the code of the refusal."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    service = "ssm" if target.startswith("AmazonSSM") else "secretsmanager"
    request = AWSRequest("POST", f"{cloud.state.url}/", data=data, headers={"X-Amz-Target": target})
    SigV4Auth(Credentials(cloud.login.key_id, cloud.login.key), service, REGION).add_auth(request)
    headers = dict(request.headers)
    if signed:
        headers["Authorization"] = re.sub("SignedHeaders=[^,]+", f"SignedHeaders={signed}", headers["Authorization"])
    return str(httpx.post(cloud.state.url, content=data, headers=headers).json()["__type"])


@pytest.mark.parametrize(
    ("target", "body", "code"),
    [
        ("AmazonSSM.GetParameter", b"x", "SerializationException"),
        ("AmazonSSM.GetParameter", [], "SerializationException"),
        ("AmazonSSM.PutParameter", {}, "ValidationException"),
        ("AmazonSSM.LabelParameterVersion", {"Name": PARAMETER, "Labels": 5}, "ValidationException"),
        (
            "AmazonSSM.PutParameter",
            {"Name": "/new", "Value": "b", "Type": "String", "AllowedPattern": "a+"},
            "ParameterPatternMismatchException",
        ),
        (
            "secretsmanager.PutSecretValue",
            {"SecretId": SECRET, "SecretString": "c", "ClientRequestToken": "short"},
            "InvalidParameterException",
        ),
    ],
)
def test_what_no_client_sends_is_refused(target: str, body: object, code: str, cloud: Cloud) -> None:
    cloud.state.add_parameter(PARAMETER, "a")
    cloud.state.add_secret(SECRET, "a")
    assert code in sent(target, body, cloud)


def test_a_signature_that_leaves_a_header_out_is_none(cloud: Cloud) -> None:
    assert "InvalidSignatureException" in sent("AmazonSSM.GetParameter", {}, cloud, signed="host")


def test_it_counts_what_only_reads_as_such() -> None:
    assert AWSServer.verb("POST", {"X-Amz-Target": "AmazonSSM.GetParameter"}) == "GET"
    assert AWSServer.verb("POST", {"X-Amz-Target": "AmazonSSM.PutParameter"}) == "PUT"
    assert AWSServer.verb("POST", {}) == "POST"
