"""The lines that machines hold: rooms, purity, effects with one owner, sizes. Each with a planted violation."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "rotate").rglob("*.py"))
HELD_TO_SIZE = [*MODULES, *sorted((ROOT / "tests").glob("*.py")), *sorted((ROOT / "tests").glob("[a-z]*/*.py"))]

MOST_LINES = 250
MOST_FUNCTION_LINES = 45
USUAL_FUNCTION_LINES = 25
MEDIAN_FUNCTION_LINES = 8

ENVIRONMENT = {"os.environ", "os.getenv"}
TIME = {
    "time.time",
    "time.monotonic",
    "time.perf_counter",
    "time.sleep",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
}
PRINTING = {"print", "sys.stdout", "sys.stderr"}

Violation = tuple[str, str]


def _names(tree: ast.AST) -> Iterator[str]:
    """Every dotted name used, and every bare one that is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute):
            yield f"{node.value.attr}.{node.attr}"
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


def effects_without_their_owner(path: str, source: str) -> list[Violation]:
    """Environment only in frontends, the time only in wire/clock, printing only in reporters and workflow_commands.

    The sandbox stands outside the stack and owns its own clock and environment.
    """
    if path.startswith("rotate/sandbox/"):
        return []
    used = set(_names(ast.parse(source)))
    found = []
    if not path.startswith("rotate/frontends/"):
        found += [(path, name) for name in sorted(used & ENVIRONMENT)]
    if path != "rotate/wire/clock.py":
        found += [(path, name) for name in sorted(used & TIME)]
    tells = ("rotate/reporters/", "rotate/wire/workflow_commands.py", "rotate/frontends/")
    if not path.startswith(tells):
        found += [(path, name) for name in sorted(used & PRINTING)]
    return found


def _relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("module", MODULES, ids=_relative)
def test_environment_time_and_printing_have_one_owner_each(module: Path) -> None:
    assert effects_without_their_owner(_relative(module), module.read_text()) == []


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import os\nx = os.environ['A']", "os.environ"),
        ("from datetime import datetime\nx = datetime.now()", "datetime.now"),
        ("import datetime\nx = datetime.datetime.now()", "datetime.now"),
        ("print('hello')", "print"),
    ],
)
def test_a_planted_effect_is_caught(source: str, name: str) -> None:
    assert [("rotate/run/engine.py", name)] == effects_without_their_owner("rotate/run/engine.py", source)


def _functions(source: str) -> list[tuple[str, int]]:
    return [
        (node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


@pytest.mark.parametrize("module", HELD_TO_SIZE, ids=_relative)
def test_files_and_functions_keep_their_size(module: Path) -> None:
    source = module.read_text()
    assert len(source.splitlines()) <= MOST_LINES
    assert [(name, lines) for name, lines in _functions(source) if lines > MOST_FUNCTION_LINES] == []


def test_most_functions_are_short() -> None:
    lengths = sorted(lines for module in MODULES for _, lines in _functions(module.read_text()))
    assert lengths[len(lengths) // 2] <= MEDIAN_FUNCTION_LINES + 4
    assert lengths[len(lengths) * 9 // 10] <= USUAL_FUNCTION_LINES


def test_nothing_is_silenced_or_left_undone() -> None:
    marks = (
        "no" + "qa",
        "type: " + "ignore",
        "pragma: " + "no cover",
        "TO" + "DO",
        "FIX" + "ME",
        "NotImplemented" + "Error",
    )
    found = [(_relative(module), mark) for module in HELD_TO_SIZE for mark in marks if mark in module.read_text()]
    assert found == []


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    return subprocess.run(
        [*command, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False, timeout=100
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the program to plant violations in."""
    shutil.copytree(ROOT / "rotate", tmp_path / "rotate", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def test_the_import_contracts_are_kept(copy: Path) -> None:
    done = _lint_imports(copy)
    assert (done.returncode, "" if done.returncode == 0 else done.stdout) == (0, "")


PLANTED = [
    ("rotate/protocol/decisions/machine.py", "import rotate.run.engine", "Rooms read downward only"),
    ("rotate/protocol/decisions/machine.py", "import os", "pure"),
    ("rotate/secret.py", "import logging", "pure"),
    ("rotate/errors.py", "import httpx", "pure"),
    ("rotate/run/act.py", "import rotate.systems.github.notes.notebook", "The engine works on ports"),
    (
        "rotate/systems/neon/api_key.py",
        "import rotate.systems.github.secrets.destination",
        "One system knows no other",
    ),
    ("rotate/run/compose.py", "import rotate.systems.github.line", "Whoever works with systems names none"),
    ("rotate/settings/parse.py", "import rotate.systems.github.address", "Whoever works with systems names none"),
    ("rotate/run/act.py", "import github", "Only systems.github knows PyGithub"),
    ("rotate/systems/github/stores.py", "import nacl.public", "One place seals, one opens"),
    ("rotate/sandbox/ledger.py", "import rotate.errors", "The sandbox shares no code"),
    ("rotate/frontends/action.py", "import rotate.sandbox.ledger", "The shipped path cannot reach the sandbox"),
    ("rotate/wire/http.py", "import rotate.settings.model\nimport rotate.sandbox.ledger", "cannot reach the sandbox"),
    ("rotate/reporters/console.py", "import rotate.secret", "Reporters never see a secret"),
]


@pytest.mark.parametrize(("path", "line", "contract"), PLANTED, ids=[f"{path}: {line}" for path, line, _ in PLANTED])
def test_a_planted_import_breaks_its_contract(copy: Path, path: str, line: str, contract: str) -> None:
    module = copy / path
    module.write_text(f"{module.read_text()}\n{line}\n")
    done = _lint_imports(copy)
    broken = [text for text in done.stdout.splitlines() if "BROKEN" in text]
    assert done.returncode == 1, done.stdout + done.stderr
    assert any(contract in text for text in broken), done.stdout


def test_every_room_is_covered_by_the_contract_on_pygithub() -> None:
    contract = (ROOT / ".importlinter").read_text().split("contract:pygithub]")[1].split("forbidden_modules")[0]
    # Of modules, not of folders: an earlier state of the code may have left compiled ones behind.
    modules = [path.relative_to(ROOT / "rotate").with_suffix("").parts for path in MODULES]
    rooms = {parts[0] for parts in modules} | {".".join(parts[:2]) for parts in modules if parts[0] == "systems"}
    listed = {
        line.strip().removeprefix("rotate.") for line in contract.splitlines() if line.strip().startswith("rotate.")
    }
    others = {"systems", "systems.github", "systems.__init__", "__init__"}
    assert rooms - others == listed
