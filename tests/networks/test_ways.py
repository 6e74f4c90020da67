"""What stands in the way of a request, told apart: the name, the connection, the certificate, the proxy."""

from __future__ import annotations

import socket
import ssl
import threading
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from rotate.errors import Outcome, RotateError
from rotate.protocol.facts.model import Scope
from rotate.secret import Secret
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.words import unreachable
from rotate.systems.neon.api_key import build
from rotate.wire import trust
from rotate.wire.clock import SystemClock
from rotate.wire.network import Network, Proxy
from rotate.wire.outcome import Cause, NoAnswerError
from rotate.wire.trouble import _untrusted, explained
from tests.support.authority import DAY, Authority
from tests.support.opened import keep
from tests.support.servers import Proxy as ProxyServer
from tests.support.servers import serving

KEY = Secret("napi_pretend")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
NOWHERE = "https://localhost:1"
HALVES = pytest.mark.parametrize("half", ["Neon", "GitHub"])


def clock() -> SystemClock:
    stopped = threading.Event()
    stopped.set()
    return SystemClock(stopped)


def ask(half: str, url: str, network: Network) -> None:
    """Read a list at either half. Raises `RotateError` where it cannot be reached."""
    if half == "Neon":
        keep(build(url, clock(), Scope.PERSONAL, None, None, network)).list_keys(KEY)
        return
    try:
        assert keep(GitHub(url, KEY, clock(), network=network)).call("GET", "/x").text == "[]"
    except NoAnswerError as error:
        raise unreachable("list the secrets", error) from None


def failed(half: str, url: str, network: Network) -> RotateError:
    with pytest.raises(RotateError) as caught:
        ask(half, url, network)
    assert (caught.value.outcome, caught.value.exit_code) == (Outcome.NO_EFFECT, 1)
    assert half in caught.value.message
    return caught.value


def answer(near: socket.socket) -> None:
    near.recv(65536)
    near.sendall(OK)


@HALVES
@pytest.mark.parametrize("strict", [True, False], ids=["strict", "as many companies' are"])
def test_an_authority_that_is_named_is_trusted_on_both_halves(half: str, strict: bool, tmp_path: Path) -> None:
    authority = Authority(tmp_path, strict=strict)
    with serving(answer, authority.context()) as port:
        ask(half, f"https://localhost:{port}", Network(authorities=(authority.text,)))
        found = failed(half, f"https://localhost:{port}", Network())
    assert found.reason == "certificate-untrusted"
    assert "the certificate of localhost is not trusted: self-signed certificate in certificate chain" in found.message
    assert "it is signed by “Acme Root”" in found.message
    assert "    ca_bundle: .github/company-ca.pem" in found.remedy


