"""A company's certificate authority, strict or as many are, and what it signs."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


class Authority:
    """One authority. `strict`: it is made as RFC 5280 asks, which Python checks from 3.13 on."""

    def __init__(self, folder: Path, name: str = "Acme Root", *, strict: bool = True) -> None:
        self.folder = folder
        self.name = name
        self._strict = strict
        self._key = ec.generate_private_key(ec.SECP256R1())
        made = self._made(name, self._key.public_key(), DAY)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=strict)
        self.certificate = made.sign(self._key, hashes.SHA256())
        self.file = folder / f"{name.replace(' ', '-')}.pem"
        self.file.write_bytes(self.certificate.public_bytes(Encoding.PEM))

    @property
    def text(self) -> str:
        """Give its certificate in PEM."""
        return self.file.read_text()

    def context(self, host: str = "localhost", lasts: timedelta = DAY) -> ssl.SSLContext:
        """Give a server's side with a certificate for a host; one that `lasts` less than nothing is over."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternative = x509.SubjectAlternativeName([x509.DNSName(host), x509.IPAddress(ip_address("127.0.0.2"))])
        made = self._made(host, key.public_key(), lasts).add_extension(alternative, critical=False)
        if self._strict:
            above = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
            made = made.add_extension(above, critical=False)
        signed = made.sign(self._key, hashes.SHA256())
        file = self.folder / f"server-{signed.serial_number}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        file.write_bytes(signed.public_bytes(Encoding.PEM) + self.certificate.public_bytes(Encoding.PEM) + private)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _made(self, name: str, key: ec.EllipticCurvePublicKey, lasts: timedelta) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(_named(name))
            .issuer_name(_named(self.name))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 2 * DAY)
            .not_valid_after(now + lasts)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )
