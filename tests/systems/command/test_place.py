"""What a program gets, what it does not get, and what its exit code proves."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rotate.errors import DestinationError, InvariantViolated, Outcome
from rotate.protocol.facts.destination import Held
from rotate.secret import Secret
from rotate.service.readable import ANOTHERS
from rotate.systems.command.place import Command
from tests.support.bench import BEFORE
from tests.systems.command.bench import COMPARES, PROVES, PUT, opened, script

NEW = Secret("napi_new_value_0123456789abcdefghijklmnopqrstuv")
# What stands in the arguments and the environment of a program while it runs.
LOOKS = """\
import os, sys
value = sys.stdin.buffer.read()
seen = open("/proc/self/environ", "rb").read() + open("/proc/self/cmdline", "rb").read()
seen += open(f"/proc/{os.getppid()}/cmdline", "rb").read()
with open(os.environ["HOME"] + "/seen", "wb") as file:
    file.write(seen)
with open(os.environ["HOME"] + "/held", "wb") as file:
    file.write(value)
"""


class Careless(Command):
    """What must not be: the value is in the environment too."""

    def _context(self, verb: str, secret: Secret) -> dict[str, str]:
        return {**super()._context(verb, secret), "NEON_API_KEY": secret.reveal()}


@pytest.mark.parametrize("kind", [Command, Careless])
def test_the_value_is_in_no_argument_and_in_no_environment(tmp_path: Path, kind: type[Command]) -> None:
    script(tmp_path / "put", LOOKS, sys.executable)
    place = opened(
        tmp_path,
        "pass=DEPLOY_HOST:ALIAS",
        kind,
        NEON_API_KEY="napi_old",
        GITHUB_TOKEN="ghp_0123456789abcdef",
        INPUT_API_KEY="napi_old",
        DEPLOY_HOST="db-1",
        ALIAS=f"key={NEW.reveal()}",
    )
    place.take_key_id(42)
    place.put(NEW)
    assert (tmp_path / "held").read_bytes() == NEW.reveal().encode()
    seen = (tmp_path / "seen").read_bytes().decode()
    assert (NEW.reveal() in seen) is (kind is Careless), "the control passes it, and is caught"
    if kind is Command:
        assert "napi_" not in seen
        assert "ghp_" not in seen
        assert "DEPLOY_HOST=db-1" in seen
        assert f"NEON_ROTATE_ADDRESS={place.name}\0" in seen
        assert f"NEON_ROTATE_FINGERPRINT={NEW.fingerprint}\0" in seen
        assert "NEON_ROTATE_KEY_ID=42\0" in seen
        assert "NEON_ROTATE_VERB=put\0" in seen


def test_without_a_prover_a_lost_exit_code_is_no_proof(tmp_path: Path) -> None:
    script(tmp_path / "put", "exit 0\n")
    place = opened(tmp_path)
    before = place.observe()
    assert place.confirm(before, place.put(NEW)) == Held()
    with pytest.raises(DestinationError) as raised:
        place.confirm(before, None)
    assert (raised.value.reason, raised.value.outcome) == ("write-not-confirmed", Outcome.UNKNOWN)


def test_a_program_that_compares_proves_a_write_whose_exit_code_was_lost(tmp_path: Path) -> None:
    script(tmp_path / "put", PUT)
    script(tmp_path / "prove", COMPARES)
    (tmp_path / "held").write_text(BEFORE)
    place = opened(tmp_path, f"prove={tmp_path}/prove")
    before = place.observe()
    assert (before.mark, before.proves) == (Held(), True), "it compares, and tells nothing of what stands there"
    assert place.written() == Held()
    place.put(NEW)
    assert place.confirm(before, None) == Held(NEW.fingerprint) == place.written()
    (tmp_path / "held").write_text(BEFORE)
    assert place.written() == Held(ANOTHERS)
    with pytest.raises(DestinationError, match="does not say so: its exit code is 1"):
        place.confirm(before, None)


def test_a_program_that_tells_a_digest_shows_whose_value_stands_there_in_any_run(tmp_path: Path) -> None:
    script(tmp_path / "put", PUT)
    script(tmp_path / "prove", PROVES)
    (tmp_path / "held").write_text(BEFORE)
    place = opened(tmp_path, f"prove={tmp_path}/prove")
    assert place.observe().mark == Held(Secret(BEFORE).fingerprint)
    place.put(NEW)
    assert opened(tmp_path, f"prove={tmp_path}/prove").written() == Held(NEW.fingerprint)


def test_a_program_that_only_prints_the_digest_does_not_prove_what_is_another(tmp_path: Path) -> None:
    script(tmp_path / "put", PUT)
    script(tmp_path / "prove", 'exec sha256sum "$HOME/held"\n')
    (tmp_path / "held").write_text(BEFORE)
    place = opened(tmp_path, f"prove={tmp_path}/prove")
    before = place.observe()
    receipt = place.put(NEW)
    assert place.confirm(before, receipt) == Held(NEW.fingerprint)
    (tmp_path / "held").write_text(BEFORE)
    with pytest.raises(DestinationError, match="does not say so"):
        place.confirm(before, receipt)


@pytest.mark.parametrize("printed", ["", "deadbeef", "0" * 63, "0" * 65, "G" * 64, "x " + "0" * 64])
def test_what_is_no_digest_says_nothing(tmp_path: Path, printed: str) -> None:
    script(tmp_path / "put", PUT)
    script(tmp_path / "prove", f"echo 'Warning: a new host'\necho '{printed}'\n")
    assert opened(tmp_path, f"prove={tmp_path}/prove").observe().mark == Held()


def test_the_id_of_a_key_goes_with_its_own_value_alone(tmp_path: Path) -> None:
    script(tmp_path / "put", 'echo "$NEON_ROTATE_VERB ${NEON_ROTATE_KEY_ID:-unknown}" >>"$HOME/ids"\n')
    script(tmp_path / "prove", (tmp_path / "put").read_text())
    place = opened(tmp_path, f"prove={tmp_path}/prove")
    place.take_key_id(42)
    before = place.observe()
    place.confirm(before, place.put(NEW))
    place.confirm(before, place.put(Secret("napi_old_value")))
    assert (tmp_path / "ids").read_text().splitlines() == [
        "observe unknown",
        "put 42",
        "prove 42",
        "put unknown",
        "prove unknown",
    ]


def test_an_empty_value_is_never_handed_over(tmp_path: Path) -> None:
    with pytest.raises(InvariantViolated):
        opened(tmp_path).put(Secret(""))
