"""What is searched, the world that it begins in, and the runs that start in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from rotate.protocol.decisions.machine import decide as real_decide
from rotate.protocol.decisions.position import Step
from rotate.protocol.facts.cadence import Cadence
from rotate.protocol.facts.model import Scope, Snapshot
from rotate.protocol.facts.policy import Canary, Command, Exposure, OnFailure, Overlap, Policy, RevokeWhen, Run
from rotate.protocol.facts.progress import Progress
from tests.support.search.canonical import LINEAGE, OVER
from tests.support.search.model_world import FIRST, FOREIGN, MINTER, NOW, Outside, Process, fingerprint, key

RUN = Run(7, 1, "aaaa")
# The earlier form of the marker, with the four digits that this very lineage had too.
NEIGHBOUR = f"{LINEAGE.name}_{LINEAGE.former}.5.1.abcd1"
NEVER_DUE = timedelta(days=3650)

Decide = Callable[[Snapshot | None, Progress, Policy, datetime], Step]


@dataclass(frozen=True, slots=True)
class Setting:
    """What is searched: the scope, how many destinations, with a notebook or not, and the design.

    `broad`: beside deaths, lost replies and refusals, every part of a look may be unreadable by itself, a run may stall
    or read an older value, and dead runs leave their locks. `signals`: a run may be asked to stop. `adversary`:
    somebody rewrites note and lock. `knocks`: a run knocks for the first key; `named`: which one the person named, or
    `None` for `old_key_id: auto`. `narrows`: the first key and the minter are personal; a narrower one replaces the
    first. `meddled`: somebody else writes to the destinations too. `tells`: the destinations tell what they hold, and
    no time.
    """

    scope: Scope = Scope.PERSONAL
    destinations: int = 1
    notebook: bool = True
    minter: bool = False
    value_given: bool = True
    due: bool = True
    overlap: Overlap = field(default_factory=Overlap)
    canary: bool = False
    exposed: RevokeWhen | None = None
    on_failure: OnFailure = OnFailure.HOLD
    broad: bool = True
    signals: bool = False
    adversary: bool = False
    meddled: bool = False
    tells: bool = False
    most_keys: int = 12  # out of reach: at the bound a run refuses, which has settings of its own
    decide: Decide = real_decide
    knocks: bool = False
    named: int | None = FIRST
    narrows: bool = False

    @property
    def has_minter(self) -> bool:
        """Say whether another key issues than the one that is replaced."""
        return self.minter or self.scope is not Scope.PERSONAL

    @property
    def piles_up(self) -> bool:
        """Say whether each run may leave an older key alive without any fault: for an overlap, a drain, or a canary."""
        return bool(self.overlap.length or self.overlap.drain or self.canary)


def beginning(setting: Setting) -> Outside:
    """Give the world before the first rotation: every destination holds key 3. A neighbour's key looks like ours."""
    hand = (key(MINTER, "minter"), key(FIRST, "made by hand"))
    keys = (key(FOREIGN, NEIGHBOUR), *(replace(one, wider=setting.narrows) for one in hand))
    heard = False if setting.canary else None
    past = () if setting.adversary else None
    stored = (FIRST,) * setting.destinations
    written = (NOW,) * setting.destinations if setting.meddled else ()
    outside = Outside(keys, stored, None, None, FIRST + 1, setting.notebook, heard=heard, past=past, written=written)
    return replace(outside, tells=setting.tells)


def process_for(
    setting: Setting,
    outside: Outside,
    *,
    rotate: bool = True,
    late: int | None = None,
    scheduled: bool = False,
    exposed: bool = False,
    break_lock: bool = False,
) -> Process:
    """Start a run now: it reads what the primary destination holds (or, if it was queued before, held: `late`).

    Started by hand it rotates whatever the age; `scheduled`, only a key that is due; `exposed`, after an exposure.
    """
    value = late or outside.stored[0]
    self_rotation = setting.scope is Scope.PERSONAL and not setting.minter
    at_hand = value if self_rotation or setting.value_given else None
    named = outside.stored[0] if setting.adversary else None
    policy = Policy(
        command=Command.ROTATE if rotate else Command.SWEEP,
        scope=setting.scope,
        lineage=LINEAGE,
        destinations=tuple(f"d{number}" for number in range(setting.destinations)),
        run=RUN,
        self_rotation=self_rotation,
        org_id=None if setting.scope is Scope.PERSONAL else "org-a",
        value_at_hand=None if at_hand is None else fingerprint(at_hand),
        old_key_id=setting.named,
        find_old_key=setting.named is None,
        pattern=(True, False) if setting.knocks else (),
        cadence=Cadence(NEVER_DUE if scheduled and not setting.due else None),
        overlap=setting.overlap,
        canary=Canary("check-neon-key.yml") if setting.canary else None,
        exposure=Exposure(setting.exposed, None, named, break_lock) if exposed and setting.exposed else None,
        on_failure=setting.on_failure,
        max_live_keys=setting.most_keys,
        # Whoever empties a destination also says that it is to be written again.
        from_scope=Scope.PERSONAL if setting.narrows else None,
        minter=fingerprint(MINTER),
        may_create=tuple(f"d{number}" for number in range(setting.destinations)) if setting.meddled else (),
    )
    return Process(policy, at_hand, value if self_rotation else MINTER, frozenset({OVER}))
