"""What each destination over HTTP keeps, refuses and says beforehand: an entry in `SERVICES` enters it."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotate.errors import DestinationError, Outcome, Refused
from rotate.secret import Secret
from tests.support.bench import BEFORE, Web
from tests.support.benches import BENCHES, SERVICES
from tests.support.distorted import NEW, Opened


def test_absent_out_of_sight_and_not_allowed_are_told_apart(opened: Opened) -> None:
    opened.bench.write(None)
    assert opened.destination.observe().mark is None
    opened.bench.write(BEFORE)
    opened.web.gag()
    tried = opened.web.opened()
    if not opened.web.foretells:
        tried.observe()
    with pytest.raises((Refused, DestinationError)) as raised:
        tried.observe() if opened.web.foretells else tried.put(NEW)
    assert raised.value.reason == "destination-not-allowed"
    opened.quiet(raised.value)
    opened.web.blind()
    with pytest.raises(Refused) as gone:
        opened.web.opened().observe()
    assert gone.value.reason == opened.web.unseen
    assert opened.bench.held() == BEFORE


def test_what_was_there_and_is_gone_before_the_write_is_not_created_again(opened: Opened) -> None:
    opened.destination.observe()
    opened.bench.write(None)
    with pytest.raises(DestinationError) as raised:
        opened.destination.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-absent", Outcome.NO_EFFECT)
    assert opened.bench.held() is None


def test_what_is_replaced_and_the_token_are_hidden_before_they_can_be_told(opened: Opened) -> None:
    opened.destination.observe()
    assert {one.reveal() for one in opened.web.hidden} >= {opened.web.token}
    assert (Secret(BEFORE) in opened.web.hidden) == (opened.bench.shows == "value")


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32))
@pytest.mark.parametrize("service", SERVICES)
def test_every_flag_and_every_neighbour_stays_as_it_was(service: str, seed: int) -> None:
    with BENCHES[service]() as bench:
        assert bench.web
        bench.web.arrange(Random(seed))
        before, facts = bench.web.beside(), bench.destination.observe()
        bench.destination.confirm(facts, bench.destination.put(NEW))
        assert (bench.held(), bench.web.beside()) == (NEW.reveal(), before)


def test_what_the_environment_lacks_is_said_at_once_and_nothing_is_asked(opened: Opened) -> None:
    web, lacks = opened.web, opened.web.lacks
    assert lacks(web.environment) == ()
    variable = web.overrules
    problems = lacks({variable: "http://service.example"})
    assert [one.reason for one in problems] == ["url-insecure", "destination-token-missing"]
    assert f"`{variable}` must be an https URL" in problems[0].message
    assert "secrets." in problems[1].remedy
    assert len(web.world.ledger) == 0


def test_its_base_url_can_be_overruled(opened: Opened) -> None:
    web: Web = opened.web
    variable = web.overrules
    with pytest.raises(DestinationError) as raised:
        web.opened(**{variable: "http://127.0.0.1:1"}).observe()
    assert raised.value.reason == "destination-unreachable"
