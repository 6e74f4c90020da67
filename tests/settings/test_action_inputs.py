"""What is read from the runner's environment."""

from __future__ import annotations

import pytest

from rotate.context import Context
from rotate.settings.action_inputs import no_input, read_context, read_inputs, unknown_inputs


def test_blank_inputs_do_not_count_and_white_space_is_taken_off() -> None:
    environment = {"INPUT_API_KEY": " value\n", "INPUT_SCOPE": "   ", "INPUT_ORG-ID": "org-a", "OTHER": "x"}
    assert read_inputs(environment) == {"api_key": "value", "org_id": "org-a"}


def test_what_is_no_input_is_found_in_every_spelling() -> None:
    environment = {"INPUT_OVERLAPS": "24h", "INPUT_ROTATE-AFTERS": " ", "INPUT_SCOPE": "x", "INPUT_ORG-ID": "x"}
    assert unknown_inputs(environment) == {"overlaps": "24h", "rotate_afters": " "}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("overlaps", "overlap"),
        ("token", "github_token"),
        ("repo", "repository"),
        ("neon_api_key", "api_key"),
        ("rotateafter", "rotate_after"),
        ("expose", "exposed"),
        ("args", "stores"),
    ],
)
def test_what_is_no_input_is_told_with_what_may_be_meant(name: str, meant: str) -> None:
    problem = no_input(name)
    assert (problem.reason, f"    {meant}: …" in problem.remedy) == ("input-unknown", name != "args"), problem.remedy


def test_where_nothing_is_near_all_are_told() -> None:
    assert "There are: command, api_key, " in no_input("zzz").remedy
    assert "There are: " in no_input("").remedy


def test_a_laptop_has_the_public_github_and_no_run() -> None:
    context = read_context({})
    assert context == Context()
    assert (context.api_url, context.run_url) == ("https://api.github.com", "")
    assert context.docs == "docs/reasons.md"


def test_the_runners_own_words_are_kept() -> None:
    context = read_context(
        {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": "https://ghe.example/api/v3",
            "GITHUB_SERVER_URL": "https://ghe.example",
            "GITHUB_REPOSITORY": "o/r",
            "GITHUB_RUN_ID": "7",
            "GITHUB_ACTION_REPOSITORY": "neon-rotate/neon-rotate",
            "GITHUB_ACTION_REF": "v0",
        }
    )
    assert context.in_actions
    assert context.run_url == "https://ghe.example/o/r/actions/runs/7"
    assert context.docs == "https://ghe.example/neon-rotate/neon-rotate/blob/v0/docs/reasons.md"
