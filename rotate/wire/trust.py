"""Whose certificates are trusted, who signed one that is not, and which certificate this program shows."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from rotate.wire.network import Identity, Network


class Handshake(ssl.SSLSocket):
    """A connection that, refusing a certificate, notes on the error whose it was and who signed it."""

    def do_handshake(self, *how: bool) -> None:
        try:
            super().do_handshake(*how)
        except ssl.SSLCertVerificationError as error:
            chain = vars(self)["_sslobj"].get_unverified_chain() or ()
            error.add_note(str(self.server_hostname))
            for one in chain:
                error.add_note(_signed_by(one.get_info()))
            raise


def _signed_by(certificate: Mapping[str, tuple[tuple[tuple[str, str], ...], ...]]) -> str:
    names = {key: text for part in certificate.get("issuer", ()) for key, text in part}
    return names.get("commonName") or names.get("organizationName") or "nobody"


def context_of(network: Network) -> ssl.SSLContext:
    """Give how a server is known, and how this program is known to it.

    Raises:
        OSError, ValueError: what is pinned is no certificate, or the identity is none, or its key is another's or
            encrypted. A `ssl.SSLError` is an OSError.
    """
    if not (network.pinned or network.identity):
        return trust(network.authorities, network.folders)
    # It is never shared: whatever is asked with it is shown who asks.
    context = _bare() if network.pinned else trust.__wrapped__(network.authorities, network.folders)
    if network.pinned:
        context.load_verify_locations(cadata=network.pinned)
    if network.identity:
        _show(network.identity, context)
    return context


def _show(identity: Identity, context: ssl.SSLContext) -> None:
    """Load a certificate and its key. `ssl` takes files alone, so each is a pipe: nothing of it is on a disk."""
    with _piped(identity.certificate) as certificate, _piped(identity.key.reveal()) as key:
        context.load_cert_chain(certificate, key, password=lambda: "")  # without it, the terminal would be asked


@contextmanager
def _piped(text: str) -> Iterator[str]:
    """Give the path of a pipe that holds a text. What is longer than a pipe is cut off, and then is no PEM."""
    read, write = os.pipe()
    try:
        os.set_blocking(write, False)
        os.write(write, text.encode())
        os.close(write)
        yield f"/dev/fd/{read}"
    finally:
        os.close(read)


def _bare() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslsocket_class = Handshake
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


@cache
def trust(authorities: tuple[str, ...], folders: tuple[str, ...]) -> ssl.SSLContext:
    """Trust the system's authorities (those that are shipped, where the system has no file of them), and these.

    Authorities that a person named need not pass the strict checks of RFC 5280 that Python makes from 3.13 on: many
    companies' do not, and every other program on their machines takes them.
    """
    context = _bare()
    if not (authorities or folders):
        context.verify_flags |= ssl.VERIFY_X509_STRICT
    system = ssl.get_default_verify_paths()
    context.load_verify_locations(cafile=_file_of(system.openssl_cafile))
    for folder in (system.openssl_capath, *folders):
        context.load_verify_locations(capath=folder)
    for text in authorities:
        context.load_verify_locations(cadata=text)
    return context


def _file_of(system: str) -> str:
    if Path(system).is_file():
        return system
    import certifi

    return certifi.where()
