"""The world as a whole: its stories, its time, its mishaps, and the command that serves it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from datetime import timedelta

import httpx
import pytest

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Call, Reply, Request
from rotate.sandbox.stories import ORGANIZATION, STORIES, organization, personal, project
from rotate.sandbox.world import World
from tests.support.neon_account import Neon
from tests.support.runner import ROOT


def test_a_reset_forgets_all_but_the_addresses(neon: Neon, world: World) -> None:
    url = world.neon.url
    neon.ask("GET", "/auth")
    world.reset()
    assert (world.neon.url, len(world.ledger), world.neon.issued()) == (url, 0, [])
    assert not world.neon.is_live(neon.key.value)


def test_a_mishap_inside_the_sandbox_is_not_taken_for_a_strange_server(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object, request: Request) -> Reply:
        raise ZeroDivisionError

    monkeypatch.setattr("rotate.sandbox.neon.server.NeonServer.answer", broken)
    with pytest.raises(ZeroDivisionError), World() as world:
        assert httpx.get(world.neon.url + "/auth").status_code == 500
    world = World()
    world.__enter__()
    httpx.get(world.neon.url + "/auth")
    world.__exit__(KeyError, KeyError(), None)
    assert len(world.mishaps) == 1, "what is being raised already is not covered up"


def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        World(neon_port=taken.getsockname()[1]).__enter__()


def test_a_document_that_is_no_object_is_refused() -> None:
    request = Request("POST", "", "/", {}, {}, b"[]", "")
    with pytest.raises(Exception, match="JSON object"):
        Call(request, {}, None).document()


@pytest.mark.parametrize("story", STORIES)
def test_a_story_is_believable(story: str, world: World) -> None:
    told = STORIES[story](world)
    assert world.github.secret(told.repository, told.secret_name) == told.old_key.value
    assert told.old_key.value not in repr(told)
    first, second = told.environment(), told.environment_now()
    assert first["GITHUB_RUN_ID"] != second["GITHUB_RUN_ID"]
    runs = world.github.repository(told.repository).runs
    assert [run.status for run in runs.values()] == ["completed", "in_progress"]
    assert world.neon.key(told.old_key.key_id).scope in ("personal", "organization", "project")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_world_stands_by_itself_and_says_how_to_rotate_in_it(number: signal.Signals) -> None:
    words = [sys.executable, "-u", "-m", "rotate.sandbox", "--story", "organization"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        told = "".join(next(process.stdout) for _ in range(6))
        process.send_signal(number)
        assert process.wait(30) == 0
    for words_of_it in ("GITHUB_API_URL=http://127.0.0.1:", "NEON_CURRENT_KEY=napi_sandbox", "--scope organization"):
        assert words_of_it in told
    assert told.splitlines()[-1].startswith("neon-rotate rotate --repository octo-org/payments")


def test_time_is_told_as_both_apis_do(world: World) -> None:
    personal(world)
    world.advance(-3600)
    before = world.clock.now()
    world.clock.reset()
    assert world.clock.now() - before > timedelta(minutes=59)


def test_two_stories_of_one_organization_share_it(world: World) -> None:
    told = [organization(world), project(world)]
    assert [one.org_id for one in world.neon.organizations()] == [ORGANIZATION]
    assert [one.old_key.scope for one in told] == ["organization", "project"]
    assert told[0].old_key.user == told[1].old_key.user, "the Admin who was there first"


def test_a_world_in_a_hurry_keeps_the_time_of_a_client_that_hurries_as_much() -> None:
    clock = Clock()
    since = time.time() - 10
    clock.hurry(100.0, since)
    assert 1000 <= clock.now().timestamp() - since < 2000
    clock.reset()
    assert abs(clock.now().timestamp() - time.time()) < 5
