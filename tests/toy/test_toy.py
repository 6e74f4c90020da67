"""A toy system, which is registered here alone, takes part in all that a system can; no other file knows of it."""

from __future__ import annotations

import json
import re
import textwrap
from datetime import timedelta

import pytest

from rotate.sandbox.stories import REPOSITORY
from tests.support.pages import ROOT
from tests.toy.bench import HERE, NAME, Bench
from tests.toy.shelf import TOKEN


def test_it_is_rotated_into_and_keeps_the_note(bench: Bench) -> None:
    assert bench.first() == 0, bench.told
    (new,) = bench.live
    told = {"name": HERE, "state": "confirmed", "proof": "the time of the write", "picked_up": "whenever it reads it"}
    assert (bench.held, bench.report["destinations"]) == (new.value, [told])
    note = json.loads(bench.shelf.boxes["attic", f"{NAME}_NOTE"][0])
    assert (note["confirmed"]["key_id"], note["destinations"]) == (new.key_id, [HERE])
    assert ("attic", f"{NAME}_LOCK") not in bench.shelf.boxes
    assert bench.run() == 0, bench.told
    assert [bench.held] == [one.value for one in bench.live]
    assert bench.world.ledger.count(server="github") == 0, "no other system is asked"


def test_no_secret_of_its_own_is_told(bench: Bench) -> None:
    assert bench.first() == 0
    assert TOKEN not in bench.told + json.dumps(bench.report)
    assert all(one.value not in bench.told for one in bench.world.neon.issued())


def test_what_somebody_writes_meanwhile_is_seen_and_nothing_dies(bench: Bench) -> None:
    assert bench.first("--overlap", "1h") == 0
    old = bench.story.old_key
    bench.shelf.ahead = timedelta(seconds=5)
    bench.shelf.write("attic", NAME, old.value)
    bench.world.clock.advance(2 * 3600)
    newest = bench.live[-1].value
    assert bench.run("check", HERE, newest) == 4
    assert bench.report["problems"][0]["reason"] == "destination-overwritten"
    assert not old.revoked


def test_where_no_time_is_told_another_value_is_seen_and_written_again(bench: Bench) -> None:
    bare, old = f"bare://attic#{NAME}", bench.story.old_key
    bench.environment |= {"GITHUB_TOKEN": bench.story.inputs["github_token"], "GITHUB_REPOSITORY": REPOSITORY}
    given = ("--overlap", "1h", "--old-key-id", str(old.key_id))
    assert bench.run("rotate", bare, "", *given) == 0, bench.told
    new = bench.held
    bench.shelf.write("attic", NAME, old.value)
    bench.world.clock.advance(2 * 3600)
    assert bench.run("sweep", bare, new) == 4
    assert bench.report["problems"][0]["reason"] == "destination-overwritten"
    assert not old.revoked
    assert bench.run("sync", bare, new) == 0, bench.told
    assert (bench.held, bench.run("sweep", bare, new)) == (new, 0)
    assert old.revoked_at is not None


def test_a_box_that_is_not_there_is_created_only_where_that_is_meant(bench: Bench) -> None:
    key = bench.held
    del bench.shelf.boxes["attic", NAME]
    named = ("--old-key-id", str(bench.story.old_key.key_id))
    assert bench.run("rotate", HERE, key, *named) == 3
    assert bench.report["problems"][0]["reason"] == "secret-absent"
    assert bench.run("rotate", HERE, key, *named, "--create") == 0, bench.told
    assert bench.held == bench.live[-1].value


@pytest.mark.parametrize("first", [True, False])
def test_it_stands_beside_github_in_the_order_in_which_they_are_said(first: bool, bench: Bench) -> None:
    github = f"github://{REPOSITORY}"
    bench.environment["GITHUB_TOKEN"] = bench.story.inputs["github_token"]
    both = [HERE, github] if first else [github, HERE]
    named = ("--old-key-id", str(bench.story.old_key.key_id))
    assert bench.run("rotate", ",".join(both), "", *named) == 0, bench.told
    names = [HERE, f"{github}#{NAME}"]
    assert [one["name"] for one in bench.report["destinations"]] == (names if first else names[::-1])
    assert bench.held == bench.world.github.secret(REPOSITORY, NAME)
    assert f"{NAME}_ROTATION" in bench.world.github.variables(REPOSITORY), "the repository keeps the note"


