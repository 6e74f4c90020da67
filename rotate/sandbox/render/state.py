"""What the pretend Render keeps: services, environment groups, and the deploys of each service."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

OWNER = "tea-sandbox"
ENDED = ("live", "deactivated", "build_failed", "update_failed", "canceled", "pre_deploy_failed")


@dataclass(slots=True)
class Deploy:
    """One deploy. `steps`: the states that it passes, one with each look; it stays in the last. `ran`: the variables
    that it began with. `seen`: it is listed."""

    number: str
    created_at: datetime
    steps: list[str]
    trigger: str = "api"
    commit: str = ""
    ran: dict[str, str] = field(default_factory=dict, repr=False)
    seen: bool = True

    @property
    def status(self) -> str:
        """The state that it is in."""
        return self.steps[0]


@dataclass(slots=True)
class Holder:
    """A service (`srv-…`, a cron job `crn-…`), or an environment group (`evg-…`) with the services that are linked."""

    number: str
    name: str
    variables: dict[str, str] = field(default_factory=dict, repr=False)
    type: str = "web_service"
    suspended: bool = False
    deploys: list[Deploy] = field(default_factory=list)
    links: list[str] = field(default_factory=list)


class RenderState:
    """`tokens`: which holders a key sees, by their ids; `readers`: keys that may write none. `next_steps`: what the
    deploys that are started next pass. `queues`: a service whose deploy waits answers 202 without a body."""

    def __init__(self) -> None:
        """Start without services."""
        self.holders: dict[str, Holder] = {}
        self.tokens: dict[str, set[str]] = {}
        self.readers: set[str] = set()
        self.next_steps: list[list[str]] = []
        self.queues = False

    def add(self, holder: Holder) -> Holder:
        """Add a service or a group."""
        self.holders[holder.number] = holder
        return holder

    def environment(self, service: Holder) -> dict[str, str]:
        """Give what a deploy begins with now: the service's own variables count before those of its groups."""
        groups = [one for one in self.holders.values() if service.number in one.links]
        found: dict[str, str] = {}
        for one in (*groups, service):
            found |= one.variables
        return found

    def deploy(self, service: Holder, now: datetime, trigger: str = "api", commit: str = "") -> Deploy:
        """Start a deploy, which overrides one that is under way, as a workspace does unless it says otherwise."""
        steps = self.next_steps.pop(0) if self.next_steps else ["created", "live"]
        number = f"dep-{len(service.deploys) + 1}-{service.number.partition('-')[2]}"
        for one in service.deploys:
            if one.status not in ENDED and not self.queues:
                one.steps[:] = ["canceled"]
        made = Deploy(number, now, list(steps), trigger, commit, self.environment(service))
        service.deploys.append(made)
        return made

    def step(self, service: Holder, deploy: Deploy) -> None:
        """Let a deploy be one step further; the one that was live before it is not any more."""
        if len(deploy.steps) > 1:
            del deploy.steps[0]
        if deploy.status == "live":
            for one in service.deploys:
                if one is not deploy and one.status == "live":
                    one.steps[:] = ["deactivated"]
