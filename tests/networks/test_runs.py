"""Whole rotations in a company's network: its authority, its proxy, and what its machines say of themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from rotate.sandbox.world import World
from tests.support.authority import Authority
from tests.support.runner import Ended, Runner
from tests.support.servers import Proxy, in_tls
from tests.support.stories import STORIES, at_rest, tells


@contextmanager
def company(world: World, authority: Authority) -> Iterator[Mapping[str, str]]:
    """Put both halves behind certificates of an authority; give a step's environment."""
    story = STORIES["personal"](world)
    environment = story.environment()
    with ExitStack() as stack:
        neon = stack.enter_context(in_tls(environment["INPUT_API_HOST"], authority.context()))
        github = stack.enter_context(in_tls(environment["GITHUB_API_URL"], authority.context()))
        yield {**environment, "INPUT_API_HOST": neon, "GITHUB_API_URL": github}
    if world.ledger:
        at_rest(world, story)


def named(environment: Mapping[str, str], how: str, authority: Authority) -> dict[str, str]:
    return {**environment, how: authority.file.name if how == "INPUT_CA_BUNDLE" else str(authority.file)}


@pytest.mark.parametrize("how", ["INPUT_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
@pytest.mark.parametrize("strict", [True, False], ids=["strict", "as many are"])
def test_a_companys_authority_counts_for_both_halves(how: str, strict: bool, world: World, runner: Runner) -> None:
    authority = Authority(runner.workspace, strict=strict)
    with company(world, authority) as environment:
        ended = runner.run(named(environment, how, authority))
        tells(ended, "rotated", 0)


def test_an_authority_that_nobody_named_is_told_and_nothing_is_sent(world: World, runner: Runner) -> None:
    authority = Authority(runner.workspace)
    with company(world, authority) as environment:
        ended = runner.run(environment)
    tells(ended, "failed", 1)
    assert set(ended.reasons) == {"certificate-untrusted"}
    assert "localhost" in ended.stdout
    assert "“Acme Root”" in ended.stdout
    assert "ca_bundle: .github/company-ca.pem" in ended.summary
    assert "in a few minutes" not in ended.stdout
    assert len(world.ledger) == 0


@pytest.mark.parametrize("login", ["", "ada:pa55-w0rd/x"])
def test_a_rotation_goes_through_a_companys_proxy(login: str, world: World, runner: Runner) -> None:
    authority, proxy = Authority(runner.workspace), Proxy(login)
    before = f"{login.replace('/', '%2F')}@" if login else ""
    with company(world, authority) as environment, proxy.open() as at:
        step = named(environment, "INPUT_CA_BUNDLE", authority)
        ended = runner.run({**step, "HTTPS_PROXY": f"http://{before}{at}", "NO_PROXY": "10.0.0.0/8"})
        tells(ended, "rotated", 0)
        asked = {line.split()[1] for line in proxy.asked}
        assert asked == {str(urlsplit(step[name]).netloc) for name in ("INPUT_API_HOST", "GITHUB_API_URL")}
    hidden = [line for line in ended.stdout.splitlines() if not line.startswith("::add-mask::")]
    assert not any("pa55-w0rd" in line for line in hidden)


def test_a_proxy_that_wants_a_password_is_named_without_the_wrong_one(world: World, runner: Runner) -> None:
    authority, proxy = Authority(runner.workspace), Proxy("ada:right")
    with company(world, authority) as environment, proxy.open() as at:
        ended = runner.run({**environment, "HTTPS_PROXY": f"http://ada:wr0ng-1@{at}"})
    tells(ended, "failed", 1)
    assert set(ended.reasons) == {"proxy-failed"}
    assert f"the proxy {at} (from HTTPS_PROXY) answers HTTP 407" in ended.stdout
    assert "foreign" not in ended.everything
    assert "wr0ng-1" not in ended.everything.replace("::add-mask::wr0ng-1", "")


@pytest.mark.parametrize("entries", ["localhost,127.0.0.1,::1,[::1]", "127.0.0.1,fe80::/10"])
def test_what_a_machine_says_of_ipv6_stops_no_rotation(entries: str, world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    ended = runner.run({**story.environment(), "NO_PROXY": entries, "HTTPS_PROXY": "http://localhost:1"})
    tells(ended, "rotated", 0)
    assert ended.report["warnings"] == []


def test_an_unreadable_entry_is_a_warning_beside_the_verdict(world: World, runner: Runner) -> None:
    ended = runner.run({**STORIES["personal"](world).environment(), "NO_PROXY": "fe80::/999"})
    tells(ended, "rotated", 0)
    assert [warning["reason"] for warning in ended.report["warnings"]] == ["proxy-entry-unreadable"]
    assert "The entry `fe80::/999` of NO_PROXY" in ended.stdout


@pytest.mark.parametrize(
    ("variable", "text", "reason"),
    [
        ("HTTPS_PROXY", "socks5://ada:hush-hush@localhost:1080", "proxy-invalid"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem", "certificates-unreadable"),
        ("INPUT_CA_BUNDLE", "nowhere.pem", "certificates-unreadable"),
    ],
)
def test_what_cannot_be_read_is_an_error_before_contact(
    variable: str, text: str, reason: str, world: World, runner: Runner
) -> None:
    ended = runner.run({**STORIES["personal"](world).environment(), variable: text})
    refused(ended, reason)
    assert len(world.ledger) == 0
    assert "hush-hush" not in ended.everything


def refused(ended: Ended, reason: str) -> None:
    assert (ended.code, ended.reasons) == (2, [reason])


def test_the_command_line_takes_the_file_too(world: World, tmp_path: Path, runner: Runner) -> None:
    authority = Authority(tmp_path)
    with company(world, authority) as environment:
        given = {
            "NEON_API_KEY": environment["INPUT_API_KEY"],
            "GITHUB_TOKEN": environment["INPUT_GITHUB_TOKEN"],
            "GITHUB_API_URL": environment["GITHUB_API_URL"],
        }
        flags = ["--repository", "octo-org/payments", "--old-key-id", environment["INPUT_OLD_KEY_ID"]]
        flags += ["--api-host", environment["INPUT_API_HOST"], "--ca-bundle", str(authority.file)]
        process = runner.start(given, ["-m", "tests.support.quiet_cli", "rotate", *flags])
        stdout, _ = process.communicate(timeout=60)
        assert (process.returncode, "is dead" in stdout) == (0, True)
