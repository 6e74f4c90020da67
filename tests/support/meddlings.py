"""The kill matrix of who writes secrets and knows of no rotation: at each request, one place is overwritten."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rotate.sandbox.faults import Fault
from rotate.sandbox.ledger import Entry
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY
from rotate.sandbox.world import World
from tests.support.matrix import DAY, NOW, Mode, Request, requests_in
from tests.support.plays import Play
from tests.support.runner import Ended
from tests.support.stories import held
from tests.support.zygote import Zygote

SCOPES = ("personal", "organization")
SECOND = "octo-org/service"
LATER = 5  # seconds: later than a write time that can be ours
MODES = {
    name: replace(mode, places=(SECOND,), scheduled=True)
    for name, mode in {
        "routine": Mode(),
        "second rotation": Mode(begins="after a rotation"),
        "overlap, waited out": Mode({"overlap": "3s", "wait": "15s"}, begins="after a rotation"),
        "sweep": Mode({"command": "sweep"}, begins="after a kill before the revoke"),
        "sweep after an overlap": Mode({"command": "sweep"}, begins="amid an overlap"),
        "exposed, all": Mode({**NOW, "revoke_when": "all"}, begins="after a rotation"),
        "exposed amid an overlap, all": Mode({**NOW, **DAY, "revoke_when": "all"}, begins="amid an overlap"),
    }.items()
}


@dataclass(frozen=True)
class Meddling:
    """What somebody does to the secret of one place, right before one request of a run."""

    scope: str
    mode: str
    how: str
    request: Request

    def __str__(self) -> str:
        """Name it, for people."""
        return f"{self.scope}, {self.mode}: {self.how} at {self.request}"


class MeddledPlay(Play):
    """A key in two repositories. `blind`: keys that were revoked though the run had seen what somebody wrote since."""

    def _prepare(self) -> None:
        self.world.github.add_repository(SECOND)
        self.world.github.set_secret(SECOND, self.story.secret_name, self.story.old_key.value, updated_days_ago=9)
        self._may(dict.fromkeys((self.story.repository, SECOND), PERMISSIONS))
        both = {"repository": REPOSITORY, "repositories": SECOND}
        self.story = replace(self.story, inputs={**self.story.inputs, **both})
        self.place, self.at = "", 0.0
        self.text: str | None = None
        self.blind: list[str] = []

    def begin(self) -> None:
        """Remember the value that somebody has kept, and watch every revoke."""
        super().begin()
        if self.mode.sweeps and len(self.alive) > 1:
            self.let_time_pass()
        self.kept = self.alive[0].value
        self.world.faults.add(Fault("hook", server="neon", method="DELETE", times=None, call=self._revokes))

    def meddle(self, how: str) -> None:
        """Overwrite or delete the secret of a place."""
        place, deed = how.split(": ")
        self.world.advance(LATER)
        self.place = {"primary": self.story.repository, "second": SECOND}[place]
        self.text = {"old value": self.kept, "foreign": "another", "deleted": None}[deed]
        if self.text is None:
            del self.world.github.vault(self.place).secrets[self.story.secret_name]
        else:
            self.world.github.set_secret(self.place, self.story.secret_name, self.text)
        self.at = time.monotonic()

    def _revokes(self, world: World) -> None:
        entries = list(world.ledger)
        if self.at and self.stands and any(map(self._looks, entries)):
            self.blind.append(entries[-1].line)

    @property
    def stands(self) -> bool:
        """Whether what somebody wrote has not been overwritten."""
        return self.world.github.secret(self.place, self.story.secret_name) == self.text

    def _looks(self, entry: Entry) -> bool:
        """Say whether a request has read the place after what somebody did to it."""
        route = f"/repos/{self.place}/actions/secrets/{self.story.secret_name}"
        return (entry.method, entry.route) == ("GET", route) and entry.started > self.at and entry.ended is not None

    def heals(self) -> None:
        """Assert that the schedule writes the key in use to both places, and ends every older one, or says why not."""
        ended = self.run_again()
        if ended.code != 0:
            ended = self.run_again()
        assert ended.code == 0, ended.stdout
        assert self._held() == (self.alive[-1].value,) * 2, "both places hold the key in use"
        if self._kept(ended):
            self.let_time_pass()
            ended = self.run_again(command="sweep")
            assert ended.code == 0, ended.stdout
            # What was put back was used, and who else has it nobody knows: it waits for that.
            assert all(kept["why"] for kept in self._kept(ended)), "after the overlap only a use keeps an older key"

    def _kept(self, ended: Ended) -> list[dict[str, Any]]:
        """Give what a run told of every older key that lives."""
        told = list(json.loads(ended.outputs["pending_revocation"]))
        assert [kept["key_id"] for kept in told] == [key.key_id for key in self.alive[:-1]], "every older key is told"
        return told


HOW = ("second: old value", "second: foreign", "second: deleted", "primary: old value")


def cases_of(scope: str, mode: str, requests: Iterable[Request]) -> list[Meddling]:
    """Give every meddling at every request. Where a first rotation finds no secret, it refuses, and that is right."""
    first = MODES[mode].begins == "with the first key"
    how = [one for one in HOW if not (first and one.endswith("deleted"))]
    return [Meddling(scope, mode, deed, one) for one in requests for deed in how]


def undisturbed(scope: str, mode: str, world: World, directory: Path, zygote: Zygote) -> list[Request]:
    """Give the requests of a run that nobody meddles with."""
    play = MeddledPlay(scope, MODES[mode], world, directory, zygote)
    play.begin()
    ended = play.run(play.story.environment_now(), play.mode.environment)
    assert ended.code == 0, ended.stdout
    shutil.rmtree(directory)
    return requests_in(world.ledger)


def perform(case: Meddling, world: World, directory: Path, zygote: Zygote) -> bool:
    """Meddle amid a run, then let the schedule come round. Say whether somebody meddled."""
    play = MeddledPlay(case.scope, MODES[case.mode], world, directory, zygote)
    play.begin()
    at = case.request
    hook = Fault(
        "hook", server=at.server, method=at.method, path=at.path, nth=at.nth, call=lambda *_: play.meddle(case.how)
    )
    world.faults.add(hook)
    play.run(play.story.environment_now(), play.mode.environment)
    world.faults.reset()
    play.nothing_else_was_touched()
    assert play.blind == [], "nothing is revoked where the run has seen that somebody wrote since"
    if not world.neon.is_live(held(world, play.story)):
        # Somebody put the old value back after the last look, and it has died since: which key is right, a person says.
        assert play.run_again().code in (2, 3)
        assert case.how.startswith("primary"), "the secret at home holds a living key"
    else:
        play.heals()
    play.nothing_else_was_touched()
    shutil.rmtree(directory)
    return hook.fired > 0
