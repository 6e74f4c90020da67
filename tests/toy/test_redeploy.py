"""What runs with a value is started anew after the writes; only its success lets the previous key go."""

from __future__ import annotations

import pytest

from tests.toy.bench import Bench

LATE, ALSO = "late://attic#LATE", "late://attic#ALSO"
BOTH = f"{LATE},{ALSO}"


@pytest.fixture(autouse=True)
def consumers(bench: Bench) -> None:
    """Two boxes, what reads them, and where the note is kept."""
    for box in ("LATE", "ALSO"):
        bench.shelf.write("attic", box, bench.held)
    bench.shelf.write("attic", "STATE", "DONE")


def first(bench: Bench, destinations: str, *more: str) -> int:
    named = ("--old-key-id", str(bench.story.old_key.key_id))
    return bench.run("rotate", f"toy://attic#NEON_API_KEY,{destinations}", "", *named, "--redeploy", *more)


def starts(bench: Bench) -> list[int]:
    """Give where among the requests something was started."""
    return [number for number, one in enumerate(bench.shelf.asked) if one == "PUT /attic/START"]


def reasons(bench: Bench) -> list[str]:
    return [one["reason"] for one in bench.report["problems"]]


def test_all_is_written_then_started_once_and_only_then_the_old_key_goes(bench: Bench) -> None:
    assert first(bench, BOTH) == 0, bench.told
    (start,) = starts(bench)
    writes = [bench.shelf.asked.index(f"PUT /attic/{box}") for box in ("LATE", "ALSO")]
    assert max(writes) < start
    assert bench.story.old_key.revoked
    seen = {one["name"]: one["picked_up"] for one in bench.report["destinations"]}
    assert seen[LATE] == seen[ALSO] == "with the deploy that this run starts, and waits for"
    assert seen["toy://attic#NEON_API_KEY"] == "whenever it reads it"


def test_a_deploy_that_fails_holds_the_old_key_and_the_next_run_starts_another(bench: Bench) -> None:
    bench.shelf.write("attic", "STATE", "FAILED")
    assert first(bench, LATE) == 4
    assert reasons(bench) == ["distribution-unfinished", "redeploy-failed"]
    assert "what reads the shelf attic was not started with it: the start of " in bench.report["problems"][1]["message"]
    assert len(bench.live) == 2
    bench.shelf.write("attic", "STATE", "DONE")
    assert bench.run("rotate", f"toy://attic#NEON_API_KEY,{LATE}", "", "--redeploy") == 0, bench.told
    assert len(bench.live) == 1
    assert len(starts(bench)) == 2


def test_a_deploy_that_does_not_end_in_its_time_holds_the_old_key(bench: Bench) -> None:
    bench.shelf.write("attic", "STATE", "RUNNING")
    assert first(bench, LATE, "--redeploy-wait", "1s") == 4
    assert reasons(bench) == ["distribution-unfinished", "redeploy-unfinished"]
    assert "1 s have passed" in bench.report["problems"][1]["message"]
    assert not bench.story.old_key.revoked


def test_where_nothing_could_be_started_nothing_is_written(bench: Bench) -> None:
    del bench.shelf.boxes["attic", "STATE"]
    assert first(bench, LATE) == 1, bench.told
    assert reasons(bench) == ["toy-asleep"]
    assert not starts(bench)
    assert bench.world.ledger.count("POST") == 0


def test_an_exposed_key_dies_before_anything_is_started_anew(bench: Bench) -> None:
    dead: list[bool] = []

    def meddle(asked: str) -> None:
        if asked == "PUT /attic/START":
            dead.append(bench.story.old_key.revoked)

    bench.shelf.meddle = meddle
    assert first(bench, LATE, "--exposed", "--reason", "seen in a log") == 0, bench.told
    assert dead == [True]


def test_a_plan_tells_it(bench: Bench) -> None:
    named = ("--old-key-id", str(bench.story.old_key.key_id))
    assert bench.run("plan", f"toy://attic#NEON_API_KEY,{LATE}", "", *named, "--redeploy") == 0, bench.told
    (told,) = [one for one in bench.report["plan"] if one.startswith(f"confirm the write to {LATE}")]
    assert told.endswith("start anew what runs with it, and wait for that")
    assert not starts(bench)


@pytest.mark.parametrize(
    ("destinations", "more", "said"),
    [
        ("toy://attic#OTHER", (), "no destination is of a kind that is started anew"),
        (LATE, ("--redeploy-wait", "61m"), "longer than an hour"),
        (LATE, ("--redeploy-wait", "0s"), "`redeploy_wait`"),
        ("late://attic?ready=1#LATE", (), "takes nothing"),
    ],
)
def test_bad_input_is_told_and_nobody_is_asked(
    destinations: str, more: tuple[str, ...], said: str, bench: Bench
) -> None:
    assert first(bench, destinations, *more) == 2
    assert said in " ".join(one["message"] for one in bench.report["problems"])
    assert not bench.shelf.asked


def test_a_wait_without_a_start_is_refused(bench: Bench) -> None:
    assert bench.run("rotate", LATE, "", "--redeploy-wait", "5m", "--overlap", "1h") == 2
    assert "there is nothing to wait for" in bench.report["problems"][0]["message"]


def test_a_wait_where_nothing_is_ever_started_is_refused(bench: Bench) -> None:
    assert bench.run("rotate", "github://octo-org/payments", "", "--redeploy-wait", "5m") == 2
    assert "`redeploy_wait` is given, but no destination is of a kind" in str(bench.report["problems"])


def test_where_one_of_them_cannot_be_started_an_overlap_alone_is_offered(bench: Bench) -> None:
    named = ("--old-key-id", str(bench.story.old_key.key_id))
    assert bench.run("rotate", f"toy://attic#NEON_API_KEY,{LATE},stiff://attic#ALSO", "", *named) == 2
    (problem,) = bench.report["problems"]
    assert ("overlap: 24h" in problem["remedy"], "redeploy: true" in problem["remedy"]) == (True, False)
