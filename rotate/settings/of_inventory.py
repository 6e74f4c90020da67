"""What is asked of an `inventory`: on which findings it fails, and which files it writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rotate.context import Context
from rotate.problems import Problems
from rotate.protocol.story.risks import Risk, Severity
from rotate.settings.model import Settings
from rotate.settings.parse import number, shown, truth
from rotate.settings.rules import inside

LONGEST_REASON = 500


def of_inventory(settings: Settings, raw: Mapping[str, str], context: Context, problems: Problems) -> Settings:
    """Add it. Everything that the key reaches is looked at; what a first rotation must know need not be said."""
    return replace(
        settings,
        old_key_id=number(raw, "old_key_id", Problems()),
        reason=raw.get("reason", "")[:LONGEST_REASON],
        alert_issue=truth(raw, "alert_issue", problems),
        fail_on=_fail_on(raw, problems),
        sarif=_written(raw, "sarif", problems, anywhere=not context.in_actions),
        html=_written(raw, "html", problems, anywhere=not context.in_actions),
    )


def _fail_on(raw: Mapping[str, str], problems: Problems) -> tuple[str, ...]:
    """Read on which findings a run is to fail, or from which severity on."""
    words = tuple(dict.fromkeys(word for part in raw.get("fail_on", "").split(",") if (word := part.strip().lower())))
    known = [*(one.value for one in Severity), *(one.value for one in Risk)]
    for word in words:
        if word not in known:
            message = f"`fail_on` has `{shown(word)}`, which is neither a severity nor a finding."
            problems.say("input-invalid", message, f"    fail_on: medium    # or of: {', '.join(known)}", "fail_on")
    return words


def _written(raw: Mapping[str, str], name: str, problems: Problems, *, anywhere: bool) -> str:
    """Read where a file is written; in a workflow, inside the workspace and nowhere else."""
    text = raw.get(name, "")
    if text and not (inside(text) or (anywhere and text.isprintable())):
        message = f"`{name}` is `{shown(text)}`; it is the path of a file inside the workspace, relative to it."
        problems.say("input-invalid", message, f"    {name}: neon-keys.{name}", name)
    return text
