"""A key that was issued a moment ago may not be known everywhere at once."""

from __future__ import annotations

import pytest

from rotate.errors import SourceError
from rotate.protocol.facts.model import Dead
from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import REPOSITORY
from rotate.sandbox.world import World
from tests.conformance.test_sources import ALL, Bench
from tests.support.runner import Runner
from tests.support.stories import STORIES, tells

EARLY = {"code": "", "message": "supplied credentials do not pass authentication"}


@ALL
@pytest.mark.parametrize("times", [1, 4])
def test_a_new_key_that_is_not_known_everywhere_yet_is_asked_again(scope: str, times: int, world: World) -> None:
    bench = Bench(world, scope)
    key_id, secret = bench.issue()
    early = Fault("status", server="neon", path="/auth", code=401, body=EARLY, times=times)
    world.faults.add(early)
    bench.source.verify(secret, bench.account)
    assert early.fired == times
    authority = secret if scope == "personal" else bench.issuer
    world.faults.add(Fault("status", server="neon", method="DELETE", code=401, body=EARLY))
    if scope == "personal":
        bench.source.revoke(authority, key_id)
        assert world.ledger.count("DELETE") == 2, "what answers 401 did nothing"


@ALL
def test_a_new_key_that_stays_unknown_fails_and_an_old_one_is_asked_once(scope: str, world: World) -> None:
    bench = Bench(world, scope)
    _, secret = bench.issue()
    unknown = world.faults.add(Fault("status", server="neon", path="/auth", code=401, body=EARLY, times=None))
    with pytest.raises(SourceError) as caught:
        bench.source.verify(secret, bench.account)
    assert (caught.value.reason, unknown.fired) == ("verify-failed", 5)
    assert "7.5 seconds" in caught.value.message
    assert bench.source.identify(bench.issuer) == Dead()
    assert unknown.fired == 6


@pytest.mark.parametrize("exposed", ["false", "true"])
def test_one_early_401_fails_no_rotation_and_leaves_no_exposed_key_alive(
    exposed: str, world: World, runner: Runner
) -> None:
    story = STORIES["personal"](world)

    def late(*_: object) -> None:
        world.faults.add(Fault("status", method="GET", path="/auth", server="neon", code=401, body=EARLY))

    world.faults.add(Fault("hook", method="POST", path="/api_keys", server="neon", call=late))
    ended = runner.run(story.environment(), exposed=exposed, reason="found in a log")
    tells(ended, "rotated", 0)
    assert not world.neon.is_live(story.old_key.value)
    assert world.neon.is_live(world.github.secret(REPOSITORY, "NEON_API_KEY") or "")
