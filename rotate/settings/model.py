"""One frozen record of everything that can be configured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from rotate.protocol.facts.cadence import Cadence
from rotate.protocol.facts.marker import Lineage, former_home_of, home_of
from rotate.protocol.facts.model import Scope
from rotate.protocol.facts.policy import Canary, Command, Exposure, OnFailure, Overlap
from rotate.secret import Secret
from rotate.system import Keeper, Place

DEFAULT_API_HOST = "https://console.neon.tech/api/v2"
DEFAULT_NAME = "NEON_API_KEY"
DEFAULT_POLICY = ".github/neon-rotate.yml"
DEFAULT_AUDIT = "neon-rotate-audit.jsonl"
# The kind of a keeper that is no system: a file on this machine.
NOTE_FILE = "note_file"


@dataclass(frozen=True, slots=True)
class Shard:
    """Which of how many parts of the destinations a `sync` writes; the first is 1."""

    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked for one credential, checked.

    `credential` names it: its note and lock are named after it, and kept where `keeper` says; `None`: nowhere. `places`
    has the primary destination first; `others` are those of the other credentials of the run. `shares`: what the inputs
    say to one system, by its kind. `named`: a person gave `key_name`. `audit` is a file's path in the workspace; empty:
    none. `rehearsal`: a `sync` that only says what it would write. `fail_on`, `sarif`, `html`: on which findings an
    `inventory` exits with 3, and the files that it writes; empty: none.
    """

    command: Command
    api_key: Secret
    api_host: str
    scope: Scope
    key_name: str
    credential: str
    places: tuple[Place, ...]
    keeper: Keeper | None
    org_id: str | None = None
    project_id: str | None = None
    current_key: Secret | None = None
    old_key_id: int | None = None
    nothing_before: bool = False
    cadence: Cadence = field(default_factory=Cadence)
    overlap: Overlap = field(default_factory=Overlap)
    canary: Canary | None = None
    exposure: Exposure | None = None
    on_failure: OnFailure = OnFailure.HOLD
    max_age: timedelta | None = None
    max_live_keys: int = 5
    may_issue: bool = True
    shard: Shard | None = None
    rehearsal: bool = False
    time_limit: timedelta = timedelta(hours=6)
    reason: str = ""
    audit: str = ""
    alert_issue: bool = False
    require_proof: bool = False
    find_old_key: bool = False
    old_key_name: str = ""
    from_scope: Scope | None = None
    named: bool = True
    give_up: tuple[str, ...] = ()
    others: tuple[Place, ...] = ()
    shares: Mapping[str, object] = field(default_factory=dict)
    fail_on: tuple[str, ...] = ()
    sarif: str = ""
    html: str = ""

    def lineage(self, number: int) -> Lineage:
        """Give the lineage. `number`: the keeper's; 0 where it is not known, and then no marker shows a key ours."""
        keeper = self.keeper or Keeper("", "")
        owner = home_of(keeper.host, number, self.credential) if number else ""
        return Lineage(self.key_name, owner, former_home_of(keeper.where, self.credential), self.named)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Name the systems that take part, each once."""
        kept = (self.keeper.kind,) if self.keeper and self.keeper.kind != NOTE_FILE else ()
        return tuple(dict.fromkeys((*kept, *(place.kind for place in self.places))))

    @property
    def patterned(self) -> bool:
        """Say whether some places are not known before their system is asked."""
        return any(place.patterned for place in self.places)

    @property
    def self_rotation(self) -> bool:
        """Say whether the key being replaced is the one that we authenticate with.

        A check, or a sync, of a lone key is about that key, whatever its scope.
        """
        if self.command in (Command.CHECK, Command.SYNC) and self.current_key is None:
            return True
        return self.scope is Scope.PERSONAL and self.current_key in (None, self.api_key)

    @property
    def at_hand(self) -> Secret | None:
        """Give the value being replaced, if it was given."""
        return self.api_key if self.self_rotation else self.current_key