def test_each_system_goes_by_a_clock_of_its_own(bench: Bench) -> None:
    """The toy's is ten minutes ahead: a write at GitHub in these ten minutes is no write of ours for that."""
    bench.shelf.ahead = timedelta(minutes=10)
    bench.environment["GITHUB_TOKEN"] = bench.story.inputs["github_token"]
    both, old = f"{HERE},github://{REPOSITORY}", bench.story.old_key
    assert bench.run("rotate", both, "", "--old-key-id", str(old.key_id), "--overlap", "1h") == 0, bench.told
    assert bench.run("check", both) == 0, bench.told
    bench.world.advance(30)
    bench.world.github.set_secret(REPOSITORY, NAME, old.value)
    assert bench.run("check", both) == 4
    assert [one["reason"] for one in bench.report["problems"]] == ["destination-overwritten"]
    assert f"github://{REPOSITORY}#{NAME}" in bench.report["problems"][0]["message"]


def test_beside_it_patterns_are_looked_up_at_github(bench: Bench) -> None:
    bench.environment["GITHUB_TOKEN"] = bench.story.inputs["github_token"]
    owner = REPOSITORY.partition("/")[0]
    given = ("--repositories", f"{owner}/pay*", "--repository", REPOSITORY, "--ignore-holders", "*")
    assert bench.first(*given) == 0, bench.told
    (new,) = bench.live
    assert (bench.held, bench.world.github.secret(REPOSITORY, NAME)) == (new.value, new.value)


def test_it_is_found(bench: Bench) -> None:
    bench.shelf.write("attic", "OTHER", "x")
    assert bench.run("find", f"{HERE},toy://attic#GONE", "napi_x") == 0
    assert [one["address"] for one in bench.report["found"]["secrets"]] == [HERE]
    assert bench.report["found"]["missing"] == ["toy://attic#GONE"]
    assert f"      - to: {HERE}" in bench.report["found"]["policy"]


def test_it_is_found_where_nobody_named_it(bench: Bench) -> None:
    assert bench.first("--overlap", "1h") == 0
    bench.shelf.write("attic", "OLD_COPY", bench.story.old_key.value)
    bench.shelf.write("attic", "COPY", bench.held)
    assert bench.run("find", "") == 0, bench.told
    told = {one["address"]: (one["generation"], one["configured"]) for one in bench.report["found"]["secrets"]}
    assert told == {HERE: ("current", False), "toy://attic#COPY": ("current", False)}, "GitHub has no login here"
    assert "toy://attic#COPY" in bench.told
    assert "holds the current key" in bench.told
    assert bench.run("find", HERE) == 0
    told = {one["address"]: (one["generation"], one["configured"]) for one in bench.report["found"]["secrets"]}
    assert told["toy://attic#OLD_COPY"] == ("previous", False), "the note knows it"
    assert told[HERE] == ("current", True)


@pytest.mark.parametrize("note", ["no note", None])
def test_where_the_note_cannot_be_read_the_value_at_hand_is_known(note: str | None, bench: Bench) -> None:
    assert bench.first() == 0
    if note:
        bench.shelf.write("attic", f"{NAME}_NOTE", note)
    else:

        def meddle(line: str) -> None:
            if line.endswith("_NOTE"):
                raise OSError

        bench.shelf.meddle = meddle
    assert bench.run("find", HERE) == 0, bench.told
    assert [one["generation"] for one in bench.report["found"]["secrets"]] == ["current"]


def test_what_may_not_be_listed_is_told(bench: Bench) -> None:
    bench.environment["TOY_TOKEN"] = "another"
    assert bench.run("find", "") == 0, bench.told
    assert [one["reason"] for one in bench.report["warnings"]] == ["toy-refused"]


def test_doctor_looks_at_it(bench: Bench) -> None:
    assert bench.first() == 0
    assert bench.run("doctor") == 0, bench.told
    about = [one["about"] for one in bench.report["checkup"]]
    assert HERE in about
    assert f"The box {NAME}_NOTE on attic" in about
    assert not any("GitHub" in one for one in about)


