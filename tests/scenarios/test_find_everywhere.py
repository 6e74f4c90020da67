"""`find` with an App looks through everyone who has installed it, and says whom it could not look through."""

from __future__ import annotations

import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import REPOSITORY
from rotate.sandbox.world import World
from tests.support.apps import APP, ELSEWHERE, LIST, SECRET, Installed, installed, nothing_left
from tests.support.openapi import check
from tests.support.runner import Ended, Runner
from tests.support.stories import tells, untouched

READ = {"environments": "read", "secrets": "read", "actions": "read", "contents": "read", "dependabot_secrets": "read"}
ORGANIZATIONS = {"organization_secrets": "read", "organization_dependabot_secrets": "read"}
ALSO = {"codespaces_secrets": "read", "agent_secrets": "read"}
MORE = {f"organization_{name}": level for name, level in ALSO.items()}


def looking(app: Installed, runner: Runner, **inputs: str) -> Ended:
    """Run `find` with the App."""
    app.home.permissions = {**app.home.permissions, **READ, **ORGANIZATIONS, **ALSO, **MORE}
    app.elsewhere.permissions = {**app.elsewhere.permissions, **READ, **ALSO}
    return runner.run(app.story.environment(), **{**app.inputs, "command": "find", "repositories": None, **inputs})


def owners(ended: Ended) -> list[str]:
    """Give who has a secret that was found."""
    return [one["owner"] for one in ended.report["found"]["secrets"]]


def test_find_looks_through_every_installation(world: World, runner: Runner) -> None:
    app = installed(world)
    ended = looking(app, runner)
    tells(ended, "unchanged", 0)
    assert (sorted(owners(ended)), ended.report["found"]["repositories"]) == ([ELSEWHERE, REPOSITORY], 2)
    assert ended.report["warnings"] == []
    assert world.ledger.count("GET", LIST) == 1
    assert world.ledger.count("GET", "/orgs/*/installation") == 0, "the list has told it"
    assert world.ledger.count("GET", "/user/repos") == 0, "that is another kind of token's list"
    assert len(app.asked()) == world.ledger.count("DELETE", "/installation/token") == 2
    nothing_left(app)
    check(world.ledger)


def test_the_file_to_paste_gives_the_new_key_to_nobody_who_may_be_a_stranger(world: World, runner: Runner) -> None:
    ended = looking(installed(world), runner)
    lines = ended.report["found"]["policy"].splitlines()
    assert f"        repository: {REPOSITORY}" in lines
    assert lines[-1] == "# Left out: those of octo-labs, who has installed the App. Add them if they are yours."
    assert ELSEWHERE not in ended.report["found"]["policy"]


def test_who_is_a_destination_already_is_no_stranger(world: World, runner: Runner) -> None:
    ended = looking(installed(world), runner, repositories=f"{REPOSITORY},{ELSEWHERE}")
    assert f"repositories: [{ELSEWHERE}, {REPOSITORY}]" in ended.report["found"]["policy"]


def test_an_installation_without_a_repository_is_looked_at_for_its_own_secrets(world: World, runner: Runner) -> None:
    app = installed(world)
    world.github.add_organization("octo-empty")
    world.github.set_secret("octo-empty", SECRET, "other", visibility="all")
    world.github.apps.install(APP, "octo-empty", {**ORGANIZATIONS, **MORE})
    assert sorted(owners(looking(app, runner))) == ["octo-empty", ELSEWHERE, REPOSITORY]


def test_find_says_which_installations_it_could_not_look_through(world: World, runner: Runner) -> None:
    app = installed(world)
    app.elsewhere.suspended = True
    world.github.add_organization("octo-gone")
    gone = world.github.apps.install(APP, "octo-gone", {})
    world.faults.add(Fault("status", path=f"{LIST}/{gone.number}/access_tokens", code=404, times=None))
    ended = looking(app, runner)
    tells(ended, "unchanged", 0)
    assert owners(ended) == [REPOSITORY]
    (warning,) = ended.report["warnings"]
    assert warning["reason"] == "find-incomplete"
    assert warning["message"] == (
        "Not looked at: the installations of 2 (octo-labs, octo-gone). The installation of the GitHub App 123456 for "
        "octo-labs is suspended."
    )
    assert "has to unsuspend it: https://" in warning["remedy"]
    nothing_left(app)


def test_find_that_nobody_lets_in_is_refused(world: World, runner: Runner) -> None:
    app = installed(world)
    app.home.suspended = app.elsewhere.suspended = True
    ended = looking(app, runner)
    tells(ended, "refused", 3)
    assert ended.reasons == ["github-app-suspended"]
    assert app.asked() == []


REFUSALS = [
    (Fault("status", code=403, body={"message": "no"}), "refused", 3, "github-permission-missing"),
    (Fault("status", code=500), "failed", 1, "github-unexpected-answer"),
    (Fault("lost_reply"), "failed", 1, "github-unreachable"),
]


@pytest.mark.parametrize(("fault", "status", "code", "reason"), REFUSALS, ids=["forbidden", "broken", "lost"])
def test_a_list_of_installations_that_cannot_be_had_ends_it(
    fault: Fault, status: str, code: int, reason: str, world: World, runner: Runner
) -> None:
    app = installed(world)
    world.faults.add(Fault(fault.kind, path=LIST, code=fault.code, body=fault.body, times=None))
    ended = looking(app, runner)
    tells(ended, status, code)
    assert ended.reasons == [reason]
    assert "list its installations" in ended.report["problems"][0]["message"]
    untouched(world, app.story)