@HALVES
def test_a_folder_of_certificates_is_trusted(half: str, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    hashed = authority.folder / f"{_hash(authority)}.0"
    hashed.write_text(authority.text)
    with serving(answer, authority.context()) as port:
        ask(half, f"https://localhost:{port}", Network(folders=(str(tmp_path),)))


def _hash(authority: Authority) -> str:
    import subprocess

    command = ["openssl", "x509", "-noout", "-subject_hash", "-in", str(authority.file)]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


def test_the_systems_authorities_are_held_to_the_strict_checks_and_a_persons_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: where nobody named the authority, the failed check is named, on each Python."""
    authority = Authority(tmp_path, strict=False)
    monkeypatch.setattr(trust, "_file_of", lambda _: str(authority.file))
    trust.trust.cache_clear()
    try:
        with serving(answer, authority.context()) as port:
            found = failed("Neon", f"https://localhost:{port}", Network())
    finally:
        trust.trust.cache_clear()
    assert found.reason == "certificate-untrusted"
    assert "Basic Constraints of CA cert not marked critical" in found.message or "Missing Authority" in found.message


def test_the_shipped_authorities_are_taken_where_the_system_has_no_file(tmp_path: Path) -> None:
    file = tmp_path / "system.pem"
    assert trust._file_of(str(file)).endswith("cacert.pem")
    file.touch()
    assert trust._file_of(str(file)) == str(file)


@pytest.mark.parametrize(
    ("host", "lasts", "said", "remedy"),
    [
        ("localhost", -DAY, "certificate has expired", "has to renew its certificate"),
        ("elsewhere.example", DAY, "Hostname mismatch", "spelled as it should be"),
    ],
)
def test_a_certificate_of_another_time_or_host_has_another_remedy(
    host: str, lasts: timedelta, said: str, remedy: str, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    with serving(answer, authority.context(host, lasts)) as port:
        found = failed("Neon", f"https://localhost:{port}", Network(authorities=(authority.text,)))
    assert found.reason == "certificate-untrusted"
    assert said in found.message
    assert remedy in found.remedy
    assert "ca_bundle" not in found.remedy


@HALVES
def test_a_host_that_refuses_a_name_that_is_none_and_no_tls_are_told_apart(half: str) -> None:
    refused = failed(half, NOWHERE, Network())
    assert refused.reason == f"{half.lower()}-unreachable"
    assert "localhost refuses connections" in refused.message
    assert "spelled as it should be" in refused.remedy
    assert "nowhere.invalid does not resolve" in failed(half, "https://nowhere.invalid", Network()).message
    long = f"https://{'a' * 64}.example"
    assert "does not resolve" in failed(half, long, Network()).message
    with serving(answer) as port:
        plain = failed(half, f"https://localhost:{port}", Network())
    assert "no TLS connection to localhost could be made: " in plain.message
    assert "quickly" not in plain.remedy


def through(at: str, login: str = "", scheme: str = "http") -> Proxy:
    user, _, password = login.partition(":")
    return Proxy(f"{scheme}://{at}", at, "HTTPS_PROXY", user, Secret(password))


@HALVES
@pytest.mark.parametrize("login", ["", "ada:hush"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_is_used_with_or_without_a_password(half: str, login: str, scheme: str, tmp_path: Path) -> None:
    authority, server = Authority(tmp_path), ProxyServer(login)
    context = authority.context() if scheme == "https" else None
    with serving(answer, authority.context()) as port, server.open(context) as at:
        network = Network(through(at, login, scheme), authorities=(authority.text,))
        ask(half, f"https://localhost:{port}", network)
    assert server.asked == [f"CONNECT localhost:{port} HTTP/1.1"]


@HALVES
def test_a_proxy_that_fails_is_named_without_its_login(half: str, tmp_path: Path) -> None:
    with ProxyServer("ada:hush").open() as at:
        wants = failed(half, NOWHERE, Network(through(at, "bob:loud-and-clear")))
    assert wants.reason == "proxy-failed"
    assert f"the proxy {at} (from HTTPS_PROXY) answers HTTP 407: it wants a name and a password" in wants.message
    assert f"HTTPS_PROXY: http://${{{{ secrets.PROXY_LOGIN }}}}@{at}" in wants.remedy
    with ProxyServer(status="403 Forbidden").open() as at:
        denied = failed(half, NOWHERE, Network(through(at)))
    assert f"the proxy {at} (from HTTPS_PROXY) answers HTTP 403)" in denied.message
    gone = failed(half, NOWHERE, Network(through("localhost:1", "bob:loud-and-clear")))
    unknown = failed(half, NOWHERE, Network(through("nowhere.invalid:1")))
    assert "the proxy localhost:1 (from HTTPS_PROXY) refuses connections" in gone.message
    assert "the proxy nowhere.invalid:1 (from HTTPS_PROXY) does not resolve" in unknown.message
    for one in (wants, denied, gone, unknown):
        assert one.reason == "proxy-failed"
        assert not any(text in f"{one.message}{one.remedy}" for text in ("bob", "loud", "hush", "foreign"))


def test_an_untrusted_certificate_behind_a_proxy_is_told_as_such(tmp_path: Path) -> None:
    authority = Authority(tmp_path, "Inspector")
    with serving(answer, authority.context()) as port, ProxyServer().open() as at:
        found = failed("Neon", f"https://localhost:{port}", Network(through(at)))
    assert found.reason == "certificate-untrusted"
    assert "it is signed by “Inspector”" in found.message
    with serving(answer, authority.context()) as port, ProxyServer().open(authority.context()) as at:
        inside = Network(through(at, scheme="https"), authorities=(Authority(tmp_path, "Other").text,))
        assert failed("Neon", f"https://localhost:{port}", inside).reason == "certificate-untrusted"


def test_names_in_a_certificate_may_be_missing() -> None:
    organization = {"issuer": ((("countryName", "DE"),), (("organizationName", "Acme"),))}
    assert trust._signed_by(organization) == "Acme"
    assert trust._signed_by({}) == "nobody"


def test_an_error_without_notes_still_names_the_host() -> None:
    error = ssl.SSLCertVerificationError()
    vars(error).update(verify_code=18, verify_message="self-signed certificate")
    assert _untrusted(error, "neon.example").said == (
        "the certificate of neon.example is not trusted: self-signed certificate"
    )


def test_what_has_no_known_cause_is_named_by_its_kind_and_its_host() -> None:
    proxy = through("proxy.example:3128")
    late = explained(httpx.ConnectTimeout("napi_text"), "neon.example", None, None)
    assert (late.outcome, late.said) == (Outcome.NO_EFFECT, "neon.example could not be reached in time")
    late = explained(httpx.ConnectTimeout("napi_text"), "neon.example", proxy, None)
    assert (late.cause, late.said) == (
        Cause.PROXY,
        "the proxy proxy.example:3128 (from HTTPS_PROXY) could not be reached in time",
    )
    odd = explained(httpx.RemoteProtocolError("napi_text"), "neon.example", proxy, None)
    assert odd.outcome is Outcome.UNKNOWN
    assert odd.said == "RemoteProtocolError on the way to neon.example through the proxy proxy.example:3128"
