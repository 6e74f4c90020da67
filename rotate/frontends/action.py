"""Inside the runner: inputs from `INPUT_*`, the story to the log, the job summary, annotations and outputs."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Mapping

from rotate.context import Context
from rotate.errors import ConfigurationError, RotateError
from rotate.frontends import session
from rotate.reporters import for_runner
from rotate.secret import Secret
from rotate.settings.action_inputs import no_input, read_context, read_inputs, unknown_inputs
from rotate.settings.kinds import SECRETS, astray
from rotate.wire.clock import SystemClock, stop_on_signals
from rotate.wire.masking import Veil
from rotate.wire.plain_letters import forgiving

SELDOM = 50_000


def main(environment: Mapping[str, str] | None = None) -> int:
    """Do what the step's inputs ask, and give the exit code.

    Every secret among the inputs is masked before anything else happens: a minter's key that a workflow builds from an
    expression, and that GitHub therefore does not know as a secret, stays out of the log too.
    """
    # What is loaded stays; to look for garbage amid that costs a tenth of the start.
    gc.set_threshold(SELDOM)
    given = os.environ if environment is None else environment
    forgiving(sys.stdout)
    stop = stop_on_signals()
    raw, context = read_inputs(given), read_context(given)
    veil = Veil(sys.stdout)
    for name in SECRETS:
        if name in raw:
            veil.hide(Secret(raw[name]))
    reporters = for_runner(
        sys.stdout,
        veil.scrub,
        output=context.output_file,
        summary=context.summary_file,
        workspace=context.workspace,
        docs=context.docs,
    )
    around = session.Surroundings(reporters, veil.hide, veil.scrub, SystemClock(stop), stop, given)
    unknown = unknown_inputs(given)
    astray(unknown, veil.hide)
    return session.run(raw, context, around, (*_missing_files(context), *map(no_input, unknown))).exit_code


def _missing_files(context: Context) -> tuple[RotateError, ...]:
    """Without the runner's files nobody would learn what happened, so nothing is begun."""
    files = {
        "GITHUB_OUTPUT": context.output_file,
        "GITHUB_STEP_SUMMARY": context.summary_file,
        "GITHUB_WORKSPACE": context.workspace,
    }
    missing = [name for name, path in files.items() if not path]
    if not missing:
        return ()
    return (
        ConfigurationError(
            "runner-files-missing",
            f"This was started as a GitHub Action, but the runner's {', '.join(missing)} is not set.",
            "Use it as a step of a workflow (`uses:`). Elsewhere, start the command line: `neon-rotate --help`.",
        ),
    )
