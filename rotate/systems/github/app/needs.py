"""What a run asks of one installation of a GitHub App, so that its token can do nothing else.

Names are those of GitHub OpenAPI app-permissions, which knows none for variables, for Codespaces and for agents'
secrets; the permissions data calls the first `actions_variables` (facts: GitHub §2.5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rotate.protocol.facts.policy import Command
from rotate.systems.github.address import account_of
from rotate.systems.github.settings.model import Among, AtGitHub, Login, Place

MOST_REPOSITORIES = 500
VARIABLES, ORGANIZATION_VARIABLES = "actions_variables", "organization_actions_variables"
READ, WRITE = "read", "write"
WORDS = {
    "secrets": "repository permission **Secrets**",
    "dependabot_secrets": "repository permission **Dependabot secrets**",
    "environments": "repository permission **Environments**",
    "organization_secrets": "organization permission **Secrets**",
}

# Every App has it.
ALWAYS = {"metadata": READ}

# In place of a repository's name that only GitHub knows.
WHICHEVER = "*/*"

Body = dict[str, object]


@dataclass(frozen=True, slots=True)
class Needs:
    """Which repositories (`owner/name`) and permissions. `must`: without these nothing goes; `may`: something does.

    `everywhere`: a list of repositories would hide some that count. `unnamed`: a permission is needed whose name is
    not known. Either is then not narrowed.
    """

    repositories: frozenset[str] = frozenset()
    must: Mapping[str, str] = field(default_factory=dict)
    may: Mapping[str, str] = field(default_factory=dict)
    everywhere: bool = False
    unnamed: bool = False

    def and_also(self, more: Needs) -> Needs:
        """Join what several credentials ask of the same installation."""
        return Needs(
            self.repositories | more.repositories,
            _greater(self.must, more.must),
            _greater(self.may, more.may),
            self.everywhere or more.everywhere,
            self.unnamed or more.unnamed,
        )

    def lacking(self, granted: Mapping[str, str]) -> list[str]:
        """Name what must be there and was not granted, for people."""
        return [
            f"{WORDS[name]}: {'read and write' if level == WRITE else 'read'}"
            for name, level in self.must.items()
            if granted.get(name, "") < level
        ]

    def bodies(self, granted: Mapping[str, str]) -> list[Body]:
        """Give what to ask a token with, the narrowest first. Not to narrow is the last resort."""
        asked = {name: min(level, granted[name]) for name, level in self.may.items() if name in granted}
        asked |= {name: level for name, level in self.may.items() if name == VARIABLES}
        permissions: Body = {} if self.unnamed else {"permissions": {**asked, **self.must, **ALWAYS}}
        names = sorted(name.partition("/")[2] for name in self.repositories)
        listed = 0 < len(names) <= MOST_REPOSITORIES and not self.everywhere
        repositories: Body = {"repositories": names} if listed else {}
        every: list[Body] = [{**repositories, **permissions}, permissions, repositories, {}]
        return [body for number, body in enumerate(every) if body not in every[:number]]


def needs(settings: AtGitHub, login: Login, owner: str) -> Needs:
    """Give what one credential asks of the account that `owner` (`owner/name`, or a login) belongs to."""
    account, asked = account_of(owner), settings.asked
    surveys = asked.command is Command.INVENTORY
    places = [
        place
        for place in (() if surveys else settings.places)
        if (place.token or settings.github_token) == login and account_of(place.owner) == account
    ]
    reads = asked.command in (Command.CHECK, Command.DOCTOR, Command.INVENTORY)
    found = _of_places(places, READ if reads else WRITE)
    drained = asked.overlap.drain or asked.canary
    may = {"actions": WRITE if asked.canary else READ} if drained else {}
    if asked.command in (Command.ROTATE, Command.PLAN) and places:
        # Environments are listed with the first and their secrets read with the second: one may hide the repository's.
        may = {"actions": READ, "environments": READ} | may
        if asked.old_key_id:
            # A key that was made by hand may lie in other stores too.
            may = {"secrets": READ, "dependabot_secrets": READ} | may
    if asked.command is Command.DOCTOR:
        # How environments are protected, and the plan of an organization.
        may |= {"actions": READ} if any(place.environment for place in places) else {}
        may |= {"organization_plan": READ} if any(not place.repository for place in places) else {}
    if login == settings.github_token and account_of(settings.home) == account:
        home = {VARIABLES: WRITE, "actions": READ, **({"issues": WRITE} if asked.alert_issue else {})}
        if asked.command is Command.DOCTOR:
            home = {VARIABLES: READ, "actions": READ, "contents": READ}
        if surveys:
            home |= {VARIABLES: READ}
        found = found.and_also(Needs(frozenset({settings.home}), may=home))
    if settings.organization and (places or (surveys and account == account_of(settings.organization))):
        may |= {ORGANIZATION_VARIABLES: READ if reads else WRITE}
    return found.and_also(Needs(may=may)).and_also(_wide(settings, login))


def _wide(settings: AtGitHub, login: Login) -> Needs:
    """Give what finding repositories takes: to see them all, and for `holders` what they hold."""
    if settings.asked.command is Command.FIND:
        seen = ("secrets", "dependabot_secrets", "environments", "organization_secrets", "contents", "actions")
        return Needs(may=dict.fromkeys(seen, READ), everywhere=True, unnamed=True)
    if not settings.asked.patterned:
        return Needs()
    names = {
        replace(place.address, owner=WHICHEVER).permission_name
        for place in settings.places
        if (place.token or settings.github_token) == login and any(one.among is Among.HOLDERS for one in place.patterns)
    }
    may = dict.fromkeys(("organization_custom_properties", "environments", *sorted(names - {""})), READ)
    return Needs(may=may, everywhere=True, unnamed="" in names)


def _of_places(places: Sequence[Place], level: str) -> Needs:
    addresses = [place.address for place in places]
    names = dict.fromkeys(address.permission_name for address in addresses)
    return Needs(
        frozenset(place.repository for place in places if place.repository),
        {name: level for name in names if name},
        everywhere=any(address.of_organization for address in addresses),
        unnamed="" in names,
    )


def _greater(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    return {name: max(one.get(name, ""), other.get(name, "")) for name in (*one, *other)}
