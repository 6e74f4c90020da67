"""What `bench.scale` compares with: a plain loop over the repositories, by PyGithub or by GitHub's own command line.

`python -m bench.loops PyGithub` and `python -m bench.loops gh`; nothing of the program is loaded.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench import peak

NAME, VALUE = "NEON_API_KEY", "napi_not_a_key"
ENOUGH = 60.0


def pygithub(names: Sequence[str], token: str) -> int:
    """Write the secret as PyGithub's own documentation does, with its own pauses, SPEED times as fast."""
    import github

    speed, wait = float(os.environ["SPEED"]), time.sleep
    # Its pauses between requests are made shorter below; what is longer is what a refusal asks for.
    vars(time)["sleep"] = lambda seconds: wait(seconds if seconds <= 1.0 / speed else seconds / speed)
    client = github.Github(
        auth=github.Auth.Token(token),
        base_url=os.environ["GITHUB_API_URL"],
        seconds_between_requests=0.25 / speed,
        seconds_between_writes=1.0 / speed,
    )
    for name in names:
        client.get_repo(name, lazy=True).create_secret(NAME, VALUE)
    return peak.own()


def gh(names: Sequence[str], token: str) -> int:
    """Start one process for each repository and go on where one fails, as a loop in a shell does.

    The value goes through standard input: a list of arguments can be read by every process of the machine.
    """
    given = {name: os.environ[name] for name in ("PATH", "HOME", "GH_CONFIG_DIR")}
    for name in names:
        command = ["gh", "secret", "set", NAME, "--repo", name]
        subprocess.run(command, env={**given, "GH_TOKEN": token}, input=VALUE.encode(), timeout=ENOUGH, check=False)
    return peak.of_children()


LOOPS: Mapping[str, Callable[[Sequence[str], str], int]] = {"PyGithub": pygithub, "gh": gh}

if __name__ == "__main__":
    asked = [os.environ["INPUT_REPOSITORY"], *filter(None, os.environ["INPUT_REPOSITORIES"].split(","))]
    size = LOOPS[sys.argv[1]](asked, os.environ["INPUT_GITHUB_TOKEN"])
    Path(os.environ["PEAK"]).write_text(str(size))
