"""The alert: one GitHub issue for each lineage, opened when a person is needed, kept up to date, closed when not.

It is found again by the hidden first line of its body. What goes wrong here is a warning and never changes the verdict.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from rotate.errors import DestinationError, RotateError
from rotate.protocol.story.alert import GRACE, Alarm, OpenIssue, ends, judge, late
from rotate.protocol.story.report import Alert

if TYPE_CHECKING:
    from rotate.protocol.facts.events import Event
    from rotate.protocol.facts.policy import Policy
    from rotate.protocol.story.report import Report

# GitHub takes 65,536 characters.
LONGEST = 60_000
RAISED = re.compile(r"<!-- raised by ([a-z]+): ([a-z -]*) -->")
UNHEARD = DestinationError(
    "alert-not-raised",
    "Nobody could be alerted: `alert_issue` is true, and there is no `github_token`.",
    "Pass the token, with the permission **Issues: Read and write**:\n\n"
    "    github_token: ${{ secrets.ROTATE_GITHUB_TOKEN }}",
)


class Issues(Protocol):
    """The issues of a repository. Each may raise `RotateError`."""

    def beginning_with(self, marker: str) -> tuple[OpenIssue, ...]:
        """Give the open issues of our own whose body begins so, the oldest first."""

    def create(self, title: str, body: str) -> int:
        """Open one and give its number."""

    def edit(self, number: int, **changes: object) -> None:
        """Change title, body or state."""

    def comment(self, number: int, text: str) -> None:
        """Add a comment."""

    def close(self) -> None:
        """Close the connections."""


class AlertIssue:
    """Implements `ports.Keeper`. `issues`: those of the repository whose workflow runs, `None` without a token;
    `page`: the address under which they are seen."""

    def __init__(
        self, issues: Issues | None, page: str, policy: Policy, scrub: Callable[[str], str], docs: str
    ) -> None:
        self._issues = issues
        self._page = page
        self._policy = policy
        self._scrub = scrub
        self._docs = docs

    def tell(self, event: Event) -> None:
        """Wait for the end."""

    def conclude(self, report: Report) -> Report:
        """Raise or clear the alert, and tell what was done, or why it could not be."""
        alarm = judge(report, self._policy.command)
        if alarm is Alarm.LEAVE:
            return report
        if self._issues is None:
            return report.warned(UNHEARD) if alarm is Alarm.RAISE else report
        try:
            done = self._raise(self._issues, report) if alarm is Alarm.RAISE else self._clear(self._issues, report)
        except RotateError as error:
            return report.warned(error)
        finally:
            self._issues.close()
        return replace(report, alert=done)

    def _raise(self, issues: Issues, report: Report) -> Alert:
        """Open the issue, or bring the one that is open up to date; what is new about it is a comment too."""
        title, body = f"neon-rotate: {self._policy.lineage.name} needs a person", self._body(report)
        found = issues.beginning_with(self._marker)
        if not found:
            return self._done("opened", issues.create(title, body))
        issue = found[0]
        issues.edit(issue.number, title=title, body=body)
        if raised(issue.body) != raised(body):
            issues.comment(issue.number, self._text(_headline(report), "The description above is up to date."))
        return self._done("updated", issue.number)

    def _clear(self, issues: Issues, report: Report) -> Alert | None:
        done = None
        for issue in issues.beginning_with(self._marker):
            if ends(report, self._policy.command, raised(issue.body)[0]):
                issues.comment(issue.number, self._text(_headline(report), self._run))
                issues.edit(issue.number, state="closed", state_reason="completed")
                done = self._done("closed", issue.number)
        return done

    @property
    def _marker(self) -> str:
        lineage = self._policy.lineage
        return f"<!-- neon-rotate alert: {lineage.name}_{lineage.former or lineage.home} -->"

    @property
    def _run(self) -> str:
        url = self._policy.run.url
        return f"Run: {url}" if url else "Run outside of GitHub Actions."

    def _body(self, report: Report) -> str:
        from rotate.reporters.step_summary import essence

        reasons = " ".join(dict.fromkeys(problem.reason for problem in report.problems))
        head = f"{self._marker}\n<!-- raised by {self._policy.command}: {reasons} -->"
        return self._text(head, *essence(report, self._docs), *_late(report), self._run, FOOTER)

    def _text(self, *parts: str) -> str:
        """Join the parts. A name from outside calls nobody: outside of code, an @ loses its meaning."""
        from rotate.wire.workflow_commands import shortened

        silent = (part if part.startswith("```") else part.replace("@", "@\u200b") for part in parts)
        return shortened(self._scrub("\n\n".join(silent)), LONGEST)

    def _done(self, did: str, number: int) -> Alert:
        return Alert(did, number, f"{self._page}/{number}")


FOOTER = (
    "<sub>neon-rotate keeps this issue, one for each lineage: every run that finds it still so rewrites it, the first "
    "that is in order closes it. Leave its first line as it is.</sub>"
)


def raised(body: str) -> tuple[str, str]:
    """Read which command raised an alert, and for which reasons; empty where a person took the line away."""
    found = RAISED.search(body)
    return (found[1], found[2]) if found else ("", "")


def _headline(report: Report) -> str:
    from rotate.reporters.step_summary import essence

    return next(essence(report, "")).removeprefix("## ")


def _late(report: Report) -> list[str]:
    return [
        f"**Key {one.key_id} was to be revoked from {one.revoke_after:%F %T} UTC on, and is still valid more than "
        f"{GRACE.days} day later.** Find what uses it, give that the new value, and run `sweep`."
        for one in late(report)
    ]
