"""What Neon refuses for good is not told to pass, and a page in place of its answer is told as such."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rotate.errors import Outcome, SourceError
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from tests.conformance.test_sources import Bench

CALLS: dict[str, Callable[[Bench], object]] = {
    "identify": lambda bench: bench.source.identify(bench.issuer),
    "list": lambda bench: bench.source.list_keys(bench.issuer),
    "issue": lambda bench: bench.issue(),
    "revoke": lambda bench: bench.source.revoke(bench.issuer, 1),
}


def refused(world: World, call: str, fault: Fault) -> SourceError:
    """Make a call, and give what came of it."""
    bench = Bench(world, "personal")
    world.faults.add(fault)
    with pytest.raises(SourceError) as caught:
        CALLS[call](bench)
    return caught.value


@pytest.mark.parametrize("code", [200, 401, 403, 404])
@pytest.mark.parametrize("call", CALLS)
def test_a_page_is_no_answer_of_neons_and_no_death(call: str, code: int, world: World) -> None:
    error = refused(world, call, Fault("html", server="neon", code=code, times=None))
    assert (error.reason, error.outcome) == ("neon-no-json", Outcome.UNKNOWN)
    assert f"HTTP {code} with a page that is no JSON (text/html)" in error.message
    assert "a proxy's block page" in error.remedy


def test_a_failing_servers_page_is_its_own(world: World) -> None:
    error = refused(world, "list", Fault("html", server="neon", code=502, times=None))
    assert error.reason == "neon-unexpected-answer"
    assert "HTTP 502, with a body that is no JSON" in error.message
    assert "in a few minutes" in error.remedy


@pytest.mark.parametrize(("call", "code"), [("identify", 400), ("list", 422), ("issue", 422), ("revoke", 422)])
def test_what_will_be_refused_again_is_not_told_to_pass(call: str, code: int, world: World) -> None:
    body = {"code": "", "message": "maximum number of API keys reached"}
    error = refused(world, call, Fault("status", server="neon", code=code, body=body, times=None))
    assert "maximum number of API keys reached" in error.message
    assert "in a few minutes" not in error.remedy
    assert "tries once more" not in error.remedy


def test_a_revoke_that_was_too_early_is_tried_again(world: World) -> None:
    error = refused(world, "revoke", Fault("status", server="neon", code=425, times=None))
    assert "tries once more" in error.remedy


def test_how_long_neon_asks_to_wait_is_said(world: World) -> None:
    error = refused(world, "list", Fault("rate_limited", server="neon", retry_after=90, times=None))
    assert error.reason == "neon-rate-limited"
    assert "asks to wait 90 s" in error.message
