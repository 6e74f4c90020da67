"""The audit file: valid by its schema, chained over runs, without a secret; and what becomes of a damaged one."""

from __future__ import annotations

import json
import os
import resource
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from rotate.errors import SourceError
from rotate.protocol.facts.policy import Command, Exposure
from rotate.protocol.story.audit import verify
from rotate.protocol.story.incident import Incident
from rotate.protocol.story.records import LONGEST, Actor, Scribe
from rotate.protocol.story.report import Pending, Report
from rotate.reporters.audit_json import AuditFile
from rotate.secret import Secret
from rotate.wire.masking import Veil
from tests.reporters.test_reporters import CANARY, REPORTS
from tests.support.build import NOW, event, minted, policy, report
from tests.support.runner import ROOT

NAME = "kept/audit.jsonl"
ACTOR = Actor("ada", "grace")
INCIDENT = Incident(3, NOW, False, True, NOW, (("issue", 1.0),), NOW, "192.0.2.1", True, (2,), None)
UNSEEN = replace(INCIDENT, since=None, dead=False, died_at=None, last_used_at=None, last_used_from="", used_since=None)
ALL: dict[str, Report] = {
    **REPORTS,
    "exposed": report(incident=INCIDENT),
    "still alive": report(incident=UNSEEN, problems=(SourceError("exposed-key-alive", "x"),)),
    "overlap": report(pending_revocation=(Pending(3, NOW, ("a run",)),)),
}


def kept(directory: Path, one: Report, **changes: Any) -> Report:
    """Play one run to its end."""
    veil = Veil()
    veil.hide(Secret(CANARY))
    scribe = Scribe(changes.pop("policy", policy()), ACTOR, f"seen in a log: {CANARY}", veil.scrub)
    audit = AuditFile(directory, NAME, scribe, NOW)
    for happened in one.events:
        audit.tell(happened)
    return audit.conclude(one)


def records(directory: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (directory / NAME).read_text().splitlines()]


def reasons(one: Report) -> list[str]:
    return [warning.reason for warning in one.warnings]


@pytest.mark.parametrize("name", ALL)
def test_every_record_is_as_its_schema_says_and_holds_no_secret(name: str, tmp_path: Path) -> None:
    schema = json.loads((ROOT / "docs/audit.schema.json").read_text())
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    told = kept(tmp_path, ALL[name])
    kept(tmp_path, ALL[name], policy=minted(exposure=Exposure(), old_key_id=3, command=Command.SWEEP))
    for record in records(tmp_path):
        assert list(checker.iter_errors(record)) == []
    assert CANARY not in (tmp_path / NAME).read_text()
    assert verify((tmp_path / NAME).read_bytes()).flaw is None
    assert told.audit
    assert told.audit.head == records(tmp_path)[told.audit.records - 1]["hash"]


@pytest.mark.parametrize("change", [{"schema": 2}, {"what": "done"}, {"extra": 1}, {"hash": "x"}, {"at": "soon"}])
def test_the_schema_refuses_what_it_should(change: dict[str, Any], tmp_path: Path) -> None:
    schema = json.loads((ROOT / "docs/audit.schema.json").read_text())
    kept(tmp_path, REPORTS["rotated"])
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [checker.is_valid({**record, **change}) for record in records(tmp_path)] == [False] * 4


def test_it_tells_who_did_what_when_and_why(tmp_path: Path) -> None:
    kept(tmp_path, REPORTS["rotated"])
    began, moved, failed, ended = records(tmp_path)
    assert [one["what"] for one in (began, moved, failed, ended)] == ["began", "moved", "moved", "ended"]
    assert {(one["actor"], one["started_again_by"], one["lineage"]) for one in records(tmp_path)} == {
        ("ada", "grace", "acme")
    }
    assert (began["reason"], began["value_at_hand"]) == ("seen in a log: ***", "f3")
    assert (moved["move"], moved["outcome"], moved["problem"]) == ("put", "applied", None)
    assert (failed["outcome"], failed["problem"]) == ("unknown", "neon-unreachable")
    assert (ended["status"], ended["revoked_key_ids"], ended["control"]) == ("rotated", [3], "alive")
    assert ended["fingerprint"] == "0123456789ab"


def test_foreign_text_is_one_line_that_ends(tmp_path: Path) -> None:
    kept(tmp_path, report(events=(event(detail="a\n\x1b[31m" + "x " * 9000),)))
    detail = records(tmp_path)[1]["detail"]
    assert (detail[:7], len(detail)) == ("a··[31m", LONGEST)


