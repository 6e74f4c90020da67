"""CRC-32C (Castagnoli), by which Secret Manager checks what it was sent. Python's `zlib` has another polynomial.

Source: RFC 3720, appendix B.4; Secret Manager's documentation, "Data integrity assurance".
"""

from __future__ import annotations

_REVERSED, _ALL, _BITS = 0x82F63B78, 0xFFFFFFFF, 8


def crc32c(data: bytes) -> int:
    """Give the checksum."""
    found = _ALL
    for byte in data:
        found ^= byte
        for _ in range(_BITS):
            found = (found >> 1) ^ (_REVERSED if found & 1 else 0)
    return found ^ _ALL
