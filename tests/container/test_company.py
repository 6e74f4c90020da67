"""The image in a company's network, with an authority as strict as Python 3.13 asks and with one as many are."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from rotate.sandbox.world import World
from tests.container.conftest import docker
from tests.networks.test_runs import company
from tests.support.as_runner import ContainerRunner
from tests.support.authority import Authority
from tests.support.servers import Proxy
from tests.support.stories import tells


@pytest.mark.parametrize("strict", [True, False], ids=["strict", "as many are"])
def test_it_trusts_an_authority_of_the_workspace(strict: bool, image: str, world: World, tmp_path: Path) -> None:
    runner = ContainerRunner(tmp_path / "runner")
    authority = Authority(runner.workspace, strict=strict)
    with company(world, authority) as environment:
        ended = runner.run_container(image, {**environment, "INPUT_CA_BUNDLE": authority.file.name})
        tells(ended, "rotated", 0)


def test_it_trusts_none_that_nobody_named(image: str, world: World, tmp_path: Path) -> None:
    runner = ContainerRunner(tmp_path / "runner")
    with company(world, Authority(runner.workspace)) as environment:
        ended = runner.run_container(image, environment)
    tells(ended, "failed", 1)
    assert set(ended.reasons) == {"certificate-untrusted"}
    assert "“Acme Root”" in ended.stdout


def test_it_goes_through_a_proxy_with_a_password(image: str, world: World, tmp_path: Path) -> None:
    runner, proxy = ContainerRunner(tmp_path / "runner"), Proxy("ada:pa55-w0rd")
    authority = Authority(runner.workspace)
    with company(world, authority) as environment, proxy.open() as at:
        bundle = {"INPUT_CA_BUNDLE": authority.file.name, "HTTPS_PROXY": f"http://ada:pa55-w0rd@{at}"}
        ended = runner.run_container(image, {**environment, **bundle, "NO_PROXY": "[::1],fe80::/10"})
        tells(ended, "rotated", 0)
        asked = {line.split()[1] for line in proxy.asked}
        assert asked == {urlsplit(environment[name]).netloc for name in ("INPUT_API_HOST", "GITHUB_API_URL")}


def test_it_has_the_systems_authorities_in_one_file_that_it_finds(image: str) -> None:
    code = (
        "from rotate.wire.trust import trust; import ssl; p = ssl.get_default_verify_paths().openssl_cafile; "
        "print(open(p).readable(), len(trust((), ()).get_ca_certs()) > 50)"
    )
    told = docker("run", "--rm", "--entrypoint", "/app/bin/python3", image, "-I", "-c", code)
    assert told.stdout == "True True\n", told.stderr
