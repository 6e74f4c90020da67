"""What each system promises as a destination and as a notebook, whichever it is: an entry in `BENCHES` enters it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome, Refused, RotateError
from rotate.ports import Notebook, Pages
from rotate.protocol.facts.destination import Held, later
from rotate.secret import Secret
from tests.support.bench import BEFORE, Bench
from tests.support.benches import BENCHES, NOTEBOOKS, NOTED

NEW, NEWER = Secret("napi_new_value"), Secret("napi_newer_value_2")


@pytest.fixture(params=BENCHES)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with BENCHES[request.param]() as opened:
        yield opened


@pytest.fixture(params=[*NOTED, *NOTEBOOKS])
def another(request: pytest.FixtureRequest) -> Iterator[Callable[[], Notebook]]:
    """Opens a notebook without a page as one run after the other does."""
    if request.param in NOTEBOOKS:
        with NOTEBOOKS[request.param]() as another:
            yield another
        return
    with BENCHES[request.param]() as opened:
        assert opened.another
        yield opened.another


def test_its_name_is_its_one_address(bench: Bench) -> None:
    assert str(parsed(bench.destination.name)) == bench.destination.name


def test_a_write_stands_and_is_confirmed_with_its_time(bench: Bench) -> None:
    before = bench.destination.observe()
    receipt = bench.destination.put(NEW)
    assert bench.held() == NEW.reveal()
    stood = bench.destination.confirm(before, receipt)
    assert before.mark is not None
    assert later(stood, before.mark) is bench.tells
    assert bench.destination.written() == stood


def test_the_same_write_again_does_no_harm(bench: Bench) -> None:
    before = bench.destination.observe()
    bench.destination.put(NEW)
    bench.destination.confirm(before, bench.destination.put(NEW))
    assert bench.held() == NEW.reveal()


def test_a_write_that_is_hindered_is_not_sent(bench: Bench) -> None:
    bench.destination.observe()
    why = DestinationError("lock-lost", "Another run has the lock.", "Wait.")
    with pytest.raises(RotateError) as raised:
        bench.destination.put(NEW, lambda: why)
    assert (raised.value, raised.value.outcome) == (why, Outcome.NO_EFFECT)
    assert bench.held() == BEFORE


def test_what_somebody_writes_after_us_is_not_taken_for_ours(bench: Bench) -> None:
    before = bench.destination.observe()
    receipt = bench.destination.put(NEW)
    bench.write(BEFORE)
    if not bench.sees:
        assert bench.destination.confirm(before, receipt) == Held(), "the accepted answer is all that there is"
        return
    with pytest.raises(DestinationError) as raised:
        bench.destination.confirm(before, receipt)
    assert raised.value.outcome is Outcome.UNKNOWN
    assert bench.held() == BEFORE


def test_the_last_look_sees_a_later_write_and_what_is_gone(bench: Bench) -> None:
    before = bench.destination.observe()
    stood = bench.destination.confirm(before, bench.destination.put(NEW))
    bench.write(NEWER.reveal())
    seen = bench.destination.written()
    assert seen is not None
    assert later(seen, stood) is bench.sees
    bench.write(None)
    gone = bench.destination.written()
    if not bench.tells_absence:
        assert gone is not None
        assert later(gone, stood) is bench.sees
        return
    assert gone is None
    if bench.creates:
        assert bench.destination.observe().mark is None
        return
    with pytest.raises(Refused) as refused:
        bench.destination.observe()
    assert refused.value.reason == "destination-absent"


def test_no_value_is_in_what_it_shows_of_itself(bench: Bench) -> None:
    bench.destination.observe()
    bench.destination.put(NEW)
    assert NEW.reveal() not in repr(bench.destination) + str(vars(bench.destination))


def test_a_notebook_keeps_what_was_written_and_absence_is_no_page(another: Callable[[], Notebook]) -> None:
    notebook = another()
    assert notebook.read() == Pages(None, None)
    notebook.write_note("first")
    another().write_note("second")
    notebook.take_lock("mine", replacing=None)
    pages = another().read()
    assert isinstance(pages, Pages)
    assert (pages.note, pages.lock) == ("second", "mine")


def test_one_of_two_gets_the_lock_and_a_stale_one_is_taken_over_as_it_was_read(another: Callable[[], Notebook]) -> None:
    notebook = another()
    notebook.take_lock("mine", replacing=None)
    for replacing in (None, "another's"):
        with pytest.raises(Refused, match="took"):
            another().take_lock("yours", replacing=replacing)
    another().take_lock("yours", replacing="mine")
    notebook.release_lock("mine")
    pages = notebook.read()
    assert isinstance(pages, Pages)
    assert pages.lock == "yours", "only its holder gives a lock back"
    another().release_lock("yours")
    assert notebook.read() == Pages(None, None)


def test_what_stood_in_the_notes_place_is_put_aside_and_told_where(another: Callable[[], Notebook]) -> None:
    notebook = another()
    notebook.write_note("odd")
    assert notebook.put_aside("odd")
    assert notebook.put_aside("odder")
    pages = notebook.read()
    assert isinstance(pages, Pages)
    assert pages.note == "odd"
