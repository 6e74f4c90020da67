"""What is an address of 1Password, and what a person is told of one that is none."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.systems.onepassword.system import wrong


@pytest.mark.parametrize("text", ["onepassword://Production/Neon%20API#credential", "onepassword://Größe/Neon"])
def test_a_vault_and_an_item_are_an_address(text: str) -> None:
    assert wrong(parsed(text)) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("onepassword://Production", "a vault and one of its items"),
        ("onepassword:Production/Neon", "a vault and one of its items"),
        ("onepassword://Production/", "a vault and one of its items"),
        ("onepassword:///Neon", "a vault and one of its items"),
        ("onepassword://Production/Neon/api", "a vault and one of its items"),
        ("onepassword://Production/ Neon", "a vault and one of its items"),
        ('onepassword://Production/Ne"on', "write the id"),
        ("onepassword://Produc%5Ction/Neon", "write the id"),
    ],
)
def test_what_is_none_is_told(text: str, said: str) -> None:
    assert said in wrong(parsed(text))
