"""A value that will not print, format, compare loosely, pickle or serialize.

A `Secret` exists only in memory. The one way to its text is `reveal()`, which is called where the value is sent:
in an authorization header, into a sealed box, or to the masking command of the runner.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import NoReturn, SupportsIndex, final

FINGERPRINT_LENGTH = 12
# The shapes of Neon's keys and GitHub's tokens, a second net for values that nobody told us of: those of today, and
# Neon's older 64 letters and digits (facts: Neon §5), a few of which may have been lost. A hash, in hexadecimal digits
# alone, is none; nor is the code in the link to a single sign-on, which a person must be able to follow.
SHAPES = (
    r"(?<![A-Za-z0-9])(?:napi_[A-Za-z0-9_]{16,}|github_pat_[A-Za-z0-9_]{16,}|gh[opsur]_[A-Za-z0-9_.-]{16,}"
    r"|(?<!authorization_request=)(?![0-9a-f]+(?![A-Za-z0-9]))[A-Za-z0-9]{60,})"
)


@final
class Secret:
    """The value of one credential.

    Keys are long random values, so the short SHA-256 `fingerprint` tells two of them apart and reveals nothing
    (protocol: *The note holds*).
    """

    __slots__ = ("_value",)
    _value: str

    def __init__(self, value: str) -> None:
        object.__setattr__(self, "_value", value)

    def reveal(self) -> str:
        """Give the text. Only for what sends or seals it; never for anything that tells."""
        return self._value

    @property
    def fingerprint(self) -> str:
        """Give the first 12 hex digits of SHA-256: safe to log, to note and to compare."""
        return hashlib.sha256(self._value.encode()).hexdigest()[:FINGERPRINT_LENGTH]

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise TypeError("a Secret does not change")

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a Secret is never pickled or copied to disk")
