"""moto, which nobody here wrote, takes our requests; boto3 reads what we wrote, and we what it wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from rotate.address import parsed
from rotate.errors import Incomplete, RotateError
from rotate.protocol.facts.found import FoundSecret, Generation, Wanted
from rotate.secret import Secret
from rotate.systems.aws.finder import parameters, secrets
from rotate.systems.aws.parameter import Parameter
from rotate.systems.aws.secret import SecretField
from tests.support.bench import means_of

NEW = Secret("napi_new_value_0123456789")
REGION = "eu-central-1"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


def theirs(service: str, url: str) -> Any:
    return boto3.client(service, REGION, endpoint_url=url, aws_access_key_id="AKIA", aws_secret_access_key="x")


def ours(text: str, url: str) -> SecretField | Parameter:
    opens = SecretField if "secretsmanager" in text else Parameter
    environment = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "a-key-of-nobody", "AWS_ENDPOINT_URL": url}
    return opens(parsed(text), means_of(environment))


def test_a_field_of_a_secret_that_boto3_wrote(url: str) -> None:
    client = theirs("secretsmanager", url)
    client.create_secret(Name="prod/neon", SecretString='{"user": "u",  "KEY": "napi_before"}', Description="Neon")
    opened = ours(f"aws-secretsmanager://{REGION}/prod/neon#KEY", url)
    before = opened.observe()
    opened.confirm(before, opened.put(NEW))
    held = client.get_secret_value(SecretId="prod/neon")
    assert held["SecretString"] == f'{{"user": "u",  "KEY": "{NEW.reveal()}"}}'
    assert client.describe_secret(SecretId="prod/neon")["Description"] == "Neon"


def test_a_secret_and_a_parameter_that_are_created(url: str) -> None:
    for text in (f"aws-secretsmanager://{REGION}/made#KEY", f"aws-ssm://{REGION}/made/key"):
        opened = ours(text, url)
        before = opened.observe()
        assert before.mark is None
        opened.confirm(before, opened.put(NEW))
    held = theirs("secretsmanager", url).get_secret_value(SecretId="made")["SecretString"]
    assert json.loads(held) == {"KEY": NEW.reveal()}
    found = theirs("ssm", url).get_parameter(Name="/made/key", WithDecryption=True)["Parameter"]
    assert (found["Value"], found["Type"]) == (NEW.reveal(), "SecureString")


@pytest.mark.parametrize("kind", ["String", "SecureString"])
def test_a_parameter_that_boto3_wrote(kind: str, url: str) -> None:
    client, name = theirs("ssm", url), f"/prod/{kind}"
    key = {"KeyId": "alias/neon"} if kind == "SecureString" else {}
    tags = [{"Key": "team", "Value": "db"}]
    client.put_parameter(Name=name, Value="napi_before", Type=kind, Description="Neon", Tags=tags, **key)
    opened = ours(f"aws-ssm://{REGION}{name}", url)
    before = opened.observe()
    opened.confirm(before, opened.put(NEW))
    found = client.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    assert (found["Value"], found["Type"], found["Version"]) == (NEW.reveal(), kind, 2)
    filters = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    (about,) = client.describe_parameters(ParameterFilters=filters)["Parameters"]
    assert (about["Description"], about.get("KeyId")) == ("Neon", key.get("KeyId"))
    assert client.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"] == tags


def test_what_boto3_wrote_is_found_in_its_region(url: str) -> None:
    manager, store = theirs("secretsmanager", url), theirs("ssm", url)
    manager.create_secret(Name="found/neon-api-key", SecretString="napi_found")
    manager.create_secret(
        Name="found/fields", SecretString='{"NEON_API_KEY": "napi_found", "COPY": "napi_known", "n": 7}'
    )
    manager.create_secret(Name="found/binary", SecretBinary=b"napi_known")
    for number in range(12):
        store.put_parameter(Name=f"/found/{number}", Value="other", Type="String")
    store.put_parameter(Name="found_copy", Value="napi_known", Type="SecureString")
    store.put_parameter(Name="/found/NEON_API_KEY", Value="a,b", Type="StringList")
    login = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "a-key-of-nobody", "AWS_ENDPOINT_URL": url}
    wanted = Wanted(("NEON_API_KEY",), {Secret("napi_known").fingerprint: Generation.PREVIOUS})
    means = means_of({**login, "AWS_DEFAULT_REGION": REGION})
    told = [*secrets((), wanted, means), *parameters((), wanted, means)]
    assert [one.address for one in told if isinstance(one, FoundSecret) and "found" in one.address] == [
        f"aws-secretsmanager://{REGION}/found/neon-api-key#.",
        f"aws-secretsmanager://{REGION}/found/fields#NEON_API_KEY",
        f"aws-secretsmanager://{REGION}/found/fields#COPY",
        f"aws-ssm://{REGION}/found_copy",
    ]
    assert not any(isinstance(one, RotateError) for one in told)
    (nowhere,) = secrets((), wanted, means_of(login))
    assert isinstance(nowhere, Incomplete)
    assert "nothing names a region" in nowhere.message
