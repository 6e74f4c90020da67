"""What `bench.scale` starts: the entry point, or PyGithub's loop, with time SPEED times as fast since SINCE."""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from rotate.frontends import action
from rotate.wire.clock import SystemClock

SPEED, SINCE = float(os.environ["SPEED"]), float(os.environ["SINCE"])


class QuickClock(SystemClock):
    """Waits are shorter and hours are too."""

    def now(self) -> datetime:
        """Give the time that the pretend world has."""
        return datetime.fromtimestamp(SINCE + (time.time() - SINCE) * SPEED, UTC)

    def monotonic(self) -> float:
        """Give its seconds."""
        return time.monotonic() * SPEED

    def sleep(self, seconds: float) -> None:
        """Wait a part of it."""
        super().sleep(seconds / SPEED)


def loop() -> int:
    """Write the secret to every repository as PyGithub's own documentation does, with its own pauses."""
    import github

    wait = time.sleep
    # Its pauses between requests are made shorter below; what is longer is what a refusal asks for.
    vars(time)["sleep"] = lambda seconds: wait(seconds if seconds <= 1.0 / SPEED else seconds / SPEED)
    client = github.Github(
        auth=github.Auth.Token(os.environ["INPUT_GITHUB_TOKEN"]),
        base_url=os.environ["GITHUB_API_URL"],
        seconds_between_requests=0.25 / SPEED,
        seconds_between_writes=1.0 / SPEED,
    )
    for name in [os.environ["INPUT_REPOSITORY"], *filter(None, os.environ["INPUT_REPOSITORIES"].split(","))]:
        client.get_repo(name, lazy=True).create_secret("NEON_API_KEY", "napi_not_a_key")
    return 0


def peak() -> str:
    """Give the largest resident size of this process, in kB; what wait4(2) tells may be its parent's, before exec."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return status["VmHWM"].split()[0]


if __name__ == "__main__":
    vars(action)["SystemClock"] = QuickClock
    code = loop() if sys.argv[1:] == ["loop"] else action.main()
    Path(os.environ["PEAK"]).write_text(peak())
    sys.exit(code)
