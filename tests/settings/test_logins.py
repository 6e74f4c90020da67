"""A token or a GitHub App, in words when it is both or neither, wherever either may stand."""

from __future__ import annotations

import pytest

from rotate.problems import Problems
from rotate.protocol.facts.policy import Command
from rotate.secret import Secret
from rotate.settings.asked import _over
from rotate.systems.github.settings.logins import needed
from rotate.systems.github.settings.model import App, at_github
from tests.support.policies import ENVIRONMENT, INPUTS, asked, problems

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nAAAA==\n-----END RSA PRIVATE KEY-----"
APP = {"app_id": "123456", "app_private_key": PEM}

POLICY = """\
version: 1
credentials:
  - current_key: ${NEON_API_KEY}
    app_id: 1
    app_private_key: ${APP_KEY}
    destinations:
      - type: github_secret
      - type: github_secret
        repository: octo-labs/search
        github_token: ${OTHER_TOKEN}
      - type: github_secret
        repository: octo-more/else
        app_id: Iv1.abc
        app_private_key: ${APP_KEY}
"""


def read(texts: dict[str, str], command: Command = Command.ROTATE) -> tuple[object, list[tuple[str, str]]]:
    """Give what was read, and the reason and the input of each problem."""
    found = Problems()
    login = needed(texts, found, None if command is Command.CHECK else str)
    return login, [(problem.reason, field) for field, problem in found.found]


@pytest.mark.parametrize("key", [PEM, PEM.replace("\n", "\\n"), PEM.replace("\n", "\r\n"), f"\n  {PEM}\n\n"])
def test_an_app_is_read_however_its_key_is_kept(key: str) -> None:
    assert read({**APP, "app_private_key": key}) == (App("123456", Secret(PEM)), [])


def test_a_token_is_read_as_before() -> None:
    assert read({"github_token": "t"}) == (Secret("t"), [])


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ({}, [("input-missing", "github_token")]),
        ({**APP, "github_token": "t"}, [("login-ambiguous", "app_id")]),
        ({"app_id": "1"}, [("input-missing", "app_id")]),
        ({"app_private_key": PEM}, [("input-missing", "app_private_key")]),
        ({"app_id": "1", "app_private_key": "napi_no_pem"}, [("input-invalid", "app_private_key")]),
        ({"app_id": "1", "app_private_key": PEM[:-4]}, [("input-invalid", "app_private_key")]),
        ({"app_id": PEM, "app_private_key": PEM}, [("input-invalid", "app_id")]),
    ],
)
def test_what_is_wrong_is_said(texts: dict[str, str], told: list[tuple[str, str]]) -> None:
    assert read(texts)[1] == told


def test_no_message_shows_a_key_that_stands_in_the_wrong_place() -> None:
    found = Problems()
    needed({"app_id": PEM, "app_private_key": "MIIE_secret"}, found, str)
    assert len(found.found) == 2
    assert not any("MIIE" in f"{problem.message}{problem.remedy}" for _, problem in found.found)


def test_a_check_does_without() -> None:
    assert read({}, Command.CHECK) == (Secret(""), [])


def test_what_stands_further_inside_counts_alone() -> None:
    outer = {"api_key": "k", "github_token": "t"}
    assert _over(outer, APP) == {"api_key": "k", **APP}
    assert _over({**APP, "api_key": "k"}, {"github_token": "t"}) == outer
    assert _over(outer, {"scope": "personal"}) == {**outer, "scope": "personal"}


def test_each_credential_and_destination_may_have_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.policies.ENVIRONMENT", {**ENVIRONMENT, "APP_KEY": PEM})
    (one,) = asked(POLICY).credentials
    assert at_github(one).github_token == App("1", Secret(PEM)), "in place of the input `github_token`"
    assert [place.token for place in at_github(one).places] == [
        App("1", Secret(PEM)),
        Secret("other-token"),
        App("Iv1.abc", Secret(PEM)),
    ]


def test_the_inputs_app_counts_where_a_policy_file_names_none() -> None:
    inputs = {"api_key": INPUTS["api_key"], **APP}
    text = "version: 1\ncredentials:\n  - destinations:\n      - type: github_secret\n"
    (one,) = asked(text, inputs).credentials
    assert at_github(one).github_token == App("123456", Secret(PEM))


def test_both_at_one_destination_is_a_problem_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.policies.ENVIRONMENT", {**ENVIRONMENT, "APP_KEY": PEM})
    text = POLICY.replace("        app_id: Iv1.abc", "        github_token: ${OTHER_TOKEN}\n        app_id: Iv1.abc")
    (problem,) = problems(text)
    assert (problem.reason, problem.message[:29]) == ("login-ambiguous", ".github/neon-rotate.yml:14:17")


def test_a_private_key_in_the_file_itself_is_hidden_and_not_shown() -> None:
    hidden: list[Secret] = []
    text = POLICY.replace("${APP_KEY}", "MIIE_secret", 1)
    found = problems(text, hide=hidden.append)
    assert Secret("MIIE_secret") in hidden
    assert not any("MIIE_secret" in problem.message for problem in found)
