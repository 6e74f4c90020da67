"""Programs that hang, print without end, read nothing, leave others behind or give the key away."""

from __future__ import annotations

import os
import resource
import signal
import threading
import time
from pathlib import Path

import pytest

from rotate.errors import DestinationError, Outcome
from rotate.secret import Secret
from rotate.systems.command import place, process
from rotate.systems.command.place import Command
from rotate.systems.command.process import KEPT, Ended, run
from rotate.systems.command.quoting import quoted
from rotate.wire.clock import SystemClock
from tests.systems.command.bench import SYSTEM_PATH, opened, script

NEW = Secret("napi_new_value_0123456789abcdefghijklmnopqrstuv")
LIMIT = 30.0


def ended(file: Path, limit: float = LIMIT, value: bytes = b"", stop: threading.Event | None = None) -> Ended:
    """Run a program of a test."""
    return run(
        file, value, {"PATH": SYSTEM_PATH, "HOME": str(file.parent)}, limit, SystemClock(stop or threading.Event())
    )


def put(folder: Path, text: str, options: str = "", **more: str) -> DestinationError:
    """Let a program put a key, which it does not."""
    script(folder / "put", text)
    with pytest.raises(DestinationError) as raised:
        opened(folder, options, Command, **more).put(NEW)
    assert NEW.reveal() not in f"{raised.value.message} {raised.value.remedy} {raised.value!r}"
    return raised.value


def alive(pid: int) -> bool:
    """Say whether a process runs: one that ended and that nobody asked about does not."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(pid: int) -> bool:
    """Wait some time for a process to end."""
    for _ in range(100):
        if not alive(pid):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ("text", "reason", "outcome"),
    [
        ("exit 1", "command-failed", Outcome.NO_EFFECT),
        ("exit 74", "command-failed", Outcome.NO_EFFECT),
        ("exit 255", "command-failed", Outcome.NO_EFFECT),
        ("exit 75", "command-undecided", Outcome.UNKNOWN),
        ("kill -9 $$", "command-undecided", Outcome.UNKNOWN),
        ("kill -TERM $$", "command-undecided", Outcome.UNKNOWN),
        ("kill -SEGV $$", "command-undecided", Outcome.UNKNOWN),
    ],
)
def test_the_exit_code_is_the_outcome(tmp_path: Path, text: str, reason: str, outcome: Outcome) -> None:
    error = put(tmp_path, f"{text}\n")
    assert (error.reason, error.outcome) == (reason, outcome)


def test_one_that_does_not_end_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    script(tmp_path / "put", 'trap "" TERM\nsleep 300 &\necho $$ $! >"$HOME/pids"\nwhile :; do sleep 300; done\n')
    told = ended(tmp_path / "put", 3.0)
    assert (told.code, told.how) == (None, "it had not ended after 3 s, and was ended")
    pids = [int(word) for word in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)


def test_the_time_limit_of_the_address_leaves_the_outcome_unknown(tmp_path: Path) -> None:
    error = put(tmp_path, "exec sleep 300\n", "timeout=1s")
    assert (error.reason, error.outcome) == ("command-undecided", Outcome.UNKNOWN)
    assert "after 1 s" in error.message


def test_a_run_that_is_to_stop_gives_it_a_moment_and_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "LEFT_AT_STOP", 0.5)
    script(tmp_path / "put", 'echo $$ >"$HOME/new"\nmv "$HOME/new" "$HOME/pid"\nexec sleep 300\n')
    stop = threading.Event()

    def stops() -> None:
        while not (tmp_path / "pid").exists():
            time.sleep(0.05)
        stop.set()

    threading.Thread(target=stops, daemon=True).start()
    told = ended(tmp_path / "put", stop=stop)
    assert (told.code, told.how) == (None, "this run was asked to stop, and ended it")
    assert gone(int((tmp_path / "pid").read_text()))


def test_one_that_ends_in_the_moment_that_a_stop_leaves_is_believed(tmp_path: Path) -> None:
    script(tmp_path / "put", "sleep 0.3\nexit 0\n")
    stop = threading.Event()
    stop.set()
    assert ended(tmp_path / "put", stop=stop).code == 0


@pytest.mark.parametrize("text", ["exec <&-\nexit 0\n", "exec <&-\nsleep 0.2\nexit 0\n", "exit 0\n"])
def test_one_that_reads_nothing_is_judged_by_its_exit_code(tmp_path: Path, text: str) -> None:
    script(tmp_path / "put", text)
    assert ended(tmp_path / "put", value=b"x" * 1_000_000).code == 0


def test_a_value_that_no_pipe_holds_arrives_whole_and_without_a_byte_more(tmp_path: Path) -> None:
    script(tmp_path / "put", 'sleep 0.1\nexec cat >"$HOME/held"\n')
    value = os.urandom(1_000_000)
    assert ended(tmp_path / "put", value=value).code == 0
    assert (tmp_path / "held").read_bytes() == value


def test_a_gigabyte_of_output_costs_no_memory(tmp_path: Path) -> None:
    script(tmp_path / "put", "head -c 1000000000 /dev/zero\necho\necho the end\nexit 3\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = ended(tmp_path / "put")
    assert (told.code, told.said) == (3, "the end\n")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000, "in KiB"


def test_output_without_end_ends_with_the_time(tmp_path: Path) -> None:
    script(tmp_path / "put", "exec yes\n")
    told = ended(tmp_path / "put", 0.5)
    assert told.code is None
    assert len(told.said) <= KEPT


def test_a_process_that_stays_and_keeps_the_output_open_is_not_waited_for(tmp_path: Path) -> None:
    script(tmp_path / "put", 'setsid sh -c "sleep 60" & echo $! >"$HOME/pid"\necho done\nexit 0\n')
    told = ended(tmp_path / "put")
    assert (told.code, told.said) == (0, "done\n")
    pid = int((tmp_path / "pid").read_text())
    assert alive(pid), "it is the program's own, and the program has succeeded"
    os.killpg(pid, signal.SIGKILL)
    assert gone(pid)
    time.sleep(0.1)  # for the thread that reads to see the end


def test_what_is_no_text_is_quoted_as_far_as_it_is(tmp_path: Path) -> None:
    error = put(tmp_path, "printf 'bad \\377\\376\\033[31m::error::x\\000 end\\n'\nexit 2\n")
    assert 'It said: "bad \ufffd\ufffd·[31m::error::x· end"' in error.message


def test_a_few_last_lines_are_quoted_and_each_is_short(tmp_path: Path) -> None:
    error = put(tmp_path, f"seq 1 100\necho\necho '{'long ' * 100}'\nexit 2\n")
    assert 'It said: "99 | 100 | long' in error.message
    assert len(error.message) < 500


def shows(told: str) -> list[str]:
    """Find parts of the key in a text, whichever way it is spelled."""
    bare = NEW.reveal().removeprefix("napi_new_value_")
    forms = (bare, bare[::-1], bare.upper(), bare.encode().hex())
    return [form[at : at + 9] for form in forms for at in range(len(form) - 8) if form[at : at + 9] in told]


PRINTED = (
    "cat",
    "cat | base64 -w0",
    "(printf 'user:'; cat) | base64 -w0",
    "(printf 'x'; cat) | base64 -w0",
    "cat | od -An -v -tx1 | tr -d ' \\n'",
    "cat | od -An -v -tx1 | tr -d '\\n' | tr ' ' '%'",
    "cat | rev",
    "cat | tr a-z A-Z",
    "cat | cut -c1-30",
    "cat | tail -c 30",
    "(head -c 20000 /dev/zero | tr '\\0' x; cat)",
    "(cat; head -c 8170 /dev/zero | tr '\\0' x; echo)",
)


@pytest.mark.parametrize("text", PRINTED)
def test_the_key_is_in_no_error_however_it_is_printed(tmp_path: Path, text: str) -> None:
    error = put(tmp_path, f"echo before\n{text}\necho\necho after\nexit 2\n")
    assert error.message.endswith('after"')
    assert not shows(error.message)


def test_what_is_quoted_as_it_was_printed_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same look at a variant that hides only the value itself."""
    monkeypatch.setattr(place, "quoted", lambda said, values: said.replace(next(iter(values)), "***"))
    script(tmp_path / "put", "rev\nexit 2\n")
    with pytest.raises(DestinationError) as raised:
        opened(tmp_path).put(NEW)
    assert shows(raised.value.message)


