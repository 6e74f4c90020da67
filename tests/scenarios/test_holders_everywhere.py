"""`holders:*` with an App means those of everyone who has installed it; `holders` leaves out who is not named."""

from __future__ import annotations

import json

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY
from rotate.sandbox.world import World
from tests.support.apps import ELSEWHERE, LIST, SECRET, Installed, installed, nothing_left
from tests.support.openapi import check
from tests.support.runner import Ended, Runner
from tests.support.stories import tells, untouched


def holding(app: Installed, runner: Runner, repositories: str = "holders:*", **inputs: str) -> Ended:
    """Rotate wherever the secret is."""
    return runner.run(app.story.environment(), **{**app.inputs, "repositories": repositories, **inputs})


def test_holders_are_found_and_written_in_every_installation(world: World, runner: Runner) -> None:
    app = installed(world)
    world.github.add_repository("octo-org/without")
    ended = holding(app, runner)
    tells(ended, "rotated", 0)
    assert app.rotated()
    assert {one["name"] for one in ended.report["destinations"]} == {
        f"github://{name}#{SECRET}" for name in (REPOSITORY, ELSEWHERE)
    }
    assert ended.report["steps"][0]["detail"].startswith(f"2 repositories: {ELSEWHERE}, {REPOSITORY}")
    assert world.ledger.count("GET", LIST) == 1
    bodies = [json.loads(entry.request_body)["permissions"]["secrets"] for entry in world.ledger.find("POST", "/app/*")]
    assert sorted(bodies) == ["read", "read", "write", "write"], "to look, then to write"
    assert len(app.asked()) == world.ledger.count("DELETE", "/installation/token") == 4
    nothing_left(app)
    check(world.ledger)


def test_what_a_suspended_installation_holds_is_not_judged_and_said(world: World, runner: Runner) -> None:
    app = installed(world)
    tells(holding(app, runner), "rotated", 0)
    app.elsewhere.suspended = True
    again = {"api_key": world.github.secret(REPOSITORY, SECRET) or "", "old_key_id": ""}
    ended = holding(app, runner, **again)
    tells(ended, "refused", 3)
    assert ended.reasons == ["destination-dropped"]
    ended = holding(app, runner, **again, give_up=f"github://{ELSEWHERE}*")
    tells(ended, "rotated", 0)
    assert len(app.held) == 2, "it was not written elsewhere"
    warned = {one["reason"]: one for one in ended.report["warnings"]}
    assert set(warned) == {"holders-not-judged"}
    assert warned["holders-not-judged"]["message"] == (
        "What these owners' repositories have, the App may not know: octo-labs. The installation of the GitHub App "
        "123456 for octo-labs is suspended."
    )
    assert warned["holders-not-judged"]["remedy"].endswith("Or leave them out: `!octo-labs/*`.")
    nothing_left(app)


@pytest.mark.parametrize(("left_out", "warned"), [("!octo-labs/*", []), ("!octo-labs/old", ["holders-not-judged"])])
def test_who_is_left_out_whole_is_not_warned_of(left_out: str, warned: list[str], world: World, runner: Runner) -> None:
    app = installed(world)
    app.elsewhere.suspended = True
    ended = holding(app, runner, f"holders:*, {left_out}")
    tells(ended, "rotated", 0)
    assert [one["reason"] for one in ended.report["warnings"]] == warned


def test_an_exclusion_of_somebody_who_can_be_asked_still_has_to_leave_something_out(
    world: World, runner: Runner
) -> None:
    app = installed(world)
    app.elsewhere.suspended = True
    ended = holding(app, runner, "holders:*, !octo-org/nothing")
    tells(ended, "refused", 3)
    assert ended.reasons == ["pattern-matches-nothing"]


def test_an_installation_whose_repositories_could_not_be_listed_ends_the_run(world: World, runner: Runner) -> None:
    app = installed(world)
    world.faults.add(Fault("status", path=f"{LIST}/{app.elsewhere.number}/access_tokens", code=500, times=None))
    ended = holding(app, runner)
    tells(ended, "failed", 1)
    assert app.held == {app.story.old_key.value}
    assert {entry.server for entry in world.ledger} == {"github"}, "no key was issued"
    nothing_left(app)


