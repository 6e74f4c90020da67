"""`sync`: the value at hand reaches every place that does not surely hold it, whole or in shards."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import REPOSITORY, Story, organization, personal, project
from rotate.sandbox.world import World
from tests.support.fleets import SECRET, Fleet
from tests.support.openapi import check
from tests.support.resealing import lock_by_hand, lock_of_another, rewrite, unsealed
from tests.support.runner import Ended, Runner
from tests.support.stories import lineage_keys, tells

NOTE = f"{SECRET}_ROTATION"
OTHERS = tuple(f"octo-org/service-{number}" for number in range(1, 7))
NAME = "octo-keys"


class Bench(Fleet):
    """Six repositories that `sync` writes; rotations write the environment alone."""

    def __init__(self, world: World, runner: Runner, make: Callable[[World], Story] = personal) -> None:
        super().__init__(world, make(world), "keys", OTHERS, "stale")
        self.runner = runner

    def run(self, command: str, **inputs: str | None) -> Ended:
        """Run a command with the value that its environment holds now."""
        given = self.story.environment()
        at = "api_key" if "INPUT_CURRENT_KEY" not in given or command == "sync" else "current_key"
        both = {"github_token": self.token, "key_name": NAME, at: self.value, **inputs}
        return self.runner.run(given, command=command, **both)

    def rotate(self, **inputs: str | None) -> Ended:
        """Rotate the source alone."""
        return self.run("rotate", environments="keys", **inputs)

    def sync(self, **inputs: str | None) -> Ended:
        """Write it to the six. Before any rotation a person says which key it is."""
        noted = self.world.github.variable(REPOSITORY, NOTE)
        named = {"old_key_id": None if noted else str(self.story.old_key.key_id), "current_key": None}
        return self.run("sync", repositories=",".join(OTHERS), **{**named, **inputs})

    def writes(self) -> list[str]:
        """The secrets that were written, in order."""
        return [entry.target for entry in self.world.ledger if entry.method == "PUT"]


@pytest.mark.parametrize("make", [personal, organization, project])
def test_the_value_at_hand_is_written_everywhere_and_no_key_comes_or_goes(
    make: Callable[[World], Story], world: World, runner: Runner
) -> None:
    fleet = Bench(world, runner, make)
    tells(fleet.rotate(overlap="20h"), "rotated", 0)
    before = lineage_keys(world, fleet.story)
    ended = fleet.sync()
    tells(ended, "unchanged", 0)
    assert fleet.held() == [fleet.value] * len(OTHERS)
    assert lineage_keys(world, fleet.story) == before
    assert "6 of 6 written" in ended.stdout
    assert set(world.github.variables(REPOSITORY)) == {NOTE}, "the lock is given back"
    check(world.ledger)


def test_what_the_note_confirms_and_nobody_wrote_since_is_not_written_again(world: World, runner: Runner) -> None:
    fleet = Bench(world, runner)
    both = ",".join(OTHERS[:2])
    tells(fleet.run("rotate", repositories=both), "rotated", 0)
    world.advance(3600)
    value = world.github.secret(OTHERS[0], SECRET)
    world.github.set_secret(OTHERS[1], SECRET, "by hand")
    world.ledger.clear()
    ended = fleet.run("sync", repositories=f"{both},{OTHERS[2]}", api_key=value, old_key_id=None)
    tells(ended, "unchanged", 0)
    assert [path.split("/")[3] for path in sorted(fleet.writes())] == ["service-2", "service-3"]
    assert fleet.held()[:3] == [value] * 3


def test_it_revokes_nothing_and_so_asks_for_no_runs(world: World, runner: Runner) -> None:
    fleet = Bench(world, runner)
    tells(fleet.sync(overlap="24h"), "unchanged", 0)
    assert world.ledger.count(path="*/actions/runs*") == 0


def test_before_any_rotation_it_writes_nothing_unless_a_person_says_which_key_it_is(
    world: World, runner: Runner
) -> None:
    fleet = Bench(world, runner)
    ended = fleet.sync(old_key_id=None)
    tells(ended, "refused", 3)
    assert (ended.reasons, fleet.held(), fleet.writes()) == (["nothing-confirmed"], ["stale"] * len(OTHERS), [])
    tells(fleet.sync(), "unchanged", 0)
    assert fleet.held() == [fleet.value] * len(OTHERS)


@pytest.mark.parametrize("command", ["plan", "sync"])
def test_shards_share_the_destinations_and_each_place_is_in_one(command: str, world: World, runner: Runner) -> None:
    fleet = Bench(world, runner)
    tells(fleet.rotate(), "rotated", 0)
    others = {"repositories": ",".join(OTHERS), "give_up": "*"}
    known = fleet.run(command, **others, dry_run="true", old_key_id=None)
    tells(known, "planned", 0)
    assert json.loads(known.outputs["matrix"]) == {"shard": ["1/1"]}
    assert known.report["matrix"] == {"shard": ["1/1"]}
    world.ledger.clear()
    for number in (1, 2, 3):
        tells(fleet.sync(shard=f"{number}/3"), "unchanged", 0)
    assert len(fleet.writes()) == len(set(fleet.writes())) == len(OTHERS)
    assert fleet.held() == [fleet.value] * len(OTHERS)
    assert not [entry for entry in world.ledger if "ROTATION_LOCK" in entry.target and entry.method != "GET"]


def test_a_rehearsal_says_how_many_it_would_write_and_writes_nothing(world: World, runner: Runner) -> None:
    fleet = Bench(world, runner)
    ended = fleet.sync(dry_run="true")
    tells(ended, "planned", 0)
    assert "would overwrite 6 of 6" in ended.stdout
    assert not [entry for entry in world.ledger if entry.method != "GET"]


def test_a_value_that_is_not_the_confirmed_one_is_refused(world: World, runner: Runner) -> None:
    fleet = Bench(world, runner)
    earlier = fleet.value
    tells(fleet.rotate(overlap="20h"), "rotated", 0)
    world.ledger.clear()
    ended = fleet.sync(api_key=earlier)
    tells(ended, "refused", 3)
    assert ended.reasons == ["value-differs"]
    assert not fleet.writes()


def test_a_distribution_that_is_under_way_is_finished_first(world: World, runner: Runner) -> None:
    fleet = Bench(world, runner)
    tells(fleet.rotate(overlap="20h"), "rotated", 0)
    note = json.loads(world.github.variable(REPOSITORY, NOTE) or "")
    rewrite(world, REPOSITORY, NOTE, fleet.value, pending=note["confirmed"])
    ended = fleet.sync()
    assert (ended.code, ended.reasons) == (3, ["rotation-unfinished"])


def test_a_dead_value_is_refused_before_anything_is_written(world: World, runner: Runner) -> None:
    fleet = Bench(world, runner)
    ended = fleet.sync(api_key="napi_dead")
    tells(ended, "refused", 3)
    assert not fleet.writes()


def test_another_rotation_that_holds_the_lock_is_waited_for(world: World, runner: Runner) -> None:
    fleet = Bench(world, runner)
    tells(fleet.rotate(), "rotated", 0)
    lock_by_hand(world, REPOSITORY, f"{NOTE}_LOCK", fleet.value)
    for shard in (None, "1/2"):
        ended = fleet.sync(shard=shard)
        assert (ended.code, ended.reasons) == (3, ["lock-held"])


def test_a_shard_needs_to_see_the_note_but_there_need_be_none_yet(world: World, runner: Runner) -> None:
    fleet = Bench(world, runner)
    may = {"secrets": "write", "environments": "write"}
    blind = world.github.add_token(repositories=dict.fromkeys((REPOSITORY, *OTHERS), may))
    ended = fleet.sync(shard="1/2", github_token=blind)
    tells(ended, "refused", 3)
    assert ended.reasons == ["shard-needs-notebook"]
    assert not fleet.writes()
    for number in (1, 2):
        tells(fleet.sync(shard=f"{number}/2"), "unchanged", 0)
    assert fleet.held() == [fleet.value] * len(OTHERS)


def test_a_place_that_fails_is_told_and_written_by_the_next_run(world: World, runner: Runner) -> None:
    fleet = Bench(world, runner)
    world.faults.add(Fault("status", method="PUT", path=f"/repos/{OTHERS[3]}/*", code=403, times=None))
    ended = fleet.sync()
    tells(ended, "incomplete", 4)
    assert ended.reasons[0] == "sync-unfinished"
    assert OTHERS[3] in ended.report["problems"][0]["message"]
    world.faults.reset()
    tells(fleet.sync(), "unchanged", 0)
    assert fleet.held() == [fleet.value] * len(OTHERS)


@pytest.mark.parametrize(
    "meanwhile", ["another key is confirmed", "somebody takes the lock", "the note is no note", "the note is unproven"]
)
def test_a_rotation_that_begins_meanwhile_is_seen(meanwhile: str, world: World, runner: Runner) -> None:
    fleet = Bench(world, runner)
    tells(fleet.rotate(overlap="20h"), "rotated", 0)
    note = json.loads(world.github.variable(REPOSITORY, NOTE) or "")

    def begin(*_: object) -> None:
        if meanwhile == "another key is confirmed":
            confirmed = {**note["confirmed"], "key_id": 99, "fingerprint": "another"}
            rewrite(world, REPOSITORY, NOTE, "another value", confirmed=confirmed)
        elif meanwhile == "somebody takes the lock":
            lock_of_another(world, REPOSITORY, f"{NOTE}_LOCK")
        elif meanwhile == "the note is unproven":
            unsealed(world, REPOSITORY, NOTE)
        else:
            world.github.set_variable(REPOSITORY, NOTE, "{}")

    world.faults.add(Fault("hook", method="PUT", path=f"/repos/{OTHERS[5]}/*", call=begin))
    ended = fleet.sync(shard="1/1")
    tells(ended, "incomplete", 4)
    assert ended.reasons[0] == "sync-overtaken"


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"shard": "0/3"}, "a number of so many"),
        ({"shard": "4/3"}, "a number of so many"),
        ({"shard": "half"}, "a number of so many"),
        ({"shard": "1/2", "command": "rotate"}, "goes with `command: sync`"),
        ({"command": "sweep", "dry_run": "true"}, "cannot be rehearsed"),
    ],
)
def test_what_cannot_be_meant_is_told_before_anything_is_contacted(
    inputs: dict[str, str], words: str, world: World, runner: Runner
) -> None:
    ended = runner.run(personal(world).environment(), **{"command": "sync", **inputs})
    assert ended.code == 2
    assert words in ended.stdout
    assert not list(world.ledger)
