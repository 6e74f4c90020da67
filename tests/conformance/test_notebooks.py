"""What every notebook promises (`ports.Notebook`), against the pretend GitHub."""

from __future__ import annotations

import threading

import pytest

from rotate.errors import DestinationError, Outcome, Refused, RotateError
from rotate.ports import Pages
from rotate.protocol.facts.model import NoNotebook
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.notes.notebook import GitHubVariables
from rotate.systems.github.wire.client import GitHub
from rotate.wire.clock import SystemClock
from tests.support.opened import keep

REPOSITORY = "octo-org/payments"
NOTE, LOCK = "NEON_API_KEY_ROTATION", "NEON_API_KEY_ROTATION_LOCK"


def open_notebook(world: World, permissions: dict[str, str] | None = None) -> GitHubVariables:
    stopped = threading.Event()
    stopped.set()
    world.github.add_repository(REPOSITORY)
    granted = {"variables": "write", "actions": "read"} if permissions is None else permissions
    token = world.github.add_token(repositories={REPOSITORY: granted})
    github = keep(GitHub(world.github.url, Secret(token), SystemClock(stopped)))
    return GitHubVariables(github, REPOSITORY, "NEON_API_KEY")


def test_what_was_written_is_read(world: World) -> None:
    notebook = open_notebook(world)
    assert notebook.read() == Pages(None, None)
    notebook.write_note("first")
    notebook.write_note("second")
    notebook.take_lock("mine", replacing=None)
    taken = notebook.read()
    assert isinstance(taken, Pages)
    assert (taken.note, taken.lock) == ("second", "mine")
    created = world.github.repository(REPOSITORY).variables[LOCK].created_at
    assert taken.locked_at == created.replace(microsecond=0), "by GitHub's clock, in whole seconds"
    assert notebook.where == (
        "The variable NEON_API_KEY_ROTATION of octo-org/payments",
        "The variable NEON_API_KEY_ROTATION_LOCK of octo-org/payments",
    )


@pytest.mark.parametrize("told", [{}, {"created_at": 7}, {"created_at": "noon"}, {"created_at": "2026-11-28T12:00:00"}])
def test_a_lock_whose_time_is_not_told_is_read_all_the_same(told: dict[str, object], world: World) -> None:
    notebook = open_notebook(world)
    body = {"name": LOCK, "value": "mine", **told}
    world.faults.add(Fault("status", method="GET", path=f"*/{LOCK}", code=200, body=body))
    assert notebook.read() == Pages(None, "mine")


def test_only_one_of_two_gets_the_lock(world: World) -> None:
    notebook = open_notebook(world)
    notebook.take_lock("mine", replacing=None)
    with pytest.raises(Refused) as caught:
        notebook.take_lock("theirs", replacing=None)
    assert caught.value.reason == "lock-held"
    assert world.github.variable(REPOSITORY, LOCK) == "mine"


def test_a_stale_lock_is_replaced_and_the_slower_of_two_loses(world: World) -> None:
    notebook = open_notebook(world)
    notebook.take_lock("stale", replacing=None)
    notebook.take_lock("mine", replacing="stale")
    assert world.github.variable(REPOSITORY, LOCK) == "mine"
    with pytest.raises(Refused):
        notebook.take_lock("late", replacing="stale")
    assert world.github.variable(REPOSITORY, LOCK) == "mine"
    notebook.release_lock("mine")
    with pytest.raises(Refused):
        notebook.take_lock("late", replacing="stale")


def test_a_lock_is_released_only_by_its_holder(world: World) -> None:
    notebook = open_notebook(world)
    notebook.take_lock("theirs", replacing=None)
    notebook.release_lock("mine")
    assert world.github.variable(REPOSITORY, LOCK) == "theirs"
    notebook.release_lock("theirs")
    assert world.github.variable(REPOSITORY, LOCK) is None


def test_a_page_from_a_proxy_is_not_taken_for_a_write(world: World) -> None:
    notebook = open_notebook(world)
    page = Fault("html", server="github", path="*/actions/variables*", times=None)
    world.faults.add(page)
    with pytest.raises(DestinationError) as caught:
        notebook.take_lock("mine", replacing=None)
    assert caught.value.outcome is Outcome.UNKNOWN, "no lock is believed that nobody gave"
    with pytest.raises(DestinationError):
        notebook.write_note("first")
    world.faults.reset()
    notebook.write_note("first")
    notebook.take_lock("mine", replacing=None)
    notebook.read()
    world.faults.add(Fault("html", method="PATCH"), Fault("html", method="DELETE"))
    with pytest.raises(DestinationError) as caught:
        notebook.write_note("second")
    assert caught.value.outcome is Outcome.UNKNOWN
    with pytest.raises(DestinationError):
        notebook.release_lock("mine")
    assert world.github.variables(REPOSITORY) == {NOTE: "first", LOCK: "mine"}


