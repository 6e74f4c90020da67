"""`doctor` on the workflows that rotate: their `concurrency:` group, and whether their schedule is alive."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import REPOSITORY
from rotate.sandbox.world import World
from tests.support.doctors import CALLS, MAY, TIMER, WITHOUT, WORKFLOW, found, only_reads, ready, warned
from tests.support.runner import Runner
from tests.support.stories import tells


@pytest.mark.parametrize(
    ("missing", "about", "named"),
    [("contents", f"Workflows of {REPOSITORY}", "**Contents: read**"), ("actions", TIMER, "**Actions: read**")],
)
def test_what_a_rotation_does_without_is_a_warning(
    missing: str, about: str, named: str, world: World, runner: Runner
) -> None:
    ended = runner.run(ready(world, {**MAY, missing: "none"}))
    tells(ended, "unchanged", 0)
    assert warned(ended) == ["workflows-not-judged"]
    assert found(ended)[about][0] == "not known"
    assert named in ended.report["warnings"][0]["remedy"]


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        (WITHOUT, ["concurrency-missing"]),
        (WORKFLOW.replace("group: rotate\n", "group: rotate\n  cancel-in-progress: true\n"), ["concurrency-missing"]),
        (WITHOUT.replace("runs-on: ubuntu-latest", "concurrency: rotate"), []),
        (WITHOUT + "        with:\n          command: check\n", []),
        (WITHOUT.replace("uses: neon-rotate/neon-rotate@v0", "run: neon-rotate sync"), ["concurrency-missing"]),
        (WITHOUT.replace("neon-rotate/neon-rotate@", "octo-org/our-copy@"), ["concurrency-missing"]),
        (CALLS, ["concurrency-missing"]),
    ],
)
def test_a_workflow_that_changes_something_needs_a_group_that_lets_it_finish(
    text: str, reasons: list[str], world: World, runner: Runner
) -> None:
    given = {**ready(world, text=text), "GITHUB_ACTION_REPOSITORY": "octo-org/our-copy", "GITHUB_ACTION_REF": "v0"}
    ended = runner.run(given)
    tells(ended, "refused" if reasons else "unchanged", 3 if reasons else 0)
    assert ended.reasons == reasons
    assert all("    cancel-in-progress: false" in one["remedy"] for one in ended.report["problems"])
    assert found(ended)[TIMER][0] == "in order"


@pytest.mark.parametrize("text", ["on: push\n", "jobs: [one]\n", "[]", "on: {schedule: daily}"])
def test_where_no_workflow_uses_it_nothing_is_claimed(text: str, world: World, runner: Runner) -> None:
    ended = runner.run(ready(world, text=text))
    tells(ended, "unchanged", 0)
    assert found(ended)[f"Workflows of {REPOSITORY}"] == ("not known", "none of them uses this action")


@pytest.mark.parametrize(
    ("state", "told"), [("disabled_inactivity", "no activity for 60 days"), ("disabled_manually", "disabled_manually")]
)
def test_a_disabled_schedule_is_a_problem(state: str, told: str, world: World, runner: Runner) -> None:
    given = ready(world)
    world.github.add_workflow(REPOSITORY, "rotate.yml", disabled=True, disabled_as=state)
    ended = runner.run(given)
    tells(ended, "refused", 3)
    only_reads(world)
    assert ended.reasons == ["schedule-disabled"]
    assert told in found(ended)[TIMER][1]


@pytest.mark.parametrize(
    ("cron", "days_ago", "reasons"),
    [
        ("23 4 * * *", 2.9, []),
        ("23 4 * * *", 3.1, ["schedule-silent"]),
        ("23 4 * * 1", 14.9, []),
        ("23 4 * * 1", 15.1, ["schedule-silent"]),
        ("23 4 1 * *", 62.9, []),
        ("23 4 1 * *", 63.1, ["schedule-silent"]),
        ("23 4 1 1 *", 700.0, []),
        ("@daily", 700.0, []),
        ("1 1 1 1 *'\n    - cron: '23 4 * * *", 3.1, ["schedule-silent"]),
    ],
)
def test_a_schedule_that_stopped_is_a_problem(
    cron: str, days_ago: float, reasons: list[str], world: World, runner: Runner
) -> None:
    given = ready(world, text=WORKFLOW.replace("23 4 * * *", cron))
    world.github.repository(REPOSITORY).runs.clear()
    world.github.add_run(REPOSITORY, status="completed", event="schedule", created_days_ago=days_ago)
    ended = runner.run(given)
    assert ended.reasons == reasons
    assert ("it last started a run" in found(ended)[TIMER][1]) is not bool(reasons)


@pytest.mark.parametrize(("changed", "reasons"), [(1.0, []), (40.0, ["schedule-silent"])])
def test_a_new_schedule_is_given_its_time(changed: float, reasons: list[str], world: World, runner: Runner) -> None:
    given = ready(world)
    world.github.repository(REPOSITORY).runs.clear()
    world.github.add_workflow(REPOSITORY, "rotate.yml", changed_days_ago=changed)
    ended = runner.run(given)
    assert ended.reasons == reasons
    assert ("has never started a run" if reasons else "it has started no run yet") in found(ended)[TIMER][1]


def test_a_schedule_that_was_enabled_again_is_given_its_time(world: World, runner: Runner) -> None:
    given = ready(world)
    world.github.repository(REPOSITORY).runs.clear()
    world.github.add_run(REPOSITORY, status="completed", event="schedule", created_days_ago=100)
    assert runner.run(given).reasons == ["schedule-silent"]
    world.github.add_workflow(REPOSITORY, "rotate.yml", changed_days_ago=0)
    assert runner.run(given).reasons == []


@pytest.mark.parametrize(
    ("private", "quiet", "reasons"), [(False, 47, ["schedule-ends-soon"]), (False, 45, []), (True, 400, [])]
)
def test_a_quiet_public_repository_is_warned_of(
    private: bool, quiet: int, reasons: list[str], world: World, runner: Runner
) -> None:
    given, repository = ready(world), world.github.repository(REPOSITORY)
    repository.private, repository.created_at = private, world.clock.now() - timedelta(days=quiet)
    ended = runner.run(given)
    tells(ended, "unchanged", 0)
    assert warned(ended) == reasons


@pytest.mark.parametrize(
    ("path", "body", "about"),
    [
        ("*/actions/workflows/rotate.yml", {}, TIMER),
        ("*/actions/workflows/rotate.yml", {"state": "active", "updated_at": "x"}, TIMER),
        ("*/actions/workflows/rotate.yml", [], TIMER),
        ("*/actions/workflows/rotate.yml/runs*", {"workflow_runs": [{}]}, TIMER),
        ("*/contents/.github/workflows/rotate.yml", "text", f"Workflows of {REPOSITORY}"),
    ],
)
def test_an_answer_of_another_form_leaves_it_unknown(
    path: str, body: object, about: str, world: World, runner: Runner
) -> None:
    given = ready(world)
    world.faults.add(Fault("status", method="GET", path=path, code=200, body=body, times=None))
    ended = runner.run(given)
    tells(ended, "unchanged", 0)
    assert found(ended)[about][0] == "not known"
    assert warned(ended) == ["workflows-not-judged"]


@pytest.mark.parametrize("body", [{"id": 1, "full_name": REPOSITORY}, None])
def test_a_repository_that_tells_no_push_leaves_the_sixty_days_unknown(
    body: object, world: World, runner: Runner
) -> None:
    given, path = ready(world), f"/repos/{REPOSITORY}"
    if body is None:
        world.faults.add(Fault("lost_reply", method="GET", path=path, times=None))
    else:
        world.faults.add(Fault("status", method="GET", path=path, code=200, body=body, times=None))
    ended = runner.run(given)
    assert "whether its repository is quiet is not known" in found(ended)[TIMER][1]
    assert warned(ended) == ["workflows-not-judged"]
    assert ended.reasons == ([] if body else ["github-unreachable"])
