"""Addresses of Vercel's variables."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.systems.vercel.address import wrong


@pytest.mark.parametrize(
    "text",
    [
        "vercel://payments?target=production#NEON_API_KEY",
        "vercel://prj_XLKmu1Dy?target=development",
        "vercel://payments?branch=feat/x&target=preview#KEY",
        "vercel://payments?custom=staging#KEY",
        "vercel://shared?target=production#KEY",
        "vercel://team/shared?target=preview#KEY",
    ],
)
def test_an_address_is_its_own_one_text(text: str) -> None:
    assert wrong(parsed(text)) == ""
    assert str(parsed(text)) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("vercel:payments?target=production", "names a project"),
        ("vercel://octo/payments?target=production", "names a project"),
        ("vercel://payments?target=production#9KEY", "no digit first"),
        ("vercel://payments#KEY", "says which variable"),
        ("vercel://payments?target=production&custom=staging", "says which variable"),
        ("vercel://payments?target=staging", "other environments are named by `custom`"),
        ("vercel://payments?custom=a/b", "the slug"),
        ("vercel://payments?target=production&branch=main", "`target=preview` alone"),
        (f"vercel://payments?target=preview&branch={'b' * 251}", "250 characters"),
        ("vercel://team/shared?custom=staging", "by `target` alone"),
        ("vercel://team/shared?target=preview&branch=main", "by `target` alone"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(text: str, why: str) -> None:
    assert why in wrong(parsed(text))
