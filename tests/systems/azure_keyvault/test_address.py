"""Addresses of Key Vault's secrets: what is one, what is wrong with what is none, and that each secret has one."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.context import Context
from rotate.problems import Problems
from rotate.registry import system
from rotate.systems.azure_keyvault.address import wrong


@pytest.mark.parametrize("text", ["azure-keyvault://payments/neon-api-key", "azure-keyvault://kv-1-eu/0a"])
def test_an_address_is_its_own_one_text(text: str) -> None:
    assert wrong(parsed(text)) == ""
    assert str(parsed(text)) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("azure-keyvault:payments/neon-api-key", "names the vault and the secret"),
        ("azure-keyvault://payments", "names the vault and the secret"),
        ("azure-keyvault://payments/", "names the vault and the secret"),
        ("azure-keyvault://payments.vault.azure.net/neon-api-key", "not the vault's URL"),
        ("azure-keyvault://1payments/neon-api-key", "3 to 24"),
        ("azure-keyvault://pay--ments/neon-api-key", "3 to 24"),
        ("azure-keyvault://payments-/neon-api-key", "3 to 24"),
        ("azure-keyvault://pa/neon-api-key", "3 to 24"),
        ("azure-keyvault://payments/neon_api_key", "no `_`"),
        ("azure-keyvault://Payments/neon-api-key", "lower case"),
        ("azure-keyvault://payments/NEON-API-KEY", "lower case"),
        ("azure-keyvault://payments/neon-api-key/0123456789abcdef", "no version"),
        (f"azure-keyvault://payments/{'n' * 128}", "127 at most"),
        ("azure-keyvault://payments/neon-api-key#NEON_API_KEY", "nothing stands behind `#`"),
    ],
)
def test_what_is_wrong_is_said(text: str, why: str) -> None:
    assert why in wrong(parsed(text))


def test_a_secret_has_one_name_whatever_others_are_called() -> None:
    text = "azure-keyvault://payments/neon-api-key"
    problems = Problems()
    texts = {**system("azure-keyvault").reader.of_address(parsed(text)), "secret_name": "NEON_API_KEY_2"}
    place = system("azure-keyvault").reader.place({}, texts, Context(), problems)
    assert (place.name, problems.found) == (text, [])
