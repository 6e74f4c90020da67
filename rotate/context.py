"""Where a run happens: what the runner says of itself."""

from __future__ import annotations

from dataclasses import dataclass

REASONS = "docs/reasons.md"


@dataclass(frozen=True, slots=True)
class Context:
    """Where the run happens: what the runner says of itself (facts: GitHub §5.2). Empty text: not said.

    `actor` started the workflow run, `triggering_actor` this attempt of it; outside GitHub, `actor` is the user.
    `state`: the folder where a person's programs keep their state; empty where the machine is gone after the run.
    `elsewhere`: there is a login to a system that can list what it has, beside GitHub.
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
    event_file: str = ""
    repository_id: str = ""
    state: str = ""
    elsewhere: bool = False

    @property
    def host(self) -> str:
        """Give the host of GitHub's API, by which a runner and a laptop know one GitHub from another."""
        return self.api_url.partition("://")[2].partition("/")[0].partition(":")[0].lower()

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
