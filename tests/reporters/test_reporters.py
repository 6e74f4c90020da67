"""What each reporter tells: the verdict first, within the runner's limits, valid by schema, and nothing secret."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from markdown_it import MarkdownIt

from rotate.errors import ExitCode, InvariantViolated, Outcome, Refused, SourceError
from rotate.protocol.facts.model import Liveness
from rotate.protocol.facts.moves import Status
from rotate.protocol.story.report import Place, Report, Row, without_contact
from rotate.reporters import for_runner, for_terminal
from rotate.reporters.report_file import document
from rotate.reporters.step_summary import LARGEST, fitted, render
from rotate.secret import Secret
from rotate.wire.masking import Veil
from tests.support.build import NOW, PLACE, event, key, report
from tests.support.runner import ROOT, read_outputs

CANARY = "napi_sandboxcanaryq7w8e9r0t1y2u3i4"
DOCS = "https://github.example/neon-rotate/neon-rotate/blob/v0/docs/reasons.md"
REMEDY = "Pick one of\n\n    old_key_id: 3    # a `b` ``` c\n    old_key_id: none\n\nand run it again."
REFUSED = Refused("old-key-unknown", "Nothing says which key is <b>being</b> replaced: [x](y).", REMEDY)
FULL = {
    "places": (Place(PLACE, "confirmed"),),
    "keys": (
        Row(key(4), "current"),
        Row(key(9, "laptop | <img src=x> [a](b)\n## x", last_used_at=NOW, last_used_from="192.0.2.1"), ""),
        Row(key(8, "new", created_at=NOW, last_used_at=NOW + timedelta(hours=1)), ""),
    ),
    "events": (event(), event(outcome=Outcome.UNKNOWN, error=SourceError("neon-unreachable", "no answer"))),
    "previous_key_ids": (3,),
    "revoked_key_ids": (3,),
    "control": Liveness.ALIVE,
    "previous_value": Liveness.DEAD,
    "current_value": Liveness.ALIVE,
    "seconds_to_dead": 1.25,
    "next_rotation": NOW + timedelta(days=30),
    "fingerprint": "0123456789ab",
    "trigger": "no rotate_after is set: every run rotates",
    "reason": f"exposed in a log: {CANARY}",
}
BUG = InvariantViolated("internal-error", "KeyError at x.py:1.", "Report it.")
REPORTS: dict[str, Report] = {
    "rotated": report(**FULL),
    "unchanged": report(status=Status.UNCHANGED, why="key 3 is alive"),
    "planned": report(status=Status.PLANNED, why="nothing was changed", plan=("take the lock", "issue a key")),
    "incomplete": report(status=Status.INCOMPLETE, exit_code=ExitCode.INCOMPLETE, problems=(SourceError("a", "b"),)),
    "refused": report(status=Status.REFUSED, exit_code=ExitCode.REFUSED, problems=(REFUSED,), key_id=None, key_name=""),
    "failed": report(status=Status.FAILED, exit_code=ExitCode.FAILED, warnings=(REFUSED,)),
    "bug": report(status=Status.FAILED, exit_code=ExitCode.BUG, problems=(BUG,)),
    "no contact": without_contact((REFUSED, REFUSED), NOW, NOW),
}
ALL = pytest.mark.parametrize("name", REPORTS)


class Told:
    """Everything that the reporters for a runner wrote about one report."""

    def __init__(self, directory: Path, one: Report, **changes: str) -> None:
        veil = Veil()
        veil.hide(Secret(CANARY))
        self.out = io.StringIO()
        self.output, self.summary = directory / "output", directory / "summary"
        paths = {"output": str(self.output), "summary": str(self.summary), "workspace": str(directory)} | changes
        for reporter in for_runner(self.out, veil.scrub, docs=DOCS, **paths):
            for happened in one.events:
                reporter.tell(happened)
            reporter.close(one)


@ALL
def test_the_summary_begins_with_the_verdict_and_explains_every_problem(name: str, tmp_path: Path) -> None:
    one = REPORTS[name]
    Told(tmp_path, one)
    text = (tmp_path / "summary").read_text()
    assert text.splitlines()[0].startswith("## ")
    assert one.why.split(":")[0].replace("<", "&lt;").replace("[", "\\[") in text.splitlines()[0]
    for problem in one.problems:
        assert f"{DOCS}#{problem.reason}" in text


@ALL
def test_the_report_is_as_its_schema_says(name: str, tmp_path: Path) -> None:
    schema = json.loads((ROOT / "docs/report.schema.json").read_text())
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    Told(tmp_path, REPORTS[name])
    written = json.loads((tmp_path / read_outputs((tmp_path / "output").read_text())["report"]).read_text())
    assert list(checker.iter_errors(written)) == []
    assert written["schema_version"] == 1


@pytest.mark.parametrize("change", [{"schema_version": 2}, {"status": "done"}, {"extra": 1}, {"key_id": "4"}])
def test_the_schema_refuses_what_it_should(change: dict[str, Any]) -> None:
    schema = json.loads((ROOT / "docs/report.schema.json").read_text())
    wrong = {**json.loads(json.dumps(document(REPORTS["rotated"], DOCS))), **change}
    assert not jsonschema.Draft202012Validator(schema).is_valid(wrong)


@ALL
def test_the_outputs_are_those_of_the_action(name: str, tmp_path: Path) -> None:
    one = REPORTS[name]
    Told(tmp_path, one)
    outputs = read_outputs((tmp_path / "output").read_text())
    assert (outputs["status"], outputs["rotated"]) == (one.status, str(one.status is Status.ROTATED).lower())
    assert outputs["key_id"] == ("" if one.key_id is None else str(one.key_id))
    assert outputs["reasons"] == ",".join(dict.fromkeys(error.reason for error in one.problems))
    assert outputs["report"] == ("neon-rotate-report-acme.json" if one.policy else "neon-rotate-report.json")


@ALL
def test_nothing_secret_leaves_any_reporter(name: str, tmp_path: Path) -> None:
    told = Told(tmp_path, REPORTS[name])
    texts = [told.out.getvalue(), *(path.read_text() for path in tmp_path.iterdir())]
    assert not any(CANARY in text for text in texts)


def test_foreign_text_becomes_neither_html_nor_a_link_nor_a_heading(tmp_path: Path) -> None:
    for name in ("rotated", "refused"):
        html = MarkdownIt("gfm-like", {"linkify": False}).render(render(REPORTS[name], DOCS))
        assert "<img" not in html
        assert "<b>being" not in html
        assert 'href="y"' not in html
        assert 'href="b"' not in html
        assert "<h2>x" not in html


def test_lines_to_paste_stand_in_a_block_that_they_cannot_leave() -> None:
    html = MarkdownIt().render(render(REPORTS["refused"], DOCS))
    assert "old_key_id: 3    # a `b` ``` c\nold_key_id: none\n</code></pre>" in html
    assert "<p>and run it again.</p>" in html


def test_two_blocks_stay_two() -> None:
    two = Refused("lock-held", "x", "    a: 1\n\n    b: 2")
    html = MarkdownIt().render(render(report(status=Status.REFUSED, problems=(two,)), DOCS))
    assert html.count("<pre>") == 2


def test_a_summary_that_is_too_long_is_cut_at_a_line_and_says_so(tmp_path: Path) -> None:
    assert fitted("short", 100) == b"short"
    cut = fitted("line\n" * 100, 300).decode()
    assert len(cut.encode()) <= 300
    assert cut.startswith("line\nline\n")
    assert "left out" in cut
    assert fitted("line\n" * 100, 0) == b""
    (tmp_path / "summary").write_bytes(b"x" * (LARGEST - 10))
    Told(tmp_path, REPORTS["rotated"])
    assert (tmp_path / "summary").stat().st_size <= LARGEST


def test_a_long_table_is_cut_and_says_so() -> None:
    many = report(keys=tuple(Row(key(number), "") for number in range(3, 703)))
    assert "… and 200 more." in render(many, DOCS)


def test_an_annotation_keeps_to_one_line_and_to_its_limit(tmp_path: Path) -> None:
    long = Refused("lock-held", "x" * 9000 + "\n::error::y")
    lines = Told(tmp_path, report(status=Status.REFUSED, problems=(long,) * 12)).out.getvalue().splitlines()
    errors = [line for line in lines if line.startswith("::error")]
    assert len(errors) == 10, "GitHub shows ten of a kind"
    assert all(len(line) < 4200 for line in errors)
    assert all(line.startswith("::error title=lock-held::") for line in errors)


def test_a_name_cannot_give_the_runner_a_command(tmp_path: Path) -> None:
    evil = event(subject="::add-mask::everything", detail="a\n::set-output name=x::y")
    lines = Told(tmp_path, report(events=(evil,), why="::stop-commands::x")).out.getvalue().splitlines()
    assert not [line for line in lines if line.lstrip().startswith("::")]


@pytest.mark.parametrize("missing", ["output", "summary", "workspace"])
def test_a_write_that_fails_is_told_and_does_not_end_the_run(missing: str, tmp_path: Path) -> None:
    told = Told(tmp_path, REPORTS["rotated"], **{missing: str(tmp_path / "no" / "where")})
    assert "::warning title=report-not-written::" in told.out.getvalue()


@pytest.mark.parametrize("missing", ["output", "summary", "workspace"])
def test_without_a_runners_file_the_others_are_still_told(missing: str, tmp_path: Path) -> None:
    told = Told(tmp_path, REPORTS["refused"], **{missing: ""})
    assert "::error title=old-key-unknown" in told.out.getvalue()
    if missing == "workspace":
        assert read_outputs((tmp_path / "output").read_text())["report"] == ""


@pytest.mark.parametrize("colour", [True, False])
def test_a_terminal_gets_the_same_story(colour: bool, tmp_path: Path) -> None:
    out = io.StringIO()
    plain: Callable[[str], str] = str
    for reporter in for_terminal(out, plain, docs=DOCS, report=str(tmp_path), colour=colour):
        reporter.tell(event())
        reporter.close(REPORTS["refused"])
    told = out.getvalue()
    assert ("\x1b[" in told) == colour
    assert "⛔" in told
    assert "    old_key_id: none" in told
    assert [path.name for path in tmp_path.iterdir()] == ["neon-rotate-report-acme.json"]
    assert len(for_terminal(out, plain, docs=DOCS)) == 1
