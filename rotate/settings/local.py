"""From text to settings for `local`, which asks of nobody where a key belongs: that is what it finds out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rotate.context import Context
from rotate.errors import RotateError
from rotate.ports import Hide
from rotate.problems import Problems
from rotate.protocol.facts.policy import Command
from rotate.registry import USUAL, usual
from rotate.secret import Secret
from rotate.settings import naming
from rotate.settings.kinds import astray
from rotate.settings.model import NOTE_FILE, Settings
from rotate.settings.note_file import PROGRAM
from rotate.settings.parse import neon_api, required_secret, secret
from rotate.settings.validate import API_KEY_LINE, principal
from rotate.system import Keeper

# What `local` reads of the inputs.
INPUTS = ("api_host", "scope", "org_id", "project_id", "credential", "note_file", "ca_bundle")


def of_machine(
    raw: Mapping[str, str], context: Context, hide: Hide, *, key: bool
) -> tuple[Settings, tuple[RotateError, ...]]:
    """Check them; give the settings, to be used only if there are none of the problems. `key`: a key must be given."""
    problems = Problems()
    stray = astray(raw, hide)
    raw = {name: text for name, text in raw.items() if name not in stray}
    scope, org_id, project_id = principal(raw, problems)
    credential = naming.credential(raw, (), problems)
    kept = note_file(raw, credential, context)
    settings = Settings(
        command=Command.DOCTOR,
        api_key=required_secret(raw, "api_key", API_KEY_LINE, problems, str) if key else _given(raw, problems),
        api_host=neon_api(raw, problems),
        scope=scope,
        key_name=naming.key_name(raw, (), credential, context, problems),
        credential=credential,
        places=(),
        keeper=Keeper(NOTE_FILE, kept, NOTE_FILE) if kept else None,
        org_id=org_id,
        project_id=project_id,
        current_key=secret(raw, "current_key", problems),
        shares={USUAL: usual().share(raw, problems, None)},
    )
    return settings, tuple(dict.fromkeys((*stray.values(), *(problem for _, problem in problems.found))))


def note_file(raw: Mapping[str, str], credential: str, context: Context) -> str:
    """Name the file that keeps the note of this machine: one for a credential, wherever its key lies. Empty where the
    machine is gone after the run."""
    if raw.get("note_file"):
        return str(Path(context.workspace or ".", raw["note_file"]).resolve())
    return str(Path(context.state, PROGRAM, f"local-{credential.lower()}.json")) if context.state else ""


def _given(raw: Mapping[str, str], problems: Problems) -> Secret:
    return secret(raw, "api_key", problems) or Secret("")
