"""The kill matrix of who may write variables, but has no key: at each request of a run, note and lock are rewritten."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from tests.support.matrix import MODES as ALL
from tests.support.matrix import NOW, Request
from tests.support.playing import play_of, undisturbed
from tests.support.plays import Play
from tests.support.resealing import lock_of_another, rewrite, unsealed
from tests.support.stories import held
from tests.support.zygote import Zygote

__all__ = ["MODES", "SCOPES", "cases_of", "perform", "undisturbed"]

SCOPES = ("personal", "organization")
MODES = {name: ALL[name] for name in ("second rotation", "sweep", "exposed, primary", "exposed, all")}
LONG_AGO = "2026-01-01T00:00:00+00:00"


def _noted(play: Play) -> dict[str, Any]:
    text = play.world.github.variable(play.story.repository, note_of(play))
    try:
        return dict(json.loads(text or ""))
    except ValueError:
        return {}


def note_of(play: Play) -> str:
    """Name the variable of the note."""
    return f"{play.story.secret_name}_ROTATION"


def _claims(play: Play) -> dict[str, Any]:
    """Claim that every key of others is an older one of ours, whose overlap is over, and confirm one of them."""
    others = [key for key in play.world.neon.live_keys() if key not in play.alive]
    over = {"superseded_at": LONG_AGO, "revoke_after": LONG_AGO, "drain": False, "fingerprint": None}
    confirmed = {"key_id": others[0].key_id, "name": others[0].name, "fingerprint": "0" * 12, "at": LONG_AGO}
    return {"previous": [{"key_id": key.key_id, **over} for key in others[1:]], "confirmed": confirmed}


def _writes(play: Play, write: Callable[..., None]) -> None:
    if _noted(play):
        write(play.world, play.story.repository, note_of(play), **_claims(play))


def _sets(play: Play, name: str, text: str | None) -> None:
    variables = play.world.github.repository(play.story.repository).variables
    if text is None:
        variables.pop(name, None)
    else:
        play.world.github.set_variable(play.story.repository, name, text)


REWRITINGS: dict[str, Callable[[Play], None]] = {
    "the note is deleted": lambda play: _sets(play, note_of(play), None),
    "the note is garbled": lambda play: _sets(play, note_of(play), "[" * 9),
    "the note is forged": lambda play: _writes(play, rewrite),
    "the note is one that nobody proves": lambda play: _writes(play, unsealed),
    "the lock is deleted": lambda play: _sets(play, f"{note_of(play)}_LOCK", None),
    "the lock is garbled": lambda play: _sets(play, f"{note_of(play)}_LOCK", "{}"),
    "the lock is another run's": lambda play: _locks(play, 10),
    "the lock is for ever": lambda play: _locks(play, 10**7),
}


def _locks(play: Play, minutes: int) -> None:
    lock_of_another(play.world, play.story.repository, f"{note_of(play)}_LOCK", minutes)


@dataclass(frozen=True)
class Rewriting:
    """One rewriting, right before one request of a run."""

    scope: str
    mode: str
    how: str
    request: Request

    def __str__(self) -> str:
        """Name it, for people."""
        return f"{self.scope}, {self.mode}: {self.how} at {self.request}"


def cases_of(scope: str, mode: str, requests: Iterable[Request]) -> list[Rewriting]:
    """Give every rewriting at every request."""
    return [Rewriting(scope, mode, how, one) for one in requests for how in REWRITINGS]


def perform(case: Rewriting, world: World, directory: Path, zygote: Zygote) -> bool:
    """Rewrite amid a run; then kill what the secret holds, whatever stands there. Say whether it was rewritten."""
    play = play_of(case.scope, MODES[case.mode], world, directory, zygote)
    play.begin()
    at = case.request
    call = REWRITINGS[case.how]
    hook = Fault("hook", server=at.server, method=at.method, path=at.path, nth=at.nth, call=lambda *_: call(play))
    world.faults.add(hook)
    play.run(play.story.environment_now(), play.mode.environment)
    world.faults.reset()
    play.nothing_else_was_touched()
    assert world.neon.is_live(held(world, play.story)), "the secret holds a living key"
    value = held(world, play.story)
    (exposed,) = [key for key in play.alive if key.value == value]
    ended = play.run_again(**NOW, exposed_key_id=str(exposed.key_id), break_lock="true")
    assert (ended.code, exposed.revoked) == (0, True), ended.stdout
    assert ended.report["incident"]["dead"] is True
    play.nothing_else_was_touched()
    assert not play.lost, f"access was lost at requests {play.lost}"
    return hook.fired > 0
