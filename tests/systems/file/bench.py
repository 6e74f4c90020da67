"""A file that holds the key, plain or encrypted by the real SOPS, and what writes to it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pyrage

from rotate.address import parsed
from rotate.edit.formats import added, format_of, replaced, slots
from rotate.edit.where import path_of
from rotate.systems.file.system import PARTS
from rotate.systems.file.value import FileValue
from tests.support.bench import BEFORE, NAME, Bench, means_of

# Where the programs of this environment are, among them `sops`.
PROGRAMS = str(Path(sys.executable).parent)
PLAIN = f"# mine\nexport OTHER='x'  # stays\n{NAME}={BEFORE}\nLAST=1"


def value(file: Path, where: str = NAME) -> str | None:
    """Read a value as it stands in a file."""
    at, form = path_of(where), format_of(file)
    return next((one.value for one in slots(file.read_bytes(), form) if one.path == at), None)


def set_value(file: Path, text: str | None) -> None:
    """Write the key as somebody with an editor does; `None`: delete its line."""
    data, at, form = file.read_bytes(), path_of(NAME), format_of(file)
    found = next((one for one in slots(data, form) if one.path == at), None)
    if text is None:
        file.write_text("".join(line for line in data.decode().splitlines(True) if not line.startswith(NAME)))
    else:
        file.write_bytes(replaced(data, form, found, text) if found else added(data, form, at, text))


@contextmanager
def file() -> Iterator[Bench]:
    """A line of an `.env` file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / ".env"
        path.write_text(PLAIN)
        path.chmod(0o600)
        opened = PARTS.destination(parsed(f"file://{path}#{NAME}"), means_of(os.environ))
        yield Bench(opened, lambda: value(path), lambda text: set_value(path, text))


class Vault:
    """A folder with files that SOPS encrypts for one age key, and the environment in which they open."""

    def __init__(self, folder: Path) -> None:
        identity = pyrage.x25519.Identity.generate()
        self.folder, self.recipient = folder, str(identity.to_public())
        self.environment = {"PATH": f"{PROGRAMS}:{os.environ['PATH']}", "SOPS_AGE_KEY": str(identity)}

    def sops(self, *words: str, given: str = "") -> str:
        """Run SOPS."""
        done = subprocess.run(
            ["sops", *words], env=self.environment, input=given, capture_output=True, text=True, check=True
        )
        return done.stdout

    def sealed(self, name: str, text: str, *more: str) -> Path:
        """Make an encrypted file."""
        path = self.folder / name
        path.write_text(text)
        self.sops("encrypt", "--age", self.recipient, *more, "--in-place", str(path))
        return path

    def opened(self, path: Path) -> str:
        """Decrypt one."""
        return self.sops("decrypt", str(path))


@contextmanager
def file_of_sops() -> Iterator[Bench]:
    """A value in a YAML file that SOPS encrypts."""
    with TemporaryDirectory() as folder:
        vault = Vault(Path(folder))
        path = vault.sealed("secrets.yaml", f"{NAME}: {BEFORE}\nother: 1\n")

        def held() -> str | None:
            return vault.sops("decrypt", "--extract", f'["{NAME}"]', str(path))

        def write(text: str | None) -> None:
            index = f'["{NAME}"]'
            if text is None:
                vault.sops("unset", str(path), index)
            else:
                vault.sops("set", "--value-stdin", str(path), index, given=f'"{text}"')

        yield Bench(FileValue(parsed(f"file:{path}#{NAME}"), means_of(vault.environment)), held, write)
