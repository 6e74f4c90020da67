"""`find`: where a secret is, and who mentions it. Reads only, and needs no Neon key."""

from __future__ import annotations

from functools import cache, partial

from rotate.compose import policy_of
from rotate.errors import ExitCode, RotateError
from rotate.github_api.connections import Connections
from rotate.github_api.finding import Reached, Search
from rotate.github_api.places import Address, Store
from rotate.ports import Clock
from rotate.protocol.finding import Found
from rotate.protocol.steps import Status
from rotate.protocol.summary import Report, without_contact
from rotate.settings.model import Context, Settings


def find(settings: Settings, context: Context, clock: Clock, connections: Connections) -> Report:
    """Look at everything that the tokens of one credential reach."""
    started = clock.now()
    names = tuple(dict.fromkeys([place.secret_name for place in settings.places] or [settings.credential]))
    configured = {place.spot for place in settings.places}
    tokens = dict.fromkeys([settings.github_token, *(place.token for place in settings.places if place.token)])
    reaches = [
        (cache(partial(connections.to, token, settings=settings)), partial(connections.everywhere, token, settings))
        for token in tokens
    ]

    def is_configured(where: Address, name: str) -> bool:
        return where.spot_of(name) in configured

    try:
        reached = [Search(reach, ways, names, is_configured).everything() for reach, ways in reaches]
    except RotateError as error:
        return without_contact((error,), started, clock.now())
    found = _together(names, reached)
    policy = policy_of(settings, context, clock, ())
    report = Report(Status.UNCHANGED, ExitCode.DONE, found.sentence, started, clock.now(), policy, found=found)
    return report.warned(*dict.fromkeys(problem for one in reached for problem in one.unread))


def _together(names: tuple[str, ...], reached: list[Reached]) -> Found:
    """Two tokens may reach the same place."""
    secrets = {
        Address(s.owner, Store(s.store), s.environment).spot_of(s.name): s for one in reached for s in one.secrets
    }
    mentions = dict.fromkeys(mention for one in reached for mention in one.mentions)
    repositories = {repository.repository_id for one in reached for repository in one.repositories}
    return Found(names, len(repositories), tuple(secrets.values()), tuple(mentions))
