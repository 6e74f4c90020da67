"""What the documents say is what the program does: inputs, outputs, exit codes, reasons, links, the first workflow."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from rotate.address import parsed
from rotate.context import Context
from rotate.errors import ExitCode
from rotate.frontends import cli
from rotate.protocol.facts.model import Scope
from rotate.protocol.facts.moves import Status
from rotate.protocol.facts.policy import Command
from rotate.registry import USUAL, kinds, system
from rotate.settings.action_inputs import INPUTS
from rotate.settings.kinds import SECRETS
from rotate.settings.model import DEFAULT_API_HOST, DEFAULT_NAME
from rotate.settings.validate import validate
from rotate.system import Proof, Traits
from tests.support.pages import PAGES, ROOT, headings, links, prose

README = (ROOT / "README.md").read_text()
REASONS = (ROOT / "docs/reasons.md").read_text()
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
ERRORS = {
    "Absent",
    "Changed",
    "ConfigurationError",
    "Refused",
    "SourceError",
    "DestinationError",
    "Incomplete",
    "InvariantViolated",
    "cls",
    "kind",
    "Cause",
    "say",
}


def section(title: str) -> str:
    """Give the text of one part of the README."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def rows(title: str) -> list[list[str]]:
    """Give the cells of the table in one part of the README, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def reasons_in_code() -> Iterator[str]:
    """Find the first argument of everything that makes an error; a part filled in at run time becomes `*`."""
    for path in (ROOT / "rotate").rglob("*.py"):
        if "sandbox" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                yield from _defaults(node)
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            reason = "".join(_texts(node.args[0])) if name in ERRORS else ""
            if re.fullmatch(r"[a-z*]+(-[a-z*]+)*", reason):
                yield reason


def _defaults(function: ast.FunctionDef) -> Iterator[str]:
    """Find what a parameter named `reason` is where nobody gives it."""
    named = function.args.args[len(function.args.args) - len(function.args.defaults) :]
    for argument, default in zip(named, function.args.defaults, strict=True):
        if argument.arg == "reason":
            yield from filter(None, _texts(default))


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "*"


def test_action_inputs_are_those_that_the_program_reads() -> None:
    assert list(ACTION["inputs"]) == list(INPUTS)
    assert set(SECRETS) <= set(INPUTS)


def test_readme_lists_every_input_with_its_default() -> None:
    table = {name.strip("`"): default.strip("`") for name, default, _ in rows("Inputs")}
    assert list(table) == list(INPUTS)
    for name, declared in ACTION["inputs"].items():
        if declared.get("default"):
            assert table[name] == declared["default"]
    assert (ACTION["inputs"]["api_host"]["default"], ACTION["inputs"]["secret_name"]["default"]) == (
        DEFAULT_API_HOST,
        DEFAULT_NAME,
    )


def test_what_the_program_demands_is_marked_as_required() -> None:
    required = {name for name, declared in ACTION["inputs"].items() if declared["required"]}
    assert required == {name.strip("`") for name, default, _ in rows("Inputs") if "required" in default}
    _, problems = validate({}, Context(repository="octo-org/payments"))
    demanded = {re.findall("`([a-z_]+)`", problem.message)[0] for problem in problems}
    assert demanded == required | {name.strip("`") for name, default, _ in rows("Inputs") if "needed" in default}


def test_readme_lists_every_output() -> None:
    assert [name.strip("`") for name, _ in rows("Outputs")] == list(ACTION["outputs"])


def test_every_choice_is_documented_where_it_is_made() -> None:
    told = {name: text for name, _, text in rows("Inputs")}
    assert re.findall(r"`(\w+)`", told["`command`"]) == [command.value for command in Command]
    assert re.findall(r"`(\w+)`", told["`scope`"]) == [scope.value for scope in Scope]
    assert re.findall(r"`(\w+)`", rows("Outputs")[0][1]) == [status.value for status in Status]
    assert [row[0].strip("`") for row in rows("Commands")] == [command.value for command in Command]


def test_readme_lists_every_exit_code() -> None:
    assert [int(code) for code, _, _ in rows("Exit codes")] == [code.value for code in ExitCode]
    assert sorted(int(code) for code in re.findall(r"(?:^|\s{2})(\d+)  ", cli.EXIT_CODES)) == list(ExitCode)


def test_every_reason_has_a_heading_and_every_heading_a_reason() -> None:
    written = set(re.findall(r"^### (.+)$", REASONS, re.MULTILINE))
    used = set(reasons_in_code())
    patterns = [re.compile(reason.replace("*", "[a-z-]+")) for reason in used]
    assert sorted(reason for reason in used if "*" not in reason and reason not in written) == []
    assert sorted(head for head in written if not any(pattern.fullmatch(head) for pattern in patterns)) == []


def test_every_reason_says_what_to_do() -> None:
    for part in re.split(r"^## ", REASONS, flags=re.MULTILINE)[1:]:
        intro, *sections = re.split(r"^### ", part, flags=re.MULTILINE)
        for one in sections:
            assert "**Do:**" in one or "**Do**" in intro, one


def test_the_first_workflow_is_the_example_that_is_tested() -> None:
    shown = re.search(r"<!-- examples/personal.yml -->\n```yaml\n(.*?)```\n<!-- end -->", README, re.DOTALL)
    assert shown
    assert shown[1] == (ROOT / "examples/personal.yml").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in links(page):
        name, _, anchor = target.partition("#")
        path = page.parent / name if name else page
        assert path.exists(), f"{page.name}: {target}"
        if anchor:
            assert anchor in headings(path.read_text()), f"{page.name}: {target}"


def test_every_page_for_users_is_found_from_the_readme() -> None:
    waiting, reached = [ROOT / "README.md"], set()
    while waiting:
        page = waiting.pop().resolve()
        if page.suffix == ".md" and page not in reached:
            reached.add(page)
            waiting += [page.parent / name for name in (target.partition("#")[0] for target in links(page)) if name]
    assert {path for path in (ROOT / "docs").rglob("*.md") if path not in reached} == set()


def test_no_two_headings_of_a_page_share_an_anchor() -> None:
    for page in PAGES:
        if page.name != "CHANGELOG.md":
            titles = re.findall(r"^#+ (.+)$", prose(page.read_text()), re.MULTILINE)
            assert len(titles) == len(headings(page.read_text())), page.name


def test_examples_use_only_inputs_that_exist() -> None:
    for path in sorted((ROOT / "examples").glob("*.yml")):
        jobs = yaml.safe_load(path.read_text())["jobs"]
        ours = "neon-rotate/neon-rotate@"
        steps = [step for job in jobs.values() for step in job["steps"] if step.get("uses", "").startswith(ours)]
        assert steps, path.name
        for step in steps:
            assert set(step["with"]) <= set(INPUTS), path.name


def test_callers_cannot_replace_the_entrypoint() -> None:
    assert ACTION["runs"]["entrypoint"] == "/app/bin/python3"
    assert ACTION["runs"]["args"] == ["-I", "-B", "-u", "/app/entrypoint.py"]


def test_every_system_has_a_row_in_the_readme_and_a_page_of_its_own() -> None:
    for kind in kinds():
        assert f"`{kind}:" in README
        assert kind == USUAL or "# " in (ROOT / f"docs/systems/{kind}.md").read_text()


def test_every_system_shows_addresses_of_its_own_that_are_some() -> None:
    for kind in kinds():
        reader = system(kind).reader
        assert reader.examples
        for text in reader.examples:
            assert "{" not in text
            assert reader.of_address(parsed(text))


def test_the_page_tells_what_each_system_can_do() -> None:
    page = ROOT / "docs/places.md"
    start, head, rest = page.read_text().partition("| System | A write is shown by |")
    title, line, rows = rest.split("\n", 2)
    told = "".join(f"{_can(kind, system(kind).traits)}\n" for kind in kinds())
    if os.environ.get("UPDATE_GOLDEN") == "1":
        after = re.sub(r"^([|][^\n]*\n)*", "", rows)
        page.write_text(f"{start}{head}{title}\n{line}\n{told}{after}")
    assert rows.partition("\n\n")[0] + "\n" == told


def _can(kind: str, of: Traits) -> str:
    """Give one row."""
    seen = "the later one stands" + (", and is seen" if of.proof is not Proof.ACCEPTED else "")
    seen = "are told apart" if of.compare_and_set else seen
    kept = ", ".join(of.keeps)
    able = ["yes" if can else "no" for can in (of.notes, of.lists, of.readers)]
    creates = "with `create: true`" if of.creates else "no"
    proof = f"{of.proof}, or {of.else_proof}" if of.else_proof else of.proof
    picked = ", or ".join([of.picked_up, *of.else_picked_up.values()])
    picked += ", or with `redeploy: true`" if of.redeploys else ""
    return f"| {' | '.join([kind, proof, picked, creates, seen, kept, *able])} |"
