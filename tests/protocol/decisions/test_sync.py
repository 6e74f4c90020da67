"""`sync`, decision by decision: what is written, what is not, and when it stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from rotate.errors import DestinationError, Outcome, SourceError
from rotate.protocol.decisions.machine import decide
from rotate.protocol.facts.aspects import Aspect
from rotate.protocol.facts.destination import DestinationFacts
from rotate.protocol.facts.model import Identity, NoNotebook, NotebookFacts, Scope
from rotate.protocol.facts.moves import Finish, Lock, Observe, Release, Result, Rewrite, Status, WriteNote
from rotate.protocol.facts.note import Unnamed, latest
from rotate.protocol.facts.policy import Command, Policy
from rotate.protocol.facts.progress import Progress, learn
from tests.support.build import NOW, PLACE, RUN, confirmed, key, lock, note, pending, policy, snapshot

OTHER = "github://octo-org/other#NEON_API_KEY"
HOUR = timedelta(hours=1)
THREE = confirmed(3).fingerprint
CONFIRMED = note(stood_until=latest({OTHER: NOW - HOUR}))
SEEN = {PLACE: DestinationFacts(NOW - 2 * HOUR), OTHER: DestinationFacts(NOW - 2 * HOUR)}
LOCKED = Progress(lock=Outcome.APPLIED, lock_tries=1, surveyed=True, lease=NOW + HOUR)
MINE = lock(run_id=RUN.run_id, attempt=RUN.attempt, token=RUN.nonce, expires_at=NOW + HOUR)
WRITTEN = replace(LOCKED, put={OTHER: Outcome.APPLIED}, confirmed={OTHER: True}, stood={OTHER: NOW})
STANDS = {PLACE: NOW - 2 * HOUR, OTHER: NOW}


def asked(**changes: Any) -> Policy:
    return policy(command=Command.SYNC, destinations=(PLACE, OTHER), value_at_hand=THREE, **changes)


def step(progress: Progress, *, mine: bool = True, wanted: Policy | None = None, **seen: Any) -> Any:
    notebook = NotebookFacts(seen.pop("note", CONFIRMED), MINE if mine else None)
    found = snapshot(**{"keys": (key(3),), "destinations": SEEN, "notebook": notebook, **seen})
    return decide(found, progress, wanted or asked(), NOW)


def test_it_locks_looks_again_writes_what_is_missing_and_looks_at_the_note_once_more() -> None:
    assert step(Progress(), mine=False) == (Lock(None),)
    assert step(replace(LOCKED, surveyed=False)) == (
        Observe(frozenset({Aspect.KEYS, Aspect.NOTEBOOK, Aspect.DESTINATIONS}), again=True),
    )
    assert step(LOCKED) == (Rewrite(OTHER),)
    look = Observe(frozenset({Aspect.NOTEBOOK, Aspect.WRITES}))
    assert step(WRITTEN) == (look,)
    after = learn(WRITTEN, look, Result(Outcome.APPLIED))
    noted = WriteNote(replace(CONFIRMED, stood_until=latest({OTHER: NOW}), run_url=RUN.url), confirmed=True)
    assert step(after, looked=STANDS) == (noted,), "until when they stand now"
    (release,) = step(learn(after, noted, Result(Outcome.APPLIED)), looked=STANDS)
    assert isinstance(release, Release)
    assert (release.then.status, release.then.problems) == (Status.UNCHANGED, ())
    assert release.then.why == "key 3 stands in every destination: 1 of 2 written, the others held it already"


@pytest.mark.parametrize(
    "seen",
    [
        {"note": replace(CONFIRMED, destinations=())},
        {"note": replace(CONFIRMED, stood_until=latest({OTHER: NOW - 3 * HOUR}))},
        {"note": replace(CONFIRMED, stood_until=())},
        {"destinations": {PLACE: DestinationFacts(NOW - HOUR + timedelta(seconds=1)), OTHER: DestinationFacts(None)}},
        {"destinations": {PLACE: DestinationFacts(None), OTHER: DestinationFacts(None)}},
        {"note": replace(CONFIRMED, unnamed=Unnamed(2, "digest", ""))},
    ],
    ids=[
        "no note names it",
        "somebody wrote it since",
        "nobody noted until when it stood",
        "a second later",
        "it does not exist",
        "one of very many",
    ],
)
def test_a_place_that_does_not_surely_hold_the_value_is_written(seen: dict[str, Any]) -> None:
    assert step(LOCKED, **seen) == (Rewrite(PLACE), Rewrite(OTHER))


def test_nothing_is_written_once_the_lease_is_over_or_the_run_is_cancelled() -> None:
    (over,) = step(replace(LOCKED, lease=NOW))
    assert (over.then.status, over.then.problems[0].reason) == (Status.REFUSED, "lock-lost")
    (stopped,) = step(replace(LOCKED, stopping=True))
    assert (stopped.then.status, stopped.then.problems[0].reason) == (Status.REFUSED, "cancelled")


def test_a_write_without_an_answer_is_not_called_done() -> None:
    lost = DestinationError("github-unreachable", "No answer.", outcome=Outcome.UNKNOWN)
    move = Rewrite(OTHER)
    after = replace(learn(LOCKED, move, Result(Outcome.UNKNOWN, error=lost)), fenced=True)
    (release,) = step(after)
    assert release.then.status is Status.INCOMPLETE
    assert [problem.reason for problem in release.then.problems] == ["sync-unfinished", "github-unreachable"]


@pytest.mark.parametrize("held", [None, lock(run_id=5, token="other"), lock(run_id=5, expires_at=NOW)])
def test_another_runs_living_lock_after_the_writes_is_a_warning_and_a_stale_one_is_not(held: Any) -> None:
    shard = replace(asked(), shards=2)
    done = replace(WRITTEN, lock=None, lease=None, fenced=True)
    ended = step(done, wanted=shard, notebook=NotebookFacts(CONFIRMED, held))
    assert isinstance(ended, Finish)
    overtaken = held is not None and held.expires_at > NOW
    assert [problem.reason for problem in ended.problems] == (["sync-overtaken"] if overtaken else [])


def test_a_note_that_cannot_be_read_again_is_no_proof() -> None:
    gone = SourceError("github-unreachable", "No answer.")
    ended = step(replace(WRITTEN, lock=None), wanted=asked(shards=2), notebook=gone)
    assert ended.problems[0].reason == "sync-overtaken"


def test_without_a_notebook_the_whole_is_written_and_a_shard_is_not() -> None:
    nowhere = NoNotebook("no permission", "grant it")
    named = asked(old_key_id=3)
    assert step(Progress(lock=Outcome.NO_EFFECT), notebook=nowhere, wanted=named) == (Rewrite(PLACE), Rewrite(OTHER))
    ended = step(Progress(), wanted=asked(old_key_id=3, shards=2), notebook=nowhere)
    assert [one.reason for one in ended.problems] == ["shard-needs-notebook"]
    done = Progress(put={PLACE: Outcome.APPLIED, OTHER: Outcome.APPLIED}, confirmed={PLACE: True, OTHER: True})
    ended = step(done, notebook=nowhere)
    assert (ended.status, ended.why.split(" stands")[0]) == (Status.UNCHANGED, "the value at hand")


def test_a_key_that_may_neither_issue_nor_list_will_do() -> None:
    bound = Identity("org-1", organization=True, project_bound=True)
    refused = SourceError("minter-needed", "It may not list.")
    wanted = asked(self_rotation=True, org_id="org-1", project_id="p-1", scope=Scope.PROJECT)
    found = snapshot(issuer=bound, keys=refused, destinations=SEEN, notebook=NotebookFacts(CONFIRMED, None))
    assert decide(found, Progress(), wanted, NOW) == (Lock(None),)


@pytest.mark.parametrize(
    ("looked", "reason"),
    [
        ({**STANDS, PLACE: NOW}, "destination-overwritten"),
        ({**STANDS, OTHER: NOW + HOUR}, "destination-overwritten"),
        ({**STANDS, OTHER: None}, "destination-missing"),
        ({**STANDS, PLACE: SourceError("github-unreachable", "No answer.")}, "destination-unreadable"),
    ],
)
def test_a_place_that_somebody_writes_while_others_are_written_is_told_and_not_noted(looked: Any, reason: str) -> None:
    (release,) = step(replace(WRITTEN, fenced=True, looked=True), looked=looked)
    assert (release.then.status, release.then.problems[0].reason) == (Status.INCOMPLETE, reason)


def test_a_run_that_does_not_write_all_that_the_note_knows_does_not_tell_until_when_it_stands() -> None:
    fence = Observe(frozenset({Aspect.NOTEBOOK}))
    wider = replace(CONFIRMED, destinations=(PLACE, "octo-org/third"))
    assert step(WRITTEN, note=wider) == (fence,)
    assert step(replace(WRITTEN, lock=None), wanted=asked(shards=2)) == (fence,)
    assert step(WRITTEN, note=replace(CONFIRMED, confirmed=None), wanted=asked(old_key_id=3)) == (fence,)


def test_a_note_that_is_gone_when_it_is_to_be_written_again_is_left_so() -> None:
    (release,) = step(replace(WRITTEN, fenced=True, looked=True), looked=STANDS, note=None)
    assert release.then.status is Status.UNCHANGED


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [({}, ["nothing-confirmed"]), ({"old_key_id": 3}, []), ({"old_key_id": 8}, ["nothing-confirmed"])],
)
def test_before_any_rotation_a_person_must_say_which_key_it_is(changes: dict[str, Any], reasons: list[str]) -> None:
    decided = step(Progress(), mine=False, note=None, wanted=asked(**changes))
    assert [one.reason for one in getattr(decided, "problems", ())] == reasons


def test_a_pending_key_that_is_dead_is_no_unfinished_rotation() -> None:
    assert step(LOCKED, note=replace(CONFIRMED, pending=pending(4))) == (Rewrite(OTHER),)
    (release,) = step(LOCKED, note=replace(CONFIRMED, pending=pending(4)), keys=SourceError("neon-unreachable", "No."))
    assert release.then.problems[-1].reason == "rotation-unfinished"