def test_a_lock_whose_create_reply_is_lost_is_not_tried_again(world: World) -> None:
    notebook = open_notebook(world)
    world.faults.add(Fault("lost_reply", server="github", method="POST"))
    with pytest.raises(DestinationError) as caught:
        notebook.take_lock("mine", replacing=None)
    assert caught.value.outcome is Outcome.UNKNOWN
    assert world.ledger.count("POST") == 1


def test_a_note_whose_create_reply_is_lost_is_looked_at(world: World) -> None:
    notebook = open_notebook(world)
    world.faults.add(Fault("lost_reply", server="github", method="POST"))
    notebook.write_note("first")
    assert world.github.variable(REPOSITORY, NOTE) == "first"
    assert world.ledger.count("POST") == 1


def test_a_note_that_did_not_arrive_is_an_error(world: World) -> None:
    notebook = open_notebook(world)
    world.faults.add(Fault("reset", server="github", method="POST"))
    with pytest.raises(DestinationError):
        notebook.write_note("first")
    assert world.github.variable(REPOSITORY, NOTE) is None


def test_a_note_that_vanished_since_the_last_look_is_created_again(world: World) -> None:
    notebook = open_notebook(world)
    notebook.write_note("first")
    notebook.read()
    world.github.repository(REPOSITORY).variables.clear()
    notebook.write_note("second")
    assert world.github.variable(REPOSITORY, NOTE) == "second"


def test_a_note_that_somebody_else_keeps_changing_is_an_error(world: World) -> None:
    notebook = open_notebook(world)
    world.faults.add(Fault("status", method="POST", code=409), Fault("status", method="PATCH", code=404))
    with pytest.raises(DestinationError) as caught:
        notebook.write_note("first")
    assert caught.value.reason == "github-unexpected-answer"


def test_a_note_that_is_refused_is_an_error(world: World) -> None:
    notebook = open_notebook(world, {"variables": "read"})
    with pytest.raises(DestinationError) as caught:
        notebook.write_note("first")
    assert caught.value.outcome is Outcome.NO_EFFECT


@pytest.mark.parametrize("permissions", [{"secrets": "write"}, {}])
def test_without_permission_there_is_no_notebook_and_it_says_which(permissions: dict[str, str], world: World) -> None:
    pages = open_notebook(world, permissions).read()
    assert isinstance(pages, NoNotebook)
    assert "no lock and no note" in pages.why
    assert "Variables: read and write" in pages.remedy


def test_a_lock_that_may_not_be_written_means_no_notebook(world: World) -> None:
    notebook = open_notebook(world, {"variables": "read"})
    with pytest.raises(DestinationError) as caught:
        notebook.take_lock("mine", replacing=None)
    assert caught.value.reason == "no-notebook"


@pytest.mark.parametrize("path", ["*/actions/variables", f"*/{NOTE}", f"*/{LOCK}"])
@pytest.mark.parametrize("code", [401, 500, 429])
def test_what_cannot_be_read_is_never_absent(path: str, code: int, world: World) -> None:
    notebook = open_notebook(world)
    world.faults.add(Fault("status", server="github", path=path, code=code, times=None))
    with pytest.raises(RotateError):
        notebook.read()


@pytest.mark.parametrize("body", [{"name": NOTE}, {"value": 7}, []])
def test_a_variable_of_another_shape_is_not_believed(body: object, world: World) -> None:
    notebook = open_notebook(world)
    world.faults.add(Fault("status", server="github", path=f"*/{NOTE}", code=200, body=body))
    with pytest.raises(RotateError):
        notebook.read()


def test_a_rate_limited_denial_is_not_taken_for_a_missing_permission(world: World) -> None:
    notebook = open_notebook(world)
    limit = Fault("status", path="*/actions/variables", code=403, headers={"X-RateLimit-Remaining": "0"}, times=None)
    world.faults.add(limit)
    with pytest.raises(DestinationError) as caught:
        notebook.read()
    assert caught.value.reason == "github-rate-limited"


def test_whether_a_run_is_over_is_asked(world: World) -> None:
    notebook = open_notebook(world)
    going = world.github.add_run(REPOSITORY)
    over = world.github.add_run(REPOSITORY, status="completed")
    assert notebook.run_completed(going.run_id) is False
    assert notebook.run_completed(over.run_id) is True
    assert notebook.run_completed(1) is True, "nobody holds what GitHub knows no run for"


@pytest.mark.parametrize(
    "fault",
    [
        Fault("lost_reply", path="*/actions/runs/*", times=None),
        Fault("status", path="*/actions/runs/*", code=200, body={"status": 7}),
        Fault("status", path="*/actions/runs/*", code=200, body=[]),
        Fault("status", path="*/actions/runs/*", code=403),
    ],
)
def test_a_run_that_cannot_be_asked_about_is_unknown(fault: Fault, world: World) -> None:
    notebook = open_notebook(world)
    run = world.github.add_run(REPOSITORY, status="completed")
    world.faults.add(fault)
    assert notebook.run_completed(run.run_id) is None
