"""A client certificate and the cluster's own authority, over TLS; the key of neither is ever on a disk."""

from __future__ import annotations

import socket
import ssl
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from rotate.errors import ConfigurationError, RotateError
from rotate.secret import Secret
from rotate.systems.kubernetes.secret import cluster
from tests.support.authority import Authority
from tests.support.bench import means_of
from tests.support.servers import serving
from tests.systems.kubernetes.bench import kubeconfig

ANSWER = b'{"status": {"allowed": true}}'
HEAD = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(ANSWER)
Pair = tuple[str, str]


def data(text: str) -> str:
    return b64encode(text.encode()).decode()


def read(near: socket.socket) -> bytes:
    """Read a whole request: what is left unread when a connection is closed would reset it."""
    found = b""
    while not found.endswith(b"}}}") and (part := near.recv(65536)):
        found += part
    return found


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def pair(authority: Authority, tmp_path: Path) -> Pair:
    """A certificate of a client, and its key."""
    authority.context("rotate")
    (file,) = tmp_path.glob("server-*.pem")
    certificate, mark, key = file.read_text().partition("-----BEGIN EC")
    file.unlink()
    return certificate, mark + key


@pytest.fixture
def serve() -> Callable[[socket.socket], None]:
    """Serves whoever shows a certificate, and remembers the request."""

    def one(near: socket.socket) -> None:
        assert isinstance(near, ssl.SSLSocket)
        assert near.getpeercert()
        read(near)
        near.sendall(HEAD + ANSWER)

    return one


def context(authority: Authority) -> ssl.SSLContext:
    """A server's side that wants to know who asks."""
    made = authority.context()
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_verify_locations(cadata=authority.text)
    return made


def asked(port: int, authority: str, pair: Pair, hidden: list[Secret] | None = None) -> bool | None:
    """Ask something by a kubeconfig with a certificate."""
    certificate, key = pair
    user = {"client-certificate-data": data(certificate), "client-key-data": data(key)}
    text = kubeconfig(f"https://localhost:{port}", "", user, **{"certificate-authority-data": data(authority)})
    means = means_of({"KUBECONFIG": text}, (hidden if hidden is not None else []).append)
    return cluster(means, "").may("patch", "payments", "secrets")


def test_a_certificate_says_who_asks_and_the_clusters_authority_alone_is_trusted(
    authority: Authority, pair: Pair, serve: Callable[[socket.socket], None]
) -> None:
    hidden: list[Secret] = []
    with serving(serve, context(authority)) as port:
        assert asked(port, authority.text, pair, hidden) is True
        assert asked(port, Authority(authority.folder, "Another").text, pair) is None, "another authority"
    assert Secret(pair[1]) in hidden


def test_without_an_authority_of_its_own_those_of_the_system_are_trusted(
    authority: Authority, pair: Pair, serve: Callable[[socket.socket], None]
) -> None:
    with serving(serve, context(authority)) as port:
        assert asked(port, "", pair) is None


def _encrypted(key: str) -> str:
    loaded = load_pem_private_key(key.encode(), None)
    made = loaded.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    return made.decode()


@pytest.mark.parametrize("harm", [_encrypted, lambda key: key[:80], lambda key: "x" * 200_000 + key])
def test_a_key_that_cannot_be_used_is_told_and_nobody_is_asked_for_its_password(
    harm: Callable[[str], str], authority: Authority, pair: Pair
) -> None:
    with pytest.raises(ConfigurationError, match="damaged, or encrypted") as raised:
        asked(1, authority.text, (pair[0], harm(pair[1])))
    assert raised.value.__cause__ is None


def test_a_damaged_authority_is_told(pair: Pair) -> None:
    with pytest.raises(RotateError, match="cannot be used"):
        asked(1, "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n", pair)


def test_a_token_is_sent_to_a_cluster_that_its_own_authority_vouches_for(authority: Authority) -> None:
    heard: list[bytes] = []

    def one(near: socket.socket) -> None:
        heard.append(read(near))
        near.sendall(HEAD + ANSWER)

    with serving(one, authority.context()) as port:
        own: dict[str, Any] = {"certificate-authority-data": data(authority.text)}
        text = kubeconfig(f"https://localhost:{port}", "a-token-of-a-test", **own)
        assert cluster(means_of({"KUBECONFIG": text}), "").may("patch", "payments", "secrets") is True
    assert b"Authorization: Bearer a-token-of-a-test" in heard[0]
