"""A second, independent search of the protocol: docs/model/rotation.pml in the model checker Spin."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

MODEL = Path(__file__).parents[2] / "docs" / "model" / "rotation.pml"
DEEPEST = 1_000_000
MEMORY_MB = 3500
TOOLS = ("spin", "gcc")

pytestmark = [pytest.mark.deep, pytest.mark.timeout(900)]

OUTAGE = "S1_no_destination_holds_a_dead_key"
TOO_EARLY = "S2_every_destination_holds_a_newer_key"
RESTLESS = "S5_a_clean_run_comes_to_rest"
STRANGER = "S7_no_key_of_a_stranger_dies"
KEPT_ALIVE = "S10_nobody_keeps_an_exposed_key_alive"

DESIGNS = {
    "personal key": "FAULTS=4",
    "personal key, many faults": "FAULTS=5",
    "minter": "FAULTS=4 MINTER",
    "no notebook": "FAULTS=3 NO_NOTE",
    "overlap": "FAULTS=4 OVERLAP",
    "exposed, primary": "FAULTS=3 EXPOSED REVOKE_WHEN=primary",
    "exposed, primary, minter": "FAULTS=3 EXPOSED REVOKE_WHEN=primary MINTER",
    "exposed, immediately": "FAULTS=3 EXPOSED REVOKE_WHEN=immediately MINTER",
    "exposed, all, overlap": "FAULTS=3 EXPOSED REVOKE_WHEN=all OVERLAP",
    "rewritten, personal": "FAULTS=3 REWRITER",
    "rewritten, minter": "FAULTS=3 REWRITER MINTER",
    "rewritten, overlap": "FAULTS=2 REWRITER OVERLAP",
    "rewritten, exposed, primary": "FAULTS=2 REWRITER EXPOSED REVOKE_WHEN=primary",
    "rewritten, exposed, immediately": "FAULTS=2 REWRITER EXPOSED REVOKE_WHEN=immediately MINTER",
    "overwritten, personal": "FAULTS=3 MEDDLER",
    "overwritten, minter": "FAULTS=3 MEDDLER MINTER",
    "overwritten, overlap": "FAULTS=2 MEDDLER OVERLAP",
    "overwritten, exposed, all": "FAULTS=2 MEDDLER EXPOSED REVOKE_WHEN=all MINTER",
    "two at once": "FAULTS=2 TWO RUNS=1",
    "two at once, twice each, minter": "FAULTS=1 TWO RUNS=2 MINTER",
    "two at once, overlap": "FAULTS=1 TWO RUNS=1 OVERLAP",
}

CONTROLS = {
    "revokes before it distributes": ("FAULTS=0 WRONG_1", TOO_EARLY),
    "takes the newest key for an orphan": ("FAULTS=1 WRONG_2", TOO_EARLY),
    "lets the pending note release older keys": ("FAULTS=1 WRONG_3", TOO_EARLY),
    "knows age as the only trigger": ("FAULTS=1 WRONG_4", RESTLESS),
    "runs twice at once without a lock": ("FAULTS=1 TWO RUNS=1 WRONG_5", TOO_EARLY),
    "writes when its lease is over": ("FAULTS=1 TWO RUNS=1 WRONG_6", TOO_EARLY),
    "passes over a value that is not the confirmed one": (
        "FAULTS=2 EXPOSED REVOKE_WHEN=immediately MINTER WRONG_7",
        RESTLESS,
    ),
    "compares write times with those from before the lock": ("FAULTS=1 TWO RUNS=1 MINTER WRONG_8", TOO_EARLY),
    "breaks a stale lock in steps": ("FAULTS=1 TWO RUNS=2 MINTER WRONG_9", TOO_EARLY),
    "believes a note that nobody proves": ("FAULTS=1 REWRITER WRONG_10", STRANGER),
    "revokes without a last look": ("FAULTS=1 MEDDLER WRONG_12", TOO_EARLY),
    "takes a later write for its own": ("FAULTS=1 MEDDLER WRONG_13", TOO_EARLY),
    "lets a garbled note stop a kill": ("FAULTS=2 REWRITER EXPOSED REVOKE_WHEN=primary WRONG_11", KEPT_ALIVE),
}


@dataclass(frozen=True)
class Verdict:
    """What one search said: how many errors, the name of the invariant that broke, the states stored."""

    errors: int
    broken: str | None
    states: int
    complete: bool
    tale: str


@pytest.fixture(autouse=True)
def _tools() -> None:
    """Skip without the tools, unless the environment says that they must be there."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing and os.environ.get("REQUIRE_SPIN") == "1":
        pytest.fail(f"not installed, though REQUIRE_SPIN=1: {', '.join(missing)}")
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


def search(variant: str, folder: Path) -> Verdict:
    """Let Spin make a searcher of the model, and run it to its end or its first error.

    Not optimised: that takes the compiler 8 s of a core more, and all but one of the searches take less than 4 s.
    """
    flags = [f"-D{flag}" for flag in variant.split()]
    shutil.copy(MODEL, folder)
    _run(["spin", "-a", *flags, MODEL.name], folder)
    _run(["gcc", "-O0", "-DSAFETY", f"-DMEMLIM={MEMORY_MB}", "-o", "pan", "pan.c"], folder)
    said = _run(["./pan", f"-m{DEEPEST}", "-w22"], folder)
    errors, states = re.search(r"errors: (\d+)", said), re.search(r"(\d+) states, stored", said)
    assert errors is not None, said
    assert states is not None, said
    broken = re.search(r"assertion violated \(?(\w+)", said)
    tale = _run(["spin", "-t", "-T", *flags, MODEL.name], folder) if int(errors[1]) else ""
    complete = not re.search(r"not completed|max search depth|out of memory|truncated|memory limit", said)
    return Verdict(int(errors[1]), broken[1] if broken else None, int(states[1]), complete, tale)


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0 or command[1] == "-t", f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _show(capsys: pytest.CaptureFixture[str], line: str) -> None:
    with capsys.disabled():
        print(f"\n  {line}")


@pytest.mark.parametrize("name", DESIGNS)
def test_no_sequence_of_faults_breaks_the_design(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verdict = search(DESIGNS[name], tmp_path)
    _show(capsys, f"{name}: {verdict.states} states ({DESIGNS[name]})")
    assert (verdict.errors, verdict.broken, verdict.complete) == (0, None, True), verdict.tale
    assert verdict.states > 1000


@pytest.mark.parametrize("name", CONTROLS)
def test_a_wrong_design_is_refuted(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    variant, invariant = CONTROLS[name]
    verdict = search(variant, tmp_path)
    _show(capsys, f"{name}: refuted after {verdict.states} states ({variant})")
    assert (verdict.errors, verdict.broken) == (1, invariant), verdict.tale


@pytest.mark.parametrize("name", [name for name, (_, invariant) in CONTROLS.items() if invariant == TOO_EARLY])
def test_a_key_revoked_too_early_is_an_outage_and_no_matter_of_form(name: str, tmp_path: Path) -> None:
    verdict = search(f"{CONTROLS[name][0]} OUTAGE", tmp_path)
    assert (verdict.errors, verdict.broken) == (1, OUTAGE), verdict.tale
