"""What the pretend Railway holds: projects, environments, services, variables, deployments, to seed and to inspect."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from rotate.sandbox.clock import Clock
from rotate.sandbox.exchange import Json
from rotate.sandbox.rate import Rate

SHARED = ""
_REFERENCE = re.compile(r"\$\{\{\s*(?:([^{}]+)\.)?(\w+)\s*\}\}")


@dataclass(slots=True)
class Variable:
    """One variable. `sealed`: its value is shown to nobody."""

    value: str = field(repr=False)
    updated_at: datetime
    sealed: bool = False


@dataclass(slots=True)
class Deployment:
    """One deployment: it goes from one of its states to the next each time that somebody looks. `given`: the variables
    that it began with."""

    service: str
    created_at: datetime
    states: list[str]
    given: dict[str, str] = field(default_factory=dict, repr=False)
    number: str = field(default_factory=lambda: str(uuid4()))


@dataclass(slots=True)
class Environment:
    """One environment of a project. `services`: by their ids, their names. `variables`: those of each service by its
    id, and the shared ones."""

    name: str
    project: str
    deleted: bool = False
    services: dict[str, str] = field(default_factory=dict)
    variables: dict[str, dict[str, Variable]] = field(default_factory=lambda: {SHARED: {}})
    deployments: list[Deployment] = field(default_factory=list)

    def add_service(self, name: str) -> str:
        """Create a service of which nothing runs; give its id."""
        number = str(uuid4())
        self.services[number] = name
        self.variables[number] = {}
        return number

    def latest(self, service: str) -> Deployment | None:
        """Give the latest deployment of a service."""
        return next((one for one in reversed(self.deployments) if one.service == service), None)

    def rendered(self, service: str, text: str) -> str:
        """Give what a text means, with what its references refer to in their place."""

        def meant(found: re.Match[str]) -> str:
            ids = {name: number for number, name in self.services.items()} | {"shared": SHARED}
            of = ids.get(found[1], service) if found[1] else service
            other = self.variables[of].get(found[2])
            return self.rendered(of, other.value) if other else ""

        return _REFERENCE.sub(meant, text)


@dataclass(slots=True)
class Project:
    """One project of a workspace."""

    name: str
    workspace: str
    deleted: bool = False


@dataclass(slots=True)
class Token:
    """What a token sees: one environment (a project token), or the projects of some workspaces. `writes`: and may
    change there."""

    environment: str = ""
    workspaces: list[str] = field(default_factory=list)
    writes: bool = True


class RailwayState:
    """Railway's memory. `ends`: the states that the next deployments go through. `page`: so many rows on one."""

    def __init__(self, clock: Clock) -> None:
        """Start without projects."""
        self.clock = clock
        self.url = ""
        self.rate = Rate()
        self.page = 50
        self.ends = ["INITIALIZING", "SUCCESS"]
        self.projects: dict[str, Project] = {}
        self.environments: dict[str, Environment] = {}
        self.tokens: dict[str, Token] = {}

    def add_project(self, name: str, workspace: str = "workspace-1") -> str:
        """Create a project; give its id."""
        number = str(uuid4())
        self.projects[number] = Project(name, workspace)
        return number

    def add_environment(self, project: str, name: str) -> str:
        """Create an environment; give its id."""
        number = str(uuid4())
        self.environments[number] = Environment(name, project)
        return number

    def add_token(self, token: Token) -> str:
        """Give somebody a token."""
        value = secrets.token_hex(20)
        self.tokens[value] = token
        return value

    def write(self, environment: str, service: str, name: str, value: str) -> None:
        """Write a variable: a sealed one stays sealed."""
        ours = self.environments[environment].variables[service]
        sealed = name in ours and ours[name].sealed
        ours[name] = Variable(value, self.clock.now(), sealed)

    def deploy(self, environment: str, service: str, *states: str) -> Deployment:
        """Start a deployment with the variables as they are now."""
        where = self.environments[environment]
        given = {name: where.rendered(service, one.value) for name, one in where.variables[service].items()}
        made = Deployment(service, self.clock.now(), list(states or self.ends), given)
        where.deployments.append(made)
        return made

    def shown(self, environment: str, service: str, *, unrendered: bool) -> dict[str, Json]:
        """Give the variables of a service, or the shared ones, as the API shows them."""
        where = self.environments[environment]
        ours = where.variables[service].items()
        return {
            name: None if one.sealed else one.value if unrendered else where.rendered(service, one.value)
            for name, one in ours
        }
