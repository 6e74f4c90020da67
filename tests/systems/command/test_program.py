"""Which file a program is, which addresses name one, and what is handed on to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotate.address import parsed
from rotate.context import Context
from rotate.machine import Machine
from rotate.systems.command.program import found, handed_on, seconds
from rotate.systems.command.system import SYSTEM, wrong
from tests.settings.test_validate import problems
from tests.systems.command.bench import script


def machine(folder: Path, platform: str = "linux", **environment: str) -> Machine:
    return Machine(folder, folder, environment, platform)


def test_a_path_is_one_from_the_folder_in_which_the_run_is(tmp_path: Path) -> None:
    put = script(tmp_path / "put-key", "exit 0\n")
    here = machine(tmp_path, PATH="")
    assert found("./put-key", here) == put
    assert found(str(put), here) == put
    assert found("put-key", here) is None, "a bare name is looked for on the PATH alone"
    put.chmod(0o644)
    assert found("./put-key", here) is None
    assert found("./", here) is None, "a folder is none"


def test_a_name_is_looked_for_in_the_absolute_folders_of_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    script(tmp_path / "put-key", "exit 0\n")
    script(tmp_path / "first" / "put-key", "exit 0\n").chmod(0o644)
    second = script(tmp_path / "second" / "put-key", "exit 0\n")
    assert found("put-key", machine(tmp_path, PATH=f":.:{tmp_path}/none:{tmp_path}/first:{tmp_path}/second")) == second
    assert found("put-key", machine(tmp_path, PATH=".::second")) is None, "whoever may write here would choose"


def test_on_windows_a_name_may_lack_its_ending(tmp_path: Path) -> None:
    put = script(tmp_path / "put-key.cmd", "exit 0\n")
    windows = machine(tmp_path, "win32", PATH=f"none;{tmp_path}", PATHEXT=".EXE;.CMD")
    assert found("put-key", windows) == put
    assert found("./put-key", windows) == put
    assert found("other\\put-key", windows) is None, "a path there too"


@pytest.mark.parametrize(
    "text",
    [
        "command:./put-key",
        "command:./bin/put%20key#OTHER_KEY",
        "command:/opt/put-key?pass=A:B_2&prove=./prove-key&timeout=5m",
        "command:put-key?timeout=300s",
        "command:C:%5Ctools%5Cput.exe?prove=C:%5Ctools%5Cprove.exe",
    ],
)
def test_an_address_names_one_program(text: str) -> None:
    assert wrong(parsed(text)) == ""
    assert SYSTEM.reader.of_address(parsed(text))
    assert str(parsed(text)) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("command://put-key", "without slashes"),
        ("command:bin/put-key", "is one program"),
        ("command:./", "is one program"),
        ("command:.", "is one program"),
        ("command:/", "is one program"),
        ("command:%2F%2Fput", "is one program"),
        ("command:./put?prove=bin/prove", "behind `prove=`"),
        ("command:./put?prove=./../prove", "behind `prove=`"),
        ("command:./put?pass=A%20B", "names of environment variables"),
        ("command:./put?pass=A:", "names of environment variables"),
        ("command:./put?timeout=301s", "`timeout` is"),
        ("command:./put?timeout=0s", "`timeout` is"),
        ("command:./put?timeout=1h", "`timeout` is"),
    ],
)
def test_what_is_wrong_about_an_address_is_said(text: str, said: str) -> None:
    assert said in wrong(parsed(text))


@pytest.mark.parametrize("text", ["command:../put", "command:./a/../put", "command:/a/./put", "command:./put%07"])
def test_no_address_climbs_out_or_hides_something(text: str) -> None:
    (problem,) = problems(Context(), destinations=text)
    assert problem.reason == "address-invalid"


def test_the_usual_time_is_left_out_of_the_name() -> None:
    assert [seconds(parsed(f"command:./put{one}")) for one in ("", "?timeout=90s", "?timeout=2m")] == [60, 90, 120]


def test_what_is_harmless_or_named_is_handed_on_but_never_the_value() -> None:
    given = {
        "PATH": "/bin",
        "Path": "/bin",
        "LC_ALL": "C.UTF-8",
        "NEON_API_KEY": "napi_1",
        "INPUT_API_KEY": "napi_1",
        "GITHUB_TOKEN": "ghp_1",
        "LD_PRELOAD": "/opt/x.so",
        "PYTHONPATH": "/opt",
        "HTTPS_PROXY": "http://me:password@proxy",
        "NAMED": "one",
        "SAME": "napi_2",
        "HOME": "/home/napi_2",
    }
    at = parsed("command:./put?pass=NAMED:SAME")
    kept = {"PATH": "/bin", "Path": "/bin", "LC_ALL": "C.UTF-8", "NAMED": "one"}
    assert handed_on(at, given, "napi_2") == kept
    assert handed_on(at, given, "") == {**kept, "SAME": "napi_2", "HOME": "/home/napi_2"}
