"""A run keeps to the limit that a service documents, so that it is never refused for it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from rotate.sandbox.faults import Fault
from rotate.sandbox.rate import Rate
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.service.client import Client
from rotate.service.description import Ask, Service
from rotate.service.pace import AWHILE, Governor, Pace
from rotate.wire.clock import SystemClock
from rotate.wire.together import together
from tests.support.bench import means_of
from tests.systems.gitlab.bench import served

MOST, SECONDS, PLACES = 20, 0.2, 90
LIST = Ask("GET", "/projects/octo%2Fpayments/variables", "list them")


class Ticking(SystemClock):
    """The time of which nobody waits: a wait moves it."""

    def __init__(self, stop: threading.Event) -> None:
        self.passed, self.waits = 0.0, list[float]()
        super().__init__(stop)

    def monotonic(self) -> float:
        return self.passed

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.passed += seconds


def test_so_many_go_at_once_and_the_next_when_the_first_counts_no_more() -> None:
    clock = Ticking(threading.Event())
    governor = Governor(Pace(3, 60.0), clock)
    for _ in range(7):
        with governor.turn():
            clock.passed += 1.0
    assert (clock.waits, clock.passed) == ([58.0, 58.0], 7 + 2 * 58.0)


def test_what_is_under_way_counts_and_is_waited_for_in_small_steps() -> None:
    clock = Ticking(threading.Event())
    governor = Governor(Pace(1, 1.0), clock)
    with ThreadPoolExecutor(1) as pool, governor.turn():
        other = pool.submit(lambda: governor.turn().__enter__())
        while len(clock.waits) < 5:
            assert not other.done()
    other.result()
    assert clock.waits[0] == AWHILE


def test_whoever_is_asked_to_stop_does_not_wait() -> None:
    stop = threading.Event()
    clock = Ticking(stop)
    governor = Governor(Pace(1, 60.0), clock)
    stop.set()
    for _ in range(3):
        with governor.turn():
            pass
    assert clock.waits == []


def test_many_at_once_are_never_refused(world: World) -> None:
    server = served(world)
    server.add_place("project/octo/payments")
    token = server.add_token()
    server.let(token, "project/octo/payments", "maintainer")
    server.rate = Rate(MOST, SECONDS)
    slow = Service(
        "gitlab", "GitLab", ("GITLAB_TOKEN",), "", "", ("GITLAB_URL",), root="/api/v4", pace=Pace(MOST, SECONDS)
    )
    means = means_of({"GITLAB_URL": server.url, "GITLAB_TOKEN": token})
    means.clock = SystemClock(threading.Event())
    clients = [Client(slow, means) for _ in range(3)]
    answers = together(*(partial(clients[number % 3].ask, LIST) for number in range(PLACES)))
    assert [one.status for one in answers if not isinstance(one, Exception)] == [200] * PLACES
    assert (server.rate.refused, world.ledger.count(server="gitlab")) == (0, PLACES)
    assert slow.lasting(10) == 10 * 6 / MOST * SECONDS


def test_without_it_they_are(world: World) -> None:
    """The control."""
    server = served(world)
    token = server.add_token()
    server.rate = Rate(MOST, 600.0)
    api = means_of({}).api(f"{server.url}/api/v4")
    answers = [api.call("GET", LIST.path, Secret(token)).status for _ in range(MOST + 1)]
    assert (answers[0], answers[-1], server.rate.refused) == (404, 429, 1)


def test_each_try_waits_its_turn(world: World) -> None:
    server = served(world)
    world.faults.add(Fault("status", server="gitlab", code=503))
    turns: list[int] = []
    api = means_of({}).api(f"{server.url}/api/v4")

    class Turn:
        def __enter__(self) -> None:
            turns.append(world.ledger.count())

        def __exit__(self, *_: object) -> None:
            return None

    assert api.call("GET", LIST.path, Secret("t"), idempotent=True, turn=Turn).status == 401
    assert turns == [0, 1, 2], "a refusal after a doubtful try proves nothing"
