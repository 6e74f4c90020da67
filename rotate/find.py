"""`find`: where a secret is, and who mentions it. Reads only, and needs no Neon key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

from rotate.compose import address_of, policy_of
from rotate.errors import ExitCode, RotateError
from rotate.github_api.connections import Connections
from rotate.github_api.finding import Reached, Search
from rotate.github_api.places import Address, Store, account_of
from rotate.ports import Clock
from rotate.protocol.finding import Found
from rotate.protocol.steps import Status
from rotate.protocol.summary import Report, without_contact
from rotate.settings.model import App, Context, Login, Settings


def find(settings: Settings, context: Context, clock: Clock, connections: Connections) -> Report:
    """Look at everything that the tokens of one credential reach."""
    started = clock.now()
    names = tuple(dict.fromkeys([place.secret_name for place in settings.places] or [settings.credential]))
    configured = {place.spot for place in settings.places}
    tokens = dict.fromkeys([settings.github_token, *(place.token for place in settings.places if place.token)])

    def is_configured(where: Address, name: str) -> bool:
        return where.spot_of(name) in configured

    try:
        reached = [_reached(connections, token, settings, names, is_configured) for token in tokens]
    except RotateError as error:
        return without_contact((error,), started, clock.now())
    found = _together(settings, names, reached)
    policy = policy_of(settings, context, clock, ())
    report = Report(Status.UNCHANGED, ExitCode.DONE, found.sentence, started, clock.now(), policy, found=found)
    return report.warned(*dict.fromkeys(problem for one in reached for problem in one.unread))


def _reached(
    connections: Connections,
    login: Login,
    settings: Settings,
    names: tuple[str, ...],
    is_configured: Callable[[Address, str], bool],
) -> Reached:
    """Search with one login. Anybody may have installed an App: who is not the workflow's owner may be a stranger."""
    ways = partial(connections.everywhere, login, settings)
    found = Search(cache(partial(connections.to, login, settings=settings)), ways, names, is_configured).everything()
    if not isinstance(login, App):
        return found
    home = account_of(settings.home)
    return replace(
        found,
        secrets=tuple(
            replace(one, foreign=not one.configured and one.account.lower() != home) for one in found.secrets
        ),
    )


def _together(settings: Settings, names: tuple[str, ...], reached: list[Reached]) -> Found:
    """Two logins may reach the same place; what a person's token reaches is no stranger's, so it has the last word."""
    every = sorted((one for each in reached for one in each.secrets), key=lambda one: not one.foreign)
    secrets = {Address(one.owner, Store(one.store), one.environment).spot_of(one.name): one for one in every}
    mentions = dict.fromkeys(mention for one in reached for mention in one.mentions)
    repositories = {repository.repository_id for one in reached for repository in one.repositories}
    places = [one for one in settings.places if one.spot not in secrets]
    missing = tuple(f"{address_of(one).label} · {one.secret_name}" for one in places)
    return Found(names, len(repositories), tuple(secrets.values()), tuple(mentions), missing)
