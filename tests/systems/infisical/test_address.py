"""What is an address of Infisical, and what a person is told of one that is none."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.systems.infisical.address import wrong


@pytest.mark.parametrize("text", ["infisical://7e2f1a4c-3a0e/prod#NEON_API_KEY", "infisical://p/prod/apps/pay-ments_2"])
def test_a_project_an_environment_and_a_folder_are_an_address(text: str) -> None:
    assert wrong(parsed(text)) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("infisical://project", "one of its environments"),
        ("infisical:project/prod", "one of its environments"),
        ("infisical://project/prod/", "one of its environments"),
        ("infisical://project/prod//apps", "one of its environments"),
        ("infisical://project/pr.d", "one of its environments"),
        ("infisical://project/prod#NEON KEY", "a secret's name"),
        ("infisical://project/prod#..", "a secret's name"),
    ],
)
def test_what_is_none_is_told(text: str, said: str) -> None:
    assert said in wrong(parsed(text))
