"""A value in a file that SOPS encrypts: only the program `sops` reads and writes it.

Sources (getsops/sops): `sops set --value-stdin` takes the value, as JSON, from standard input, since 3.11.0
(CHANGELOG.md), so that it never is an argument; `sops decrypt --extract` prints one value as it is. The names stand in
the file as plain text. `sops set` writes a file in place and would leave half of one where the disk is full, so it is
given a copy, which holds what the file holds: encrypted values. cmd/sops/main.go, parseTreePath: a name with a bracket
cannot be said. cmd/sops/codes/codes.go: the exit codes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory

from rotate.edit import slot
from rotate.edit.disk import Original
from rotate.errors import DestinationError, Refused
from rotate.secret import Secret

SEALED = "ENC["
# A key service in a cloud may be asked.
SECONDS = 60.0
CODES = {
    51: "what it holds does not fit its MAC: somebody changed it without SOPS",
    128: "no key at hand opens it: look at the variables and files from which SOPS takes keys",
}


class Sops:
    """Reads and writes values of one file. `name`: of the destination, for messages."""

    def __init__(self, name: str, form: str, environment: Mapping[str, str]) -> None:
        self._name, self._form, self._environment = name, form, environment

    def opened(self, file: Path, at: slot.Path) -> Secret:
        """Decrypt one value."""
        words = ["decrypt", "--input-type", self._form, "--extract", self._index(at, file), str(file)]
        return Secret(self._run(words, file, b"").decode(errors="replace"))

    def sealed(self, original: Original, at: slot.Path, secret: Secret) -> bytes:
        """Give the file with another value, encrypted and read back. Nothing is written to the file itself."""
        with TemporaryDirectory() as folder:
            copy = Path(folder) / original.real.name
            copy.write_bytes(original.data)
            types = ["--input-type", self._form, "--output-type", self._form]
            words = ["set", *types, "--value-stdin", str(copy), self._index(at, copy)]
            self._run(words, original.path, json.dumps(secret.reveal()).encode())
            if self.opened(copy, at) != secret:
                raise self._failed(original.path, "what it wrote does not read as it should")
            return copy.read_bytes()

    def _index(self, at: slot.Path, file: Path) -> str:
        """Say where a value is, as SOPS has it."""
        if any(mark in str(part) for part in at for mark in "[]\"'"):
            raise self._failed(file, "a name with a bracket or a quote cannot be said to it")
        return "".join(f'["{part}"]' if isinstance(part, str) else f"[{part}]" for part in at)

    def _run(self, words: list[str], file: Path, given: bytes) -> bytes:
        """Run it. What it prints may hold the value, so nothing of it is told."""
        program = shutil.which("sops", path=self._environment.get("PATH", ""))
        if program is None:
            raise Refused(
                "file-needs-sops",
                f"SOPS encrypts {self._name}, and there is no program `sops` on PATH. Nothing was changed there.",
                "Install SOPS 3.11 or newer where this runs. By hand, in an editor and nowhere else:\n\n"
                f"    sops edit {quote(str(file))}",
            )
        try:
            ended = subprocess.run(
                [program, *words],
                input=given,
                capture_output=True,
                timeout=SECONDS,
                check=False,
                env=dict(self._environment),
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            late = isinstance(error, subprocess.TimeoutExpired)
            raise self._failed(file, f"it did not end within {SECONDS:.0f} s" if late else "it does not run") from None
        if ended.returncode:
            why = CODES.get(ended.returncode, "it must be 3.11 or newer")
            raise self._failed(file, f"it ended with code {ended.returncode} ({why})")
        return ended.stdout

    def _failed(self, file: Path, why: str) -> DestinationError:
        return DestinationError(
            "sops-failed",
            f"SOPS encrypts {self._name}, and `sops` could not be used: {why}. The file was not changed.",
            f"Look what it says, without a value on the screen:\n\n    sops decrypt {quote(str(file))} > /dev/null",
        )
