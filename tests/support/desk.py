"""A laptop with files, and a pretend Neon: runs `local`, and searches all that it tells for the values.

Its papers are a system that is registered by the tests alone: `paper://<name>` is a file in the folder `papers` whose
first line is a value. So what `local` does is shown on the ports, whatever other systems there are.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rotate.address import Address
from rotate.errors import DestinationError
from rotate.frontends import cli
from rotate.machine import Machine, Sighting
from rotate.means import Means
from rotate.plain import Parts, plain
from rotate.ports import Hide, Hindered
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.service.readable import Readable, Stored, Taken
from rotate.system import PickUp, Proof, Traits

KIND, FOLDER = "paper", "papers"


class Paper(Readable):
    """One file. One that is called `torn` takes no value."""

    waits = (0.0,)

    def __init__(self, at: Address, means: Means) -> None:
        super().__init__(str(at), means)
        self._path = Path(means.environment["HOME"], FOLDER, at.where)

    def read(self) -> Stored | None:
        """Read it; a paper that is called `blank` shows no value."""
        if not self._path.exists():
            return None
        return Stored(None if self._path.name == "blank" else Secret(self._path.read_text().strip()))

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> Taken | None:
        if self._path.name == "torn":
            raise DestinationError("write-not-confirmed", "The paper is torn.", "Take another.")
        self._path.write_text(secret.reveal() + "\n")
        return None


def papers(machine: Machine, hide: Hide) -> Iterator[Sighting]:
    """Give what lies on each; one that is called `diary` is the past, one that is called `script` nobody writes."""
    for path in sorted((machine.home / FOLDER).glob("*")):
        value = Secret(path.read_text().strip())
        hide(value)
        closed = path.name in ("diary", "script")
        address = "" if closed else f"{KIND}://{path.name}"
        remedy = "Rub it out." if closed else ""
        yield Sighting(path, 1, value, "a paper", address, remedy, past=path.name == "diary")
        machine.watch.passed(1)


def _wrong(at: Address) -> str:
    return "no paper is called so" if at.where == "nameless" else ""


SYSTEM = plain(
    Parts(KIND, ("{paper}",), (), _wrong, Paper, named=False),
    Traits(Proof.VALUE, PickUp.AT_READ),
    lambda: (),
    lambda environment: (DestinationError("token-missing", "No ink.", ""),) if "DRY" in environment else (),
)._replace(sightings=papers)


class Desk:
    """Runs the program. `values`: what must never be told. `told`, `report`: what the last run said."""

    def __init__(self, world: World, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.world, self.home, self._capsys = world, home, capsys
        self.environment = {"HOME": str(home), "PATH": os.environ["PATH"]}
        self.values = set[str]()
        self.told, self.report = "", dict[str, Any]()
        (home / FOLDER).mkdir(parents=True)

    def lay(self, name: str, value: str) -> Path:
        """Put a value on a paper."""
        self.values.add(value)
        path = self.home / FOLDER / name
        path.write_text(value + "\n")
        return path

    def on(self, name: str) -> str:
        """Give what lies there."""
        return (self.home / FOLDER / name).read_text().strip()

    def run(self, word: str, *more: str, key: str = "", **variables: str) -> int:
        """Run `local`, and see that nothing it tells holds a value."""
        folder = self.home.parent / "report"
        folder.mkdir(exist_ok=True)
        self.values |= {one.value for one in self.world.neon.issued()} | ({key} - {""})
        given = ["--api-host", self.world.neon.url, "--report", str(folder)]
        code = cli.main(["local", *word.split(), *given, *more], {**self.environment, "NEON_API_KEY": key, **variables})
        self.told = "".join(self._capsys.readouterr())
        written = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        self.report = json.loads(written[-1].read_text())
        self.values |= {one.value for one in self.world.neon.issued()}
        lines = [line for line in self.told.splitlines() if not line.startswith("::add-mask::")]
        everything = "\n".join(lines) + "".join(path.read_text() for path in written)
        assert not [one for one in self.values if one in everything or one[-12:] in everything]
        return code

    @property
    def keys(self) -> dict[str, dict[str, Any]]:
        """What the report says of each place, by the name of its file."""
        return {Path(row["file"]).name: row for row in self.report["machine"]["keys"]}

    @property
    def reasons(self) -> list[str]:
        """What the last run complained of."""
        return [one["reason"] for one in self.report["problems"]]
