"""Addresses of Cloudflare, the account that every one of them needs, and when each is seen."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.registry import system
from rotate.system import PickUp
from rotate.systems.cloudflare.system import ACCOUNT, lacks, wrong

WITH_TOKEN = {"CLOUDFLARE_API_TOKEN": "cf-sandbox-token-0123456789"}


@pytest.mark.parametrize(
    "text",
    [
        "cloudflare://workers/payments-staging#NEON_API_KEY",
        "cloudflare://pages/shop?environment=preview#NEON_API_KEY",
        "cloudflare://pages/shop?environment=production",
        "cloudflare://secrets-store/shared#neon-api-key",
        "cloudflare://secrets-store/0123456789abcdef0123456789abcdef",
    ],
)
def test_an_address_is_its_own_one_text(text: str) -> None:
    assert wrong(parsed(text)) == ""
    assert str(parsed(text)) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("cloudflare://payments", "it begins with"),
        ("cloudflare:workers/payments", "it begins with"),
        ("cloudflare://workers/", "the name of the Worker"),
        ("cloudflare://workers/a/b", "the name of the Worker"),
        ("cloudflare://pages/Shop", "small letters"),
        ("cloudflare://secrets-store/a/b", "the name or the id"),
        ("cloudflare://workers/a?environment=production", "only a Pages project"),
        ("cloudflare://pages/a?environment=staging", "`production` or `preview`"),
        ("cloudflare://workers/a#2A", "no variable's"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(text: str, why: str) -> None:
    assert why in wrong(parsed(text))


@pytest.mark.parametrize("account", ["", "octo", "0123456789ABCDEF0123456789ABCDEF", "0" * 33])
def test_an_account_must_be_given(account: str) -> None:
    (problem,) = lacks({**WITH_TOKEN, ACCOUNT: account})
    assert (problem.reason, ACCOUNT in problem.remedy) == ("cloudflare-account-missing", True)
    assert [one.reason for one in lacks({})] == ["destination-token-missing", "cloudflare-account-missing"]
    assert lacks({**WITH_TOKEN, ACCOUNT: "0" * 32}) == ()


def test_pages_alone_is_seen_late() -> None:
    traits = system("cloudflare").traits
    assert traits.when("cloudflare://pages/shop#A") is PickUp.NEXT_DEPLOY
    assert traits.when("cloudflare://workers/pages#A") is PickUp.AT_READ
    assert [traits.late(f"cloudflare://{one}/pages#A") for one in ("pages", "secrets-store")] == [True, False]
