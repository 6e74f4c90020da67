"""The standing key is written where a superseded one lay, through the destination of each place."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rotate.commands.local.survey import Found, Survey
from rotate.context import Context
from rotate.errors import Refused, RotateError, counted
from rotate.ports import Destination
from rotate.problems import Problems
from rotate.protocol.facts.model import Liveness
from rotate.protocol.story.findings import State
from rotate.protocol.story.lying import Which
from rotate.registry import system
from rotate.run.lines import Lines
from rotate.secret import Secret
from rotate.settings import places
from rotate.settings.model import Settings

DONE = "done: it holds the standing key now"


class Doors:
    """Opens destinations by their addresses. `context`: where the run happens."""

    def __init__(self, settings: Settings, context: Context, lines: Lines, stop: threading.Event) -> None:
        self._settings, self._context, self._lines, self._stop = settings, context, lines, stop

    def opened(self, addresses: Sequence[str]) -> Mapping[str, Destination]:
        """Open each, in this order; contacts nobody.

        Raises:
            RotateError: the first thing that is wrong with one, or that the environment lacks for it.
        """
        problems = Problems()
        spots = [spot for one in addresses for spot in places.of_destination({"to": one}, self._context)]
        held = places.read({}, spots, self._context, problems)
        every = [problem for _, problem in problems.found]
        for place in held:
            of = system(place.kind)
            environment = self._lines.means.environment
            every += [*of.lacks(environment), *of.lacks_at(environment, [place.name])]
        if every:
            raise every[0]
        settings = replace(self._settings, places=held, keeper=None)
        attached = [line.attach(settings, self._stop) for line in self._lines.of(settings)]
        by_name = {one.name: one for part in attached for one in part.destinations}
        return {place.name: by_name[place.name] for place in held if place.name in by_name}


def write(destination: Destination, standing: Secret, over: str) -> bool:
    """Write the value, and prove it. `over`: the fingerprint of what was seen there; empty, whatever stands there. Says
    whether anything was written.

    Raises:
        RotateError: it was not, or that is not known; or something else stands there by now.
    """
    before = destination.observe()
    held = before.holds.fingerprint if before.holds else ""
    if held == standing.fingerprint:
        return False
    if over and held and held != over:
        raise Refused(
            "local-changed",
            f"{destination.name} holds another value than the one that was found there. It was left as it is.",
            "Run this again: it looks at what stands there now.",
        )
    receipt = destination.put(standing)
    destination.confirm(before, receipt)
    return True


def write_each(
    targets: Iterable[Found], doors: Doors, standing: Secret
) -> tuple[dict[Found, Found], list[RotateError]]:
    """Write all that can be written; give what each became, and what failed. One that fails does not stop the next."""
    became: dict[Found, Found] = {}
    failed: list[RotateError] = []
    for one in targets:
        try:
            for destination in doors.opened([one.seen.address]).values():
                write(destination, standing, one.seen.value.fingerprint)
        except RotateError as error:
            failed.append(error)
            became[one] = one._replace(lying=one.lying.then(State.PROBLEM, f"not written: {error.message}"))
        else:
            now = replace(one.lying, fingerprint=standing.fingerprint, which=Which(), liveness=Liveness.ALIVE)
            became[one] = one._replace(lying=now.then(State.WELL, DONE))
    return became, failed


def after(seen: Survey, became: Mapping[Found, Found]) -> Survey:
    """Tell of each place how it is now."""
    return seen._replace(found=tuple(became.get(one, one) for one in seen.found))


def not_agreed(addresses: Sequence[str]) -> Refused:
    """Say that nobody agreed to the writes."""
    return Refused(
        "local-not-agreed",
        f"Nobody agreed to the write of {counted(len(addresses), 'place')}. Nothing was changed.",
        "Look at the list of `neon-rotate local find --probe`. To write without a question: --yes",
    )
