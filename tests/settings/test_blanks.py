"""Why a secret is blank: what the run shows of itself tells the cases apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rotate.context import Context
from rotate.settings.blanks import why

BOTH: dict[str, str] = {}
ONE = {"github_token": "github_pat_x"}


@pytest.mark.parametrize(
    ("raw", "context", "told"),
    [
        (BOTH, Context(in_actions=True, actor="dependabot[bot]", event_name="push"), "Dependabot store alone"),
        (BOTH, Context(in_actions=True, actor="dependabot[bot]", event_name="schedule"), "`secrets: inherit`"),
        (BOTH, Context(in_actions=True, event_name="schedule"), "`secrets: inherit`"),
        ({"app_private_key": "x"}, Context(in_actions=True), "`environment:`"),
        (ONE, Context(in_actions=True), "`environment:`"),
        (BOTH, Context(), "A secret that does not exist reads as blank"),
    ],
)
def test_the_likely_cause_is_said(raw: dict[str, str], context: Context, told: str) -> None:
    assert told in why(raw, context)


@pytest.mark.parametrize(
    ("event", "fork"),
    [
        ({"repository": {"fork": True}}, True),
        ({"repository": {"fork": False}}, False),
        ({"repository": "odd"}, False),
        ([], False),
        ("{", False),
        (None, False),
    ],
)
def test_a_fork_is_seen_in_what_github_says_of_the_event(event: object, fork: bool, tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    if event is not None:
        file.write_text(event if isinstance(event, str) else json.dumps(event))
    assert ("This repository is a fork" in why(BOTH, Context(event_file=str(file)))) is fork
