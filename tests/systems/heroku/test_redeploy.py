"""The restart that a write to Heroku begins: the old key goes only once the app runs with the new one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rotate.address import parsed
from rotate.ports import Stage
from rotate.sandbox.faults import Fault
from rotate.sandbox.heroku.state import App
from rotate.sandbox.world import World
from rotate.systems.heroku.restart import Restart
from tests.support.bench import NAME, means_of
from tests.support.laptop import Laptop
from tests.systems.heroku.bench import TEXT, Vars, heroku, seeded


@pytest.fixture
def laptop(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Laptop]:
    with heroku() as bench:
        yield Laptop(bench, capsys, tmp_path)


@pytest.fixture
def app(laptop: Laptop) -> App:
    return seeded(laptop.web)


def test_the_release_is_waited_for_and_only_then_the_old_key_goes(laptop: Laptop, app: App) -> None:
    assert laptop.first() == 0, laptop.told
    assert laptop.story.old_key.revoked
    assert [app.variables[NAME]] == [app.releases[-1].variables[NAME]] == [one.value for one in laptop.live]
    assert app.dynos == {"web.1": (app.current, "up")}
    (told,) = laptop.report["destinations"]
    assert told["picked_up"] == "with the deploy that this run starts, and waits for"
    assert laptop.world.ledger.count("PATCH", server="heroku") == 1


def test_a_release_that_fails_holds_the_old_key_and_the_next_run_ends_it(laptop: Laptop, app: App) -> None:
    app.outcome = "failed"
    assert laptop.first() == 4, laptop.told
    assert laptop.reasons == ["distribution-unfinished", "redeploy-failed"]
    assert not laptop.story.old_key.revoked
    app.outcome = "succeeded"
    assert laptop.run() == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live]


def test_a_release_that_does_not_end_in_its_time_holds_the_old_key(laptop: Laptop, app: App) -> None:
    app.outcome = "pending"
    assert laptop.first("--redeploy-wait", "1s") == 4
    assert laptop.reasons == ["distribution-unfinished", "redeploy-unfinished"]
    assert not laptop.story.old_key.revoked


def test_a_release_that_fails_during_the_overlap_holds_the_old_key(laptop: Laptop, app: App) -> None:
    app.outcome = "pending"
    assert laptop.first("--overlap", "1h") == 0, laptop.told
    app.settle("failed")
    laptop.world.clock.advance(2 * 3600)
    assert laptop.run(command="sweep") == 4
    assert "redeploy-failed" in laptop.told
    assert not laptop.story.old_key.revoked
    app.outcome = "succeeded"
    laptop.world.clock.advance(3600)
    laptop.web.pretend.release(app, "Deploy 0123abcd")  # type: ignore[attr-defined]
    assert laptop.run(command="sweep") == 0, laptop.told
    assert laptop.story.old_key.revoked


def test_without_an_overlap_or_a_wait_it_is_refused_with_the_lines(laptop: Laptop) -> None:
    named = ("--old-key-id", str(laptop.story.old_key.key_id))
    assert laptop.run(*named, "--overlap", "0s") == 2
    assert laptop.reasons == ["overlap-needed"]
    assert "redeploy: true" in laptop.told


def test_a_token_that_may_not_see_the_dynos_is_told_before_a_key_is_issued(laptop: Laptop) -> None:
    fault = Fault("status", server="heroku", method="GET", path="*/dynos", code=403, times=None)
    laptop.world.faults.add(fault)
    assert laptop.first() == 3, laptop.told
    assert laptop.reasons == ["destination-not-allowed"]
    assert laptop.live == [laptop.story.old_key]
    assert laptop.world.ledger.count("PATCH", server="heroku") == 0


@pytest.mark.parametrize(
    ("dynos", "stage", "told"),
    [
        ({}, Stage.DONE, "release v2 has succeeded"),
        ({"web.1": (2, "up"), "run.7": (1, "up"), "scheduler.8": (1, "up")}, Stage.DONE, "release v2 has succeeded"),
        ({"web.1": (1, "idle"), "clock.1": (1, "down"), "worker.1": (1, "crashed")}, Stage.DONE, "has succeeded"),
        ({"web.1": (2, "up"), "worker.1": (1, "up")}, Stage.RUNNING, "worker.1 is not up on release v2 yet"),
        ({"web.1": (2, "starting")}, Stage.RUNNING, "web.1 is not up"),
        ({"web.1": (2, "crashed"), "web.2": (1, "up")}, Stage.FAILED, "web.1 of release v2 crashed"),
    ],
)
def test_the_dynos_must_be_on_the_release(
    dynos: dict[str, tuple[int, str]], stage: Stage, told: str, world: World
) -> None:
    ours = Vars(world)
    ours.app.dynos = dynos
    restart = Restart(parsed(TEXT), means_of(ours.environment))
    restart.ready()
    found = restart.look(restart.start())
    assert (found.stage, told in found.told) == (stage, True), found


def test_an_app_without_a_release_that_runs_is_waited_for(world: World) -> None:
    ours = Vars(world)
    ours.app.releases.clear()
    restart = Restart(parsed(TEXT), means_of(ours.environment))
    assert restart.start() == "v0"
    assert restart.look("v0").stage is Stage.RUNNING


def test_a_policy_file_has_it_by_fields(laptop: Laptop) -> None:
    file = laptop.folder / "policy.yml"
    file.write_text(
        "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
        f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n"
        "      - type: heroku\n        app: octo-payments\n        redeploy: true\n"
    )
    assert laptop.by(file) == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live]
