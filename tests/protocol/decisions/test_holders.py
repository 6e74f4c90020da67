"""No key that was made by hand goes while somebody whom nobody named may hold it, and nothing is created by a slip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from rotate.protocol.decisions import absent, guards, holders
from rotate.protocol.decisions.machine import decide
from rotate.protocol.decisions.recovery import assess
from rotate.protocol.facts.aspects import Aspect
from rotate.protocol.facts.destination import DestinationFacts
from rotate.protocol.facts.found import FoundSecret
from rotate.protocol.facts.model import HolderFacts, NoNotebook, NotebookFacts, Snapshot
from rotate.protocol.facts.moves import Observe, Revoke, Status
from rotate.protocol.facts.policy import Exposure, Policy, RevokeWhen
from rotate.protocol.facts.progress import Progress
from rotate.protocol.story.plan import foresee
from tests.support.build import NOW, PLACE, key, note, policy, snapshot

ELSEWHERE = FoundSecret(
    "github://x?store=dependabot#NEON_API_KEY", "NEON_API_KEY", "octo-org/payments", "dependabot", "", NOW
)
FOUND = HolderFacts((ELSEWHERE,))
BY_HAND = key(9, "payments (2024)")
EMPTY = {PLACE: DestinationFacts(None)}
FIRST = NotebookFacts(None, None)
NOTEBOOKS = (
    FIRST,
    NotebookFacts(note(), None),
    NotebookFacts(note(confirmed=None), None),
    NoNotebook("no permission", "grant it"),
)


def first(**changes: Any) -> Snapshot:
    """The first rotation of a key that was made by hand."""
    return replace(snapshot(notebook=FIRST, keys=(BY_HAND,)), **changes)


def worlds() -> Iterator[tuple[Snapshot, Policy]]:
    """Give every first and later rotation, with ours alive or not, with the id named or not, present and absent."""
    ours = ((), (key(3),))
    whatever = product(NOTEBOOKS, ours, (BY_HAND.key_id, None), (True, False), (HolderFacts(), FOUND))
    for notebook, keys, named, there, found in whatever:
        places = snapshot().destinations if there else EMPTY
        seen = snapshot(notebook=notebook, keys=(*keys, BY_HAND), destinations=places, holders=found, neighbours={})
        yield seen, policy(old_key_id=named)


def unnoticed() -> list[tuple[Snapshot, Policy]]:
    """Give the worlds in which a run would revoke the key although somebody may be left with it."""
    return [
        (seen, asked)
        for seen, asked in worlds()
        if any(isinstance(move, Revoke) and move.key == BY_HAND for move in foresee(seen, asked, NOW)[0])
        and (seen.holders == FOUND or (seen.destinations == EMPTY and not (seen.note and seen.note.confirmed)))
    ]


def test_nobody_is_left_with_a_key_that_was_made_by_hand() -> None:
    assert unnoticed() == []
    revoked = [move for world in worlds() for move in foresee(*world, NOW)[0] if isinstance(move, Revoke)]
    assert BY_HAND in [move.key for move in revoked], "it goes where nobody is left with it"


@pytest.mark.parametrize("guard", [absent, holders])
def test_a_design_that_does_not_ask_is_caught(guard: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "guard", lambda *_: iter(()))
    assert unnoticed()


def test_a_first_rotation_looks_closer_before_it_refuses_and_beside_its_second_look() -> None:
    asked, closer = policy(old_key_id=9), frozenset({Aspect.HOLDERS})
    assert decide(first(destinations=EMPTY), Progress(), asked, NOW) == (Observe(closer | {Aspect.NEIGHBOURS}),)
    assert decide(first(), Progress(), policy(), NOW) == (Observe(closer),)
    nowhere = first(notebook=NoNotebook("no permission", "grant it"))
    assert decide(nowhere, Progress(), asked, NOW) == (Observe(closer),)
    moves, finish = foresee(first(), asked, NOW)
    assert finish.status is Status.ROTATED
    assert moves


@pytest.mark.parametrize("when", RevokeWhen)
def test_after_an_exposure_neither_stops_the_kill(when: RevokeWhen) -> None:
    asked = policy(old_key_id=9, exposure=Exposure(when), self_rotation=False)
    for seen in (first(holders=FOUND), first(destinations=EMPTY), first()):
        moves, finish = foresee(seen, asked, NOW)
        assert BY_HAND in [move.key for move in moves if isinstance(move, Revoke)]
        assert finish.status is Status.ROTATED


def test_a_key_that_an_earlier_run_judged_is_not_asked_about_again() -> None:
    seen = snapshot(keys=(BY_HAND, key(3)), notebook=NotebookFacts(note(), None))
    asked = policy(old_key_id=9)
    assert holders.wanted(seen, assess(seen, asked), asked)
    for other in (policy(old_key_id=3), policy(), replace(asked, nothing_before=True)):
        assert not holders.wanted(seen, assess(seen, other), other)
    noted = policy(old_key_id=3)
    assert [one.reason for one in guards.problems(replace(seen, holders=FOUND), assess(seen, noted), noted, NOW)] == []


def test_thousands_are_named_in_part() -> None:
    owners = [f"octo-org/service-{number}" for number in range(25)]
    many = HolderFacts(tuple(replace(ELSEWHERE, owner=one, address=f"github://{one}#K") for one in owners))
    asked = policy(old_key_id=9)
    (problem,) = holders.guard(first(holders=many), assess(first(), asked), asked, NOW)
    assert "github://octo-org/service-19#K and 5 more. " in problem.message
    assert problem.remedy.count("/dependabot") == 20
