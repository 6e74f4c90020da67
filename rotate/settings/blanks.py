"""Why a secret may be blank in a workflow: what this run shows of itself tells the cases apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from rotate.context import Context

USUAL = "A secret that does not exist reads as blank in a workflow."
DEPENDABOT = "dependabot[bot]"
# Of these events, a run that Dependabot started is given the secrets of its own store.
ITS_EVENTS = frozenset({"push", "create", "deployment", "deployment_status"})


def why(raw: Mapping[str, str], context: Context) -> str:
    """Say what is likely."""
    if context.actor == DEPENDABOT and context.event_name in ITS_EVENTS:
        return (
            "Dependabot started this run, and such a run is given the secrets of the Dependabot store alone "
            "(repository → Settings → Secrets and variables → Dependabot), not those of Actions."
        )
    if _is_fork(context.event_file):
        return "This repository is a fork, and a fork has none of the secrets of the repository that it was made from."
    if context.in_actions and not raw.get("api_key") and not (raw.get("github_token") or raw.get("app_private_key")):
        return (
            f"{USUAL} Here all are blank: a reusable workflow is given its caller's secrets only where the caller "
            "passes them on (`secrets: inherit`), and those of an environment only where the job names it."
        )
    return f"{USUAL} Those of an environment reach only a job that names it (`environment:`)."


def _is_fork(event_file: str) -> bool:
    try:
        event = json.loads(Path(event_file).read_text()) if event_file else {}
    except (OSError, ValueError):
        return False
    about = event.get("repository") if isinstance(event, dict) else None
    return isinstance(about, dict) and about.get("fork") is True
