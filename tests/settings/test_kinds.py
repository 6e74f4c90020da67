"""A value of another kind, or in a wrong place, ends the run before anybody hears it; nobody is shown it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotate.context import Context
from rotate.errors import ConfigurationError
from rotate.secret import Secret
from rotate.settings.action_inputs import INPUTS
from rotate.settings.asked import Asked, ask
from rotate.settings.kinds import SECRETS
from rotate.systems.github.settings.model import at_github
from tests.settings.test_validate import GOOD, settings
from tests.settings.test_validate import problems as of_inputs
from tests.wire.test_disarming import VALUE

CONTEXT = Context(repository="octo-org/payments", workspace="/nowhere")
GITHUB = ["github_pat_11ABCDEFG0abcdefghij_0123456789", "ghp_0123456789abcdef", "ghs_0123456789.abc-def"]
POLICY = """\
version: 1
credentials:
  - current_key: ${NEON_API_KEY}
    destinations:
      - type: github_secret
        github_token: ${OTHER_TOKEN}
"""


@pytest.mark.parametrize("name", ["api_key", "current_key"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        *((token, "holds a GitHub token, where a Neon key belongs") for token in GITHUB),
        ("postgresql://owner:npg_pretend@ep-cool-1.example/neondb", "a connection string"),
        ('"napi_0123456789abcdef"', "stands in quotes"),
        ("'napi_0123456789abcdef", "stands in quotes"),
        ("${{secrets.NEON_API_KEY}}", "an expression that nobody evaluated"),
        ("$NEON_API_KEY}${x", "an expression"),
        ("NEON_API_KEY=napi_0123456789abcdef", "the name of a variable too"),
    ],
)
def test_what_is_plainly_no_neon_key_is_refused(name: str, text: str, said: str) -> None:
    (problem,) = of_inputs(CONTEXT, **{name: text})
    assert (problem.reason, said in problem.message) == ("secret-of-another-kind", True), problem.message
    assert f"{name}: ${{{{ secrets.NEON_API_KEY }}}}" in problem.remedy
    assert text not in problem.message + problem.remedy


@pytest.mark.parametrize("text", ["napi_0123456789abcdef", VALUE.lower(), '"ghp_x"', "GH_TOKEN=ghp_x", "https://x"])
def test_what_is_plainly_no_github_token_is_refused(text: str) -> None:
    for command in ("rotate", "find", "doctor", "check"):
        (problem,) = of_inputs(github_token=text, command=command)
        assert (problem.reason, "`github_token`" in problem.message) == ("secret-of-another-kind", True)
        assert "github_token: ${{ secrets.ROTATE_GITHUB_TOKEN }}" in problem.remedy


@pytest.mark.parametrize("text", ["neon_key", "YWJj==", "a=", "0123456789abcdef" * 4, VALUE, "napi_" + VALUE])
def test_a_value_of_no_other_known_kind_is_taken_as_it_is(text: str) -> None:
    assert settings(api_key=text).api_key == Secret(text)


@pytest.mark.parametrize(
    "token", ["token", "0123456789abcdef" * 4, "0123456789abcdef0123456789abcdef01234567", *GITHUB]
)
def test_a_token_of_no_other_known_kind_is_taken_as_it_is(token: str) -> None:
    assert at_github(settings(github_token=token)).github_token == Secret(token)


def test_a_swap_is_told_of_the_key_that_authenticates_alone() -> None:
    found = of_inputs(current_key=GITHUB[0], github_token="napi_0123456789abcdef")
    assert sorted(problem.message.partition(" holds")[0] for problem in found) == ["`current_key`", "`github_token`"]


@pytest.mark.parametrize("key", ["napi_0123456789abcdef", VALUE])
@pytest.mark.parametrize("token", GITHUB)
def test_two_that_are_swapped_are_one_problem(key: str, token: str) -> None:
    (problem,) = of_inputs(api_key=token, github_token=key)
    assert problem.message == "`api_key` holds a GitHub token and `github_token` a Neon key: the two are swapped."


def test_in_a_policy_file_it_is_told_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "policy.yml").write_text(POLICY)
    environment = {"NEON_API_KEY": GITHUB[0], "OTHER_TOKEN": "napi_0123456789abcdef"}
    context = Context(repository="octo-org/payments", workspace=str(tmp_path))
    found = ask({**GOOD, "policy": "policy.yml"}, context, environment, lambda _: None)
    assert isinstance(found, tuple)
    assert sorted(problem.message.removeprefix("policy.yml:") for problem in found) == [
        "3:18: `current_key` holds a GitHub token, where a Neon key belongs.",
        "6:23: `github_token` holds a Neon key, where GitHub's token belongs.",
    ]


@pytest.mark.parametrize("name", [name for name in INPUTS if name not in SECRETS])
@pytest.mark.parametrize("value", [VALUE, f"napi_{VALUE}", GITHUB[0], "https://owner:word@host/db"])
def test_a_value_in_any_input_that_takes_none_is_hidden_and_not_shown(name: str, value: str) -> None:
    hidden: list[Secret] = []
    found = ask({**GOOD, name: f"x-{value}"}, CONTEXT, {}, hidden.append)
    assert isinstance(found, tuple)
    (problem,) = found
    assert isinstance(problem, ConfigurationError)
    assert (problem.reason, f"`{name}`" in problem.message) == ("secret-misplaced", True)
    told = problem.message + problem.remedy
    assert not any(
        value[at : at + 9] in told for at in range(len(value) - 8) if value[at : at + 9] not in "github_pat_"
    )
    assert any(value.endswith(one.reveal()) or one.reveal().endswith(value) for one in hidden)


def test_a_value_astray_is_told_beside_every_other_problem() -> None:
    found = ask({"key_name": VALUE, "scope": "galaxy"}, CONTEXT, {}, lambda _: None)
    assert isinstance(found, tuple)
    assert [problem.reason for problem in found] == [
        "secret-misplaced",
        "input-invalid",
        "input-missing",
        "input-missing",
    ]


def test_hashes_and_names_may_stand_anywhere() -> None:
    digest = "0123456789abcdef" * 4
    found = ask({**GOOD, "reason": f"seen in commit {digest[:40]}, audit {digest}"}, CONTEXT, {}, lambda _: None)
    assert isinstance(found, Asked)


def test_an_address_of_neon_without_the_path_of_its_api_is_refused() -> None:
    (problem,) = of_inputs(api_host="https://console.neon.tech")
    assert (problem.reason, "`api_host` ends in `/api/v2`" in problem.message) == ("input-invalid", True)
