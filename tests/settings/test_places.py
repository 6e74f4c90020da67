"""From destinations as people write them to every place they mean."""

from __future__ import annotations

import pytest

from rotate.context import Context
from rotate.systems.github.settings.model import at_github
from tests.settings.test_validate import CONTEXT, settings
from tests.settings.test_validate import problems as wrong
from tests.support.policies import asked, problems

FILE = "version: 1\ncredentials:\n  - destinations:\n      - type: github_secret\n        {}"


def spots(context: Context = CONTEXT, **inputs: str) -> list[tuple[str, str, str]]:
    return [(place.owner, place.store, place.environment) for place in at_github(settings(context, **inputs)).places]


def test_the_workflows_own_repository_is_the_place_unless_another_is_given() -> None:
    assert spots() == [("octo-org/payments", "actions", "")]
    assert spots(repositories="octo-org/a, octo-org/b") == [
        ("octo-org/a", "actions", ""),
        ("octo-org/b", "actions", ""),
    ]
    assert spots(organization="octo-org") == [("octo-org", "actions", "")]
    both = spots(repository="octo-org/a", repositories="octo-org/b\nocto-org/c", organization="octo-org")
    assert [owner for owner, *_ in both] == ["octo-org/a", "octo-org/b", "octo-org/c", "octo-org"]


def test_each_owner_has_each_store_and_each_environment() -> None:
    assert spots(stores="actions,dependabot", organization="octo-org") == [
        ("octo-org", "actions", ""),
        ("octo-org", "dependabot", ""),
    ]
    assert spots(environments="production, staging", repository="octo-org/a", organization="octo-org") == [
        ("octo-org/a", "actions", "production"),
        ("octo-org/a", "actions", "staging"),
        ("octo-org", "actions", ""),
    ]


def test_the_note_is_kept_by_the_first_repository_where_no_workflow_runs() -> None:
    found = settings(Context(), organization="octo-org", repository="octo-org/a")
    assert at_github(found).home == "octo-org/a"
    (problem,) = wrong(Context(), organization="octo-org")
    assert problem.message.startswith("Nothing says which repository keeps the note")


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"organization": "octo org"}, "`organization` is `octo org`, which is no login."),
        ({"stores": "actions,fax"}, "`stores` has `fax`, which is none of actions | dependabot | codespaces | agents."),
        ({"environments": "production", "stores": "dependabot"}, "`environments` exist for Actions only"),
        ({"environments": "a\x07b"}, "which is no environment's name"),
        ({"repository": "payments"}, "`repository` is `payments`; it needs the owner and the name."),
        ({"repositories": "pay ments"}, "`repositories` has `pay ments`; it takes names and patterns alone"),
        ({"repositories": "- octo-org/a\n- octo-org/b"}, "`repositories` has `- octo-org/a`; it takes names and"),
        ({"repositories": '["octo-org/a"]'}, '`repositories` has `["octo-org/a"]`; it takes names and patterns'),
    ],
)
def test_a_place_that_cannot_be_is_said(inputs: dict[str, str], message: str) -> None:
    assert [message in problem.message for problem in wrong(CONTEXT, **inputs)] == [True]


def test_a_place_that_is_meant_twice_counts_once() -> None:
    found = settings(CONTEXT, repositories="octo-org/a,Octo-Org/A,octo-org/b", repository="octo-org/a")
    assert [place.owner for place in found.places] == ["octo-org/a", "octo-org/b"]


def test_a_place_that_is_meant_in_two_ways_is_an_error() -> None:
    again = "- type: github_secret\n        repository: Octo-Org/A\n        ignore_shadows: ['*']"
    lines = f"repository: octo-org/a\n      {again}"
    assert [problem.message.endswith("twice, in two ways.") for problem in problems(FILE.format(lines))] == [True]


@pytest.mark.parametrize(
    "written",
    [
        "https://github.com/octo-org/a",
        "https://www.github.com/octo-org/a/",
        "octo-org/a.git",
        "git@github.com:octo-org/a.git",
        "ssh://git@github.com/octo-org/a.git",
        "octo-org/a/",
    ],
)
def test_a_repository_is_taken_in_the_forms_in_which_people_copy_it(written: str) -> None:
    for name in ("repository", "repositories"):
        assert [place.owner for place in settings(CONTEXT, **{name: written}).places] == ["octo-org/a"]


@pytest.mark.parametrize(
    "written",
    [
        "octo-org",
        "https://github.com/octo-org",
        "www.github.com/octo-org/",
        "https://github.com/orgs/octo-org/repositories",
        "https://github.com/organizations/octo-org/settings/secrets/actions",
    ],
)
def test_an_organization_is_taken_in_the_forms_in_which_people_copy_it(written: str) -> None:
    (place,) = settings(CONTEXT, organization=written).places
    assert place.owner == "octo-org"


@pytest.mark.parametrize("written", ["https://gitlab.example/octo-org", "https://github.com/", "octo-org/a"])
def test_an_address_of_no_organization_is_none(written: str) -> None:
    (problem,) = wrong(CONTEXT, organization=written)
    assert problem.reason == "input-invalid"


def test_an_address_at_another_host_is_no_repository_of_this_one() -> None:
    (problem,) = wrong(CONTEXT, repository="https://gitlab.example/octo-org/a")
    assert problem.reason == "repository-invalid"


def test_a_destination_of_the_file_is_spread_in_the_same_way() -> None:
    (credential,) = asked(FILE.format("environments: [production, eu west]")).credentials
    assert [place.environment for place in at_github(credential).places] == ["production", "eu west"]
    (credential,) = asked(
        FILE.format("organization: octo-org\n        stores: [dependabot]\n        visibility: all")
    ).credentials
    (place,) = at_github(credential).places
    assert (place.owner, place.store, place.visibility, place.repository) == ("octo-org", "dependabot", "all", "")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            "organization: octo-org\n        repository: octo-org/a",
            ":5:23: `organization` and `repository` stand in one",
        ),
        ("organization: octo-org\n        environments: [production]", ":6:23: `environments` belong to a repository"),
        ("visibility: all", ":5:21: `visibility` is an organization secret's"),
        ("stores: [fax]", ":5:18: `stores` is `fax`"),
        ("environments: []", ":5:23: `environments` takes a list of 1 to 1000."),
    ],
)
def test_a_destination_of_the_file_that_cannot_be_is_said_at_its_place(lines: str, message: str) -> None:
    assert [message in problem.message for problem in problems(FILE.format(lines))] == [True]
