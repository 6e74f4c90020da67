"""Which events may start a run, and which never."""

from __future__ import annotations

import pytest

from rotate.context import Context
from rotate.errors import ConfigurationError, Refused
from rotate.systems.github.settings.model import at_github
from tests.settings.test_asked import TWO
from tests.settings.test_validate import problems, settings
from tests.support import policies

LET_THROUGH = ["", "schedule", "workflow_dispatch", "workflow_call", "repository_dispatch", "push", "release"]
LET_THROUGH += ["merge_group", "deployment", "deployment_status"]
REFUSED = ["issue_comment", "workflow_run", "discussion", "discussion_comment", "fork", "watch", "issues", "create"]
REFUSED += ["check_run", "status", "gollum", "label", "page_build", "an_event_of_tomorrow"]


def started_by(event: str) -> Context:
    return Context(repository="o/r", event_name=event)


@pytest.mark.parametrize("event", LET_THROUGH)
def test_what_only_people_with_write_access_cause_may_start_a_run(event: str) -> None:
    assert at_github(settings(started_by(event))).home == "o/r"


@pytest.mark.parametrize("event", REFUSED)
@pytest.mark.parametrize("command", ["rotate", "check", "find", "doctor", "sync"])
def test_any_other_event_is_refused_unless_it_is_named(event: str, command: str) -> None:
    (problem,) = problems(started_by(event), command=command)
    assert isinstance(problem, Refused)
    assert (problem.reason, f"allow_events: {event}" in problem.remedy) == ("event-refused", True)
    assert at_github(settings(started_by(event), command=command, allow_events=f"push,\n{event}")).home == "o/r"
    (problem,) = problems(started_by(event), command=command, allow_events="member")
    assert problem.reason == "event-refused"


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target", "pull_request_review_comment"])
def test_no_input_lets_a_pull_request_start_a_run(event: str) -> None:
    refused, wrong = sorted(
        problems(started_by(event), allow_events=event), key=lambda one: one.exit_code, reverse=True
    )
    assert (refused.reason, refused.exit_code) == ("pull-request-event", 3)
    assert (wrong.reason, f"`{event}`" in wrong.message) == ("input-invalid", True)


def test_what_is_no_events_name_is_said() -> None:
    (problem,) = problems(allow_events="Push it")
    assert isinstance(problem, ConfigurationError)


def test_with_a_policy_file_the_input_counts_and_the_file_cannot_allow_anything() -> None:
    (problem,) = policies.started_by("workflow_run", TWO)
    assert isinstance(problem, Refused)
    assert (problem.reason, problem.message.startswith("This run was started by")) == ("event-refused", True)
    assert policies.started_by("workflow_run", TWO, {**policies.INPUTS, "allow_events": "workflow_run"}) == ()
    (wrong,) = policies.started_by("push", TWO, {**policies.INPUTS, "allow_events": "pull_request"})
    assert wrong.message.startswith("`allow_events` names")
    (unknown,) = policies.started_by("push", "allow_events: [workflow_run]\n" + TWO)
    assert "is no field of this place" in unknown.message
