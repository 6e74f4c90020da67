"""Which of an account's keys a report shows, and that it takes each of thousands into its hands but once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from rotate.protocol.decisions.recovery import assess
from rotate.protocol.facts.marker import Lineage, Marker
from rotate.protocol.facts.model import Identity, LiveKey, NoNotebook, Scope, Snapshot
from rotate.protocol.facts.moves import Finish, Status
from rotate.protocol.facts.note import PendingKey
from rotate.protocol.facts.policy import Command, Policy
from rotate.protocol.facts.progress import Progress
from rotate.protocol.story.fold import MOST_OTHERS, fold, key_rows
from rotate.protocol.story.report import Report
from tests.support.search.canonical import LINEAGE
from tests.support.search.setting import RUN

NOW = datetime(2026, 11, 1, tzinfo=UTC)
POLICY = Policy(Command.ROTATE, Scope.PERSONAL, LINEAGE, ("a",), RUN, self_rotation=True, old_key_id=1)
OURS = [
    LiveKey(number, Marker(LINEAGE, number, 1, "abcd", 1).name(), NOW - timedelta(days=9 - number)) for number in (2, 3)
]
OLD = LiveKey(1, "by hand", NOW - timedelta(days=900))


class Counting(Lineage):
    """A lineage that counts how many keys it is asked about."""

    asked = 0

    def holds(self, key_name: str) -> bool:
        type(self).asked += 1
        return super().holds(key_name)


def others(count: int) -> list[LiveKey]:
    """Keys of other people; the higher the id, the longer ago it was used."""
    return [LiveKey(100 + n, f"other {n}", NOW - timedelta(days=800), NOW - timedelta(minutes=n)) for n in range(count)]


def seen(keys: tuple[LiveKey, ...]) -> Snapshot:
    return Snapshot(Identity("me", organization=False), None, keys, {}, NoNotebook("none", ""))


def told(keys: tuple[LiveKey, ...], progress: Progress | None = None) -> Report:
    snapshot = seen(keys)
    finish = Finish(Status.INCOMPLETE, "so it is")
    return fold(finish, (snapshot, snapshot), progress or Progress(), POLICY, (), (NOW, NOW))


def test_every_key_of_the_lineage_is_shown_and_of_the_others_those_used_last() -> None:
    crowd = others(MOST_OTHERS + 50)
    report = told((OLD, *OURS, *crowd))
    shown = [row.key.key_id for row in report.keys]
    assert {1, 2, 3} <= set(shown)
    assert [key.key_id for key in crowd[MOST_OTHERS:]] == sorted(set(range(100, 250)) - set(shown))
    assert (report.other_keys, len(report.keys)) == (50, MOST_OTHERS + 3)


def test_few_keys_are_all_shown() -> None:
    report = told((OLD, *OURS, *others(MOST_OTHERS)))
    assert (report.other_keys, len(report.keys)) == (0, MOST_OTHERS + 3)


def test_a_key_that_was_never_used_counts_by_its_birth() -> None:
    born = LiveKey(999, "new, never used", NOW + timedelta(minutes=1))
    report = told((OLD, *others(MOST_OTHERS), born))
    assert 999 in [row.key.key_id for row in report.keys]
    assert report.other_keys == 1


def test_a_named_key_is_shown_however_long_ago_it_was_used() -> None:
    situation = replace(assess(seen((OLD,)), POLICY), members=(), base=None, newer=(), exposed=170)
    rows, left = key_rows([OLD, *others(MOST_OTHERS + 50)], situation, Progress(), POLICY)
    assert {1, 170} <= {row.key.key_id for row in rows}
    assert left == 49


def test_roles_are_as_this_run_left_them() -> None:
    pending = PendingKey(4, Marker(LINEAGE, 4, 1, "abcd", 1).name(), "f", NOW)
    lost = LiveKey(5, Marker(LINEAGE, 4, 1, "abcd", 2).name(), NOW)
    keys = (OLD, *OURS, lost)
    for confirmed, role in ((True, "current"), (False, "pending")):
        progress = Progress(pending=pending, tried=(pending.name, lost.name), confirmed={"a": confirmed})
        roles = {row.key.key_id: row.role for row in told(keys, progress).keys}
        assert roles == {1: "previous", 2: "pending", 3: "pending", 5: "pending", 4: role}
    assert {row.key.key_id: row.role for row in told((OLD,)).keys} == {1: "current"}


def asked_of(count: int) -> float:
    """Give how often each key is judged for a report, where there are so many."""
    Counting.asked = 0
    counting = replace(POLICY, lineage=Counting(LINEAGE.name, LINEAGE.home))
    keys = (OLD, *OURS, *others(count))
    snapshot = seen(keys)
    fold(Finish(Status.INCOMPLETE, "so it is"), (snapshot, snapshot), Progress(), counting, (), (NOW, NOW))
    return Counting.asked / len(keys)


def test_for_a_report_each_key_is_judged_as_often_however_many_there_are() -> None:
    assert asked_of(10) == asked_of(1000) <= 2


def test_a_sentence_names_twenty_keys_and_counts_the_rest() -> None:
    many = tuple(
        LiveKey(1000 + number, Marker(LINEAGE, number, 1, "abcd", 1).name(), NOW - timedelta(hours=number))
        for number in range(500)
    )
    assert "and 481 more" in told((OLD, *many)).state
