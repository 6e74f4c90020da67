"""The program rotates a key that a service holds, alone and beside GitHub, and leaves all alive where it cannot: an
entry in `SERVICES` enters it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import REPOSITORY
from tests.support.benches import BENCHES, SERVICES
from tests.support.laptop import GITHUB, Laptop


@pytest.fixture(params=SERVICES)
def laptop(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Laptop]:
    with BENCHES[request.param]() as bench:
        yield Laptop(bench, capsys, tmp_path)


def test_a_key_that_it_holds_alone_is_rotated_again_and_again(laptop: Laptop) -> None:
    beside = laptop.web.beside()
    assert laptop.first() == 0, laptop.told
    (new,) = laptop.live
    assert laptop.held == new.value
    (told,) = laptop.report["destinations"]
    assert (told["name"], told["state"], bool(told["proof"])) == (laptop.here, "confirmed", True)
    note = json.loads(laptop.world.github.variables(REPOSITORY)["NEON_API_KEY_ROTATION"])
    assert note["destinations"] == [laptop.here]
    assert laptop.run() == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live] != [new.value]
    assert laptop.web.beside() == beside
    assert laptop.world.github.secret(REPOSITORY, "NEON_API_KEY") == laptop.story.old_key.value, "no destination"


def test_it_and_github_hold_the_same_key(laptop: Laptop) -> None:
    both = f"{laptop.here},{GITHUB}"
    assert laptop.first(to=both) == 0, laptop.told
    stored = [laptop.held, laptop.world.github.secret(REPOSITORY, "NEON_API_KEY")]
    assert stored == [laptop.live[-1].value] * 2
    assert len(laptop.live) == 1
    assert laptop.run(command="check", to=both) == 0, laptop.told


def test_a_write_that_it_refuses_leaves_both_keys_alive_and_the_next_run_ends_it(laptop: Laptop) -> None:
    web, both = laptop.web, f"{GITHUB},{laptop.here}"
    asked = 2 * web.asks  # by the look before the lock, and by the one after it
    fault = Fault("status", server=web.server, method=web.writes, path=web.at, nth=1 + asked, code=403, times=None)
    laptop.world.faults.add(fault)
    assert laptop.first(to=both) == 4, laptop.told
    assert (laptop.held, len(laptop.live)) == (laptop.story.old_key.value, 2)
    assert "destination-not-allowed" in laptop.reasons
    laptop.world.faults.reset()
    new = laptop.world.github.secret(REPOSITORY, "NEON_API_KEY") or ""
    assert laptop.run(to=both, key=new) == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live]


def test_what_cannot_be_written_is_refused_before_a_key_is_issued_where_that_can_be_known(laptop: Laptop) -> None:
    laptop.web.gag()
    assert laptop.first() == (3 if laptop.web.foretells else 1)
    assert laptop.reasons == ["destination-not-allowed"]
    assert (laptop.held, laptop.live) == (laptop.story.old_key.value, [laptop.story.old_key])
    issued = [one for one in laptop.world.neon.issued() if one.revoked]
    assert len(issued) == (0 if laptop.web.foretells else 1), "a key that could be written nowhere is revoked again"


def test_after_an_exposure_the_new_key_stands_there_and_the_old_one_is_dead(laptop: Laptop) -> None:
    assert laptop.first("--exposed", "--reason", "seen in a public log") == 0, laptop.told
    assert laptop.story.old_key.revoked
    assert [laptop.held] == [one.value for one in laptop.live]


def test_a_key_that_somebody_puts_back_during_the_overlap_is_not_revoked(laptop: Laptop) -> None:
    assert laptop.first("--overlap", "1h") == 0, laptop.told
    old, new = laptop.story.old_key, laptop.held
    laptop.bench.write(old.value)
    if not laptop.bench.tells:
        assert laptop.run(command="check", key=new) == 0, "nothing tells, and the report says so"
        assert laptop.report["destinations"][0]["proof"] == "accepted, not provable"
        return
    assert laptop.run(command="check", key=new) == 4
    assert laptop.reasons == ["destination-overwritten"]
    laptop.world.clock.advance(2 * 3600)
    assert laptop.run(command="sweep", key=new) == 4
    assert "destination-overwritten" in laptop.reasons
    assert not old.revoked
    assert laptop.run(command="sync", key=new) == 0, laptop.told
    assert laptop.held == new


def test_what_is_not_there_is_created_only_where_that_is_meant(laptop: Laptop) -> None:
    key = laptop.held
    laptop.bench.write(None)
    assert laptop.first(key=key) == 3
    assert laptop.reasons == ["secret-absent"]
    assert laptop.bench.held() is None
    assert laptop.first("--create", key=key) == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live]


def test_what_the_environment_lacks_is_said_before_anything_is_asked(laptop: Laptop) -> None:
    laptop.environment |= {laptop.web.login: "", laptop.web.overrules: "http://service.example"}
    before, key = len(laptop.world.ledger), laptop.held
    assert laptop.run("--rotate-after", "soon", key=key) == 2
    assert {"destination-token-missing", "url-insecure", "input-invalid"} <= set(laptop.reasons)
    assert len(laptop.world.ledger) == before


def test_doctor_looks_at_it(laptop: Laptop) -> None:
    assert laptop.first() == 0
    assert laptop.run(command="doctor") == 0, laptop.told
    told = next(one for one in laptop.report["checkup"] if one["about"] == laptop.here)
    assert told["state"] != "to mend"
    assert laptop.bench.shows != "value" or "its value can be read" in json.dumps(told)
