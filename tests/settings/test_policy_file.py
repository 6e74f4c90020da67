"""Bad policy files: every problem at once, with line and column, a suggestion, and never a value that looks secret."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.context import Context
from rotate.errors import ConfigurationError, RotateError
from rotate.secret import Secret
from rotate.settings.asked import Asked, ask
from tests.support.policies import ENVIRONMENT, INPUTS, NAME, asked, problems

LITERAL = "napi_" + "z" * 40


def first(text: str) -> str:
    """Give the first problem's message, without the file's name."""
    return problems(text)[0].message.removeprefix(NAME)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 2", ":1:10: `version` is `2`, which is none of 1."),
        ("version: 1\ncredentials: none", ":2:14: `credentials` takes a list of 1 to 1000."),
        ("version: 1\ncredentials: []", ":2:14: `credentials` takes a list of 1 to 1000."),
        ("- version", ":1:1: here stands no mapping of names to values."),
        ("version: 1\nversion: 1", ":2:1: `version` stands here twice."),
        ("version: 1\ncredentials:\n  - nothing", ":3:5: here stands no mapping of names to values."),
    ],
)
def test_the_form_is_checked(text: str, message: str) -> None:
    assert message in [problem.message.removeprefix(NAME) for problem in problems(text)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("scope: galaxy", "`scope` is `galaxy`, which is none of personal | organization | project."),
        ("rotate_after: soon", "`rotate_after` is `soon`"),
        ("rotate_after:", "`rotate_after` takes a duration such as 30d."),
        ("rotate_after: [30d]", "`rotate_after` takes a duration such as 30d."),
        ("max_live_keys: 1", "`max_live_keys` is 1"),
        ("max_live_keys: many", "`max_live_keys` is `many`"),
        ("drain: perhaps", "`drain` is `perhaps`"),
        ("window: {days: [someday]}", "`days` is `someday`"),
        ("window: {from: noon}", "`window` takes days"),
        ("window: {time_zone: Atlantis/Deep}", "`time_zone` is `Atlantis/Deep`"),
        ("freeze: [{from: 2027-01-03, to: 2026-12-20}]", "`freeze` has `2027-01-03..2026-12-20`"),
        ("name: 9LIVES", "GitHub refuses the name `9LIVES`"),
        ("org_id: org-a", "`org_id` is given, but `scope: personal` has no use for it."),
        (
            "current_key: ${NOBODY}",
            "`current_key` refers to the environment variable NOBODY, which is not set or blank.",
        ),
        ("key_name: ${NEON_API_KEY}", "`key_name` is no place for a secret (what stands there is not shown)."),
        ("key_nam: acme", "`key_nam` is no field of this place."),
        ("overlap: 40d", "`overlap` is longer than 35 days"),
    ],
)
def test_a_fields_problem_is_said_at_its_place(line: str, message: str) -> None:
    found = problems(minimal(line))
    assert [message in problem.message for problem in found] == [True], found
    assert found[0].message.startswith(f"{NAME}:3:"), "the line of the field"
    assert found[0].remedy


def minimal(line: str = "destinations: [{type: github_secret}]", place: str = "") -> str:
    """A file with one credential; `line` goes to line 3."""
    rest = "" if line.startswith("destinations") else f"\n    destinations:\n      - type: github_secret\n{place}"
    return f"version: 1\ncredentials:\n  - {line}{rest}"


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("        repository: payments", ":6:21: `repository` is `payments`; it needs the owner and the name."),
        ("        secret: GITHUB_KEY", ":6:17: GitHub refuses the name `GITHUB_KEY`"),
        ("        type: fax", ":6:9: `type` stands here twice."),
        ("        github_token: two words", "holds a value itself (not shown)"),
    ],
)
def test_a_destinations_problem_is_said_at_its_place(place: str, message: str) -> None:
    (found,) = problems(minimal("scope: personal", place))
    assert message in found.message


def test_a_misspelt_field_is_answered_with_the_field_that_was_meant() -> None:
    (found,) = problems(minimal("rotate_aftr: 30d"))
    assert found.remedy == "Did you mean `rotate_after`?"
    (found,) = problems(minimal("colour: green"))
    assert found.remedy.startswith("Known here: name, scope, ")


def test_everything_that_is_missing_is_said_at_once() -> None:
    found = problems("{}")
    assert [problem.message for problem in found] == [
        f"{NAME}:1:1: `version` is missing: the version of this file's form.",
        f"{NAME}:1:1: `credentials` is missing: the keys to rotate; a minter's own key goes last.",
    ]


def test_many_problems_are_all_told() -> None:
    text = dedent("""\
        version: 1
        surprise: 1
        credentials:
          - scope: galaxy
            overlap: 40d
            destinations:
              - type: github_secret
                repository: nobody
          - rotate_after: soon
            destinations: []
    """)
    lines = [int(problem.message.split(":")[1]) for problem in problems(text)]
    assert sorted(set(lines)) == [2, 4, 5, 8, 9, 10]


@pytest.mark.parametrize(
    "line", [f"authenticate_with: {LITERAL}", f"key_name: {LITERAL}", f"{LITERAL}: 1", f"org_id: x{'-'}{LITERAL}"]
)
def test_a_secret_in_the_file_is_an_error_that_does_not_show_it(line: str) -> None:
    hidden: list[str] = []
    found = problems(minimal(line), hide=lambda secret: hidden.append(secret.reveal()))
    assert LITERAL not in "".join(f"{problem.message}{problem.remedy}" for problem in found)
    assert LITERAL in hidden, "it is masked, should anything else print it"


def test_a_referred_value_is_hidden_before_anything_else_can_see_it() -> None:
    hidden: list[str] = []
    found = asked(minimal("current_key: ${NEON_API_KEY}"), hide=lambda secret: hidden.append(secret.reveal()))
    assert hidden == [ENVIRONMENT["NEON_API_KEY"]]
    assert found.credentials[0].current_key == Secret(ENVIRONMENT["NEON_API_KEY"])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty, or larger than 256 KiB"),
        (b"#" * 300_000, "is empty, or larger than 256 KiB"),
        (b"\xff\xfe\x00", "is no YAML text"),
        (b"version: [", "is no YAML at line 1, column 11"),
        (b"a: b: c", "is no YAML at line 1, column 5"),
        (b"\x01", "is no YAML text"),
    ],
)
def test_what_is_no_yaml_is_said(data: bytes, why: str) -> None:
    (found,) = problems(data)
    assert (found.reason, found.message) == ("policy-unreadable", f"The policy file {NAME} {why}.")


def test_a_file_that_was_named_and_is_not_there_is_an_error(tmp_path: Path) -> None:
    context = Context(repository="octo-org/payments", workspace=str(tmp_path))
    found = ask({**INPUTS, "policy": "elsewhere.yml"}, context, ENVIRONMENT, lambda _: None)
    assert isinstance(found, tuple)
    assert found[0].message == "The policy file elsewhere.yml cannot be read: No such file or directory."


@given(st.text(max_size=200))
def test_no_text_at_all_brings_it_down(text: str) -> None:
    found = problems(text, allow=True)
    assert all(isinstance(problem, ConfigurationError) for problem in found)


@given(st.lists(st.sampled_from(minimal().split()), max_size=30), st.sampled_from([" ", "\n", "\n  - ", ": "]))
def test_no_shuffled_file_brings_it_down(words: list[str], between: str) -> None:
    found: tuple[RotateError, ...] = problems(between.join(words), allow=True)
    assert all(problem.message and problem.exit_code == 2 for problem in found)


def test_the_smallest_file_that_a_remedy_shows_is_valid() -> None:
    text = next(problem.remedy for problem in problems("")).partition("\n\n")[2]
    assert isinstance(asked(dedent(text)), Asked)
