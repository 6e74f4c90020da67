"""What is left of botocore in the image still finds a login, an endpoint and a signature."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import botocore

ROOT = Path(__file__).resolve().parents[3]
LEFT = {"signin", "sso", "sso-oidc", "sts"}
USED = """
import sys
sys.path.insert(0, sys.argv[1]); sys.path.append(sys.argv[2])
import botocore
assert botocore.__file__.startswith(sys.argv[1])
from rotate.address import parsed
from rotate.means import Means
from rotate.systems.aws.system import SECRETS, PARAMETERS
from rotate.systems.aws.client import Client
from rotate.systems.aws import login
from rotate.wire.clock import SystemClock
from rotate.wire.network import Network
import threading
key = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "x"}
means = Means(key, SystemClock(threading.Event()), lambda _: None, Network())
for service in (SECRETS, PARAMETERS):
    client = Client(service, "eu-central-1", means)
    print(client.service.usual, bool(client._signed("Get", {})[0]))
nobody = Means({"HOME": sys.argv[1], "AWS_PROFILE": "default"}, means.clock, means.hide, means.network)
print(login._chain(nobody, "eu-central-1"))
from botocore.session import Session
for name in ("sts", "sso", "sso-oidc", "signin"):
    print(Session().create_client(name, region_name="eu-central-1").meta.endpoint_url)
"""


def test_without_the_data_of_other_services_it_signs_and_resolves(tmp_path: Path) -> None:
    copy = tmp_path / "packages" / "botocore"
    shutil.copytree(Path(botocore.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyasn1", "pyasn1_modules", "yaml"):
        (tmp_path / "packages" / name).mkdir()
    (tmp_path / "packages" / "yaml" / "_yaml.cpython-313-x86_64-linux-gnu.so").touch()
    script = [sys.executable, str(ROOT / "requirements" / "strip.py"), str(tmp_path / "packages")]
    subprocess.run(script, check=True)
    assert not list((tmp_path / "packages").glob("pyasn1*"))
    assert not list((tmp_path / "packages" / "yaml").iterdir())
    (tmp_path / "packages" / "yaml").rmdir()  # the one of this machine is used
    assert {one.name for one in (copy / "data").iterdir() if one.is_dir()} == LEFT
    assert sum(one.stat().st_size for one in copy.rglob("*") if one.is_file()) < 7_000_000
    used = [sys.executable, "-I", "-c", USED, str(tmp_path / "packages"), str(ROOT)]
    (tmp_path / "packages" / ".aws").mkdir()
    (tmp_path / "packages" / ".aws" / "config").write_text("[default]\nregion = eu-central-1\n")
    said = subprocess.run(used, check=True, capture_output=True, text=True).stdout.splitlines()
    assert said == [
        "https://secretsmanager.eu-central-1.amazonaws.com True",
        "https://ssm.eu-central-1.amazonaws.com True",
        "None",
        "https://sts.eu-central-1.amazonaws.com",
        "https://portal.sso.eu-central-1.amazonaws.com",
        "https://oidc.eu-central-1.amazonaws.com",
        "https://signin.eu-central-1.amazonaws.com",
    ]


def test_the_image_is_made_with_that_script() -> None:
    assert "strip.py" in (ROOT / "Dockerfile").read_text()
    assert "!requirements/strip.py" in (ROOT / ".dockerignore").read_text().splitlines()


def test_whoever_does_not_use_it_loads_nothing_of_it() -> None:
    code = "import sys; from rotate.registry import kinds, system\n[system(one) for one in kinds()]\n"
    code += "print(sorted(one for one in sys.modules if one.startswith(('botocore', 'urllib3'))))"
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT).stdout
    assert "botocore" not in said


WITHOUT = """
import sys
for gone in ("pyasn1", "pyasn1_modules", "yaml._yaml"):
    sys.modules[gone] = None
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.oauth2.service_account import Credentials
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
info = {"private_key": key.private_bytes(*form).decode(), "client_email": "a@b", "token_uri": "https://c"}
print(len(Credentials.from_service_account_info(info).sign_bytes(b"x")), yaml.safe_load("a: [1]"))
"""


def test_what_is_left_out_beside_is_not_missed() -> None:
    """google-auth signs by cryptography, and PyYAML reads by itself."""
    said = subprocess.run([sys.executable, "-I", "-c", WITHOUT], check=True, capture_output=True, text=True).stdout
    assert said == "256 {'a': [1]}\n"
