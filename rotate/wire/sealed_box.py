"""Seal a value so that only the holder of a public key can open it (libsodium `crypto_box_seal`)."""

from __future__ import annotations

from base64 import b64decode, b64encode

from rotate.secret import Secret

KEY_LENGTH = 32


def seal(public_key: str, secret: Secret) -> str:
    """Seal for a public key in base64 (32 bytes); give base64, as GitHub's `encrypted_value` wants it.

    Raises:
        ValueError: the public key is not 32 bytes of base64.
    """
    from nacl.public import PublicKey, SealedBox

    raw = b64decode(public_key, validate=True)
    if len(raw) != KEY_LENGTH:
        raise ValueError("the public key is not 32 bytes")
    return b64encode(SealedBox(PublicKey(raw)).encrypt(secret.reveal().encode())).decode()
