"""What `doctor` says of the workflows that rotate: do they exclude each other, and does their schedule start them.

GitHub disables the schedules of a public repository that sees no activity for 60 days (docs: *Disabling and enabling
a workflow*). What counts as activity is not said, so a quiet repository is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from rotate.errors import Incomplete, Refused, RotateError
from rotate.protocol.story.findings import Finding, State

QUIET, SOON = timedelta(days=60), timedelta(days=14)
ACTIVE = "active"
YAML = "    concurrency:\n      group: rotate-neon-api-key\n      cancel-in-progress: false"
CRON_FIELDS = 5
FREE = "free"


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow file that uses this action. `rotates`: it changes something. `group`: it has a `concurrency:` group,
    wherever it changes something; `cancels`: which ends a run under way. `environments`: in which its jobs run."""

    path: str
    rotates: bool
    group: bool
    cancels: bool
    crons: tuple[str, ...]
    environments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Protection:
    """What a job that names an environment waits for: `reviewers` of whom one must approve, and a timer. `branches`:
    only runs of some may use it."""

    reviewers: int = 0
    minutes: int = 0
    branches: bool = False

    @property
    def waits(self) -> bool:
        """Say whether a job does not begin by itself at once."""
        return bool(self.reviewers or self.minutes)

    def __str__(self) -> str:
        """Say it for people; empty where nothing protects it."""
        whom = "its reviewer" if self.reviewers == 1 else f"one of {self.reviewers} reviewers"
        long = "1 minute" if self.minutes == 1 else f"{self.minutes} minutes"
        parts = [f"a job waits for {whom}"] if self.reviewers else []
        parts += [f"a job waits {long}"] if self.minutes else []
        parts += ["for chosen branches alone"] if self.branches else []
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Timer:
    """How a workflow's schedule stands. `state` is GitHub's own word; `ran_at`: the last run that it started."""

    state: str
    changed_at: datetime
    ran_at: datetime | None


@dataclass(frozen=True, slots=True)
class Activity:
    """Since when a repository is quiet, as far as its pushes tell."""

    public: bool
    pushed_at: datetime


def concurrency(one: Workflow) -> Iterator[Finding]:
    """Two runs at once are what the lock is for; a group keeps them from meeting at all (protocol: *Lock*)."""
    if not one.rotates:
        return
    about = f"{one.path}: concurrency"
    if not one.group:
        message = f"{one.path} has no `concurrency:` group: two of its runs may meet, and one is refused."
        yield Finding.problem(about, Refused("concurrency-missing", message, f"Add at the top of it:\n\n{YAML}"))
    elif one.cancels:
        message = f"{one.path} has `cancel-in-progress: true`: a second run ends the first in the midst of a rotation."
        yield Finding.problem(about, Refused("concurrency-missing", message, f"Let it finish:\n\n{YAML}"))
    else:
        yield Finding(about, State.WELL, "it has a group, and lets a run finish")


def schedule(one: Workflow, found: Timer | RotateError, activity: Activity | RotateError, now: datetime) -> Finding:
    """Say whether GitHub still starts it, and for how long."""
    about = f"{one.path}: schedule"
    if isinstance(found, RotateError):
        return Finding(about, State.UNKNOWN, found.message, unread(found))
    if found.state != ACTIVE:
        return Finding.problem(about, _disabled(one, found.state))
    # It was not there to start anything before it was changed or enabled.
    since = max(found.ran_at or found.changed_at, found.changed_at)
    gap = min(map(longest_gap, one.crons))
    if now - since > 2 * gap + timedelta(days=1):
        return Finding.problem(about, _silent(one, found, gap))
    ran = f"it last started a run {found.ran_at:%F %T} UTC" if found.ran_at else "it has started no run yet"
    if isinstance(activity, RotateError):
        return Finding(about, State.UNKNOWN, f"{ran}; whether its repository is quiet is not known", unread(activity))
    quiet = now - activity.pushed_at
    warns = activity.public and quiet > QUIET - SOON
    return Finding(about, State.WELL, ran, _ends_soon(one, quiet) if warns else None)


def environment(one: Workflow, name: str, found: Protection | RotateError | None) -> Finding:
    """Say whether a rotation begins by itself there: an exposed key would live on until somebody approves."""
    about = f"{one.path}: environment {name}"
    if isinstance(found, RotateError):
        return Finding(about, State.UNKNOWN, found.message, unread(found))
    if found is None:
        return Finding(about, State.UNKNOWN, "there is none of that name; its first run makes one")
    if not found.waits:
        return Finding(about, State.WELL, str(found) or "nothing protects it")
    return Finding(about, State.WELL, str(found), _waits(one, name, found))


def _waits(one: Workflow, name: str, found: Protection) -> Incomplete:
    return Incomplete(
        "environment-waits",
        f"{one.path} rotates in the environment {name}: {found}. An exposed key lives on meanwhile, for up to 30 days.",
        "Rotate in an environment without reviewers and timer, which the default branch alone may use (Settings → "
        "Environments → Deployment branches), and give it the secrets:\n\n    environment: neon-rotation",
    )


def plan(organization: str, name: str) -> Finding:
    """Say on which plan an organization is whose secret is a destination (docs: *Using secrets in GitHub Actions*)."""
    about = f"Plan of {organization}"
    if name != FREE:
        return Finding(about, State.WELL, name)
    message = f"{organization} is on GitHub Free: its private repositories cannot read its secrets."
    remedy = "Give each private repository that needs the key a secret of its own (`repositories`), or change the plan."
    return Finding(about, State.WELL, name, Incomplete("organization-plan-free", message, remedy))


def unread(error: RotateError) -> Incomplete:
    """Word that nothing is known of the workflows, which a rotation does not need."""
    message = f"Whether the workflows that rotate are in order is not known. {error.message}"
    return Incomplete("workflows-not-judged", message, error.remedy)


def longest_gap(cron: str) -> timedelta:
    """Give the longest time between two moments of a cron line, generously; what is no such line is a year."""
    fields = cron.split()
    if len(fields) != CRON_FIELDS:
        return timedelta(days=366)
    day, month, weekday = (field == "*" for field in fields[2:])
    if not month:
        return timedelta(days=366)
    if not weekday:
        return timedelta(days=7)
    return timedelta(days=1 if day else 31)


def _disabled(one: Workflow, state: str) -> Refused:
    why = "GitHub did it, since the repository saw no activity for 60 days" if state == "disabled_inactivity" else state
    return Refused(
        "schedule-disabled",
        f"{one.path} is disabled ({why}): its schedule starts nothing.",
        "Enable it: Actions → the workflow → Enable workflow. To keep it so, let a scheduler elsewhere start it "
        "(`workflow_dispatch`), or see to it that the repository has commits.",
    )


def _silent(one: Workflow, found: Timer, gap: timedelta) -> Refused:
    ran = f"last started a run on {found.ran_at:%Y-%m-%d}" if found.ran_at else "has never started a run"
    return Refused(
        "schedule-silent",
        f"The schedule of {one.path} {ran}, and should every {gap.days} {'day' if gap.days == 1 else 'days'} at least.",
        "Schedules run on the default branch alone: see that the file is there, and what its page under Actions says. "
        "Then start it once by hand (`workflow_dispatch`).",
    )


def _ends_soon(one: Workflow, quiet: timedelta) -> Incomplete:
    return Incomplete(
        "schedule-ends-soon",
        f"Nothing was pushed to this public repository for {quiet.days} days; after {QUIET.days} days without activity "
        f"GitHub disables the schedule of {one.path}.",
        "Push something, or let a scheduler elsewhere start the workflow (`workflow_dispatch`).",
    )
