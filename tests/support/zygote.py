"""The shipped entry point in a process that need not import everything anew.

A zygote is one process with one thread that has imported what the program imports. For each run it forks a child,
which takes the run's environment and output files and runs `entrypoint.py` as `__main__`, as a cold process would:
0.08 s instead of 0.6 s of a core. What it says is held to be what cold processes say: `tests/test_zygote.py`.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self

import certifi

if TYPE_CHECKING:
    from bench.haste import Haste

ROOT = Path(__file__).resolve().parents[2]
NOT_OF_THE_RUN = ("rotate.sandbox", "rotate.__main__", "rotate.frontends.cli", "rotate.frontends.demo")
LIBRARIES = ("httpx", "httpcore", "github", "github.Auth", "requests", "nacl.public", "encodings.idna", "anyio")
LONGEST_ORDER = 150.0


class Zygote:
    """The client's end. One child at a time: `start` it, then `communicate`, which lets it go and waits for its end."""

    def __init__(self) -> None:
        self._files = tempfile.TemporaryDirectory(prefix="zygote-")
        one = Path(self._files.name) / "one.pem"
        one.write_text(_first_certificate())
        # Reading a hundred authorities is a quarter of a run's work, and a run on loopback asks none of them.
        self._authority = {"SSL_CERT_FILE": str(one)}
        self._process = subprocess.Popen(
            [sys.executable, "-B", "-u", __file__],
            cwd=ROOT,
            env={name: text for name, text in os.environ.items() if name.startswith(("COVERAGE_", "COV_", "PATH"))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        """Nothing to do: it imports while the caller goes on."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close its input, which ends it."""
        self._process.communicate(timeout=LONGEST_ORDER)
        self._files.cleanup()

    def start(
        self,
        environment: Mapping[str, str],
        script: str = "entrypoint.py",
        haste: Haste | None = None,
        *,
        knocks: bool = False,
    ) -> Forked:
        """Fork a child for this environment; it waits at the gate until somebody communicates with it. Unless it
        `knocks`, a hand-made key is known by the person's word alone: a knock lasts for long."""
        stdout, stderr = (Path(self._files.name) / name for name in ("stdout", "stderr"))
        files = [str(stdout), str(stderr)]
        environment = {**self._authority, **environment}
        hurry = asdict(haste) if haste else None
        self.tell(
            json.dumps({"environment": environment, "files": files, "script": script, "haste": hurry, "knocks": knocks})
        )
        return Forked(self, int(self.hear(LONGEST_ORDER)), stdout, stderr)

    def tell(self, line: str) -> None:
        """Send one line."""
        assert self._process.stdin
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def hear(self, seconds: float) -> str:
        """Wait for one line.

        Raises:
            subprocess.TimeoutExpired: none came.
        """
        assert self._process.stdout
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            raise subprocess.TimeoutExpired("zygote", seconds)
        line = self._process.stdout.readline()
        assert line, "the zygote is dead"
        return line


class Forked:
    """One child, with the part of `subprocess.Popen` that a runner needs."""

    def __init__(self, zygote: Zygote, pid: int, stdout: Path, stderr: Path) -> None:
        self.pid = pid
        self.returncode = 0
        self._zygote = zygote
        self._gate: str | None = "go"
        self._files = (stdout, stderr)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Let it run, wait for its end, and give what it said. Raises `subprocess.TimeoutExpired`."""
        if self._gate:
            self._zygote.tell(self._gate)
            self._gate = None
        self.returncode = int(self._zygote.hear(timeout or LONGEST_ORDER))
        stdout, stderr = (path.read_text() for path in self._files)
        return stdout, stderr

    def kill(self) -> None:
        """End it; the zygote still has to be asked for its end."""
        os.kill(self.pid, signal.SIGKILL)


def _first_certificate() -> str:
    end = "-----END CERTIFICATE-----\n"
    return Path(certifi.where()).read_text().partition(end)[0] + end


def main() -> None:
    """The zygote itself: orders on standard input, process ids and exit codes on standard output.

    The child returns from here, and so its interpreter ends as that of a cold process does.
    """
    sys.path[0] = str(ROOT)  # as for a process that starts `entrypoint.py`
    for name in (*LIBRARIES, *_modules_of_the_run()):
        importlib.import_module(name)
    from bench.haste import Haste
    from rotate.run import drawing

    gc.collect()
    gc.freeze()
    while line := sys.stdin.readline():
        order = json.loads(line)
        assert threading.active_count() == 1, "a fork copies one thread alone"
        gate = os.pipe()
        pid = os.fork()
        if pid == 0:
            _become(order, gate)
            if order["haste"]:
                Haste(**order["haste"]).become()
            if not order["knocks"]:
                vars(drawing)["drawn"] = tuple
            _run(order["script"])
        print(pid)
        sys.stdin.readline()
        for end in gate:
            os.close(end)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _run(script: str) -> NoReturn:
    """Play the entry point to the end of its threads and exit handlers, and leave out the taking apart of modules."""
    sys.argv = [script]
    code = 0
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        code = int(end.code or 0)
    for finish in (vars(threading)["_shutdown"], atexit._run_exitfuncs, sys.stdout.flush, sys.stderr.flush):
        finish()
    os._exit(code)


def _modules_of_the_run() -> list[str]:
    import rotate

    assert Path(rotate.__path__[0]) == ROOT / "rotate", "the code beside the entry point is what runs"
    found = [module.name for module in pkgutil.walk_packages(rotate.__path__, "rotate.", onerror=None)]
    return [name for name in found if not name.startswith(NOT_OF_THE_RUN)]


def _become(order: Mapping[str, object], gate: tuple[int, int]) -> None:
    """Take the run's environment and files, and wait at the gate."""
    os.close(gate[1])
    os.read(gate[0], 1)
    os.close(gate[0])
    files = order["files"]
    environment = order["environment"]
    assert isinstance(files, list)
    assert isinstance(environment, dict)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, path in enumerate(files, 1):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
    os.environ.clear()
    os.environ.update(environment)


if __name__ == "__main__":
    main()
