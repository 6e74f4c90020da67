"""The pretend GitHub refuses what the real one says it refuses, and only where it is told to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from rotate.sandbox.exchange import RefusalError
from rotate.sandbox.github.limits import PRIMARY, SECONDARY, Limits
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY
from rotate.sandbox.world import World
from tests.support.openapi import check

VARIABLES = f"/repos/{REPOSITORY}/actions/variables"


def admitted(limits: Limits, method: str, now: float, most: int = 2000, caller: str = "one") -> int:
    """Send until one is refused; give how many were let through."""
    for count in range(most):
        try:
            limits.admit(caller, method, 1, now)
        except RefusalError:
            return count
    return most


def refusal(limits: Limits, method: str, now: float, at_once: int = 1) -> RefusalError:
    """Send one that is refused."""
    with pytest.raises(RefusalError) as caught:
        limits.admit("one", method, at_once, now)
    return caught.value


@pytest.mark.parametrize(("method", "most"), [("GET", 900), ("HEAD", 900), ("OPTIONS", 900), ("PUT", 180)])
def test_a_minute_holds_nine_hundred_points_and_the_next_is_told_how_long_to_wait(method: str, most: int) -> None:
    limits = Limits.documented()
    assert admitted(limits, method, 10.0) == most
    told = refusal(limits, method, 10.5)
    assert (told.status, told.message, told.headers) == (403, SECONDARY, {"Retry-After": "60"})
    assert admitted(limits, method, 69.9) == 0
    assert admitted(limits, method, 70.0) == most
    assert set(limits.refused) == {"points"}


def test_room_comes_back_as_it_was_taken() -> None:
    limits = Limits(points=10)
    for moment, method in ((0.0, "GET"), (5.0, "PUT"), (20.0, "GET")):
        limits.admit("one", method, 1, moment)
    assert refusal(limits, "PUT", 30.0).headers == {"Retry-After": "35"}, "one point comes back at 60, five at 65"
    assert admitted(limits, "GET", 30.0) == 3


def test_a_request_that_never_has_room_waits_a_whole_window() -> None:
    assert refusal(Limits(points=3), "PUT", 0.0).headers == {"Retry-After": "60"}


def test_content_is_counted_only_where_the_switch_says_that_a_secret_is_content() -> None:
    assert admitted(Limits(a_minute=80, an_hour=500), "PUT", 0.0) == 80
    limits = Limits.documented(content=True)
    assert [admitted(limits, "PUT", 61.0 * minute) for minute in range(8)] == [80] * 6 + [20, 0]
    assert admitted(limits, "DELETE", 610.0) == 180
    assert admitted(limits, "PUT", 3600.0) == 80
    assert set(limits.refused) == {"a_minute", "an_hour", "points"}
    assert admitted(Limits(), "PUT", 0.0) == 2000


def test_the_hour_of_the_primary_limit_begins_with_its_first_request() -> None:
    limits = Limits(hourly=10)
    assert admitted(limits, "GET", 100.0) == 10
    told = refusal(limits, "GET", 3699.0)
    assert (told.status, told.message, told.headers) == (403, PRIMARY, {})
    headers = limits.headers("one", 3699.0)
    assert (headers["X-RateLimit-Remaining"], headers["X-RateLimit-Reset"]) == ("0", "3700")
    assert admitted(limits, "GET", 3700.0) == 10


def test_each_token_has_limits_of_its_own() -> None:
    limits = Limits.documented()
    assert admitted(limits, "PUT", 0.0) == admitted(limits, "PUT", 0.0, caller="other") == 180


def test_more_at_once_than_a_hundred_are_refused() -> None:
    limits = Limits.documented()
    limits.admit("one", "GET", 100, 0.0)
    assert refusal(limits, "GET", 0.0, at_once=101).message == SECONDARY
    assert (limits.refused, limits.most_at_once) == (["at_once"], 101)


@pytest.mark.parametrize("code", [403, 429])
@pytest.mark.parametrize("tells_wait", [True, False])
def test_a_refusal_comes_as_it_is_documented(code: int, tells_wait: bool, world: World, github: httpx.Client) -> None:
    world.github.limits = Limits(points=2, code=code, tells_wait=tells_wait)
    told = [github.get(VARIABLES) for _ in range(3)]
    assert [one.status_code for one in told] == [200, 200, code]
    assert (told[2].json()["message"], "retry-after" in told[2].headers) == (SECONDARY, tells_wait)
    assert told[2].headers["x-ratelimit-remaining"] == "4998", "the primary limit has nothing to do with it"
    world.advance(60)
    assert github.get(VARIABLES).status_code == 200
    check(world.ledger)


def test_the_primary_limit_is_told_with_every_answer_and_enforced_where_that_is_asked(
    world: World, github: httpx.Client
) -> None:
    world.github.limits = Limits(hourly=3)
    told = [github.get(VARIABLES) for _ in range(4)]
    assert [one.status_code for one in told] == [200, 200, 200, 403]
    assert [one.headers["x-ratelimit-used"] for one in told] == ["1", "2", "3", "3"]
    assert {one.headers["x-ratelimit-reset"] for one in told} == {told[0].headers["x-ratelimit-reset"]}
    assert github.get(VARIABLES, headers={"Authorization": ""}).headers["x-ratelimit-remaining"] == "3"
    world.advance(3600)
    assert github.get(VARIABLES).headers["x-ratelimit-remaining"] == "2"


def test_requests_under_way_are_counted_by_token(world: World, github: httpx.Client) -> None:
    world.latency = 0.2
    world.github.limits = Limits(at_once=2)
    other = world.github.add_token(repositories={REPOSITORY: PERMISSIONS})
    with ThreadPoolExecutor(8) as pool:
        mine = [pool.submit(github.get, VARIABLES) for _ in range(4)]
        theirs = pool.submit(github.get, VARIABLES, headers={"Authorization": f"Bearer {other}"})
        assert sorted(one.result().status_code for one in mine) == [200, 200, 403, 403]
        assert theirs.result().status_code == 200
    assert world.github.limits.refused == ["at_once"] * 2
    assert github.get(VARIABLES).status_code == 200, "what is answered is under way no longer"


def test_a_reset_world_enforces_nothing(world: World, github: httpx.Client) -> None:
    world.github.limits = Limits(points=1)
    world.reset()
    assert world.github.limits == Limits()
    assert github.get(VARIABLES).status_code == 401, "the token was forgotten too"
