"""What is an address of Doppler, and what a person is told of one that is none."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.systems.doppler.address import wrong


@pytest.mark.parametrize("text", ["doppler://payments/prd#NEON_API_KEY", "doppler://pay-ments_2/prd_aws"])
def test_a_project_and_a_config_are_an_address(text: str) -> None:
    assert wrong(parsed(text)) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("doppler://payments", "a project and one of its configs"),
        ("doppler:payments/prd", "a project and one of its configs"),
        ("doppler://payments/prd/more", "a project and one of its configs"),
        ("doppler://payments/p.d", "a project and one of its configs"),
        ("doppler://payments/prd#neon", "upper-case letters"),
    ],
)
def test_what_is_none_is_told(text: str, said: str) -> None:
    assert said in wrong(parsed(text))
