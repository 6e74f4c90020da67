"""Several credentials in one run: each by itself, the minter's own key last, one verdict and one exit code."""

from __future__ import annotations

import pytest
import yaml

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY
from rotate.sandbox.world import World
from tests.support.openapi import check
from tests.support.runner import Runner
from tests.support.several import FILE, NAMES, several

FAR = 0.8
MANY = 100
REASON = "seen in a public log"


def test_every_credential_is_rotated_and_the_minters_own_key_last(world: World, runner: Runner) -> None:
    story = several(world)
    ended = story.run(runner)
    assert ended.code == 0, ended.stdout
    assert [story.rotated(name) for name in NAMES] == [True, True, True]
    issued = [line for line in world.ledger.transcript("neon") if line.split()[1] == "POST"]
    assert ["/organizations/" in line for line in issued] == [True, True, False]
    assert (ended.outputs["status"], ended.outputs["rotated"]) == ("rotated", "true")
    assert len(ended.outputs["key_id"].split(",")) == len(ended.outputs["report"].split(",")) == 3
    assert set(world.github.variables(REPOSITORY)) == {f"{name}_ROTATION" for name in NAMES}
    assert ended.summary.startswith("# ✅ 3 credentials: ")
    assert "── NEON_ORG_KEY (1 of 3)" in ended.stdout
    check(world.ledger)


def test_one_failing_credential_does_not_stop_the_others(world: World, runner: Runner) -> None:
    story = several(world)
    world.faults.add(Fault("status", method="PUT", path="*/NEON_ORG_KEY", code=403, times=None))
    ended = story.run(runner)
    assert (ended.code, ended.outputs["status"]) == (1, "failed")
    assert [story.rotated(name) for name in NAMES] == [True, False, True]
    assert world.neon.is_live(story.held("NEON_ORG_KEY"))
    assert ended.outputs["rotated"] == "true"


def test_the_next_run_rotates_only_what_failed(world: World, runner: Runner) -> None:
    story = several(world)
    text = FILE.replace("    destinations:", "    rotate_after: 30d\n    destinations:")
    fault = Fault("status", method="PUT", path="*/NEON_ORG_KEY", code=403, times=None)
    world.faults.add(fault)
    assert story.run(runner, text).code == 1
    world.faults.reset()
    held = {name: story.held(name) for name in NAMES}
    again = story.run(runner, text)
    assert again.code == 0, again.stdout
    assert [story.held(name) == held[name] for name in NAMES] == [True, False, True]
    assert story.rotated("NEON_ORG_KEY")


def test_a_wrong_file_is_told_whole_and_nothing_is_contacted(world: World, runner: Runner) -> None:
    story = several(world)
    ended = story.run(runner, FILE.replace("scope: project", "scope: galaxy").replace("version: 1", "version: 7"))
    assert (ended.code, ended.reasons) == (2, ["policy-invalid", "input-invalid"])
    assert ".github/neon-rotate.yml:1:10: " in ended.stdout
    assert len(world.ledger) == 0


def test_so_many_rotations_and_no_more(world: World, runner: Runner) -> None:
    story = several(world)
    ended = story.run(runner, f"max_rotations: 2\n{FILE}")
    assert (ended.code, ended.outputs["status"]) == (3, "refused")
    assert [story.rotated(name) for name in NAMES] == [False, True, True]
    assert "max-rotations-reached" in ended.stdout
    plan = story.run(runner, f"max_rotations: 1\n{FILE}", command="plan")
    assert plan.stdout.count("Problem: This run has issued as many keys") == 2


def test_one_exposed_credential_is_picked_and_the_others_stay(world: World, runner: Runner) -> None:
    story = several(world)
    assert story.run(runner, exposed="true", reason=REASON).code == 2
    assert len(world.ledger) == 0
    ended = story.run(runner, exposed="true", reason=REASON, key_name="NEON_PROJECT_KEY")
    assert ended.code == 0, ended.stdout
    assert [story.rotated(name) for name in NAMES] == [False, False, True]


def test_no_value_of_the_environment_is_ever_told(world: World, runner: Runner) -> None:
    story = several(world)
    old = [key.value for key in story.old.values()]
    ended = story.run(runner)
    told = "\n".join(line for line in ended.stdout.splitlines() if not line.startswith("::add-mask::"))
    texts = [
        told,
        ended.stderr,
        *(text for name, text in ended.files.items() if name.startswith(("out", "sum", "work"))),
    ]
    for value in [*old, *(key.value for key in world.neon.issued())]:
        assert value not in "".join(texts)
    assert all(f"::add-mask::{value}" in ended.stdout for value in old)


@pytest.mark.parametrize("places", [1, MANY])
def test_an_exposed_key_is_dead_after_four_round_trips_however_many_hold_it(
    places: int, world: World, hasty: Runner
) -> None:
    story = several(world)
    repositories = [f"octo-org/service-{number}" for number in range(places)]
    for name in repositories:
        world.github.add_repository(name)
        world.github.set_secret(name, "NEON_ORG_KEY", story.old["NEON_ORG_KEY"].value, updated_days_ago=90)
    everywhere = dict.fromkeys([*repositories, REPOSITORY], PERMISSIONS)
    policy = yaml.safe_load(FILE)
    (credential,) = [one for one in policy["credentials"] if one["name"] == "NEON_ORG_KEY"]
    credential["destinations"] = [{"type": "github_secret", "repository": name} for name in repositories]
    world.latency = FAR
    world.faults.add(Fault("hook", server="neon", method="DELETE", call=lambda *_: setattr(world, "latency", 0.0)))
    ended = story.run(
        hasty,  # once the key is dead, the others are written at the pace that GitHub allows
        yaml.safe_dump({"version": 1, "credentials": [credential]}),
        exposed="true",
        reason=REASON,
        github_token=world.github.add_token(repositories=everywhere),
    )
    assert ended.code == 0, ended.stdout
    killed = world.ledger.longest_chain(until=lambda entry: entry.method == "DELETE" and entry.server == "neon")
    assert killed <= 4
    held = {world.github.secret(name, "NEON_ORG_KEY") for name in repositories}
    assert len(held) == 1
    assert world.neon.is_live(held.pop() or "")