def test_the_file_and_its_folder_are_synced_once_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(Path(f"/proc/self/fd/{file}").readlink().name))
    kept(tmp_path, REPORTS["rotated"])
    assert synced == ["audit.jsonl", "kept"]


def test_a_record_is_in_the_file_before_the_next_move(tmp_path: Path) -> None:
    audit = AuditFile(tmp_path, NAME, Scribe(policy(), ACTOR, "", str), NOW)
    assert not (tmp_path / NAME).exists(), "nothing is written before there is something to tell"
    for number in (2, 3, 4):
        audit.tell(event())
        assert len(records(tmp_path)) == number


def test_wherever_a_death_cuts_the_file_the_chain_goes_on_and_says_so(tmp_path: Path) -> None:
    kept(tmp_path, REPORTS["unchanged"])
    whole = (tmp_path / NAME).read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(first, len(whole)):
        (tmp_path / NAME).write_bytes(whole[:cut])
        told = kept(tmp_path, REPORTS["unchanged"])
        assert verify((tmp_path / NAME).read_bytes()).flaw is None
        assert reasons(told) == (["audit-torn"] if cut > first else [])
        assert [one["what"] for one in records(tmp_path)] == [
            "began",
            *(["mended"] if cut > first else []),
            "began",
            "ended",
        ]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.replace(b'"ada"', b'"eve"'),
        lambda data: data + b"\n",
        lambda data: data + b"{}\n",
        lambda _: b"a line of another kind\n",
        lambda _: b"no line at all",
        lambda data: data[:40],
    ],
)
def test_a_file_whose_end_does_not_hold_is_left_as_it_is(damage: Any, tmp_path: Path) -> None:
    kept(tmp_path, REPORTS["unchanged"])
    damaged = damage((tmp_path / NAME).read_bytes())
    (tmp_path / NAME).write_bytes(damaged)
    told = kept(tmp_path, REPORTS["rotated"])
    assert (reasons(told), told.audit) == (["audit-broken"], None)
    assert (told.status, told.exit_code) == (REPORTS["rotated"].status, 0), "the verdict stands"
    assert (tmp_path / NAME).read_bytes() == damaged


def test_what_could_not_be_written_is_written_with_the_next_record(tmp_path: Path) -> None:
    audit = AuditFile(tmp_path, NAME, Scribe(policy(), ACTOR, "", str), NOW)
    (tmp_path / NAME).mkdir(parents=True)
    audit.tell(event())
    (tmp_path / NAME).rmdir()
    told = audit.conclude(report())
    assert (reasons(told), [one["what"] for one in records(tmp_path)]) == ([], ["began", "moved", "ended"])


def test_a_path_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file where a folder should be")
    told = kept(tmp_path, REPORTS["rotated"])
    assert (reasons(told), told.exit_code) == (["audit-not-written"], 0)


@pytest.mark.parametrize("link", ["kept", NAME])
def test_a_link_that_leads_out_of_the_workspace_is_not_followed(link: str, tmp_path: Path) -> None:
    outside, workspace = tmp_path / "outside", tmp_path / "workspace"
    outside.mkdir()
    (workspace / link).parent.mkdir(parents=True)
    (workspace / link).symlink_to(outside / ("" if link == "kept" else "file"))
    told = kept(workspace, REPORTS["rotated"])
    assert reasons(told) == ["audit-not-written"]
    assert "leads out of the workspace" in told.warnings[-1].message
    assert list(outside.iterdir()) == []


@pytest.fixture
def room() -> Iterator[int]:
    """A disk with room for so many bytes in a file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, before[1]))
    yield 2000
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_whole_lines(room: int, tmp_path: Path) -> None:
    told = kept(tmp_path, report(events=(event(),) * 20))
    assert reasons(told) == ["audit-not-written"]
    data = (tmp_path / NAME).read_bytes()
    assert verify(data).flaw is None
    assert 0 < len(data) <= room


def test_two_runs_at_once_share_one_chain(tmp_path: Path) -> None:
    many = report(events=(event(),) * 20)
    threads = [threading.Thread(target=kept, args=(tmp_path, many)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(records(tmp_path)) == 4 * 22
    assert verify((tmp_path / NAME).read_bytes()).flaw is None


def test_a_line_longer_than_one_read_is_found_whole(tmp_path: Path) -> None:
    names = tuple(f"octo-org/repository-{number}" for number in range(4000))
    for number in (2, 4):
        kept(tmp_path, REPORTS["unchanged"], policy=policy(destinations=names))
        assert len(records(tmp_path)) == number
    assert (tmp_path / NAME).stat().st_size > 2 * 64 * 1024
