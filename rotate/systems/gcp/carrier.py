"""What Google's library sends goes through our own client: its bounds, its proxy, its authorities and its words.

Source: google-auth 2.63, `google/auth/transport/__init__.py`: what a `Request` is given and gives. Bodies are forms or
JSON, in bytes (`google/oauth2/_client.py`, `sts.py`, `google/auth/iam.py`); answers are JSON, and text where another
cloud's metadata or a URL gives an identity (`google/auth/aws.py`, `identity_pool.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from google.auth.transport import Request, Response

from rotate.means import Means
from rotate.problems import Problems
from rotate.secret import Secret
from rotate.service import words
from rotate.service.description import Ask
from rotate.settings.parse import url as checked
from rotate.systems.gcp import ways
from rotate.systems.gcp.system import SERVICE
from rotate.wire.http import Style
from rotate.wire.outcome import SUCCESS, Answer, NoAnswerError

FORM = "application/x-www-form-urlencoded"
# The servers of a machine's own metadata, which are never asked over a network.
LINK_LOCAL = (ways.METADATA_HOST, "169.254.169.254")
VALUES = ("access_token", "accessToken", "id_token", "refresh_token", "token", "value", "SecretAccessKey", "Token")
SHORTEST = 32


@dataclass(frozen=True, slots=True)
class Given(Response):
    """An answer, as Google's library takes it."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class Carrier(Request):
    """Sends one request, again where that is safe. Raises `RotateError`s alone, which the library lets through."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **more: object,
    ) -> Given:
        """Send it. `timeout` is not heard: ours holds."""
        del timeout, more
        base, path = self._parted(url)
        asking = Ask("GET", path, "log in to Google Cloud")  # whatever its verb, it changes nothing
        sent = {name: text for name, text in (headers or {}).items() if name.lower() != "content-type"}
        form = (headers or {}).get("Content-Type", (headers or {}).get("content-type", "")).startswith(FORM)
        try:
            answer = self._means.api(base).call(
                method, path, Secret(""), _taken(body, form=form), idempotent=True, style=Style(headers=sent, form=form)
            )
        except NoAnswerError as error:
            raise words.silent(SERVICE, asking, error) from None
        self._hide(answer)
        text = answer.status in SUCCESS and answer.headers.get("content-type", "").startswith("text/plain")
        failure = None if text else words.failure(SERVICE, asking, answer, answer.text, base)
        if failure:
            raise failure
        return Given(answer.status, answer.headers, answer.text.encode())

    def _parted(self, url: str) -> tuple[str, str]:
        """Split host and path. Raises where a token would cross a network in clear."""
        parts, problems = urlsplit(url), Problems()
        base = f"{parts.scheme}://{parts.netloc}"
        if parts.scheme != "http" or parts.hostname not in (*LINK_LOCAL, ways.metadata_host(self._means.environment)):
            checked(base, "the address to log in at", problems)
        for _, problem in problems.found:
            raise problem
        return base, f"{parts.path}?{parts.query}" if parts.query else parts.path

    def _hide(self, answer: Answer) -> None:
        """Hide each token. Where an identity is given as text, it is all that there is; a region is short."""
        row = answer.json()
        for value in map(row.get, VALUES) if isinstance(row, dict) else (answer.text.strip(),):
            if isinstance(value, str) and len(value) >= SHORTEST:
                self._means.hide(Secret(value))


def _taken(body: bytes | str | None, *, form: bool) -> object:
    """Give what a body says."""
    if not body:
        return None
    text = body.decode() if isinstance(body, bytes) else body
    return dict(parse_qsl(text, keep_blank_values=True)) if form else json.loads(text)
