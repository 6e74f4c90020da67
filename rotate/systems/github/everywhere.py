"""Everything that the logins of one credential reach: where its secret is, and who mentions it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial

from rotate.errors import RotateError
from rotate.line import Seen
from rotate.systems.github.address import Address, Store, account_of
from rotate.systems.github.connections import Connections
from rotate.systems.github.finder import Reached, Search
from rotate.systems.github.repositories.discovery import repository
from rotate.systems.github.settings.model import App, AtGitHub, Login
from rotate.wire.together import together


def everything(settings: AtGitHub, names: Sequence[str], connections: Connections) -> Seen:
    """Look with every login. Raises `RotateError` where one may not look at all."""
    logins = [settings.github_token, *(place.token for place in settings.places)]
    reached = [_reached(connections, login, settings, names) for login in dict.fromkeys(logins) if login]
    return _together(_named_as_now(settings, connections, reached), reached)


def _reached(connections: Connections, login: Login, settings: AtGitHub, names: Sequence[str]) -> Reached:
    """Search with one login. Anybody may have installed an App: who is not the workflow's owner may be a stranger."""
    ways = partial(connections.everywhere, login, settings)
    found = Search(cache(partial(connections.to, login, settings=settings)), ways, names).everything()
    if not isinstance(login, App):
        return found
    home = account_of(settings.home)
    return replace(found, secrets=tuple(replace(one, foreign=one.account.lower() != home) for one in found.secrets))


def _named_as_now(settings: AtGitHub, connections: Connections, reached: list[Reached]) -> AtGitHub:
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
    return settings._replace(places=places)


def _together(settings: AtGitHub, reached: list[Reached]) -> Seen:
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
    missing = tuple(one.name for one in places)
    unread = tuple(dict.fromkeys(problem for one in reached for problem in one.unread))
    return Seen(tuple(secrets.values()), tuple(mentions), len(repositories), missing, unread)
