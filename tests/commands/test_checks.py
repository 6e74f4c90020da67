"""What `doctor` makes of readings that no server gives on request."""

from __future__ import annotations

from rotate.commands.doctor import checks
from rotate.errors import SourceError
from rotate.protocol.facts.model import Identity, NotebookFacts
from rotate.protocol.story.findings import State
from tests.support.build import NOW, lock, minted, policy, snapshot

UNREACHABLE = SourceError("neon-unreachable", "Neon did not answer.")


def test_a_value_being_replaced_that_could_not_be_asked_for_is_to_mend() -> None:
    found = list(checks.key(snapshot(previous=UNREACHABLE), policy(self_rotation=False), NOW))
    assert [(one.about, one.state) for one in found] == [("`api_key`", State.WELL), ("`current_key`", State.PROBLEM)]


def test_a_list_that_could_not_be_read_is_to_mend() -> None:
    (found,) = checks.key(snapshot(keys=UNREACHABLE), policy(), NOW)
    assert (found.state, found.error) == (State.PROBLEM, UNREACHABLE)


def test_a_key_that_may_not_issue_is_told_for_that_alone() -> None:
    organization = snapshot(issuer=Identity("org-a", organization=True), keys=UNREACHABLE)
    assert [one.error.reason for one in checks.key(organization, minted(), NOW) if one.error] == ["minter-needed"]


def test_a_lock_that_no_run_of_ours_can_have_written_is_told() -> None:
    doubted = NotebookFacts(None, lock(doubt="it is no lock that this version can read"))
    *_, found = checks.notebook(snapshot(notebook=doubted), ("The note", "The lock"), True, policy(), NOW)
    assert (found.about, found.state) == ("The lock", State.WELL)
    assert found.told == "The rotation lock was written by no run of ours: it is no lock that this version can read."
    assert found.error is not None
    assert found.error.reason == "lock-stale"


def test_a_note_that_was_forged_is_to_mend() -> None:
    forged = NotebookFacts(None, None, bad=UNREACHABLE)
    found, _ = checks.notebook(snapshot(notebook=forged), ("The note", "The lock"), True, policy(), NOW)
    assert (found.state, found.error) == (State.PROBLEM, UNREACHABLE)
