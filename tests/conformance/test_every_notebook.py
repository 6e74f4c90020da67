"""What every notebook but GitHub's does in whole runs, with no GitHub at all: an entry in `NOTED` enters it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rotate.errors import DestinationError, Outcome
from rotate.ports import Notebook, Pages
from rotate.registry import system
from rotate.sandbox.faults import Fault, Kind
from rotate.settings.note_file import THROWN_AWAY
from tests.support.bench import Bench
from tests.support.benches import BENCHES, NOTED
from tests.support.laptop import Laptop
from tests.support.runner import ROOT

KEPT = tuple(name for name in NOTED if name not in ("github", "toy"))
FILE = "doppler"  # a service that keeps none, so that a file does


@pytest.fixture(params=[*KEPT, FILE])
def laptop(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Laptop]:
    """One that reaches a service and Neon alone."""
    with BENCHES[request.param]() as bench:
        found = Laptop(bench, capsys, tmp_path)
        home = {"HOME": str(tmp_path / "home")} if request.param == FILE else {}
        found.environment = {**found.web.environment, **home}
        yield found


def pages(laptop: Laptop) -> Pages:
    """Give what the notebook of a service says."""
    assert laptop.bench.another is not None
    read = laptop.bench.another().read()
    assert isinstance(read, Pages)
    return read


def test_the_second_rotation_reads_what_the_first_one_noted(laptop: Laptop) -> None:
    assert laptop.run() == 3, "the first run must be told which key it replaces"
    assert laptop.reasons == ["old-key-unknown"]
    beside = laptop.web.beside()
    assert laptop.first() == 0, laptop.told
    (first,) = laptop.live
    assert laptop.run() == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live] != [first.value]
    assert laptop.run(command="check") == 0, laptop.told
    assert laptop.run(command="doctor") == 0, laptop.told
    assert laptop.world.ledger.count(server="github") == 0
    if laptop.bench.another is None:
        return
    read = pages(laptop)
    assert read.lock is None
    assert read.note is not None
    assert not [one.value for one in laptop.world.neon.issued() if one.value in read.note]
    assert laptop.web.address.kind in ("gitlab", "aws-ssm") or laptop.web.beside() == beside


def begun(laptop: Laptop, key: str) -> subprocess.Popen[bytes]:
    """Start a run as a process of its own."""
    script = str(ROOT / "tests/support/quiet_cli.py")
    command = [sys.executable, script, "rotate", "--destinations", laptop.here, "--api-host", laptop.world.neon.url]
    # A laptop, wherever this test runs: on a machine that is thrown away no file would keep a note.
    here = {name: text for name, text in os.environ.items() if name not in THROWN_AWAY}
    environment = {**here, **laptop.environment, "NEON_API_KEY": key, "PYTHONPATH": str(ROOT)}
    late = ["--redeploy"] if system(laptop.web.address.kind).traits.late(laptop.here) else []
    return subprocess.Popen([*command, *late], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_a_run_that_another_one_meets_goes_on_and_the_other_is_refused(laptop: Laptop) -> None:
    """The other begins and ends while the first has the lock, before it issues a key."""
    assert laptop.first() == 0, laptop.told
    ended, key = list[tuple[int, bytes]](), laptop.held

    def meet(*_: object) -> None:
        with begun(laptop, key) as other:
            said = other.communicate(timeout=60)[0]
        ended.append((other.returncode, said))

    laptop.world.faults.add(Fault("hook", server="neon", method="POST", call=meet))
    assert laptop.run() == 0, laptop.told
    assert [(code, b"lock-held" in said) for code, said in ended] == [(3, True)], ended
    assert [laptop.held] == [one.value for one in laptop.live]


DEATHS: tuple[tuple[str, Kind], ...] = (("POST", "death_before"), ("POST", "death_after"), ("DELETE", "death_before"))


@pytest.mark.parametrize(("method", "kind"), DEATHS)
def test_what_a_killed_run_began_the_next_one_ends(method: str, kind: Kind, laptop: Laptop) -> None:
    assert laptop.first() == 0, laptop.told
    laptop.world.faults.add(Fault(kind, server="neon", method=method))
    with begun(laptop, laptop.held) as killed:
        laptop.world.victim = killed.pid
        told, _ = killed.communicate(timeout=60)
    laptop.world.victim = None
    assert killed.returncode == -signal.SIGKILL, told
    laptop.world.faults.reset()
    if laptop.bench.another is not None:  # only the kernel knows that a process is gone
        assert laptop.run() == 3
        assert laptop.reasons == ["lock-held"]
        laptop.bench.another().release_lock(pages(laptop).lock or "")
    assert laptop.run() == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live]


@pytest.fixture(params=KEPT)
def kept(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A service that keeps notes."""
    with BENCHES[request.param]() as bench:
        yield bench


def opened(bench: Bench) -> Notebook:
    assert bench.another is not None
    return bench.another()


def faulty(bench: Bench, *faults: Fault) -> None:
    assert bench.web
    bench.web.world.faults.add(*faults)


def test_a_long_note_is_packed_and_read_as_it_was(kept: Bench) -> None:
    names = [f"github://octo-org/service-{number}#NEON_API_KEY" for number in range(900)]
    text = json.dumps({"version": 3, "destinations": names})
    assert len(text) > 40_000
    opened(kept).write_note(text)
    read = opened(kept).read()
    assert isinstance(read, Pages)
    assert read.note == text
    for odd in ("zlib:x", "zlib:AAAA"):
        opened(kept).write_note(odd)
        assert opened(kept).read() == Pages(odd, None), "none of ours, which the core judges"
    assert opened(kept).put_aside(text)
    assert opened(kept).run_completed(7, "octo-org/payments") is None
    assert "ROTATION" in opened(kept).where[0]


def test_a_lock_that_is_refused_for_another_reason_is_an_error(kept: Bench) -> None:
    notebook = opened(kept)
    notebook.read()
    assert kept.web
    body = {"message": "no", "errors": ["no"], "__type": "ValidationException"}
    faulty(kept, Fault("status", method="PUT" if kept.web.server == "aws" else "POST", code=400, body=body, times=None))
    with pytest.raises(DestinationError) as caught:
        notebook.take_lock("mine", replacing=None)
    assert (caught.value.reason, caught.value.outcome) == ("destination-refused", Outcome.NO_EFFECT)
