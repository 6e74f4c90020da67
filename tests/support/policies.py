"""Read a text as a policy file, in a folder of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from rotate.context import Context
from rotate.errors import RotateError
from rotate.secret import Secret
from rotate.settings.asked import Asked, ask

NAME = ".github/neon-rotate.yml"
INPUTS: Mapping[str, str] = {"api_key": "napi_minter", "github_token": "token"}
ENVIRONMENT: Mapping[str, str] = {
    "NEON_API_KEY": "napi_current",
    "NEON_OTHER_KEY": "napi_other",
    "NEON_MINTER_KEY": "napi_minter",
    "OTHER_TOKEN": "other-token",
}


def read(
    text: str | bytes, inputs: Mapping[str, str] = INPUTS, hide: Callable[[Secret], object] = lambda _: None
) -> Asked | tuple[RotateError, ...]:
    """Ask with this file in its usual place."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        path.parent.mkdir()
        path.write_bytes(text.encode(errors="surrogatepass") if isinstance(text, str) else text)
        context = Context(repository="octo-org/payments", workspace=folder)
        return ask(inputs, context, ENVIRONMENT, lambda secret: void(hide(secret)))


def started_by(event: str, text: str, inputs: Mapping[str, str] = INPUTS) -> tuple[RotateError, ...]:
    """Give what is wrong with it in a run that an event started."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAME
        path.parent.mkdir()
        path.write_text(text)
        context = Context(repository="octo-org/payments", workspace=folder, event_name=event)
        found = ask(inputs, context, ENVIRONMENT, void)
    return found if isinstance(found, tuple) else ()


def void(_: object) -> None:
    """Drop what a listener gives back."""


def problems(
    text: str | bytes,
    inputs: Mapping[str, str] = INPUTS,
    hide: Callable[[Secret], object] = lambda _: None,
    *,
    allow: bool = False,
) -> tuple[RotateError, ...]:
    """Give what is wrong with it; with `allow`, that may be nothing."""
    found = read(text, inputs, hide)
    assert isinstance(found, tuple) or allow
    return found if isinstance(found, tuple) else ()


def asked(text: str, inputs: Mapping[str, str] = INPUTS, hide: Callable[[Secret], object] = lambda _: None) -> Asked:
    """Give what it asks for."""
    found = read(text, inputs, hide)
    assert isinstance(found, Asked), found
    return found
