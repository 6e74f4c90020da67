"""Repositories by pattern, as far as they can be read before GitHub is asked."""

from __future__ import annotations

import pytest

from rotate.context import Context
from rotate.systems.github.settings.model import Among, Place, at_github
from tests.settings.test_validate import CONTEXT, settings
from tests.settings.test_validate import problems as wrong
from tests.support.policies import asked, problems

FILE = "version: 1\ncredentials:\n  - destinations:\n      - type: github_secret\n        {}"


def told(place: Place) -> list[tuple[Among, str, str, str, bool]]:
    """Give what is known of each pattern of a place."""
    return [(one.among, one.owner, one.text, one.value, one.excluded) for one in place.patterns]


def test_a_name_without_an_owner_is_the_workflows_owners() -> None:
    assert [place.owner for place in settings(repositories="payments, other/a").places] == [
        "octo-org/payments",
        "other/a",
    ]
    found = settings(Context(), repository="ada/home", repositories="notes")
    assert [place.owner for place in found.places] == ["ada/home", "ada/notes"]
    (problem, *_) = wrong(Context(), repositories="notes")
    assert problem.reason == "repository-invalid"


def test_every_form_of_a_pattern_is_read() -> None:
    found = settings(repositories="api-*, other/web-?, topic:pay, x/property:Team=a b, holders, !api-old, !x/topic:no")
    (place,) = at_github(found).places
    assert found.patterned
    assert place.owner == place.repository == ""
    assert told(place) == [
        (Among.NAME, "octo-org", "octo-org/api-*", "", False),
        (Among.NAME, "other", "other/web-?", "", False),
        (Among.TOPIC, "octo-org", "pay", "", False),
        (Among.PROPERTY, "x", "Team", "a b", False),
        (Among.HOLDERS, "", "holders", "", False),
        (Among.NAME, "octo-org", "octo-org/api-old", "", True),
        (Among.TOPIC, "x", "no", "", True),
    ]
    (place,) = at_github(settings(repositories="holders:octo-labs, holders:*")).places
    assert told(place) == [(Among.HOLDERS, owner, "holders", "", False) for owner in ("octo-labs", "*")]
    assert (found.key_name, at_github(found).home) == ("octo-org-payments-neon-api-key", "octo-org/payments")


def test_names_come_before_patterns_and_every_store_has_both() -> None:
    found = at_github(settings(repositories="api-*\nother/a", stores="actions,dependabot")).places
    assert [(place.owner, place.store, len(place.patterns)) for place in found] == [
        ("other/a", "actions", 0),
        ("other/a", "dependabot", 0),
        ("", "actions", 1),
        ("", "dependabot", 1),
    ]


def test_a_name_that_is_left_out_by_name_needs_no_request() -> None:
    found = settings(repositories="octo-org/a, octo-org/b, !octo-org/B")
    assert ([place.owner for place in found.places], found.patterned) == (["octo-org/a"], False)
    kept = at_github(settings(repositories="octo-org/a, web-*, !octo-org/b")).places
    assert [(place.owner, [one.written for one in place.patterns]) for place in kept] == [
        ("octo-org/a", []),
        ("", ["web-*", "!octo-org/b"]),
    ]


def test_what_only_github_can_leave_out_is_waited_for_with_the_names() -> None:
    (place,) = at_github(settings(repositories="a, !topic:legacy")).places
    assert [one.text for one in place.patterns] == ["octo-org/a", "legacy"]


@pytest.mark.parametrize(
    ("repositories", "message"),
    [
        ("octo*/api", "`repositories` has `octo*/api`, which is no name and no pattern."),
        ("topic:Not A Topic", "has `topic:Not A Topic`, which is no name"),
        ("property:team", "has `property:team`, which is no name"),
        ("!api-old", "`repositories` leaves out everything that it has"),
        ("a, !a", "`repositories` leaves out everything that it has"),
        ("a, !b", "`repositories` leaves out everything that it has, or has nothing to leave out from"),
    ],
)
def test_a_malformed_pattern_is_said_before_anything_is_contacted(repositories: str, message: str) -> None:
    found = wrong(CONTEXT, repositories=repositories, stores="actions,dependabot")
    assert [(problem.reason, problem.exit_code, message in problem.message) for problem in found] == [
        ("pattern-invalid", 2, True)
    ]


def test_a_pattern_needs_an_owner() -> None:
    found = wrong(Context(), repository="", repositories="topic:pay, holders")
    assert "Nothing says whose repositories `topic:pay` means." in [problem.message for problem in found]


def test_a_pattern_without_a_workflow_needs_a_home_for_the_note() -> None:
    found = wrong(Context(), repositories="octo-org/api-*")
    assert [problem.message[:59] for problem in found] == [
        "Nothing says which repository keeps the note and the lock: "
    ]


@pytest.mark.parametrize("text", ["0", "many"])
def test_the_most_repositories_is_a_number_from_one_on(text: str) -> None:
    (problem,) = wrong(max_repositories=text)
    assert "`max_repositories`" in problem.message
    assert at_github(settings()).max_repositories == 1000
    assert at_github(settings(max_repositories="5")).max_repositories == 5


def test_a_destination_of_the_file_takes_patterns_too() -> None:
    text = FILE.format("repositories: [payments, 'api-*']\n        stores: [dependabot]")
    (credential,) = asked("max_repositories: 7\n" + text).credentials
    assert [(place.owner, place.store, len(place.patterns)) for place in at_github(credential).places] == [
        ("octo-org/payments", "dependabot", 0),
        ("", "dependabot", 1),
    ]
    assert at_github(credential).max_repositories == 7


def test_two_credentials_may_each_have_a_pattern() -> None:
    text = FILE.format("repositories: ['api-*']") + "\n    current_key: ${NEON_API_KEY}"
    second = text.partition("credentials:\n")[2].replace("NEON_API_KEY", "NEON_OTHER_KEY")
    both = f"{text}\n    name: ONE\n{second}\n    name: TWO\n"
    assert [one.patterned for one in asked(both).credentials] == [True, True]


@pytest.mark.parametrize("beside", ["repository: octo-org/a", "organization: octo-org", "visibility: all"])
def test_patterns_stand_alone_in_a_destination_of_the_file(beside: str) -> None:
    found = problems(FILE.format(f"{beside}\n        repositories: ['api-*']"))
    name = beside.partition(":")[0]
    assert f"`repositories` and `{name}` stand in one destination" in found[0].message
    assert ".github/neon-rotate.yml:6:23: " in found[0].message
