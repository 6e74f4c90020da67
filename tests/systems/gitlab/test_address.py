"""Addresses of GitLab's variables: what is one, and what is wrong with what is none."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.systems.gitlab.address import wrong


@pytest.mark.parametrize(
    "text",
    [
        "gitlab://project/octo/payments",
        "gitlab://project/octo/sub/pay.ments-2?scope=production#NEON_API_KEY",
        "gitlab://project/4711?scope=review/*",
        "gitlab://group/octo",
        "gitlab://group/octo?scope=*",
        "gitlab://group/octo/sub?scope=eu%20west#A",
        "gitlab://instance#NEON_API_KEY",
    ],
)
def test_an_address_is_its_own_one_text(text: str) -> None:
    assert wrong(parsed(text)) == ""
    assert str(parsed(text)) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("gitlab://octo/payments", "begins with"),
        ("gitlab:project/octo/payments", "begins with"),
        ("gitlab://project", "full path"),
        ("gitlab://project/octo//payments", "full path"),
        ("gitlab://project/octo/pay ments", "full path"),
        ("gitlab://group/-octo", "full path"),
        ("gitlab://project/payments", "its group or user"),
        ("gitlab://instance/octo", "no path"),
        ("gitlab://instance?scope=production", "no environment scope"),
        ("gitlab://group/octo?scope=a;b", "an environment's name"),
        ("gitlab://group/octo#NEON-API-KEY", "letters, digits"),
    ],
)
def test_what_is_wrong_is_said(text: str, why: str) -> None:
    assert why in wrong(parsed(text))
