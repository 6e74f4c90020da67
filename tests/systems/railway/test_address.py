"""What is an address of Railway, and what a person is told of one that is none."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.systems.railway.address import wrong


@pytest.mark.parametrize(
    "text",
    [
        "railway://payments/production/api#NEON_API_KEY",
        "railway://payments/production",
        "railway://0f5a1f3e-8f1e-4f6a-9f3e-0a5f0e0d2c11/the%20live%20one/api#key_2",
    ],
)
def test_a_project_an_environment_and_maybe_a_service_are_an_address(text: str) -> None:
    assert wrong(parsed(text)) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("railway://payments", "a project, an environment and a service"),
        ("railway://payments/production/api/more", "a project, an environment and a service"),
        ("railway://payments//api", "a project, an environment and a service"),
        ("railway://payments/%20production", "a project, an environment and a service"),
        ("railway:payments/production", "a project, an environment and a service"),
        ("railway://payments/production#neon-key", "letters, digits and `_`"),
    ],
)
def test_what_is_none_is_told(text: str, said: str) -> None:
    assert said in wrong(parsed(text))
