"""Addresses of Netlify's variables: an account, a site or none, and one deploy context."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.systems.netlify.system import wrong


@pytest.mark.parametrize(
    "text",
    [
        "netlify://octo#NEON_API_KEY",
        "netlify://octo/payments?context=production#NEON_API_KEY",
        "netlify://octo/payments?context=branch:feat/x",
        "netlify://octo-1/0d3a9d2f-ef94-4380-93df-27ee400e2048?context=dev-server",
    ],
)
def test_an_address_is_its_own_one_text(text: str) -> None:
    assert wrong(parsed(text)) == ""
    assert str(parsed(text)) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("netlify:octo/payments", "needs the account"),
        ("netlify://octo/", "needs the account"),
        ("netlify://octo/a/b", "needs the account"),
        ("netlify://octo/payments?context=prod", "`context` is `all`, `production`"),
        ("netlify://octo/payments?context=branch:", "`context` is"),
        ("netlify://octo/payments?context=branch:production", "`context` is"),
        ("netlify://octo/payments#A-B", "letters, digits"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(text: str, why: str) -> None:
    assert why in wrong(parsed(text))
