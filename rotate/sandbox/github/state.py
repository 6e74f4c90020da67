"""What the pretend GitHub holds: repositories, secrets, variables, runs and tokens, to seed and to inspect."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from rotate.sandbox.clock import Clock
from rotate.sandbox.github.apps import Apps
from rotate.sandbox.github.issues import StoredIssue
from rotate.sandbox.github.limits import Limits
from rotate.sandbox.github.records import (
    Environment,
    Organization,
    Repository,
    Run,
    StoredVariable,
    Token,
    TokenKind,
    Workflow,
    new_token,
)
from rotate.sandbox.github.vaults import StoredSecret, Vault

_FIRST_REPOSITORY_ID = 900_000_001
_FIRST_RUN_ID = 17_000_000_001


class GitHubState:
    """GitHub's memory. Seed and inspect it from any thread.

    `metadata_lag` is how many reads of a secret's metadata, after an overwrite, still show the earlier `updated_at`
    (facts: GitHub §2.1, reads after writes are eventually consistent). `tells_runs`: a dispatch can say which run it
    started; GitHub Enterprise Server before 3.21 cannot. `limits`: how many requests of one token it lets through.
    """

    def __init__(self, clock: Clock) -> None:
        """Start without repositories."""
        self.url = ""
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.metadata_lag = 0
        self.tells_runs = True
        self.limits = Limits()
        self._repositories: dict[str, Repository] = {}
        self._organizations: dict[str, Organization] = {}
        self.moved: dict[str, str] = {}
        self._tokens: dict[str, Token] = {}
        self.apps = Apps(self._clock)
        self._issues: dict[str, list[StoredIssue]] = {}
        self._repository_ids = itertools.count(_FIRST_REPOSITORY_ID)
        self._run_ids = itertools.count(_FIRST_RUN_ID)

    def add_repository(
        self,
        full_name: str,
        *,
        repository_id: int | None = None,
        archived: bool = False,
        private: bool = True,
        has_issues: bool = True,
    ) -> Repository:
        """Found a repository, `owner/name`."""
        number = next(self._repository_ids) if repository_id is None else repository_id
        repository = Repository(full_name, number, self._clock.now(), archived, private, has_issues)
        repository.of_organization = full_name.partition("/")[0].lower() in self._organizations
        self._repositories[full_name.lower()] = repository
        return repository

    def rename_repository(self, full_name: str, new_name: str) -> None:
        """Give a repository another name; requests to the old one are redirected."""
        repository = self._repositories.pop(full_name.lower())
        repository.full_name = new_name
        self._repositories[new_name.lower()] = repository
        self.moved[full_name.lower()] = new_name

    def add_environment(self, full_name: str, name: str, **protection: Any) -> Environment:
        """Found a deployment environment of a repository. `protection`: its reviewers, minutes and branches."""
        environments, now = self.repository(full_name).environments, self._clock.now()
        environments[name.lower()] = Environment(name, now, **protection)
        return environments[name.lower()]

    def add_organization(self, login: str) -> Organization:
        """Found an organization; repositories whose owner it is are its own."""
        organization = Organization(login, self._clock.now())
        self._organizations[login.lower()] = organization
        for one in self.repositories_of(login):
            one.of_organization = True
        return organization

    def organization(self, login: str) -> Organization:
        """Give an organization. Raises `KeyError` when there is none."""
        return self._organizations[login.lower()]

    def repositories_of(self, login: str) -> list[Repository]:
        """Give the repositories of an owner, in the order in which they were founded."""
        return [one for name, one in list(self._repositories.items()) if name.startswith(f"{login.lower()}/")]

    def every_repository(self) -> list[Repository]:
        """Give all repositories, in the order in which they were founded."""
        return list(self._repositories.values())

    def vault(self, owner: str, store: str = "actions", environment: str = "") -> Vault:
        """Give the secrets of an owner in one store, or of an environment. Raises `KeyError` when there is none."""
        if environment:
            return self.repository(owner).environments[environment.lower()].vault
        return self._keeper(owner).vaults[store]

    def add_token(
        self,
        *,
        kind: TokenKind = "pat",
        repositories: Mapping[str, Mapping[str, str]] | None = None,
        organizations: Mapping[str, Mapping[str, str]] | None = None,
        **more: Any,
    ) -> str:
        """Hand out a token. Without `repositories` it sees every repository, with read access to metadata and runs."""
        token = Token(kind, repositories, new_token(kind), organizations or {}, **more)
        self._tokens[token.value] = token
        return token.value

    def token(self, value: str) -> Token | None:
        """Give the token with this value, unless it has expired."""
        token = self._tokens.get(value)
        over = token is not None and token.expires_at is not None and token.expires_at <= self._clock.now()
        return None if over else token

    def tokens(self, kind: TokenKind) -> list[Token]:
        """Give every token of a kind that was not revoked, expired or not."""
        return [token for token in list(self._tokens.values()) if token.kind == kind]

    def revoke_token(self, value: str) -> None:
        """Kill a token: it then answers 401."""
        del self._tokens[value]

    def repository(self, full_name: str) -> Repository:
        """Give a repository. Raises `KeyError` when there is none."""
        return self._repositories[full_name.lower()]

    def set_secret(
        self,
        owner: str,
        name: str,
        value: str,
        *,
        updated_days_ago: float = 0,
        store: str = "actions",
        environment: str = "",
        visibility: str = "",
        selected: tuple[int, ...] = (),
    ) -> None:
        """Put a secret without a request, created and updated so many days ago. Access is an organization's alone."""
        then = self._clock.now() - timedelta(days=updated_days_ago)
        kept = StoredSecret(name.upper(), value, then, then, then, visibility=visibility, selected=selected)
        self.vault(owner, store, environment).secrets[name.upper()] = kept

    def secret(self, owner: str, name: str, store: str = "actions", environment: str = "") -> str | None:
        """Give what a workflow would read there; `None` when there is no such secret."""
        stored = self.vault(owner, store, environment).secrets.get(name.upper())
        return None if stored is None else stored.value

    def kept(self, full_name: str) -> list[StoredSecret | StoredVariable]:
        """Give every secret, of all stores, and every variable of a repository."""
        found = self._keeper(full_name)
        return [*(one for vault in found.vaults.values() for one in vault.secrets.values()), *found.variables.values()]

    def set_variable(self, full_name: str, name: str, value: str) -> None:
        """Put a variable without a request."""
        now = self._clock.now()
        self._keeper(full_name).variables[name.upper()] = StoredVariable(name.upper(), value, now, now)

    def variable(self, full_name: str, name: str) -> str | None:
        """Give a variable's value; `None` when there is no such variable."""
        return self.variables(full_name).get(name.upper())

    def variables(self, full_name: str) -> dict[str, str]:
        """Give every variable of a repository (`owner/name`) or an organization."""
        return {name: stored.value for name, stored in list(self._keeper(full_name).variables.items())}

    def _keeper(self, owner: str) -> Repository | Organization:
        return self.repository(owner) if "/" in owner else self.organization(owner)

    def add_workflow(self, full_name: str, file: str, **changes: Any) -> Workflow:
        """Put a workflow file on the default branch. `changes`: what differs from one that succeeds at once."""
        workflow = Workflow(file, **changes)
        self.repository(full_name).workflows[file] = workflow
        return workflow

    def issues(self, full_name: str) -> list[StoredIssue]:
        """Give every issue of a repository, oldest first."""
        return list(self._issues.get(full_name.lower(), []))

    def add_issue(self, full_name: str, title: str, body: str, **changes: Any) -> StoredIssue:
        """Open an issue without a request. `changes`: what differs from one that ada opened."""
        kept, now = self._issues.setdefault(full_name.lower(), []), self._clock.now()
        issue = StoredIssue(len(kept) + 1, title, body, now, now, **changes)
        kept.append(issue)
        return issue

    def add_run(
        self,
        full_name: str,
        *,
        run_id: int | None = None,
        status: str = "in_progress",
        conclusion: str | None = None,
        run_attempt: int = 1,
        path: str = ".github/workflows/rotate.yml",
        event: str = "workflow_dispatch",
        head_branch: str = "main",
        created_days_ago: float = 0,
        started_days_ago: float | None = None,
    ) -> Run:
        """Start a workflow run, or replace the one with this id; a completed one succeeds unless told otherwise."""
        now = self._clock.now()
        created = now - timedelta(days=created_days_ago)
        run = Run(
            run_id=next(self._run_ids) if run_id is None else run_id,
            status=status,
            conclusion=conclusion or ("success" if status == "completed" else None),
            run_attempt=run_attempt,
            path=path,
            event=event,
            head_branch=head_branch,
            created_at=created,
            started_at=created if started_days_ago is None else now - timedelta(days=started_days_ago),
            updated_at=now,
        )
        self.repository(full_name).runs[run.run_id] = run
        return run

    def shared_with(self, repository: Repository) -> list[StoredSecret]:
        """Give the Actions secrets of its organization that a repository may read (facts: GitHub §2.4)."""
        owner = repository.full_name.partition("/")[0]
        vault = (
            self._organizations[owner.lower()].vaults["actions"] if owner.lower() in self._organizations else Vault()
        )
        private, number = repository.private, repository.repository_id
        return [
            one
            for one in vault.secrets.values()
            if one.visibility == "all" or (one.visibility == "private" and private) or number in one.selected
        ]
