"""What surrounds a destination and decides nothing: how its environment is protected, on which plan its owner is.

GitHub OpenAPI `…/environments` (`protection_rules`, `deployment_branch_policy`) and `/orgs/{org}` (`plan`, told to
owners alone, and to Apps with *Organization plan: read*).
"""

from __future__ import annotations

from collections.abc import Mapping

from rotate.systems.github.secrets.shadow_places import environment_rows
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pages import Row
from rotate.systems.github.workflow_checks import Protection
from rotate.wire.outcome import NoAnswerError


def protections(github: GitHub, repository: str) -> Mapping[str, Protection]:
    """Give how each environment of a repository is protected, by its name in lower case.

    Raises:
        RotateError: they could not be listed.
    """
    return {str(row.get("name")).lower(): _protection(row) for row in environment_rows(github, repository)}


def plan_of(github: GitHub, organization: str) -> str:
    """Give the name of an organization's plan; empty where it is not told."""
    try:
        row = github.call("GET", f"/orgs/{organization}").json()
    except NoAnswerError:
        return ""
    plan = row.get("plan") if isinstance(row, dict) else None
    return str(plan.get("name", "")) if isinstance(plan, dict) else ""


def _protection(row: Row) -> Protection:
    given = row.get("protection_rules")
    rules = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    people = [one.get("reviewers") for one in rules if one.get("type") == "required_reviewers"]
    waits = [one.get("wait_timer") for one in rules if one.get("type") == "wait_timer"]
    return Protection(
        reviewers=sum(max(1, len(some)) if isinstance(some, list) else 1 for some in people),
        minutes=sum(minutes for minutes in waits if isinstance(minutes, int)),
        branches=row.get("deployment_branch_policy") is not None,
    )
