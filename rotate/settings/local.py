"""From text to settings for `local`, which asks of nobody where a key belongs: that is what it finds out."""

from __future__ import annotations

from collections.abc import Mapping

from rotate.context import Context
from rotate.errors import RotateError
from rotate.ports import Hide
from rotate.problems import Problems
from rotate.protocol.facts.policy import Command
from rotate.secret import Secret
from rotate.settings import naming
from rotate.settings.kinds import astray
from rotate.settings.model import Settings
from rotate.settings.parse import neon_api, required_secret, secret
from rotate.settings.validate import API_KEY_LINE, principal

# What `local` reads of the inputs.
INPUTS = ("api_host", "scope", "org_id", "project_id", "credential", "ca_bundle")


def of_machine(
    raw: Mapping[str, str], context: Context, hide: Hide, *, key: bool
) -> tuple[Settings, tuple[RotateError, ...]]:
    """Check them; give the settings, to be used only if there are none of the problems. `key`: a key must be given."""
    problems = Problems()
    stray = astray(raw, hide)
    raw = {name: text for name, text in raw.items() if name not in stray}
    scope, org_id, project_id = principal(raw, problems)
    credential = naming.credential(raw, (), problems)
    settings = Settings(
        command=Command.DOCTOR,
        api_key=required_secret(raw, "api_key", API_KEY_LINE, problems, str) if key else _given(raw, problems),
        api_host=neon_api(raw, problems),
        scope=scope,
        key_name=naming.key_name(raw, (), credential, context, problems),
        credential=credential,
        places=(),
        keeper=None,
        org_id=org_id,
        project_id=project_id,
        current_key=secret(raw, "current_key", problems),
    )
    return settings, tuple(dict.fromkeys((*stray.values(), *(problem for _, problem in problems.found))))


def _given(raw: Mapping[str, str], problems: Problems) -> Secret:
    return secret(raw, "api_key", problems) or Secret("")
