"""Destinations said by their addresses are the places that the other inputs and fields say."""

from __future__ import annotations

import pytest

from rotate.context import Context
from rotate.settings.asked import ask
from rotate.systems.github.settings.model import at_github
from tests.settings.test_validate import problems as wrong
from tests.settings.test_validate import settings
from tests.support.policies import asked, problems, void

CONTEXT = Context(repository="octo-org/payments")
FILE = """\
version: 1
credentials:
  - current_key: ${{NEON_API_KEY}}
    destinations:
      - {}
"""


def test_addresses_and_the_other_inputs_say_the_same() -> None:
    found = settings(
        CONTEXT,
        secret_name="NEON_KEY",
        destinations="github://octo-org/a, github://octo-org/a?environment=eu%20west\n"
        "github://octo-org/a?store=dependabot#OTHER,github://orgs/octo-org/?store=codespaces",
    )
    assert [(one.owner, one.store, one.environment, one.secret_name) for one in at_github(found).places] == [
        ("octo-org/a", "actions", "", "NEON_KEY"),
        ("octo-org/a", "actions", "eu west", "NEON_KEY"),
        ("octo-org/a", "dependabot", "", "OTHER"),
        ("octo-org", "codespaces", "", "NEON_KEY"),
    ]


def test_they_stand_before_what_the_other_inputs_say() -> None:
    found = settings(CONTEXT, destinations="github://octo-org/a", repository="octo-org/b", environments="eu")
    assert [(one.owner, one.environment) for one in at_github(found).places] == [
        ("octo-org/a", ""),
        ("octo-org/b", "eu"),
    ]


def test_a_check_of_an_address_is_no_check_of_the_key_alone() -> None:
    places = settings(Context(), command="check", destinations="github://octo-org/a").places
    assert [one.owner for one in places] == ["octo-org/a"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("octo-org/a", "it has no kind"),
        ("nowhere://group/octo", "its kind is none of: github"),
        ("gitlb://project/octo/a", "; the closest is `gitlab`"),
        ("GitLab://project/octo/a", "its kind has small letters"),
        ("gitlab://project/octo/a?scop=x", "; the closest is `scope`"),
        ("github://octo-org/a?branch=x", "takes `environment` or `store`"),
        ("github://octo-org/a?store=nowhere", "which is none of actions"),
        ("github://octo-org", "it needs the owner and the name"),
        ("github://orgs/octo-org/a", "which is no login"),
        ("github://octo-org/a?environment=e&store=dependabot", "environment"),
    ],
)
def test_what_is_no_address_of_a_place_is_said_with_what_is_wrong(text: str, why: str) -> None:
    told = wrong(CONTEXT, destinations=text)
    assert any(why in problem.message for problem in told), told


@pytest.mark.parametrize("text", ["gitlb://project/o/a", "GitLab://o", "https://gitlab.com/octo/a", "gitlab://a"])
def test_the_line_to_paste_is_of_the_system_that_was_meant(text: str) -> None:
    told = wrong(CONTEXT, destinations=text)
    assert ["gitlab://project/octo/payments" in one.remedy for one in told if one.reason == "address-invalid"] == [True]
    told = wrong(CONTEXT, destinations="nowhere://a")
    assert any("github://octo-org/payments" in one.remedy for one in told)


def test_a_value_in_it_is_not_shown() -> None:
    value = "napi_" + "a1" * 30
    text = f"github://octo-org/{value}"
    found = ask({"api_key": "napi_x", "github_token": "x", "destinations": text}, CONTEXT, {}, void)
    for problem in (*(found if isinstance(found, tuple) else ()), *problems(FILE.format(f"to: {text}"))):
        assert "a1a1a1a1a1" not in f"{problem.message} {problem.remedy}"
    assert isinstance(found, tuple)


def test_a_policy_file_says_it_with_to() -> None:
    (credential,) = asked(FILE.format("to: github://octo-org/a?environment=eu#KEY\n        primary: true")).credentials
    (place,) = at_github(credential).places
    assert (place.owner, place.environment, place.secret_name) == ("octo-org/a", "eu", "KEY")


@pytest.mark.parametrize(
    ("lines", "where", "why"),
    [
        ("to: octo-org/a", ":5:13: ", "is no address of a destination: it has no kind"),
        ("to: github://octo-org/a\n        environments: [eu]", ":5:13: ", "`to` and `environments` stand in one"),
        ("repository: octo-org/a", ":5:9: ", "`type` is missing"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(lines: str, where: str, why: str) -> None:
    (problem,) = problems(FILE.format(lines))
    assert where in problem.message
    assert why in problem.message