def test_what_was_handed_on_is_quoted_nowhere(tmp_path: Path) -> None:
    error = put(tmp_path, 'echo "as $DEPLOY_TOKEN"\nexit 2\n', "pass=DEPLOY_TOKEN", DEPLOY_TOKEN="open sesame")
    assert 'It said: "as ***"' in error.message


def test_words_stay_readable() -> None:
    said = "Permission denied (publickey,password)\nssh: connect to host db-1.internal.example.com port 22\n"
    assert quoted(said, ["", "abc"]) == (
        ' It said: "Permission denied (publickey,password) | ssh: connect to host db-1.internal.example.com port 22"'
    )
    assert not quoted(" \n", [])


def test_what_is_no_program_is_not_started_and_nothing_changed(tmp_path: Path) -> None:
    (tmp_path / "put").write_bytes(b"\x00 no program")
    (tmp_path / "put").chmod(0o755)
    for text in (b"\x00 no program", b"#!/not/there\n"):
        (tmp_path / "put").write_bytes(text)
        with pytest.raises(DestinationError) as raised:
            opened(tmp_path).put(NEW)
        assert (raised.value.reason, raised.value.outcome) == ("command-not-started", Outcome.NO_EFFECT)
    (tmp_path / "put").unlink()
    with pytest.raises(DestinationError, match="it is not there"):
        opened(tmp_path).put(NEW)


def test_a_prover_that_cannot_tell_is_told_before_a_key_is_issued(tmp_path: Path) -> None:
    script(tmp_path / "put", "exit 0\n")
    for text, options in (("exit 75\n", ""), ("exec sleep 300\n", "&timeout=1s")):
        script(tmp_path / "prove", text)
        with pytest.raises(DestinationError) as raised:
            opened(tmp_path, f"prove={tmp_path}/prove{options}").observe()
        assert (raised.value.reason, raised.value.outcome) == ("command-undecided", Outcome.NO_EFFECT)


def test_on_windows_a_tree_of_processes_is_ended_by_its_own_program(tmp_path: Path) -> None:
    system = tmp_path / "System32"
    system.mkdir()
    script(system / "taskkill.exe", 'echo "$@" >"${0%/*}/asked"\nkill -9 "$4"\n')
    script(tmp_path / "put", "exec sleep 300\n")
    for root in (tmp_path, tmp_path / "none"):
        given = {"PATH": SYSTEM_PATH, "SYSTEMROOT": str(root)}
        told = run(tmp_path / "put", b"", given, 0.2, SystemClock(threading.Event()), "win32")
        assert told.code is None
    assert (system / "asked").read_text().startswith("/T /F /PID ")
