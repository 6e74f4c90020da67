"""Whose certificates are trusted, and who signed one that is not."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import cache
from pathlib import Path


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


@cache
def trust(authorities: tuple[str, ...], folders: tuple[str, ...]) -> ssl.SSLContext:
    """Trust the system's authorities (those that are shipped, where the system has no file of them), and these.

    Authorities that a person named need not pass the strict checks of RFC 5280 that Python makes from 3.13 on: many
    companies' do not, and every other program on their machines takes them.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslsocket_class = Handshake
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
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
