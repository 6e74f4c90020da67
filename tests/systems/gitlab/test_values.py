"""What stands in a variable: hidden and masked values, and references."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rotate.errors import DestinationError, Outcome, Refused
from rotate.protocol.facts.destination import Held
from rotate.sandbox.gitlab.state import Variable
from rotate.sandbox.world import World
from rotate.secret import Secret
from tests.support.bench import NAME
from tests.systems.gitlab.bench import NEW, PROJECT, Variables


def test_a_hidden_value_is_written_and_that_it_was_taken_is_the_proof(world: World) -> None:
    bench = Variables(world, hidden=True, masked=True)
    opened = bench.opened()
    before = opened.observe()
    assert before.mark == Held()
    assert opened.confirm(before, opened.put(NEW)) == Held() == opened.written()
    assert bench.state.variables(PROJECT) == [Variable(NAME, NEW.reveal(), hidden=True, masked=True)]


def test_a_hidden_value_whose_reply_was_lost_proves_nothing(world: World) -> None:
    opened = Variables(world, hidden=True, masked=True).opened()
    before = opened.observe()
    opened.put(NEW)
    with pytest.raises(DestinationError) as raised:
        opened.confirm(before, None)
    assert (raised.value.reason, raised.value.outcome) == ("write-not-confirmed", Outcome.UNKNOWN)


@pytest.mark.parametrize("value", ["$SHARED_NEON_KEY", "${SHARED_NEON_KEY}", "x-$SHARED_NEON_KEY"])
def test_a_reference_is_not_overwritten_and_what_it_means_is_named(value: str, world: World) -> None:
    bench = Variables(world)
    bench.state.set_variable(PROJECT, Variable(NAME, value))
    with pytest.raises(Refused, match=r"refers to \$SHARED_NEON_KEY") as raised:
        bench.opened().observe()
    assert raised.value.reason == "destination-refers"
    assert bench.opened().written() == Held(Secret(value).fingerprint), "the last look tells that it is not ours"


@pytest.mark.parametrize("one", [Variable(NAME, "$A", raw=True), Variable(NAME, "$$A"), Variable(NAME, "5$")])
def test_what_only_looks_like_a_reference_is_overwritten(one: Variable, world: World) -> None:
    bench = Variables(world)
    bench.state.set_variable(PROJECT, one)
    bench.written()
    assert bench.state.variables(PROJECT) == [replace(one, value=NEW.reveal())]


def test_a_reference_that_somebody_put_there_meanwhile_is_not_overwritten_either(world: World) -> None:
    bench = Variables(world)
    opened = bench.opened()
    opened.observe()
    bench.state.set_variable(PROJECT, Variable(NAME, "$OTHER"))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-refers", Outcome.NO_EFFECT)


@pytest.mark.parametrize("there", [True, False])
def test_a_value_that_cannot_be_masked_is_not_sent(there: bool, world: World) -> None:
    bench = Variables(world, masked=True)
    if not there:
        bench.state.delete_variable(PROJECT, NAME)
    opened = bench.opened()
    opened.observe()
    with pytest.raises(DestinationError, match="masks it") as raised:
        opened.put(Secret("a b c d e f"))
    assert raised.value.outcome is Outcome.NO_EFFECT
    assert world.ledger.count("PUT") == world.ledger.count("POST", server="gitlab") == 0


def test_what_an_older_gitlab_cannot_mask_is_refused_in_its_own_words(world: World) -> None:
    bench = Variables(world, masked=True)
    opened = bench.opened()
    opened.observe()
    with pytest.raises(DestinationError, match="HTTP 400, “value is invalid”"):
        opened.put(Secret("napi_ä_0123456789"))
