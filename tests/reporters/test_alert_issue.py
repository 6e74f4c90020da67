"""One issue for each lineage: what stands in it, when it is opened, changed and closed, and what is never in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from markdown_it import MarkdownIt

from rotate.errors import DestinationError, ExitCode, Incomplete, Refused
from rotate.protocol.facts.marker import Lineage
from rotate.protocol.facts.moves import Status
from rotate.protocol.facts.policy import Command
from rotate.protocol.story.alert import OpenIssue
from rotate.protocol.story.report import Pending, Report
from rotate.reporters.alert_issue import LONGEST, AlertIssue, raised
from rotate.secret import Secret
from rotate.wire.masking import Veil
from tests.reporters.test_reporters import CANARY, DOCS, REFUSED, REPORTS
from tests.support.build import NOW, RUN, event, policy, report

PAGE = "https://github.example/octo-org/payments/issues"


@dataclass
class Opened:
    """An issue in memory."""

    number: int
    title: str
    body: str
    state: str = "open"
    comments: list[str] = field(default_factory=list)


class FakeIssues:
    """Implements what the alert needs of a repository's issues."""

    def __init__(self, fails: str = "") -> None:
        self.all: list[Opened] = []
        self.fails = fails
        self.closed = 0

    def beginning_with(self, marker: str) -> tuple[OpenIssue, ...]:
        """Those that are open."""
        self.meet("beginning_with")
        return tuple(
            OpenIssue(one.number, one.body) for one in self.all if one.state == "open" and one.body.startswith(marker)
        )

    def create(self, title: str, body: str) -> int:
        """The next number."""
        self.meet("create")
        self.all.append(Opened(len(self.all) + 1, title, body))
        return len(self.all)

    def edit(self, number: int, **changes: Any) -> None:
        """In place."""
        self.meet("edit")
        self.all[number - 1] = replace(
            self.all[number - 1], **{name: text for name, text in changes.items() if name != "state_reason"}
        )

    def comment(self, number: int, text: str) -> None:
        """Appended."""
        self.meet("comment")
        self.all[number - 1].comments.append(text)

    def close(self) -> None:
        """Counted."""
        self.closed += 1

    def meet(self, name: str) -> None:
        """Fail where told."""
        if name == self.fails:
            raise DestinationError("alert-not-raised", f"no {name}")


def alerted(
    issues: FakeIssues | None,
    one: Report,
    command: Command = Command.ROTATE,
    **changes: Any,
) -> Report:
    veil = Veil()
    veil.hide(Secret(CANARY))
    alert = AlertIssue(issues, PAGE, policy(command=command, **changes), veil.scrub, DOCS)
    alert.tell(event())
    return alert.conclude(one)


def test_it_is_opened_once_kept_up_to_date_and_closed() -> None:
    issues = FakeIssues()
    opened, updated, closed, nothing = (
        alerted(issues, REPORTS[name]).alert for name in ("refused", "refused", "rotated", "unchanged")
    )
    assert opened
    assert updated
    assert closed
    assert [(one.did, one.number, one.url) for one in (opened, updated, closed)] == [
        ("opened", 1, f"{PAGE}/1"),
        ("updated", 1, f"{PAGE}/1"),
        ("closed", 1, f"{PAGE}/1"),
    ]
    (issue,) = issues.all
    assert (nothing, issue.state, issues.closed) == (None, "closed", 4)
    assert issue.comments == [f"✅ Rotated: {REPORTS['rotated'].why}\n\nRun: {RUN.url}"], "the same state is no news"


def test_what_is_new_about_it_is_a_comment() -> None:
    issues = FakeIssues()
    alerted(issues, REPORTS["refused"])
    alerted(issues, REPORTS["incomplete"])
    (issue,) = issues.all
    assert raised(issue.body) == ("rotate", "a")
    assert [comment.splitlines()[0] for comment in issue.comments] == [
        f"⚠️ Incomplete, run it again: {REPORTS['incomplete'].why}"
    ]


def test_a_new_failure_after_a_recovery_is_a_new_issue() -> None:
    issues = FakeIssues()
    for name in ("refused", "rotated", "refused"):
        alerted(issues, REPORTS[name])
    assert [one.state for one in issues.all] == ["closed", "open"]


def test_two_lineages_have_two_issues_and_close_their_own() -> None:
    issues = FakeIssues()
    other: dict[str, Any] = {"lineage": Lineage("acme", "9999")}
    alerted(issues, REPORTS["refused"])
    alerted(issues, REPORTS["refused"], **other)
    alerted(issues, REPORTS["rotated"], **other)
    assert [one.state for one in issues.all] == ["open", "closed"]


def test_a_check_does_not_end_what_a_rotation_raised() -> None:
    issues = FakeIssues()
    alerted(issues, REPORTS["failed"])
    assert alerted(issues, REPORTS["unchanged"], Command.CHECK).alert is None
    assert [one.state for one in issues.all] == ["open"]
    alerted(issues, REPORTS["unchanged"])
    assert [one.state for one in issues.all] == ["closed"]


