"""Somebody else writes to a destination while an older key still lives: none dies before ours stands there again."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, Story, personal, personal_with_minter
from rotate.sandbox.world import World
from tests.support.resealing import rewrite
from tests.support.runner import Ended, Runner
from tests.support.stories import tells

SECRET = "NEON_API_KEY"
SERVICE = "octo-org/service"
META = f"/repos/{SERVICE}/actions/secrets/{SECRET}"
LATER = 1.1


class Bench:
    """A personal key in two repositories; somebody else writes to the second."""

    def __init__(self, world: World, runner: Runner, story: Story) -> None:
        self.world, self.runner, self.old = world, runner, story.old_key
        world.github.add_repository(SERVICE)
        world.github.set_secret(SERVICE, SECRET, self.old.value, updated_days_ago=9)
        token = world.github.add_token(repositories=dict.fromkeys((REPOSITORY, SERVICE), PERMISSIONS))
        both = {"repository": REPOSITORY, "repositories": SERVICE, "github_token": token}
        self.story = replace(story, inputs={**story.inputs, **both})

    def run(self, command: str = "rotate", **inputs: str | None) -> Ended:
        return self.runner.run(self.story.environment_now(), command=command, rotate_after="30d", **inputs)

    def amid_an_overlap(self) -> None:
        """Rotate, and let the overlap end."""
        first = self.runner.run(self.story.environment(), overlap="1s", rotate_after="30d")
        tells(first, "rotated", 0)
        time.sleep(LATER)

    def overwritten(self, *_: object) -> None:
        """Somebody puts the old value back, some seconds later."""
        self.world.advance(5)
        self.world.github.set_secret(SERVICE, SECRET, self.old.value)

    def deleted(self, *_: object) -> None:
        """Somebody deletes the secret."""
        del self.world.github.vault(SERVICE).secrets[SECRET]

    def heals(self, command: str) -> None:
        """Assert that this command writes the key in use there again, and the older one dies after that alone."""
        issued = len(self.world.neon.issued())
        tells(self.run(command), "rotated" if command == "rotate" else "unchanged", 0)
        held = {self.world.github.secret(name, SECRET) or "" for name in (REPOSITORY, SERVICE)}
        assert len(held) == 1
        if command == "sync":
            assert self.world.neon.is_live(self.old.value), "a sync revokes nothing"
            tells(self.run("sweep"), "rotated", 0)
        assert (self.world.neon.is_live(held.pop()), self.world.neon.is_live(self.old.value)) == (True, False)
        assert len(self.world.neon.issued()) == issued, "the value was at hand: nothing is issued"


@pytest.fixture
def bench(world: World, runner: Runner) -> Bench:
    return Bench(world, runner, personal(world))


@pytest.mark.parametrize("command", ["rotate", "sync"])
@pytest.mark.parametrize(("harm", "reason"), [("overwritten", "overwritten"), ("deleted", "missing")])
def test_a_sweep_revokes_nothing_that_a_place_may_hold(harm: str, reason: str, command: str, bench: Bench) -> None:
    bench.amid_an_overlap()
    getattr(bench, harm)()
    for looks in ("sweep", "check"):
        ended = bench.run(looks)
        tells(ended, "incomplete", 4)
        assert SERVICE in ended.stdout
    assert bench.run("sweep").reasons == [f"destination-{reason}"]
    assert bench.world.neon.is_live(bench.old.value)
    assert "nothing is issued" in bench.run("plan").stdout
    bench.heals(command)


def test_a_place_that_cannot_be_read_right_before_the_revoke_keeps_the_older_key_alive(bench: Bench) -> None:
    bench.world.faults.add(Fault("status", method="GET", path=META, number=None, nth=4, code=403, times=9))
    ended = bench.run()
    tells(ended, "incomplete", 4)
    assert ended.reasons == ["destination-unreadable", "github-permission-missing"]
    assert bench.world.neon.is_live(bench.old.value)
    bench.world.faults.reset()
    tells(bench.run("sweep"), "rotated", 0)


def test_a_write_between_ours_and_its_proof_is_not_taken_for_ours(bench: Bench) -> None:
    bench.world.faults.add(Fault("hook", method="GET", path=META, nth=3, call=bench.overwritten))
    ended = bench.run()
    tells(ended, "incomplete", 4)
    assert ended.reasons == ["distribution-unfinished", "destination-overwritten"]
    assert bench.world.neon.is_live(bench.old.value)
    bench.world.faults.reset()
    bench.heals("rotate")


def test_a_write_during_the_overlap_of_the_same_run_is_seen(bench: Bench) -> None:
    bench.world.faults.add(Fault("hook", method="PATCH", path="*_ROTATION", call=bench.overwritten))
    ended = bench.run(overlap="1s", wait="5s")
    tells(ended, "incomplete", 4)
    assert ended.reasons == ["destination-overwritten"]
    bench.world.faults.reset()
    bench.heals("rotate")


def test_a_note_of_an_earlier_version_is_no_proof_and_the_next_rotation_makes_one(bench: Bench) -> None:
    bench.amid_an_overlap()
    name = f"{SECRET}_ROTATION"
    held = bench.world.github.secret(REPOSITORY, SECRET) or ""
    rewrite(bench.world, REPOSITORY, name, held, stood_until=None)
    assert bench.run("sweep").reasons == ["destination-not-shown"]
    bench.heals("rotate")


@pytest.mark.parametrize("revoke_when", ["primary", "immediately", "all"])
def test_whoever_runs_next_heals_what_an_exposure_left(revoke_when: str, world: World, runner: Runner) -> None:
    """The write to the primary fails; then the schedule comes round, and knows of no exposure."""
    bench = Bench(world, runner, personal_with_minter(world))
    fault = Fault("status", method="PUT", path=f"/repos/{REPOSITORY}/*", code=403, times=None)
    world.faults.add(fault)
    ended = bench.runner.run(bench.story.environment(), exposed="true", revoke_when=revoke_when, reason="test")
    assert ended.code == (4 if revoke_when == "immediately" else 1), ended.reasons
    world.faults.reset()
    tells(bench.runner.run(bench.story.environment_now()), "rotated", 0)
    held = {world.github.secret(name, SECRET) or "" for name in (REPOSITORY, SERVICE)}
    assert ([world.neon.is_live(value) for value in held], world.neon.is_live(bench.old.value)) == ([True], False)
