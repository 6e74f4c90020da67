"""The long JSON shapes of the pretend GitHub, complete as its OpenAPI description demands."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from urllib.parse import quote
from zlib import crc32

from rotate.sandbox.clock import stamp
from rotate.sandbox.exchange import Json
from rotate.sandbox.github.records import Environment, Organization, Repository, Run, Workflow

DEFAULT_BRANCH = "main"
_LINKS = (
    *("archive", "assignees", "blobs", "branches", "collaborators", "comments", "commits", "compare", "contents"),
    *("contributors", "deployments", "downloads", "events", "forks", "git_commits", "git_refs", "git_tags", "hooks"),
    *("issue_comment", "issue_events", "issues", "keys", "labels", "languages", "merges", "milestones"),
    *("notifications", "pulls", "releases", "stargazers", "statuses", "subscribers", "subscription", "tags", "teams"),
    "trees",
)
_OWNER_LINKS = (
    *("avatar", "events", "followers", "following", "gists", "organizations", "received_events", "repos", "starred"),
    "subscriptions",
)


def owner_shape(login: str, api: str, kind: str = "User") -> dict[str, Json]:
    """Tell an account. GitHub OpenAPI simple-user. `api` is the URL under which the API answers."""
    url = f"{api}/users/{login}"
    return {
        "login": login,
        "id": crc32(login.lower().encode()),
        "node_id": f"U_{login}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"https://github.example.com/{login}",
        "type": kind,
        "site_admin": False,
        **{f"{name}_url": f"{url}/{name}" for name in _OWNER_LINKS},
    }


def minimal_repository(repository: Repository, api: str) -> dict[str, Json]:
    """Tell a repository in brief. GitHub OpenAPI minimal-repository."""
    owner, _, name = repository.full_name.partition("/")
    url = f"{api}/repos/{repository.full_name}"
    return {
        "id": repository.repository_id,
        "node_id": f"R_{repository.repository_id}",
        "name": name,
        "full_name": repository.full_name,
        "owner": dict(owner_shape(owner, api, "Organization" if repository.of_organization else "User")),
        "private": repository.private,
        "archived": repository.archived,
        "disabled": repository.disabled,
        "topics": list(repository.topics),
        "html_url": f"https://github.example.com/{repository.full_name}",
        "description": None,
        "fork": False,
        "url": url,
        **{f"{link}_url": f"{url}/{link}" for link in _LINKS},
    }


def full_repository(repository: Repository, api: str, *, admin: bool) -> dict[str, Json]:
    """Tell a repository in full, with what the caller may do. GitHub OpenAPI full-repository."""
    web = f"https://github.example.com/{repository.full_name}.git"
    created = stamp(repository.created_at)
    rights = ("admin", "maintain", "push", "triage")
    features = ("has_issues", "has_projects", "has_wiki", "has_pages", "has_discussions")
    counts = ("forks", "forks_count", "open_issues", "open_issues_count", "watchers", "watchers_count", "size")
    return {
        **minimal_repository(repository, api),
        **dict.fromkeys((*counts, "stargazers_count", "network_count", "subscribers_count"), 0),
        **dict.fromkeys(features, False),
        **dict.fromkeys(("clone_url", "git_url", "ssh_url", "svn_url"), web),
        **dict.fromkeys(("mirror_url", "homepage", "language", "license")),
        **dict.fromkeys(("pushed_at", "created_at", "updated_at"), created),
        "default_branch": DEFAULT_BRANCH,
        "visibility": "private" if repository.private else "public",
        "permissions": {**dict.fromkeys(rights, admin), "pull": True},
    }


def run_page(run: Run, repository: Repository) -> str:
    """Give the page of a run, for people."""
    return f"https://github.example.com/{repository.full_name}/actions/runs/{run.run_id}"


def environment_shape(environment: Environment, repository: Repository, api: str) -> dict[str, Json]:
    """Tell an environment, and what a job there waits for. GitHub OpenAPI environment."""
    created, name = stamp(environment.created_at), quote(environment.name, safe="")
    people: list[Json] = [
        {"type": "User", "reviewer": dict(owner_shape(f"reviewer-{number}", api))}
        for number in range(environment.reviewers)
    ]
    given: dict[str, dict[str, Json]] = {
        "wait_timer": {"wait_timer": environment.minutes} if environment.minutes else {},
        "required_reviewers": {"prevent_self_review": False, "reviewers": people} if people else {},
        "branch_policy": {"id": 3} if environment.branches else {},
    }
    rules: list[Json] = [
        {"id": number, "node_id": f"GA_{number}", "type": kind, **more}
        for number, (kind, more) in enumerate(given.items(), 1)
        if more
    ]
    return {
        "id": 1,
        "node_id": "EN_1",
        "name": environment.name,
        "url": f"{api}/repos/{repository.full_name}/environments/{name}",
        "html_url": f"https://github.example.com/{repository.full_name}/deployments/activity_log?environments_filter={name}",
        "created_at": created,
        "updated_at": created,
        "protection_rules": rules,
        "deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False}
        if environment.branches
        else None,
    }


def organization_shape(organization: Organization, repositories: int, api: str, *, plan: bool) -> dict[str, Json]:
    """Tell an organization, and its plan to whom it is told. GitHub OpenAPI organization-full."""
    login, created = organization.login, stamp(organization.created_at)
    url = f"{api}/orgs/{login}"
    told: dict[str, Json] = {"name": organization.plan, "space": 976562499, "private_repos": 999999}
    return {
        "login": login,
        "id": 1,
        "node_id": "O_1",
        "type": "Organization",
        "url": url,
        "html_url": f"https://github.example.com/{login}",
        "description": None,
        "avatar_url": f"https://github.example.com/{login}.png",
        **{
            f"{link}_url": f"{url}/{link}"
            for link in ("repos", "events", "hooks", "issues", "members", "public_members")
        },
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": repositories,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": created,
        "updated_at": created,
        "archived_at": None,
        **({"plan": told} if plan else {}),
    }


def workflow_shape(workflow: Workflow, repository: Repository, api: str, now: datetime) -> dict[str, Json]:
    """Tell a workflow, and whether it is disabled. GitHub OpenAPI workflow."""
    changed = stamp(now - timedelta(days=workflow.changed_days_ago))
    path = f".github/workflows/{workflow.file}"
    web = f"https://github.example.com/{repository.full_name}"
    return {
        "id": 1,
        "node_id": "W_1",
        "name": "rotate",
        "path": path,
        "state": workflow.disabled_as if workflow.disabled else "active",
        "created_at": changed,
        "updated_at": changed,
        "url": f"{api}/repos/{repository.full_name}/actions/workflows/1",
        "html_url": f"{web}/blob/{DEFAULT_BRANCH}/{path}",
        "badge_url": f"{web}/workflows/rotate/badge.svg",
    }


def run_shape(run: Run, repository: Repository, api: str) -> dict[str, Json]:
    """Tell a workflow run. GitHub OpenAPI workflow-run."""
    url = f"{api}/repos/{repository.full_name}/actions/runs/{run.run_id}"
    sha = hashlib.sha256(repository.full_name.encode()).hexdigest()[:40]
    brief = minimal_repository(repository, api)
    links = ("jobs", "logs", "cancel", "rerun", "artifacts", "check_suite", "workflow")
    return {
        "id": run.run_id,
        "name": "rotate",
        "node_id": f"WFR_{run.run_id}",
        "head_branch": run.head_branch,
        "head_sha": sha,
        "path": run.path,
        "display_title": "rotate",
        "run_number": 1,
        "run_attempt": run.run_attempt,
        "event": run.event,
        "status": run.status,
        "conclusion": run.conclusion,
        "workflow_id": 1,
        "url": url,
        "html_url": run_page(run, repository),
        "pull_requests": [],
        "created_at": stamp(run.created_at),
        "updated_at": stamp(run.updated_at),
        "run_started_at": stamp(run.started_at),
        **{f"{link}_url": f"{url}/{link}" for link in links},
        "head_commit": {
            "id": sha,
            "tree_id": sha,
            "message": "rotate",
            "timestamp": stamp(run.created_at),
            "author": {"name": "sandbox", "email": "sandbox@example.com"},
            "committer": {"name": "sandbox", "email": "sandbox@example.com"},
        },
        "repository": dict(brief),
        "head_repository": dict(brief),
    }
