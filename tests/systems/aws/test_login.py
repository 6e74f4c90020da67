"""Who asks AWS: the environment, an identity, a profile, a container, an instance; and what is told where none may."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rotate.errors import DestinationError, Refused, RotateError
from rotate.sandbox.aws.state import REGION, ROLE
from rotate.sandbox.faults import Fault
from rotate.sandbox.identity.server import IssuerServer
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.aws import login
from rotate.systems.aws.client import Client
from rotate.systems.aws.system import SECRETS
from tests.support.bench import means_of
from tests.systems.aws.bench import AT_SECRET, NEW, SECRET, Cloud

XML = {"Content-Type": "text/xml"}
WHOLE = f"{AT_SECRET}#."


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with World() as world:
        made = Cloud(world)
        made.state.add_secret(SECRET, "napi_before")
        yield made


@pytest.fixture
def job(cloud: Cloud) -> dict[str, str]:
    """The environment of a job that may ask for its identity, and nothing else."""
    issuer = IssuerServer(cloud.world.clock)
    cloud.world.serve(issuer)
    cloud.state.public_key = issuer.public_key
    return {**issuer.environment, "AWS_ROLE_ARN": ROLE, "AWS_ENDPOINT_URL": cloud.state.url}


def ask(environment: dict[str, str], hidden: list[Secret] | None = None) -> None:
    means = means_of(environment, hidden.append if hidden is not None else lambda _: None)
    Client(SECRETS, REGION, means).ask("DescribeSecret", {"SecretId": SECRET}, "look")


def test_a_job_without_a_stored_secret_takes_on_its_role_once(cloud: Cloud, job: dict[str, str]) -> None:
    cloud.environment = job
    assert SECRETS.lacks(job) == ()
    cloud.written(WHOLE)
    assert cloud.state.secrets[SECRET].text == NEW.reveal()
    assert cloud.world.ledger.count("POST", server="aws") == 1


def test_what_a_role_gives_is_hidden(cloud: Cloud, job: dict[str, str]) -> None:
    hidden: list[Secret] = []
    ask(job, hidden)
    made = list(cloud.state.logins.values())[-1]
    assert {made.key, made.session} < {one.reveal() for one in hidden}


def test_the_file_of_an_identity_goes_before_the_job(cloud: Cloud, job: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "token").write_text("no token")
    environment = {**job, "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token")}
    assert login.known({"AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": "x"})
    with pytest.raises(DestinationError, match="InvalidIdentityToken") as raised:
        ask(environment)
    assert "no token" not in raised.value.message
    with pytest.raises(DestinationError, match="FileNotFoundError"):
        ask({**job, "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "gone")})


def test_a_role_that_does_not_trust_the_job_is_told(job: dict[str, str]) -> None:
    with pytest.raises(Refused, match="Not authorized") as raised:
        ask({**job, "AWS_ROLE_ARN": f"{ROLE}-2"})
    assert raised.value.reason == "destination-not-allowed"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("reset", server="aws", times=None), "destination-unreachable"),
        (Fault("html", server="aws", times=None), "destination-no-json"),
        (
            Fault("status", server="aws", code=200, body=b"<a/>", headers={"Content-Type": "text/xml"}),
            "destination-une*",
        ),
    ],
)
def test_a_bad_answer_of_sts_is_told(fault: Fault, reason: str, cloud: Cloud, job: dict[str, str]) -> None:
    cloud.world.faults.add(fault)
    with pytest.raises(RotateError) as raised:
        ask(job)
    assert raised.value.reason.startswith(reason.rstrip("*"))


def test_a_profile_of_the_shared_files(cloud: Cloud, tmp_path: Path) -> None:
    key, url = cloud.login, {"AWS_ENDPOINT_URL": cloud.state.url, "HOME": str(tmp_path)}
    (tmp_path / ".aws").mkdir()
    assert not login.known(url)
    text = f"[work]\naws_access_key_id = {key.key_id}\naws_secret_access_key = {key.key}\n"
    (tmp_path / ".aws" / "credentials").write_text(text)
    assert login.known(url)
    ask({**url, "AWS_PROFILE": "work"})
    with pytest.raises(DestinationError, match="ProfileNotFound"):
        ask({**url, "AWS_PROFILE": "play"})


def test_the_role_of_a_container(cloud: Cloud) -> None:
    environment = {
        "AWS_ENDPOINT_URL": cloud.state.url,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{cloud.state.url}/container",
    }
    assert login.known(environment)
    ask(environment)


def test_the_role_of_an_instance(cloud: Cloud) -> None:
    environment = {"AWS_ENDPOINT_URL": cloud.state.url, "AWS_EC2_METADATA_SERVICE_ENDPOINT": cloud.state.url}
    assert login.known(environment)
    ask(environment)
    assert not login.known({**environment, "AWS_EC2_METADATA_DISABLED": "true"})


def test_a_machine_says_that_it_is_an_instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vendor = tmp_path / "sys_vendor"
    monkeypatch.setattr(login, "MACHINE", (vendor,))
    assert not login.on_instance({})
    vendor.write_text("Microsoft Corporation\n")
    assert not login.on_instance({})
    vendor.write_text("Amazon EC2\n")
    assert login.on_instance({})


def test_no_login_at_all_is_told(cloud: Cloud) -> None:
    environment = {"AWS_ENDPOINT_URL": cloud.state.url}
    (problem,) = SECRETS.lacks(environment)
    assert problem.reason == "destination-token-missing"
    with pytest.raises(Refused, match="no login for AWS"):
        ask(environment)
    with pytest.raises(DestinationError, match="PartialCredentials"):
        ask({**environment, "AWS_ACCESS_KEY_ID": "AKIA"})


@pytest.mark.parametrize(
    ("region", "fips", "host"),
    [
        ("eu-central-1", "", "secretsmanager.eu-central-1.amazonaws.com"),
        ("cn-north-1", "", "secretsmanager.cn-north-1.amazonaws.com.cn"),
        ("us-east-1", "true", "secretsmanager-fips.us-east-1.amazonaws.com"),
    ],
)
def test_the_endpoint_is_that_of_the_region(region: str, fips: str, host: str) -> None:
    client = Client(SECRETS, region, means_of({"AWS_USE_FIPS_ENDPOINT": fips}))
    assert client.service.usual == f"https://{host}"
