"""A mapping of environment variables → what was asked, as text, and the context of the run.

The runner turns the input `api_key` into `INPUT_API_KEY`: upper case, spaces become `_`, dashes stay
(facts: GitHub §5.1). Both spellings are read.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from rotate.context import Context
from rotate.errors import ConfigurationError
from rotate.settings import inputs
from rotate.settings.note_file import state_folder

INPUTS = tuple(one.name for one in inputs.INPUTS)
PREFIX = "INPUT_"


def read_inputs(environment: Mapping[str, str]) -> dict[str, str]:
    """Give every input that is not blank, without the white space around it."""
    found = {}
    for name in INPUTS:
        upper = name.upper()
        text = environment.get(f"INPUT_{upper}") or environment.get(f"INPUT_{upper.replace('_', '-')}") or ""
        if text.strip():
            found[name] = text.strip()
    return found


def unknown_inputs(environment: Mapping[str, str]) -> dict[str, str]:
    """Give what stands under a name that is no input. The runner passes it on and only warns (facts: GitHub §5.1)."""
    given = {name[len(PREFIX) :].replace("-", "_").lower(): name for name in environment if name.startswith(PREFIX)}
    return {name: environment[variable] for name, variable in given.items() if name not in INPUTS}


def no_input(name: str) -> ConfigurationError:
    """Word an unknown input, with the one that may be meant: a mistyped one must not be left out in silence."""
    from difflib import get_close_matches

    from rotate.settings.parse import shown

    holding = sorted((one for one in INPUTS if name and name in one), key=len)
    close = holding or get_close_matches(name, INPUTS, 1, 0.5)
    meant = f"Did you mean this one?\n\n    {close[0]}: …" if close else f"There are: {', '.join(INPUTS)}."
    return ConfigurationError("input-unknown", f"`{shown(name)}` is no input of this action.", meant)


def read_context(environment: Mapping[str, str]) -> Context:
    """Give what the runner says of itself. It is read the same on a laptop, where little of it is set."""
    defaults = Context()
    return Context(
        in_actions=environment.get("GITHUB_ACTIONS") == "true",
        event_name=environment.get("GITHUB_EVENT_NAME", ""),
        repository=environment.get("GITHUB_REPOSITORY", ""),
        run_id=environment.get("GITHUB_RUN_ID", ""),
        attempt=environment.get("GITHUB_RUN_ATTEMPT", ""),
        api_url=environment.get("GITHUB_API_URL") or defaults.api_url,
        server_url=environment.get("GITHUB_SERVER_URL") or defaults.server_url,
        workspace=environment.get("GITHUB_WORKSPACE", ""),
        output_file=environment.get("GITHUB_OUTPUT", ""),
        summary_file=environment.get("GITHUB_STEP_SUMMARY", ""),
        action_repository=environment.get("GITHUB_ACTION_REPOSITORY", ""),
        action_ref=environment.get("GITHUB_ACTION_REF", ""),
        actor=environment.get("GITHUB_ACTOR") or environment.get("USER", ""),
        triggering_actor=environment.get("GITHUB_TRIGGERING_ACTOR", ""),
        event_file=environment.get("GITHUB_EVENT_PATH", ""),
        repository_id=environment.get("GITHUB_REPOSITORY_ID", ""),
        state=state_folder(environment, sys.platform),
    )
