"""Bad input: every problem at once, each with its reason, nothing contacted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from rotate.context import Context
from rotate.errors import ConfigurationError, Refused, RotateError
from rotate.protocol.facts.model import Scope
from rotate.protocol.facts.policy import Command
from rotate.settings.model import Settings
from rotate.settings.validate import validate
from rotate.systems.github.settings.model import at_github

CONTEXT = Context(repository="octo-org/payments", event_name="schedule")
GOOD: Mapping[str, str] = {"api_key": "napi_current", "github_token": "token"}


def problems(context: Context = CONTEXT, **changes: str | None) -> tuple[RotateError, ...]:
    return validate(raw(**changes), context)[1]


def settings(context: Context = CONTEXT, **changes: str | None) -> Settings:
    found, wrong = validate(raw(**changes), context)
    assert not wrong
    return found


def raw(**changes: str | None) -> dict[str, str]:
    return {name: text for name, text in {**GOOD, **changes}.items() if text is not None}


def test_the_defaults_rotate_a_personal_key_of_the_workflows_own_repository() -> None:
    found = settings()
    assert (found.command, found.scope) == (Command.ROTATE, Scope.PERSONAL)
    assert (at_github(found).places[0].repository, at_github(found).home) == ("octo-org/payments", "octo-org/payments")
    assert found.credential == "NEON_API_KEY"
    assert found.key_name == "octo-org-payments-neon-api-key"
    assert found.api_host == "https://console.neon.tech/api/v2"
    assert found.self_rotation
    assert found.at_hand == found.api_key


@pytest.mark.parametrize(
    ("changes", "reason", "named"),
    [
        ({"api_key": None}, "input-missing", "`api_key`"),
        ({"github_token": None}, "input-missing", "`github_token`"),
        ({"api_key": "two words"}, "input-invalid", "`api_key`"),
        ({"current_key": "line\nbreak"}, "input-invalid", "`current_key`"),
        ({"scope": "galaxy"}, "input-invalid", "personal | organization | project"),
        (
            {"command": "destroy"},
            "input-invalid",
            "rotate | plan | check | sweep | sync | find | doctor | inventory | audit",
        ),
        ({"dry_run": "perhaps"}, "input-invalid", "`dry_run`"),
        ({"rotate_after": "soon"}, "input-invalid", "`rotate_after`"),
        ({"rotate_after": "1M"}, "input-invalid", "months or minutes"),
        ({"overlap": "2 M"}, "input-invalid", "`overlap` is `2 M`"),
        ({"scope": "organization"}, "input-missing", "`org_id`"),
        ({"scope": "project", "org_id": "org-a"}, "input-missing", "`project_id`"),
        ({"scope": "organization", "org_id": "ORG A"}, "input-invalid", "no Neon id"),
        ({"org_id": "org-a"}, "input-invalid", "has no use for it"),
        ({"repository": "no-owner"}, "repository-invalid", "`no-owner`"),
        ({"secret_name": "GITHUB_KEY"}, "secret-name-invalid", "`GITHUB_KEY`"),
        ({"secret_name": "1KEY"}, "secret-name-invalid", "`1KEY`"),
        ({"secret_name": "A-B"}, "secret-name-invalid", "`A-B`"),
        ({"key_name": "-x"}, "input-invalid", "`key_name`"),
        ({"old_key_id": "x" * 65}, "input-invalid", "`old_key_id`"),
        ({"old_key_id": "napi_" + "a" * 20}, "input-invalid", "`old_key_id`"),
        ({"old_key_id": "b" * 64}, "input-invalid", "`old_key_id`"),
        ({"old_key_id": "a\u202eb"}, "input-invalid", "`old_key_id`"),
        ({"api_host": "http://neon.example"}, "url-insecure", "`api_host`"),
        ({"api_host": "https://"}, "url-insecure", "`api_host`"),
        ({"api_host": "https://user:word@neon.example"}, "url-insecure", "`api_host`"),
        ({"api_host": "https://neon.example/?q=1"}, "url-insecure", "`api_host`"),
        ({"api_host": "https://[bad"}, "url-insecure", "`api_host`"),
    ],
)
def test_a_wrong_input_is_named_with_its_remedy(changes: dict[str, str | None], reason: str, named: str) -> None:
    (problem,) = problems(CONTEXT, **changes)
    assert isinstance(problem, ConfigurationError)
    assert problem.reason == reason
    assert named in problem.message
    assert problem.remedy


@pytest.mark.parametrize("path", ["audit.jsonl", "kept/audit.jsonl", "./a/./b", "..a/b.."])
def test_an_audit_is_a_file_inside_the_workspace(path: str) -> None:
    assert settings(audit=path).audit == path


@pytest.mark.parametrize(
    "path", ["/audit", "../audit", "a/../../b", "a/", "a//b", "a/.", "..", "a\\b", "a\nb", ".git/x"]
)
def test_an_audit_anywhere_else_is_refused(path: str) -> None:
    for command in ("rotate", "audit"):
        (problem,) = problems(command=command, audit=path)
        assert (problem.reason, problem.remedy) == ("input-invalid", "    audit: neon-rotate-audit.jsonl")


def test_nobody_is_told_and_nothing_is_kept_unless_asked() -> None:
    assert (settings().audit, settings().alert_issue) == ("", False)
    assert settings(alert_issue="true").alert_issue


def test_an_audit_is_verified_without_anything_else() -> None:
    found = settings(Context(event_name="pull_request"), command="audit", api_key=None, github_token=None)
    assert (found.command, found.audit) == (Command.AUDIT, "neon-rotate-audit.jsonl")


def test_every_problem_is_reported_at_once() -> None:
    found = problems(api_key=None, scope="galaxy", rotate_after="soon", repository="x", secret_name="9")
    assert [problem.reason for problem in found] == [
        "input-invalid",
        "repository-invalid",
        "secret-name-invalid",
        "input-missing",
        "input-invalid",
    ]


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target", "pull_request_review"])
def test_a_pull_request_is_refused(event: str) -> None:
    (problem,) = problems(Context(repository="o/r", event_name=event))
    assert isinstance(problem, Refused)
    assert problem.reason == "pull-request-event"


def test_an_insecure_github_url_is_refused_too() -> None:
    (problem,) = problems(Context(repository="o/r", api_url="http://github.example"))
    assert problem.reason == "url-insecure"
    assert "`GITHUB_API_URL`" in problem.message


def test_without_a_repository_there_is_nowhere_to_write() -> None:
    (problem,) = problems(Context())
    assert (problem.reason, problem.remedy) == ("input-missing", "    repository: owner/name")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_plain_http_is_allowed_to_this_machine(host: str) -> None:
    assert settings(api_host=f"http://{host}:8080/api/v2/").api_host == f"http://{host}:8080/api/v2"


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("30d", timedelta(days=30)),
        ("12h", timedelta(hours=12)),
        ("2 W", timedelta(weeks=2)),
        ("5m", timedelta(minutes=5)),
    ],
)
def test_durations_are_read(text: str, span: timedelta) -> None:
    assert settings(rotate_after=text).cadence.rotate_after == span


def test_a_duration_that_means_two_things_is_told_with_both() -> None:
    (problem,) = problems(rotate_after="2M")
    assert problem.remedy == "    rotate_after: 60d    # months\n    rotate_after: 2m    # minutes"


def test_dry_run_turns_rotate_into_plan_and_leaves_the_others() -> None:
    assert settings(dry_run="true").command is Command.PLAN
    assert settings(dry_run="yes", command="check").command is Command.CHECK
    assert settings(dry_run="yes", command="sync").rehearsal
    assert not settings(command="sync").rehearsal


@pytest.mark.parametrize(
    ("word", "key_id", "name", "none", "find"),
    [
        ("42", 42, "", False, False),
        ("None", None, "", True, False),
        ("auto", None, "", False, True),
        ("payments (2024)", None, "payments (2024)", False, False),
        ("", None, "", False, False),
    ],
)
def test_the_old_key_is_an_id_a_name_none_or_to_be_found(
    word: str, key_id: int | None, name: str, none: bool, find: bool
) -> None:
    asked = settings(old_key_id=word)
    assert (asked.old_key_id, asked.old_key_name, asked.nothing_before, asked.find_old_key) == (
        key_id,
        name,
        none,
        find,
    )


def test_a_minter_leaves_the_value_at_hand_to_current_key() -> None:
    found = settings(current_key="napi_old")
    assert not found.self_rotation
    assert found.at_hand == found.current_key


def test_an_organization_key_never_rotates_itself() -> None:
    found = settings(scope="organization", org_id="org-a")
    assert not found.self_rotation
    assert found.at_hand is None


def test_another_repository_leaves_note_and_lock_at_home() -> None:
    found = settings(repository="octo-org/other")
    assert (at_github(found).places[0].repository, at_github(found).home) == ("octo-org/other", "octo-org/payments")


def test_a_strange_input_is_quoted_on_one_short_line() -> None:
    (problem,) = problems(key_name="`\n" + "x" * 200)
    assert "\n" not in problem.message
    assert len(problem.message) < 200
