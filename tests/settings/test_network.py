"""Proxies and certificates, read from the inputs and the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotate.secret import Secret
from rotate.settings.network import Found, network_of
from rotate.wire.network import Network, Proxy
from tests.support.authority import Authority

NEON = "https://console.neon.tech/api/v2"


def read(environment: dict[str, str], bundle: str = "", workspace: str = "") -> tuple[Found, list[Secret]]:
    hidden: list[Secret] = []
    return network_of({"ca_bundle": bundle} if bundle else {}, workspace, environment, hidden.append), hidden


def wrong(environment: dict[str, str], bundle: str = "", workspace: str = "") -> tuple[str, str]:
    found, _ = read(environment, bundle, workspace)
    (problem,) = found.problems
    assert problem.exit_code == 2
    return problem.reason, problem.message


def test_a_machine_that_says_nothing_has_no_proxy_and_nothing_to_trust() -> None:
    assert read({"HTTPS_PROXY": " ", "NO_PROXY": "", "SSL_CERT_FILE": ""}) == (Found(Network()), [])


@pytest.mark.parametrize(
    ("text", "url", "login"),
    [
        ("http://proxy.example:3128", "http://proxy.example:3128", None),
        ("proxy.example:3128", "http://proxy.example:3128", None),
        ("https://proxy.example", "https://proxy.example:443", None),
        ("http://[::1]:3128/", "http://[::1]:3128", None),
        ("http://ada:p%40ss%3Aword@10.0.0.1:8080", "http://10.0.0.1:8080", ("ada", "p@ss:word")),
        ("http://ada@proxy.example", "http://proxy.example:80", ("ada", "")),
    ],
)
@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
def test_a_proxy_is_read_from_each_variable(variable: str, text: str, url: str, login: tuple[str, str] | None) -> None:
    found, _ = read({variable: text})
    proxy = found.network.way_to(NEON)
    assert proxy
    assert (proxy.url, proxy.login, proxy.variable) == (url, login, variable)
    assert found.network.way_to("http://127.0.0.1:8080") is None, "plain http never leaves this machine"


def test_every_spelling_of_a_proxys_password_is_hidden_and_none_is_shown() -> None:
    found, hidden = read({"HTTPS_PROXY": "http://ada:p%40ss@proxy.example"})
    assert {one.reveal() for one in hidden} == {"p%40ss", "p@ss"}
    assert "p@ss" not in repr(found)
    assert found.network.proxy == Proxy(
        "http://proxy.example:80", "proxy.example:80", "HTTPS_PROXY", "ada", Secret("p@ss")
    )


@pytest.mark.parametrize(
    "text",
    [
        "socks5://ada:hush@proxy.example:1080",
        "http://:3128",
        "http://[::1",
        "http://p:99999",
        "http://p:0",
        "http://a b",
    ],
)
def test_what_is_no_proxy_is_an_error_that_names_the_variable_and_shows_nothing(text: str) -> None:
    reason, message = wrong({"ALL_PROXY": text})
    assert reason == "proxy-invalid"
    assert "ALL_PROXY" in message
    assert "hush" not in message


@pytest.mark.parametrize(
    ("entries", "url", "past"),
    [
        ("*", NEON, True),
        ("neon.tech", NEON, True),
        (".neon.tech", NEON, True),
        ("*.neon.tech", NEON, True),
        ("eon.tech", NEON, False),
        ("CONSOLE.neon.tech:443", NEON, True),
        ("https://console.neon.tech", NEON, True),
        ("localhost, 127.0.0.1 ,neon.tech", NEON, True),
        ("localhost,127.0.0.1,::1,[::1]", "https://[::1]/api/v3", True),
        ("[::1]:8443", "https://[::1]/api/v3", True),
        ("127.0.0.1,fe80::/10", "https://[fe80::7]/api/v3", True),
        ("[fe80::]/10", "https://[fe80::7]/api/v3", True),
        ("10.0.0.0/8", "https://10.1.2.3/api/v3", True),
        ("10.0.0.1:443", "https://10.0.0.1/api/v3", True),
        ("10.0.0.0/8", "https://11.1.2.3/api/v3", False),
        ("10.0.0.0/8", NEON, False),
    ],
)
def test_entries_of_no_proxy_are_read_as_other_programs_read_them(entries: str, url: str, past: bool) -> None:
    found, _ = read({"HTTPS_PROXY": "proxy.example", "NO_PROXY": entries})
    assert found.warnings == ()
    assert (found.network.way_to(url) is None) is past


@pytest.mark.parametrize("entry", ["[::1", "fe80::/999", "exa$mple", "http://[bad"])
def test_an_entry_that_nobody_can_read_is_passed_over_with_a_warning(entry: str) -> None:
    found, _ = read({"HTTPS_PROXY": "proxy.example", "no_proxy": f"{entry},neon.tech"})
    (warning,) = found.warnings
    assert (warning.reason, found.problems) == ("proxy-entry-unreadable", ())
    assert "no_proxy" in warning.message
    assert found.network.way_to(NEON) is None


def test_the_input_and_each_variable_add_what_they_name(tmp_path: Path) -> None:
    bundle, one, two = (Authority(tmp_path, name) for name in ("Acme Bundle", "Acme One", "Acme Two"))
    environment = {"SSL_CERT_FILE": str(one.file), "REQUESTS_CA_BUNDLE": str(two.file), "CURL_CA_BUNDLE": str(one.file)}
    found, _ = read(environment, bundle.file.name, str(tmp_path))
    assert found == Found(Network(authorities=(bundle.text, one.text, two.text)))
    folders = {"REQUESTS_CA_BUNDLE": str(tmp_path), "SSL_CERT_DIR": f"{tmp_path}/none:{tmp_path}"}
    assert read(folders)[0].network.folders == (str(tmp_path), str(tmp_path))


def test_only_certificates_are_taken_from_a_file(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    key = "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"
    (tmp_path / "all.pem").write_text(f"# Zürich\r\n{key}{authority.text.replace(chr(10), chr(13) + chr(10))}{key}")
    (text,) = read({}, "all.pem", str(tmp_path))[0].network.authorities
    assert "PRIVATE" not in text
    assert text.startswith("-----BEGIN CERTIFICATE-----")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file"),
        (b"", "holds no certificate in PEM."),
        (b"\x30\x82\x01", "it is one in DER"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "holds a certificate that is damaged"),
    ],
)
@pytest.mark.parametrize("name", ["`ca_bundle`", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_file_without_certificates_is_an_error_that_names_who_named_it(
    name: str, content: bytes | None, said: str, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "ca.pem").write_bytes(content)
    by_input = name == "`ca_bundle`"
    environment = {} if by_input else {name: str(tmp_path / "ca.pem")}
    reason, message = wrong(environment, "ca.pem" if by_input else "", str(tmp_path))
    assert reason == "certificates-unreadable"
    assert message.startswith(f"{name} names the file ")
    assert said in message


def test_a_file_that_is_no_end_of_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("rotate.settings.network.LARGEST", 10)
    assert wrong({"SSL_CERT_FILE": str(Authority(tmp_path).file)})[0] == "certificates-unreadable"
    assert wrong({}, str(tmp_path))[0] == "certificates-unreadable", "the input names a file"
