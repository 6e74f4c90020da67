"""The workflow files that use this action, and how their schedules stand.

GitHub OpenAPI `…/contents/.github/workflows`, `…/actions/workflows/{workflow_id}` and `…/runs` below it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any

import yaml

from rotate.systems.github import finder
from rotate.systems.github.repositories.discovery import METADATA
from rotate.systems.github.runs import PERMISSION
from rotate.systems.github.wire import words
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pages import row_of
from rotate.systems.github.workflow_checks import Activity, Timer, Workflow
from rotate.wire.together import together, value_of

OURS = re.compile(r"(docker://)?(\S*/)?neon-rotate([/@:]\S*)?", re.IGNORECASE)
RUNS = re.compile(r"\bneon-rotate\s+(rotate|sweep|sync)\b")
READ_ONLY = ("plan", "check", "find", "doctor", "inventory", "audit")


def workflows(github: GitHub, repository: str, action: str) -> tuple[Workflow, ...]:
    """Give those that use the action (`action`: its own `owner/name`, where that is known).

    Raises:
        RotateError: the folder or a file could not be read.
    """
    paths = finder.files(github, repository)
    texts = together(*(partial(finder.text, github, repository, path) for path in paths))
    found = (_workflow(path, value_of(text), action) for path, text in zip(paths, texts, strict=True))
    return tuple(one for one in found if one)


def timer(github: GitHub, repository: str, path: str) -> Timer:
    """Say how the schedule of a workflow stands.

    Raises:
        RotateError: the token may not know, or no usable answer.
    """
    at, doing = f"/repos/{repository}/actions/workflows/{path.rpartition('/')[2]}", f"look at {path} of {repository}"
    row = row_of(github, at, doing, repository, PERMISSION)
    rows = row_of(github, f"{at}/runs?event=schedule&per_page=1", doing, repository, PERMISSION).get("workflow_runs")
    try:
        ran = [datetime.fromisoformat(str(run["run_started_at"])) for run in _dicts(rows)]
        return Timer(str(row["state"]), datetime.fromisoformat(str(row["updated_at"])), ran[0] if ran else None)
    except (KeyError, ValueError):
        raise words.unlike(doing) from None


def activity(github: GitHub, repository: str) -> Activity:
    """Say whether a repository is public, and when something was last pushed to it.

    Raises:
        RotateError: the token may not know, or no usable answer.
    """
    doing = f"look up {repository}"
    row = row_of(github, f"/repos/{repository}", doing, repository, METADATA)
    try:
        return Activity(row["private"] is False, datetime.fromisoformat(str(row["pushed_at"])))
    except (KeyError, ValueError):
        raise words.unlike(doing) from None


def _workflow(path: str, text: str, action: str) -> Workflow | None:
    """Read one file; `None` where it does not use the action. What is no YAML starts nothing at GitHub either."""
    try:
        root = yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError):
        root = None
    # YAML 1.1 reads the key `on` as true.
    triggers = root.get("on", root.get(True)) if isinstance(root, dict) else None
    given = _at(root, "jobs")
    jobs = [(job, [*_uses(job, action)]) for job in _dicts(list(given.values()) if isinstance(given, dict) else None)]
    ours = [(job, changes) for job, changes in jobs if changes]
    if not ours:
        return None
    changing = [job for job, changes in ours if any(changes)]
    whole = _at(root, "concurrency")
    groups = [whole] if whole else [_at(job, "concurrency") for job in changing]
    return Workflow(
        path,
        rotates=bool(changing),
        group=all(groups),
        cancels=any(isinstance(group, dict) and group.get("cancel-in-progress") is True for group in groups),
        crons=tuple(str(one["cron"]) for one in _dicts(_at(triggers, "schedule")) if "cron" in one),
        environments=tuple(dict.fromkeys(filter(None, map(_environment, changing)))),
    )


def _uses(job: dict[str, Any], action: str) -> Iterator[bool]:
    """Tell for each use of the action whether it may change something."""
    for one in chain([job], _dicts(job.get("steps"))):
        used = str(one.get("uses", "")).strip()
        known = action and used.lower().startswith((f"{action.lower()}@", f"{action.lower()}/"))
        if known or OURS.fullmatch(used):
            yield str(_at(one.get("with"), "command")) not in READ_ONLY
        elif RUNS.search(str(one.get("run", ""))):
            yield True


def _environment(job: dict[str, Any]) -> str:
    """Give in which environment a job runs, or the workflow that it calls; what an expression says is not known."""
    given = job.get("environment", _at(job.get("with"), "environment"))
    name = _at(given, "name") if isinstance(given, dict) else given
    return name if isinstance(name, str) and "${{" not in name else ""


def _at(where: object, name: str) -> Any:
    return where.get(name) if isinstance(where, dict) else None


def _dicts(rows: object) -> list[dict[str, Any]]:
    return [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []
