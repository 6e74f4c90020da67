"""`find`: where a secret is, and who mentions it. Reads only, and needs no Neon key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial

from rotate.commands.find.found import Found
from rotate.errors import ExitCode, RotateError
from rotate.protocol.facts.found import FoundSecret
from rotate.protocol.facts.moves import Status
from rotate.protocol.story.report import Report, without_contact
from rotate.registry import system
from rotate.run.compose import policy_of
from rotate.settings.context import Context
from rotate.settings.model import App, Login, Settings
from rotate.system import Means, System
from rotate.systems.github.address import Address, Store, account_of, address_of
from rotate.systems.github.connections import Connections
from rotate.systems.github.finder import Reached, Search
from rotate.systems.github.repositories.discovery import repository
from rotate.wire.clock import time_of
from rotate.wire.together import together


def find(settings: Settings, context: Context, means: Means, connections: Connections) -> Report:
    """Look at everything that the tokens of one credential reach."""
    clock = means.clock
    began = clock.monotonic()
    names = tuple(dict.fromkeys([place.secret_name for place in settings.places] or [settings.credential]))
    logins = [settings.github_token, *(place.token for place in settings.places)]
    tokens = dict.fromkeys(login for login in logins if login)

    try:
        reached = [_reached(connections, token, settings, names) for token in tokens]
        others = [one for kind in _kinds(settings) for one in _elsewhere(kind, settings, names, means)]
    except RotateError as error:
        return without_contact((error,), time_of(clock, began), clock.now())
    found = _together(_named_as_now(settings, connections, reached), names, reached)
    seen = {one.address for one in others}
    missing = (str(one.address) for one in settings.elsewhere if str(one.address) not in seen)
    found = replace(found, secrets=(*found.secrets, *others), missing=(*found.missing, *missing))
    policy = policy_of(settings, context, clock, ())
    times = time_of(clock, began), clock.now()
    report = Report(Status.UNCHANGED, ExitCode.DONE, found.sentence, *times, policy, found=found.told())
    return report.warned(*dict.fromkeys(problem for one in reached for problem in one.unread))


def _kinds(settings: Settings) -> list[System]:
    """Give the systems beside GitHub that hold a destination, each once."""
    return [system(kind) for kind in dict.fromkeys(one.address.kind for one in settings.elsewhere)]


def _elsewhere(kind: System, settings: Settings, names: tuple[str, ...], means: Means) -> Iterator[FoundSecret]:
    """Look beside the destinations of one system, where it can list what it has."""
    ours = [one.address for one in settings.elsewhere if one.address.kind == kind.kind]
    known = {str(address) for address in ours}
    if kind.find:
        for one in kind.find(ours, names, means):
            yield replace(one, configured=one.address in known)


def _reached(connections: Connections, login: Login, settings: Settings, names: tuple[str, ...]) -> Reached:
    """Search with one login. Anybody may have installed an App: who is not the workflow's owner may be a stranger."""
    ways = partial(connections.everywhere, login, settings)
    found = Search(cache(partial(connections.to, login, settings=settings)), ways, names).everything()
    if not isinstance(login, App):
        return found
    home = account_of(settings.home)
    return replace(found, secrets=tuple(replace(one, foreign=one.account.lower() != home) for one in found.secrets))


def _named_as_now(settings: Settings, connections: Connections, reached: list[Reached]) -> Settings:
    """Follow the destinations that were renamed, as a rotation does: those that no list has under their name."""
    known = {one.full_name.lower() for each in reached for one in each.repositories}
    lost = [place for place in settings.places if place.repository and place.owner.lower() not in known]
    owners = dict.fromkeys((place.token or settings.github_token, place.owner) for place in lost)
    looked = together(*(partial(repository, connections.to(login, owner, settings), owner) for login, owner in owners))
    names = {
        owner: found.full_name
        for (_, owner), found in zip(owners, looked, strict=True)
        if not isinstance(found, RotateError)
    }
    places = tuple(replace(place, owner=names.get(place.owner, place.owner)) for place in settings.places)
    return replace(settings, places=places)


def _together(settings: Settings, names: tuple[str, ...], reached: list[Reached]) -> Found:
    """Two logins may reach the same place; what a person's token reaches is no stranger's, so it has the last word."""
    every = sorted((one for each in reached for one in each.secrets), key=lambda one: not one.foreign)
    found = {Address(one.owner, Store(one.store), one.environment).spot_of(one.name): one for one in every}
    configured = {place.spot for place in settings.places}
    secrets = {
        spot: replace(one, configured=True, foreign=False) if spot in configured else one for spot, one in found.items()
    }
    mentions = dict.fromkeys(mention for one in reached for mention in one.mentions)
    repositories = {repository.repository_id for one in reached for repository in one.repositories}
    places = [one for one in settings.places if one.spot not in secrets]
    missing = tuple(address_of(one).label_of(one.secret_name) for one in places)
    return Found(names, len(repositories), tuple(secrets.values()), tuple(mentions), missing)
