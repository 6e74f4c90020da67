"""Programs that put a key into a file of a folder, and a laptop that rotates with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from rotate.address import parsed
from rotate.frontends import cli
from rotate.sandbox.neon.records import StoredKey
from rotate.sandbox.stories import REPOSITORY, personal
from rotate.sandbox.world import World
from rotate.systems.command.place import Command
from tests.support.bench import BEFORE, NAME, Bench, means_of

# A program finds the folder as the home of its person, and all that it may need of the system on the `PATH`.
PUT = 'cat >"$HOME/held"\n'
PROVES = """\
if [ "$NEON_ROTATE_VERB" = observe ]; then sha256sum <"$HOME/held"; else exec cmp -s - "$HOME/held"; fi
"""
COMPARES = 'exec cmp -s - "$HOME/held"\n'
SYSTEM_PATH = "/usr/bin:/bin"


def script(file: Path, text: str, interpreter: str = "/bin/sh") -> Path:
    """Write a program."""
    file.write_text(f"#!{interpreter}\n{text}")
    file.chmod(0o755)
    return file


def address(folder: Path, options: str = "") -> str:
    """Give the address of the program `put` of a folder."""
    return f"command:{folder}/put{options and '?' + options}#{NAME}"


def opened(folder: Path, options: str = "", kind: type[Command] = Command, **more: str) -> Command:
    """Open it as a run does."""
    return kind(parsed(address(folder, options)), means_of({"HOME": str(folder), "PATH": SYSTEM_PATH, **more}))


@contextmanager
def command(proof: str = "") -> Iterator[Bench]:
    """A file that a program writes; `proof` is the text of one that proves it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        held = folder / "held"
        held.write_text(BEFORE)
        script(folder / "put", PUT)
        script(folder / "prove", proof)

        def write(text: str | None) -> None:
            held.unlink() if text is None else held.write_text(text)

        yield Bench(
            opened(folder, f"prove={folder}/prove" if proof else ""),
            lambda: held.read_text() if held.exists() else None,
            write,
            shows="value" if proof else "nothing",
            tells_absence=False,
        )


class Runs:
    """A laptop with a key in a file, which programs of its folder `here` write."""

    def __init__(self, world: World, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self.world, self.capsys, self.folder = world, capsys, folder
        self.here, self.reports = folder / "here", folder / "reports"
        self.here.mkdir()
        self.reports.mkdir()
        self.story = personal(world)
        (self.here / "held").write_text(self.story.old_key.value)
        script(self.here / "put", PUT)
        self.environment = {
            "HOME": str(self.here),
            "PATH": SYSTEM_PATH,
            "GITHUB_API_URL": world.github.url,
            "GITHUB_TOKEN": self.story.inputs["github_token"],
            "GITHUB_REPOSITORY": REPOSITORY,
        }
        self.told, self.report = "", dict[str, Any]()

    @property
    def held(self) -> str:
        """What the file holds."""
        return (self.here / "held").read_text()

    @property
    def live(self) -> list[StoredKey]:
        """The old key and those that this program issued, as far as they live."""
        return [one for one in self.world.neon.live_keys() if one is self.story.old_key or "_" in one.name]

    @property
    def reasons(self) -> list[str]:
        """What the last run complained of."""
        return [one["reason"] for one in self.report["problems"]]

    def run(self, *more: str, command: str = "rotate", to: str = "", key: str = "") -> int:
        """Run with the value that the file holds. No value is ever in what it tells."""
        given = ["--api-host", self.world.neon.url, "--report", str(self.reports)]
        given += ["--destinations", to or address(self.here)]
        code = cli.main([command, *given, *more], {**self.environment, "NEON_API_KEY": key or self.held})
        self.told = "".join(self.capsys.readouterr())
        if files := sorted(self.reports.glob("*.json"), key=lambda path: path.stat().st_mtime_ns):
            self.report = json.loads(files[-1].read_text())
            self.told += files[-1].read_text()
        values = {self.environment["GITHUB_TOKEN"], *(one.value for one in self.world.neon.issued())}
        assert not [one for one in values if one in self.told]
        return code

    def first(self, *more: str, to: str = "", command: str = "rotate") -> int:
        """Run for the first time."""
        return self.run("--old-key-id", str(self.story.old_key.key_id), *more, to=to, command=command)
