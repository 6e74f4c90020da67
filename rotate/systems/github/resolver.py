"""From patterns to places: asked of GitHub after the settings are checked, and before anything is built or changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from rotate.errors import Incomplete, Outcome, Refused, RotateError, counted, listed
from rotate.line import Resolved
from rotate.ports import Clock
from rotate.protocol.facts.events import Event
from rotate.settings.model import Settings
from rotate.system import Place as Told
from rotate.systems.github.connections import Connections
from rotate.systems.github.repositories.matching import Meaning, Meanings
from rotate.systems.github.settings.model import AtGitHub, Login, Place, at_github
from rotate.wire.together import together

MOST_NAMED = 20


class Resolver:
    """Resolves the credentials of one run. No place may be two credentials', however it was named."""

    def __init__(self, connections: Connections, clock: Clock, asked: Sequence[Settings]) -> None:
        self._connections = connections
        self._clock = clock
        self._taken = {place.spot: one.credential for one in asked for place in at_github(one).places if place.owner}

    def resolve(self, asked: Settings) -> Resolved:
        """Give every place that is meant, each once and in the order in which they were asked for."""
        begun, settings = self._clock.monotonic(), at_github(asked)
        known: dict[Login, Meanings] = {}
        found: dict[tuple[str, ...], Told] = {}
        events: list[Event] = []
        problems: list[RotateError] = []
        warnings: list[RotateError] = []
        for told in asked.places:
            place = told.own
            if not (isinstance(place, Place) and place.patterns):
                found.setdefault(told.spot, told)
                continue
            token = place.token or settings.github_token
            to = partial(self._connections.to, token, settings=settings)
            ways = partial(self._connections.everywhere, token, settings)
            meanings = known.setdefault(token, Meanings(to, ways, settings.home.partition("/")[0]))
            (meaning,) = together(partial(meanings.of, place))
            if isinstance(meaning, RotateError):
                problems.append(meaning)
                continue
            problems += meaning.problems
            warnings += _unread(meaning)
            events.append(self._told(place, meaning, begun))
            for one in meaning.repositories:
                here = replace(place, owner=one.full_name, patterns=())
                found.setdefault(here.spot, here.told)
        concrete = replace(asked, places=tuple(found.values()))
        ours = at_github(concrete).places
        problems += self._too_many(settings, ours) + self._of_others(asked.credential, ours)
        return Resolved(concrete, tuple(events), tuple(dict.fromkeys(problems)), tuple(dict.fromkeys(warnings)))

    def _told(self, place: Place, meaning: Meaning, begun: float) -> Event:
        names = ", ".join(one.full_name for one in meaning.repositories)
        skipped = ", ".join(one.full_name for one in meaning.skipped)
        count = len(meaning.repositories)
        detail = f"{count} {'repository' if count == 1 else 'repositories'}: {names}"
        detail += f"; skipped, archived or disabled: {skipped}" if skipped else ""
        where = f"environment {place.environment}" if place.environment else place.store
        asked = ", ".join(pattern.written for pattern in place.patterns)
        seconds = self._clock.monotonic() - begun
        return Event(0, "resolve", f"{asked} · {where}", Outcome.APPLIED, detail, self._clock.now(), seconds)

    def _too_many(self, settings: AtGitHub, found: Sequence[Place]) -> list[RotateError]:
        named = {place.owner.lower() for place in settings.places if place.owner}
        count = len({place.owner.lower() for place in found} - named)
        if count <= settings.max_repositories:
            return []
        return [
            Refused(
                "too-many-repositories",
                f"The patterns mean {counted(count, 'repository')}; "
                f"`max_repositories` allows {settings.max_repositories}.",
                f"Narrow the patterns. If so many are what you want:\n\n    max_repositories: {count}",
            )
        ]

    def _of_others(self, credential: str, found: Sequence[Place]) -> list[RotateError]:
        """Say which place another credential writes too, and take the rest."""
        problems: list[RotateError] = []
        for place in found:
            owner = self._taken.setdefault(place.spot, credential)
            if owner != credential:
                message = f"{place.owner} · {place.secret_name} is written for {owner} too."
                remedy = f"One secret can hold one key. Leave it out:\n\n    repositories: ['…', '!{place.owner}']"
                problems.append(Refused("destination-of-two", message, remedy))
        return problems


def _unread(meaning: Meaning) -> list[RotateError]:
    found: list[RotateError] = []
    if meaning.unread:
        named = ", ".join(one.full_name for one in meaning.unread[:MOST_NAMED])
        which = f"{counted(len(meaning.unread), 'repository')} ({named})"
        message = f"Whether these have the secret, the token may not know: {which}."
        remedy = "If one of them has it, give the token access to its secrets; else leave it out: `!owner/name`."
        found.append(Incomplete("holders-not-judged", message, remedy))
    if meaning.shut:
        owner, first = next(iter(meaning.shut.items()))
        message = f"What these owners' repositories have, the App may not know: {listed(tuple(meaning.shut))}."
        remedy = f"{first.remedy} Or leave them out: `!{owner}/*`."
        found.append(Incomplete("holders-not-judged", f"{message} {first.message}", remedy))
    return found