def test_doctor_looks_at_no_workflows_where_no_repository_keeps_the_note(bench: Bench) -> None:
    bench.environment["GITHUB_TOKEN"] = bench.story.inputs["github_token"]
    assert bench.run("doctor", f"{HERE},github://orgs/octo-org") == 3
    about = [one["about"] for one in bench.report["checkup"]]
    assert f"github://orgs/octo-org#{NAME}" in about
    assert not any("orkflow" in one for one in about)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("toy://attic/left", "a shelf has no `/` in its name"),
        ("toy://attic?side=left", "takes nothing"),
        ("toyz://attic", "its kind is none of: github, "),
        ("bare://attic?side=left&top=1", "takes `side` or `colour`"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_before_contact(address: str, why: str, bench: Bench) -> None:
    assert bench.run("rotate", address) == 2
    assert why in bench.told
    assert bench.shelf.asked == []


def test_what_the_environment_lacks_is_said_at_once_before_contact(bench: Bench) -> None:
    bench.environment = {}
    assert bench.run("rotate", HERE) == 2
    assert [one["message"] for one in bench.report["problems"]] == [
        f"The environment lacks {name}." for name in ("TOY_URL", "TOY_TOKEN")
    ]
    assert bench.shelf.asked == []


def test_what_keeps_no_note_needs_a_repository_that_does(bench: Bench) -> None:
    bare = f"bare://attic#{NAME}"
    assert bench.run("rotate", bare) == 2
    assert "Nothing says where the note and the lock are kept" in bench.told
    bench.environment |= {"GITHUB_TOKEN": bench.story.inputs["github_token"], "GITHUB_REPOSITORY": REPOSITORY}
    key = bench.held
    assert bench.run("rotate", bare, key, "--old-key-id", str(bench.story.old_key.key_id)) == 0, bench.told
    assert f"{NAME}_ROTATION" in bench.world.github.variables(REPOSITORY)
    assert bench.held != key
    assert bench.world.github.secret(REPOSITORY, NAME) == key, "the repository's own secret is no destination"


def test_what_cannot_be_listed_was_not_seen(bench: Bench) -> None:
    assert bench.run("find", f"bare://attic#{NAME}", "napi_x") == 0
    assert bench.report["found"]["missing"] == [f"bare://attic#{NAME}"]


def test_of_many_shards_one_writes_it(bench: Bench) -> None:
    bench.environment["GITHUB_TOKEN"] = bench.story.inputs["github_token"]
    both = f"{HERE},github://{REPOSITORY}"
    assert bench.run("rotate", both, "", "--old-key-id", str(bench.story.old_key.key_id)) == 0
    for shard, looks in (("2/2", 1), ("1/2", 0)):
        bench.shelf.asked.clear()
        assert bench.run("sync", both, bench.held, "--shard", shard) == 0, bench.told
        assert bench.shelf.asked.count(f"GET /attic/{NAME}") == looks


def test_the_contributors_page_shows_the_toy_as_it_is() -> None:
    page = (ROOT / ".github/CONTRIBUTING.md").read_text()
    (said,) = re.findall(r"( *)```python\n\1(PARTS = .*?)\n\1```", page, re.DOTALL)
    shown = textwrap.dedent(said[0] + said[1])
    assert shown in (ROOT / "tests/toy/system.py").read_text()
    known = {path.name for path in (ROOT / "tests/toy").glob("*.py")} | {"benches.py"}
    others = [path for path in (ROOT / "tests").rglob("*.py") if path.name not in known]
    naming = [path for path in (*others, *(ROOT / "rotate").rglob("*.py")) if "tests.toy" in path.read_text()]
    assert naming == [], "no other file knows of it"


def test_what_is_seen_after_a_restart_alone_needs_an_overlap_or_an_exposure(bench: Bench) -> None:
    late, named = f"{HERE},late://attic#LATE", ("--old-key-id", str(bench.story.old_key.key_id))
    bench.shelf.write("attic", "LATE", bench.held)
    assert bench.run("rotate", late, "", *named) == 2
    assert [one["reason"] for one in bench.report["problems"]] == ["overlap-needed"]
    assert "late://attic#LATE sees a new value after a restart" in bench.report["problems"][0]["message"]
    assert "redeploy: true" in bench.report["problems"][0]["remedy"]
    assert bench.world.ledger.count() == 0
    assert bench.run("rotate", late, "", *named, "--overlap", "1h") == 0, bench.told
    assert bench.run("rotate", late, "", "--exposed", "--reason", "seen in a log") == 0, bench.told
