"""Checks a request's Signature Version 4, by hand: no code of AWS's is used.

Source: AWS IAM User Guide, "Create a signed AWS API request": canonical request, string to sign, derived key.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import NamedTuple

from rotate.sandbox.exchange import Request

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[A-Z0-9]+)/(?P<day>[0-9]{8})/(?P<region>[a-z0-9-]+)/(?P<service>[a-z-]+)"
    r"/aws4_request, SignedHeaders=(?P<headers>[a-z0-9;-]+), Signature=(?P<signature>[0-9a-f]{64})"
)
MUST = {"host", "x-amz-date"}


class Signed(NamedTuple):
    """What the header of a signed request says."""

    key: str
    day: str
    region: str
    service: str
    headers: str
    signature: str


def signed(headers: Mapping[str, str]) -> Signed | None:
    """Take the header apart; nothing where there is none."""
    found = _HEADER.fullmatch(headers.get("Authorization", ""))
    return Signed(**found.groupdict()) if found else None


def holds(said: Signed, secret_key: str, request: Request) -> bool:
    """Say whether the signature is that of this request with this key."""
    names = said.headers.split(";")
    if not set(names) >= MUST or names != sorted(names):
        return False
    lines = [f"{name}:{' '.join(request.headers.get(name, '').split())}" for name in names]
    digest = hashlib.sha256(request.body).hexdigest()
    canonical = "\n".join(["POST", request.path, "", *lines, "", said.headers, digest])
    scope = f"{said.day}/{said.region}/{said.service}/aws4_request"
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = "\n".join(["AWS4-HMAC-SHA256", request.headers.get("x-amz-date", ""), scope, hashed])
    key = f"AWS4{secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), said.signature)
