"""One frozen record of everything that can be configured, and the context of the run."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from rotate.protocol.cadence import Cadence
from rotate.protocol.model import Scope
from rotate.protocol.policy import Canary, Command, Exposure, OnFailure, Overlap
from rotate.secret import Secret

DEFAULT_API_HOST = "https://console.neon.tech/api/v2"
DEFAULT_NAME = "NEON_API_KEY"
DEFAULT_POLICY = ".github/neon-rotate.yml"
DEFAULT_AUDIT = "neon-rotate-audit.jsonl"
STORES = ("actions", "dependabot", "codespaces", "agents")
VISIBILITIES = ("all", "private")
REASONS = "docs/reasons.md"


class Pace(StrEnum):
    """How close to GitHub's limits a run goes: points only, one write a second, or as if secrets were content."""

    FAST = "fast"
    ADVISED = "advised"
    CAREFUL = "careful"


@dataclass(frozen=True, slots=True)
class Context:
    """Where the run happens: what the runner says of itself (facts: GitHub §5.2). Empty text: not said.

    `actor` started the workflow run, `triggering_actor` this attempt of it; outside GitHub, `actor` is the user.
    """

    in_actions: bool = False
    event_name: str = ""
    repository: str = ""
    run_id: str = ""
    attempt: str = ""
    api_url: str = "https://api.github.com"
    server_url: str = "https://github.com"
    workspace: str = ""
    output_file: str = ""
    summary_file: str = ""
    action_repository: str = ""
    action_ref: str = ""
    actor: str = ""
    triggering_actor: str = ""

    @property
    def run_url(self) -> str:
        """Give the page of this run, or nothing outside GitHub."""
        if not (self.repository and self.run_id):
            return ""
        return f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}"

    @property
    def docs(self) -> str:
        """Give the page that explains every reason code, at the version that runs; a path where that is not known."""
        if not (self.action_repository and self.action_ref):
            return REASONS
        return f"{self.server_url}/{self.action_repository}/blob/{self.action_ref}/{REASONS}"


@dataclass(frozen=True, slots=True)
class Place:
    """One destination: a secret of a repository (`owner/name`), of one of its environments, or of an organization.

    `visibility`: what an organization secret is created with where it does not exist; empty, it is not created. `token`
    of `None`: the credential's own.
    """

    owner: str
    secret_name: str
    token: Secret | None = None
    store: str = STORES[0]
    environment: str = ""
    visibility: str = ""

    @property
    def repository(self) -> str:
        """Give the repository whose workflows alone read it; empty for an organization's secret."""
        return self.owner if "/" in self.owner else ""


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked for one credential, checked.

    `credential` names it: its note and lock are variables named after it, kept in `home`, the repository whose
    workflow runs. `places` has the primary destination first. `audit` is a file's path in the workspace; empty: none.
    """

    command: Command
    api_key: Secret
    api_host: str
    scope: Scope
    key_name: str
    credential: str
    places: tuple[Place, ...]
    home: str
    github_token: Secret
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
    pace: Pace = Pace.FAST
    time_limit: timedelta = timedelta(hours=6)
    reason: str = ""
    audit: str = ""
    alert_issue: bool = False

    @property
    def self_rotation(self) -> bool:
        """Say whether the key being replaced is the one that we authenticate with.

        A check of a lone key looks at that key, whatever its scope.
        """
        if self.command is Command.CHECK and self.current_key is None:
            return True
        return self.scope is Scope.PERSONAL and self.current_key in (None, self.api_key)

    @property
    def at_hand(self) -> Secret | None:
        """Give the value being replaced, if it was given."""
        return self.api_key if self.self_rotation else self.current_key
