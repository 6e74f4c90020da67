"""The exhaustive search of protocol.md over the real decision function, and the wrong designs that it must catch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import pytest

from rotate.errors import ExitCode
from rotate.protocol import triggers
from rotate.protocol.holding import Holding
from rotate.protocol.machine import decide as real_decide
from rotate.protocol.model import ConfirmedKey, NotebookFacts, Policy, Scope, Snapshot
from rotate.protocol.recovery import assess
from rotate.protocol.steps import Authority, Finish, Put, Revoke, Status
from rotate.protocol.summary import exit_code
from rotate.protocol.view import Step
from tests.protocol.canonical import canonical, lineage
from tests.protocol.model_world import Outside
from tests.protocol.search import Ended, Explorer, Setting, ViolationError, beginning, process_for

pytestmark = pytest.mark.timeout(600)  # bounded by its loops; two busy cores can be slow

MOST_STATES = 3_000_000


@dataclass(frozen=True)
class Found:
    """How much was searched."""

    moments: int
    worlds: int


def search(setting: Setting, faults: int, rotations: int) -> Found:
    """Explore every run from every world that runs can leave; raise the first violation."""
    explorer = Explorer(setting)
    start = canonical(beginning(setting))
    best: dict[tuple[Outside, int], int] = {}
    waiting = [(start, faults, rotations)]
    while waiting:
        world, left, runs = waiting.pop()
        if best.get((world, runs), -1) >= left:
            continue
        best[world, runs] = left
        assert explorer.states < MOST_STATES, "the search is bounded"
        _comes_to_rest(explorer, setting, world)
        if runs == 0:
            continue
        for ended in _all_runs(explorer, setting, world, left):
            _bounded(ended, faults)
            waiting.append((canonical(ended.outside), left - ended.spent, runs - 1))
    return Found(explorer.states, len({world for world, _ in best}))


def _all_runs(explorer: Explorer, setting: Setting, world: Outside, left: int) -> Iterator[Ended]:
    """Run now; and, as a fault, run with the value of a key that is no longer stored, as a run queued before would."""
    for rotate in (True, False):
        yield from explorer.run(world, process_for(setting, world, rotate=rotate), left)
    if left:
        for late in {one.key_id for one in lineage(world)} - {world.stored[0]}:
            for ended in explorer.run(world, process_for(setting, world, late=late), left - 1):
                yield replace(ended, spent=ended.spent + 1)


def _comes_to_rest(explorer: Explorer, setting: Setting, world: Outside) -> None:
    """S5: one run without faults ends with one live key, which every destination holds, and no lock."""
    (ended,) = explorer.run(world, process_for(setting, world, scheduled=True), 0)
    alive = [one.key_id for one in lineage(ended.outside)]
    # The lock of a dead run may stay where nothing is to be done: the next run that needs it breaks it.
    free = ended.outside.lock in (None, world.lock)
    rested = len(alive) == 1 and set(ended.outside.stored) == set(alive) and free
    if not rested or ended.finish is None or ended.finish.status not in (Status.ROTATED, Status.UNCHANGED):
        tale = "\n".join(ended.told)
        raise ViolationError(f"S5: a clean run from {world} comes to rest with {alive}, {ended.finish}\n{tale}")


def _bounded(ended: Ended, faults: int) -> None:
    """S6, and: zero is answered only where one key lives or an old one was never this run's business."""
    if len(lineage(ended.outside)) > faults + 2:
        raise ViolationError(f"S6: {len(lineage(ended.outside))} keys are alive\n" + "\n".join(ended.told))
    finish = ended.finish
    done = finish is not None and finish.status is Status.ROTATED and exit_code(finish) is ExitCode.DONE
    if done and len(lineage(ended.outside)) != 1:
        raise ViolationError("reports success while an older key lives\n" + "\n".join(ended.told))


PERSONAL = Setting()
ORGANIZATION = Setting(scope=Scope.ORGANIZATION)
SETTINGS = {
    "personal": (PERSONAL, 3, 3),
    "personal, many rotations": (PERSONAL, 2, 4),
    "personal, later keys not due": (replace(PERSONAL, due=False), 3, 3),
    "personal, two destinations": (replace(PERSONAL, destinations=2), 2, 2),
    "personal, three destinations": (replace(PERSONAL, destinations=3), 1, 2),
    "personal, no notebook": (replace(PERSONAL, notebook=False), 2, 3),
    "organization": (ORGANIZATION, 3, 3),
    "organization, two destinations": (replace(ORGANIZATION, destinations=2), 1, 3),
    "organization, value not given": (replace(ORGANIZATION, value_given=False), 2, 3),
    "organization, no notebook": (replace(ORGANIZATION, notebook=False), 2, 3),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_no_sequence_of_faults_breaks_an_invariant(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    setting, faults, rotations = SETTINGS[name]
    found = search(setting, faults, rotations)
    with capsys.disabled():
        print(f"\n  {name}: {found.moments} moments, {found.worlds} worlds, {faults} faults, {rotations} runs")
    assert found.worlds > 1


def revokes_before_it_distributes(snapshot: Snapshot | None, holding: Holding, policy: Policy, now: datetime) -> Step:
    """The design of most tools: the old key goes as soon as there is a new one."""
    step = real_decide(snapshot, holding, policy, now)
    if snapshot is None or isinstance(step, Finish) or not any(isinstance(move, Put) for move in step):
        return step
    if holding.revoke_tries or not holding.pending:
        return step
    older = [one for one in assess(snapshot, policy).members if one.key_id != holding.pending.key_id]
    return tuple(Revoke(one, Authority.PENDING, None) for one in older) or step


def takes_the_newest_key_for_an_orphan(
    snapshot: Snapshot | None, holding: Holding, policy: Policy, now: datetime
) -> Step:
    """The design that cleans up first: whatever is newer than the confirmed key must be left over."""
    if snapshot is not None and holding.surveyed and not holding.committed:
        newer = assess(snapshot, policy).newer
        if newer:
            return tuple(Revoke(one, Authority.ISSUER, None) for one in newer)
    return real_decide(snapshot, holding, policy, now)


def takes_the_pending_note_for_confirmed(
    snapshot: Snapshot | None, holding: Holding, policy: Policy, now: datetime
) -> Step:
    """The design that trusts what was about to be done."""
    if snapshot is not None and isinstance(snapshot.notebook, NotebookFacts):
        note = snapshot.notebook.note
        if note is not None and note.pending is not None:
            p = note.pending
            confirmed = ConfirmedKey(p.key_id, p.name, p.fingerprint, p.at)
            facts = replace(snapshot.notebook, note=replace(note, pending=None, confirmed=confirmed))
            snapshot = replace(snapshot, notebook=facts)
    return real_decide(snapshot, holding, policy, now)


@pytest.mark.parametrize(
    ("design", "invariant"),
    [
        (revokes_before_it_distributes, "S[12]"),
        (takes_the_newest_key_for_an_orphan, "S[12]"),
        (takes_the_pending_note_for_confirmed, "S[125]"),
    ],
)
@pytest.mark.parametrize("setting", [PERSONAL, ORGANIZATION], ids=["personal", "organization"])
def test_a_wrong_design_is_caught(setting: Setting, design: object, invariant: str) -> None:
    assert callable(design)
    with pytest.raises(ViolationError, match=invariant):
        search(replace(setting, decide=design, destinations=2), 2, 3)


def test_age_as_the_only_trigger_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(triggers, "TRIGGERS", (triggers.asked, triggers.older_than_allowed))
    with pytest.raises(ViolationError, match="S5"):
        search(replace(PERSONAL, due=False), 1, 2)
