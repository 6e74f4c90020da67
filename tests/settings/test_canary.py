"""The canary's settings: a file's name and a span, and what they come to in the policy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rotate.protocol.facts.policy import Canary
from rotate.run.compose import LEASE, policy_of
from tests.settings.test_validate import CONTEXT, problems, settings
from tests.support.fakes import FakeClock

FILE = "check-neon-key.yml"


def test_without_one_nothing_is_asked() -> None:
    assert settings().canary is None


@pytest.mark.parametrize("name", [FILE, "canary.yaml", "Neon_1.2.yml"])
def test_a_canary_is_a_workflow_file_and_has_ten_minutes(name: str) -> None:
    assert settings(canary_workflow=name).canary == Canary(name, timedelta(minutes=10))


@pytest.mark.parametrize(("text", "span"), [("30s", timedelta(seconds=30)), ("1h", timedelta(hours=1))])
def test_it_may_be_given_another_time(text: str, span: timedelta) -> None:
    assert settings(canary_workflow=FILE, canary_wait=text).canary == Canary(FILE, span)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"canary_workflow": ".github/workflows/check.yml"}, "`canary_workflow`"),
        ({"canary_workflow": "..\\check.yml"}, "`canary_workflow`"),
        ({"canary_workflow": "check"}, "`canary_workflow`"),
        ({"canary_workflow": ".yml"}, "`canary_workflow`"),
        ({"canary_workflow": "Check the key.yml"}, "`canary_workflow`"),
        ({"canary_workflow": "check\u200b.yml"}, "`canary_workflow`"),
        ({"canary_workflow": FILE, "canary_wait": "61m"}, "longer than an hour"),
        ({"canary_workflow": FILE, "canary_wait": "0s"}, "`canary_wait`"),
        ({"canary_workflow": FILE, "canary_wait": "a while"}, "`canary_wait`"),
        ({"canary_wait": "5m"}, "nothing to wait for"),
    ],
)
def test_a_wrong_canary_is_named_with_its_remedy(changes: dict[str, str], named: str) -> None:
    (problem,) = problems(CONTEXT, **changes)
    assert problem.reason == "input-invalid"
    assert named in problem.message
    assert problem.remedy.startswith("    canary_")


def test_the_lock_is_held_for_as_long_as_the_canary_may_take() -> None:
    asked = settings(canary_workflow=FILE, canary_wait="40m", overlap="1h", wait="20m")
    policy = policy_of(asked, CONTEXT, FakeClock(), ("d",))
    assert policy.canary == Canary(FILE, timedelta(minutes=40))
    assert policy.lease == LEASE + timedelta(hours=1)
    assert policy_of(settings(), CONTEXT, FakeClock(), ("d",)).lease == LEASE
