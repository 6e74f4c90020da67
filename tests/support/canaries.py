"""A rotation whose policy file names a canary, for the tests of it and for the kill matrix."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

from rotate.sandbox.stories import PERMISSIONS, Story
from tests.support.runner import with_inputs

FILE = "canary.yml"
IN_THE_FILE = ("scope", "org_id", "project_id", "old_key_id")
MAY = {**PERMISSIONS, "actions": "write"}


def with_canary(story: Story, environment: Mapping[str, str], workspace: Path) -> dict[str, str]:
    """Write the policy file; what the story's inputs say of the key goes there."""
    given = {name: environment.get(f"INPUT_{name.upper()}") for name in IN_THE_FILE}
    credential = {name: text for name, text in given.items() if text}
    current = environment.get("INPUT_CURRENT_KEY")
    if current:
        credential["current_key"] = "${CURRENT}"
    credential |= {"name": story.secret_name, "canary_workflow": FILE, "canary_wait": "50s"}
    file = {"version": 1, "credentials": [{**credential, "destinations": [{"type": "github_secret"}]}]}
    path = workspace / ".github/neon-rotate.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(file))
    return {**with_inputs(environment, **dict.fromkeys((*IN_THE_FILE, "current_key"))), "CURRENT": current or ""}
