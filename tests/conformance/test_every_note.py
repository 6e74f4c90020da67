"""What each service that keeps a note does with answers that say nothing of it: an entry in `NOTED` enters it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rotate.errors import DestinationError, Outcome, Refused
from rotate.sandbox.faults import Fault
from rotate.service.notes import Held, KeptNotes
from tests.support.bench import Bench
from tests.support.benches import BENCHES, NOTED

# The pretend AWS tells by its verb what an action does.
VERBS = {"aws-ssm": "PUT"}


@pytest.fixture(params=[name for name in NOTED if name not in ("github", "toy")])
def noted(request: pytest.FixtureRequest) -> Iterator[tuple[Bench, str]]:
    with BENCHES[request.param]() as bench:
        yield bench, VERBS.get(request.param, "POST")


def refuse(bench: Bench, method: str | None, code: int, body: object) -> None:
    """Let requests end so."""
    assert bench.web
    bench.web.world.faults.add(
        Fault("status", server=bench.web.server, method=method, times=None, code=code, body=body)
    )


def test_a_page_of_another_shape_is_no_absence(noted: tuple[Bench, str]) -> None:
    bench, _ = noted
    assert bench.another
    notebook = bench.another()
    notebook.write_note("a note")
    mount = {"type": "kv", "path": "secret/", "options": {"version": "2"}}  # Vault is asked for it first
    refuse(bench, None, 200, {"data": {**mount, "data": {"text": 5}}})
    with pytest.raises(DestinationError) as raised:
        bench.another().read()
    assert raised.value.reason == "destination-unexpected-answer"


@pytest.mark.parametrize(
    ("code", "body", "reason", "outcome"),
    [
        (200, {"x": 1}, "destination-unexpected-answer", Outcome.UNKNOWN),
        (400, {"message": "no", "errors": ["no"]}, "destination-refused", Outcome.NO_EFFECT),
    ],
)
def test_a_write_that_is_answered_otherwise_says_what_is_known_of_it(
    code: int, body: object, reason: str, outcome: Outcome, noted: tuple[Bench, str]
) -> None:
    bench, verb = noted
    assert bench.another
    notebook = bench.another()
    notebook.read()
    refuse(bench, verb, code, body)
    with pytest.raises(DestinationError) as raised:
        notebook.write_note("a note")
    assert (raised.value.reason, raised.value.outcome) == (reason, outcome)


def test_a_lock_of_another_text_is_left(noted: tuple[Bench, str]) -> None:
    bench, _ = noted
    assert bench.another
    notebook = bench.another()
    notebook.take_lock("ours", replacing=None)
    notebook.release_lock("another's")
    assert getattr(bench.another().read(), "lock", None) == "ours"


def test_a_lock_that_another_run_takes_in_that_very_moment_is_theirs(
    noted: tuple[Bench, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, _ = noted
    assert bench.another
    ours, theirs = bench.another(), bench.another()
    theirs.take_lock("theirs", replacing=None)
    assert isinstance(ours, KeptNotes)
    monkeypatch.setattr(ours._texts, "read", lambda _: Held(None, "0"))
    with pytest.raises(Refused) as refused:
        ours.take_lock("ours", replacing=None)
    assert refused.value.reason == "lock-held"
    assert getattr(theirs.read(), "lock", None) == "theirs"
