"""Who may start a run: the events that only people who may write to the repository cause, and those allowed by name.

The list of those that are let through is closed: an event that GitHub adds is refused until somebody has looked at it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from rotate.context import Context
from rotate.errors import Refused
from rotate.problems import Problems
from rotate.settings.parse import shown

USUAL = ("schedule", "workflow_dispatch", "workflow_call", "repository_dispatch", "push", "release", "merge_group")
FAMILY, NEVER = "deployment", "pull_request"
EVENT = re.compile("[a-z_]+")
START = (
    "Start the rotation by `schedule` or `workflow_dispatch`:\n\n    on:\n      schedule:\n"
    "        - cron: '23 4 * * *'\n      workflow_dispatch:"
)


def judge(raw: Mapping[str, str], context: Context, problems: Problems) -> None:
    """Refuse an event that somebody from outside can cause."""
    event, allowed = context.event_name, set(re.split(r"[,\s]+", raw.get("allow_events", ""))) - {""}
    for name in sorted(allowed):
        if name.startswith(NEVER):
            message = f"`allow_events` names `{shown(name)}`, but no input lets a pull request start a run."
            problems.say("input-invalid", message, START, "allow_events")
        elif not EVENT.fullmatch(name):
            message = f"`allow_events` has `{shown(name)}`, which is no event's name."
            problems.say("input-invalid", message, "    allow_events: workflow_run", "allow_events")
    if event.startswith(NEVER):
        message = f"This run was started by `{event}`: code from a pull request must not meet a Neon key."
        problems.add(Refused("pull-request-event", message, START))
    elif event and event not in allowed and event not in USUAL and not event.startswith(FAMILY):
        problems.add(
            Refused(
                "event-refused",
                f"This run was started by `{shown(event)}`, which is none of the events that only people with write "
                "access cause. Nobody else may start a run that holds a Neon key and a token which writes secrets.",
                f"{START}\n\nIf it is meant, and nobody from outside can cause it or put their words or code into this "
                f"workflow, allow it by name:\n\n    allow_events: {shown(event)}",
            )
        )
