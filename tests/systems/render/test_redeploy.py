"""What runs with a variable of Render is deployed anew: what counts as its success, and whole runs of the program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rotate.errors import DestinationError, Outcome, Refused
from rotate.ports import Stage
from rotate.sandbox.faults import Fault
from rotate.sandbox.render.state import Holder
from rotate.sandbox.world import World
from tests.support.bench import NAME
from tests.support.laptop import Laptop
from tests.systems.render.bench import COMMIT, GROUP, KEY, PLACES, SHOP, WORKER, Render, render

STEPS = ["build_in_progress", "queued", "something_new"]


@pytest.fixture
def laptop(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Laptop]:
    with render("id") as bench:
        yield Laptop(bench, capsys, tmp_path)


def seeded(laptop: Laptop) -> Render:
    assert isinstance(laptop.web.pretend, Render)
    return laptop.web.pretend


def test_a_deploy_begins_with_the_new_value_and_is_live_before_the_old_key_goes(laptop: Laptop) -> None:
    ours, also = seeded(laptop), f"{laptop.here},render://{SHOP}#ALSO"
    ours.shop.variables["ALSO"] = laptop.held
    assert laptop.first(to=also) == 0, laptop.told
    before, ran = ours.shop.deploys
    assert (before.status, ran.status, ran.commit) == ("deactivated", "live", COMMIT)
    assert {ran.ran[name] for name in (NAME, "ALSO")} == {laptop.live[-1].value}
    assert ours.started == 1, "once for both"
    assert laptop.story.old_key.revoked
    assert len(ours.worker.deploys) == 1, "no other service"


def test_a_deploy_that_fails_holds_the_old_key_and_the_next_run_deploys_again(laptop: Laptop) -> None:
    ours, key = seeded(laptop), laptop.held
    ours.server.next_steps = [["build_in_progress", "build_failed"]]
    both = f"{laptop.here},github://octo-org/payments"
    assert laptop.first(to=both) == 4, laptop.told
    assert "redeploy-failed" in laptop.reasons
    assert f"of {SHOP} is `build_failed`; Render → the service → Events" in laptop.told
    assert not laptop.story.old_key.revoked
    assert key != laptop.held
    assert laptop.run(to=both) == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live]
    assert ours.started == 2


def test_a_deploy_that_is_refused_holds_the_old_key_and_is_not_asked_for_twice(laptop: Laptop) -> None:
    laptop.world.faults.add(Fault("status", server="render", method="POST", code=403, times=None))
    assert laptop.first() == 4, laptop.told
    assert "destination-not-allowed" in laptop.reasons
    assert not laptop.story.old_key.revoked
    assert seeded(laptop).started == 1


def test_a_suspended_service_is_told_before_a_key_is_issued(laptop: Laptop) -> None:
    ours, key = seeded(laptop), laptop.held
    ours.shop.suspended = True
    assert laptop.first() == 3, laptop.told
    assert laptop.reasons == ["redeploy-suspended"]
    assert (laptop.held, laptop.live) == (key, [laptop.story.old_key])
    assert laptop.first("--overlap", "1h") == 0, "without a deploy it is as any other"


def test_every_service_that_is_linked_to_a_group_is_deployed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with render("group") as bench:
        laptop = Laptop(bench, capsys, tmp_path)
        ours = seeded(laptop)
        ours.group.links.append(SHOP)
        del ours.shop.variables[NAME]
        assert laptop.first() == 0, laptop.told
        ran = [one.deploys[-1].ran[NAME] for one in (ours.shop, ours.worker)]
        assert ran == [laptop.live[-1].value] * 2
        assert ours.started == 2


def test_a_group_that_nothing_is_linked_to_has_nothing_to_deploy(world: World) -> None:
    ours = Render(world)
    ours.group.links.clear()
    deploys = ours.deploys(PLACES["group"])
    deploys.ready()
    assert deploys.look(deploys.start()).stage is Stage.DONE
    assert ours.started == 0


@pytest.mark.parametrize("state", STEPS)
def test_what_is_under_way_is_not_over(state: str, world: World) -> None:
    ours = Render(world)
    ours.server.next_steps = [["created", state, "live"]]
    deploys = ours.deploys("shop")
    started = deploys.start()
    assert [deploys.look(started).stage for _ in range(2)] == [Stage.RUNNING, Stage.DONE]


@pytest.mark.parametrize("state", ["build_failed", "update_failed", "pre_deploy_failed", "canceled", "deactivated"])
def test_what_ended_without_being_live_is_a_failure_unless_a_later_one_is(state: str, world: World) -> None:
    ours = Render(world)
    ours.server.next_steps = [["created", state], ["created", "build_in_progress", "live"]]
    deploys = ours.deploys()
    started = deploys.start()
    failed = deploys.look(started)
    assert (failed.stage, f"is `{state}`" in failed.told) == (Stage.FAILED, True)
    world.advance(1)
    ours.server.deploy(ours.shop, world.clock.now(), "new_commit", "b1")
    assert [deploys.look(started).stage for _ in range(2)] == [Stage.RUNNING, Stage.DONE]


def test_of_a_group_one_failure_counts_and_what_is_live_is_not_asked_again(world: World) -> None:
    ours = Render(world)
    ours.group.links.append(SHOP)
    ours.server.next_steps = [["created", "live"], ["created", "build_in_progress", "canceled"]]
    deploys = ours.deploys(PLACES["group"])
    started = deploys.start()
    assert deploys.look(started).stage is Stage.RUNNING
    asked = world.ledger.count("GET", f"*/{WORKER}/deploys/*", "render")
    assert deploys.look(started).stage is Stage.FAILED
    assert world.ledger.count("GET", f"*/{WORKER}/deploys/*", "render") == asked


def test_an_earlier_deploy_that_is_still_live_never_passes_for_a_later_one(world: World) -> None:
    ours = Render(world)
    ours.server.next_steps = [["created", "build_failed"]]
    deploys = ours.deploys()
    started = deploys.start()
    row = {"id": ours.shop.deploys[0].number, "status": "live", "createdAt": "2020-01-01T00:00:00.123456789Z"}
    body = [{"deploy": row, "cursor": "x"}]
    world.faults.add(Fault("status", path="*/deploys", code=200, body=body, server="render"))
    assert deploys.look(started).stage is Stage.FAILED


def test_a_rollback_that_took_its_place_proves_nothing(world: World) -> None:
    ours = Render(world)
    ours.server.next_steps = [["created", "canceled"], ["live"]]
    deploys = ours.deploys()
    started = deploys.start()
    world.advance(1)
    ours.server.deploy(ours.shop, world.clock.now(), "rollback", "b1")
    assert deploys.look(started).stage is Stage.FAILED


@pytest.mark.parametrize("earlier", [True, False])
def test_a_deploy_that_render_queues_is_found_among_those_that_came_after(earlier: bool, world: World) -> None:
    ours = Render(world)
    ours.server.queues = True
    if not earlier:
        ours.shop.deploys.clear()
    deploys = ours.deploys()
    started = deploys.start()
    made = ours.shop.deploys[-1]
    made.created_at, made.seen = world.clock.now(), False
    assert deploys.look(started).stage is Stage.RUNNING, "it is not shown yet"
    made.seen = True
    assert deploys.look(started).stage is Stage.DONE


def test_a_cron_job_is_deployed_without_a_commit_which_it_does_not_take(world: World) -> None:
    ours = Render(world)
    job = ours.server.add(Holder("crn-nightly", "nightly", type="cron_job", variables={NAME: "x"}))
    ours.server.tokens[KEY].add(job.number)
    ours.server.deploy(job, world.clock.now(), "new_commit", COMMIT).steps[:] = ["live"]
    world.advance(1)
    deploys = ours.deploys(job.number)
    assert deploys.look(deploys.start()).stage is Stage.DONE


def test_the_commit_that_is_being_deployed_is_not_undone_by_ours(world: World) -> None:
    ours = Render(world)
    ours.server.next_steps = [["build_in_progress"] * 9, ["build_failed"]]
    for commit in ("newer", "newest-and-broken"):
        world.advance(1)
        ours.server.deploy(ours.shop, world.clock.now(), "new_commit", commit)
        ours.shop.deploys[1].steps[:] = ["build_in_progress"] * 9
    ours.deploys().start()
    assert ours.shop.deploys[-1].commit == "newer"


def test_a_service_that_runs_an_image_has_no_commit(world: World) -> None:
    ours = Render(world)
    ours.shop.deploys[0].commit = ""
    deploys = ours.deploys()
    assert deploys.look(deploys.start()).stage is Stage.DONE
    assert ours.shop.deploys[-1].commit == ""


@pytest.mark.parametrize(
    ("place", "method", "path", "body", "why"),
    [
        (SHOP, "POST", "*/deploys", {}, "not with a deploy"),
        (SHOP, "POST", "*/deploys", [], "not with a deploy"),
        (SHOP, "GET", "*/deploys", {}, "not with a list of deploys"),
        (SHOP, "GET", "*/deploys", [5], "not with a list of deploys"),
        (SHOP, "GET", "*/deploys", [{"deploy": {"id": "../x"}}], "not with a list of deploys"),
        (SHOP, "GET", "*/deploys", [{"deploy": {"id": "dep-1"}}], "without the time of its start"),
        (SHOP, "GET", "*/deploys", [{"deploy": {"id": "dep-1", "createdAt": "2026-01-01"}}], "without the time"),
        (PLACES["group"], "GET", f"*/{GROUP}", [], "not with an object"),
        (PLACES["group"], "GET", f"*/{GROUP}", {}, "without the services"),
        (PLACES["group"], "GET", f"*/{GROUP}", {"serviceLinks": ["srv-1"]}, "without the services"),
    ],
)
def test_an_answer_about_something_else_is_not_believed(
    place: str, method: str, path: str, body: object, why: str, world: World
) -> None:
    world.faults.add(Fault("status", method=method, path=path, code=200, body=body, server="render"))
    with pytest.raises(DestinationError, match=why) as raised:
        Render(world).deploys(place).start()
    assert raised.value.outcome is (Outcome.UNKNOWN if method == "POST" else Outcome.NO_EFFECT)


def test_a_service_that_the_key_does_not_see_is_told_by_the_first_look(world: World) -> None:
    ours = Render(world)
    ours.server.tokens[KEY].remove(WORKER)
    with pytest.raises(Refused) as raised:
        ours.deploys(PLACES["group"]).ready()
    assert raised.value.reason == "destination-absent"