@pytest.mark.parametrize("repositories", [f"{REPOSITORY}, {ELSEWHERE}", "pay*", None])
def test_nothing_else_asks_who_has_installed_the_app(repositories: str | None, world: World, runner: Runner) -> None:
    app = installed(world)
    ended = runner.run(app.story.environment(), **{**app.inputs, "repositories": repositories})
    tells(ended, "rotated", 0)
    assert world.ledger.count("GET", LIST) == 0
    assert world.ledger.count("GET", "*/installation") == (2 if ELSEWHERE in (repositories or "") else 1)


def test_a_list_of_installations_that_cannot_be_had_ends_the_run_before_anything_is_changed(
    world: World, runner: Runner
) -> None:
    app = installed(world)
    world.faults.add(Fault("status", path=LIST, code=403, body={"message": "no"}))
    ended = holding(app, runner)
    tells(ended, "refused", 3)
    assert ended.reasons == ["github-permission-missing"]
    untouched(world, app.story)


def test_a_stranger_who_installs_the_app_is_told_and_not_given_the_key(world: World, runner: Runner) -> None:
    app = installed(world)
    ended = holding(app, runner, "holders")
    tells(ended, "rotated", 0)
    assert [one["name"] for one in ended.report["destinations"]] == [f"github://{REPOSITORY}#{SECRET}"]
    assert world.github.secret(ELSEWHERE, SECRET) == app.story.old_key.value
    (warning,) = ended.report["warnings"]
    assert warning["reason"] == "holders-not-judged"
    assert warning["message"].endswith("octo-labs. octo-labs has installed the App too, and nothing here names it.")
    assert "add `holders:octo-labs`; for everyone, `holders:*`" in warning["remedy"]
    assert len(world.ledger.find("POST", f"{LIST}/{app.elsewhere.number}/access_tokens")) == 0


@pytest.mark.parametrize(
    ("repositories", "written"),
    [("holders:Octo-Labs", [ELSEWHERE]), ("holders:octo-labs, holders", [ELSEWHERE, REPOSITORY])],
)
def test_holders_of_an_owner_who_is_named_are_written(
    repositories: str, written: list[str], world: World, runner: Runner
) -> None:
    app = installed(world)
    ended = holding(app, runner, repositories, command="plan")
    assert [one["name"].removeprefix("github://").partition("#")[0] for one in ended.report["destinations"]] == written
    told = [one["message"].partition(": ")[2] for one in ended.report["warnings"]]
    assert [message.partition(".")[0] for message in told] == ([] if len(written) == 2 else ["octo-org"])
    assert app.held == {app.story.old_key.value}


def test_holders_of_an_owner_who_has_not_installed_the_app_are_refused(world: World, runner: Runner) -> None:
    app = installed(world)
    ended = holding(app, runner, "holders, holders:octo-lab")
    tells(ended, "refused", 3)
    assert ended.reasons == ["github-app-not-installed"]
    untouched_places = {world.github.secret(name, SECRET) for name in (REPOSITORY, ELSEWHERE)}
    assert untouched_places == {app.story.old_key.value}


@pytest.mark.parametrize(
    ("repositories", "written"),
    [("holders", [ELSEWHERE, REPOSITORY]), ("holders:*", [ELSEWHERE, REPOSITORY]), ("holders:octo-labs", [ELSEWHERE])],
)
def test_a_token_sees_the_holders_in_its_own_reach(
    repositories: str, written: list[str], world: World, runner: Runner
) -> None:
    app = installed(world)
    token = world.github.add_token(repositories=dict.fromkeys((REPOSITORY, ELSEWHERE), PERMISSIONS))
    ended = runner.run(app.story.environment(), github_token=token, repositories=repositories, command="plan")
    assert [one["name"].removeprefix("github://").partition("#")[0] for one in ended.report["destinations"]] == written
    assert [one["reason"] for one in ended.report["warnings"]] == []