def test_it_begins_with_the_verdict_and_says_what_to_do() -> None:
    issues = FakeIssues()
    alerted(issues, REPORTS["refused"])
    (issue,) = issues.all
    assert issue.title == "neon-rotate: acme needs a person"
    lines = [line for line in issue.body.splitlines() if line]
    assert lines[0] == "<!-- neon-rotate alert: acme_0a1b -->"
    assert lines[1] == "<!-- raised by rotate: old-key-unknown -->"
    assert lines[2].startswith("## ⛔ Refused, nothing was changed: ")
    assert lines[3].startswith("**State now.** ")
    assert f"({DOCS}#old-key-unknown)" in issue.body
    assert "```yaml\nold_key_id: 3    # a `b`" in issue.body.replace("````", "```")
    assert f"Run: {RUN.url}" in issue.body
    html = MarkdownIt().render(issue.body)
    assert html.index("<h2>") < html.index("State now") < html.index("What to do") < html.index(RUN.url)


def test_a_late_revocation_is_told_with_its_key_and_time() -> None:
    issues = FakeIssues()
    alerted(issues, report(finished_at=NOW, pending_revocation=(Pending(3, NOW.replace(day=20)),)), Command.SWEEP)
    (issue,) = issues.all
    assert "**Key 3 was to be revoked from 2026-11-20 04:23:00 UTC on" in issue.body
    assert raised(issue.body) == ("sweep", "")


def test_nothing_secret_and_nobodys_name_is_in_it() -> None:
    issues = FakeIssues()
    evil = Refused(
        "lock-held", f"@octo-org/all <!-- neon-rotate alert: other_0a1b --> {CANARY}", "    uses: a@v1\n\n@b"
    )
    one = report(status=Status.FAILED, exit_code=ExitCode.FAILED, why=f"@ada {CANARY}", problems=(evil,))
    alerted(issues, one)
    alerted(issues, replace(one, problems=(Incomplete("a", f"@c {CANARY}"),)))
    (issue,) = issues.all
    texts = [issue.title, issue.body, *issue.comments]
    assert len(texts) == 3
    assert not any(CANARY in text for text in texts)
    assert not any(name in text for text in texts for name in ("@octo-org", "@ada", "@b", "@c"))
    assert "<!-- neon-rotate alert: other" not in issue.body
    alerted(issues, one)
    assert "uses: a@v1" in issues.all[0].body, "lines to paste stay as they are"


def test_it_fits_into_what_github_takes() -> None:
    issues = FakeIssues()
    alerted(issues, report(status=Status.FAILED, exit_code=ExitCode.FAILED, problems=(REFUSED,) * 2000))
    assert len(issues.all[0].body) == LONGEST


def test_outside_of_github_there_is_no_run_to_show() -> None:
    issues = FakeIssues()
    alerted(issues, REPORTS["failed"], run=replace(RUN, url=""))
    assert "Run outside of GitHub Actions." in issues.all[0].body


@pytest.mark.parametrize(("fails", "name"), [("beginning_with", "failed"), ("create", "failed"), ("edit", "rotated")])
def test_an_alert_that_fails_is_a_warning_and_the_verdict_stands(fails: str, name: str) -> None:
    issues = FakeIssues()
    if name == "rotated":
        alerted(issues, REPORTS["failed"])
    issues.fails = fails
    one = REPORTS[name]
    told = alerted(issues, one)
    assert told == one.warned(DestinationError("alert-not-raised", f"no {fails}"))
    assert issues.closed == (2 if name == "rotated" else 1), "connections are closed either way"


def test_without_a_token_nobody_hears_and_that_is_said_when_it_matters() -> None:
    assert [warning.reason for warning in alerted(None, REPORTS["incomplete"], Command.CHECK).warnings] == [
        "alert-not-raised"
    ]
    assert alerted(None, REPORTS["unchanged"], Command.CHECK) == REPORTS["unchanged"]


def test_a_plan_and_a_run_that_met_another_leave_everything_as_it_is() -> None:
    issues = FakeIssues()
    held = report(status=Status.REFUSED, exit_code=ExitCode.REFUSED, problems=(Refused("lock-held", "x"),))
    for one, command in ((REPORTS["refused"], Command.PLAN), (held, Command.ROTATE)):
        assert alerted(issues, one, command) == one
    assert (issues.all, issues.closed) == ([], 0)


def test_a_line_that_a_person_took_away_keeps_nothing_open() -> None:
    issues = FakeIssues()
    alerted(issues, REPORTS["failed"])
    issues.all[0].body = issues.all[0].body.splitlines()[0]
    alerted(issues, REPORTS["unchanged"], Command.CHECK)
    assert issues.all[0].state == "closed"


def test_of_several_that_begin_alike_the_first_is_brought_up_to_date() -> None:
    issues = FakeIssues()
    alerted(issues, REPORTS["failed"])
    issues.all.append(replace(issues.all[0], number=2))
    told = alerted(issues, REPORTS["failed"]).alert
    assert told
    assert told.number == 1
