"""One story in a world with bystanders, run after run, and what must hold of it all the while."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bench.haste import Haste
from rotate.protocol.facts.marker import home_of
from rotate.sandbox.faults import Fault
from rotate.sandbox.github.records import StoredVariable
from rotate.sandbox.github.vaults import StoredSecret
from rotate.sandbox.neon.records import StoredKey
from rotate.sandbox.stories import Story
from rotate.sandbox.world import World
from tests.support.matrix import DAY, Mode
from tests.support.resealing import resealed
from tests.support.runner import Ended, Runner
from tests.support.stories import STORIES, held
from tests.support.zygote import Zygote
from tests.test_nothing_leaks import assert_silent

MOST_LIVE = 4  # protocol: at most faults + 2, and one that an overlap keeps; here for one fault
IN_FLIGHT = 0.01
SPEED = 10.0  # of the time that runs in a zygote wait
PAST_THE_OVERLAP = timedelta(hours=25)
ELSEWHERE = "octo-org/website"


class Play:
    """One story in a world with bystanders, run after run. `lost`: moments at which the secret held no live key."""

    def __init__(self, scope: str, mode: Mode, world: World, directory: Path, zygote: Zygote | None = None) -> None:
        world.reset()
        self.world, self.mode, self.zygote = world, mode, zygote
        self._haste = Haste(SPEED) if zygote else None
        if self._haste:
            self._haste.rush(world.clock)
        self.story = STORIES[scope](world)
        self._prepare()
        _add_bystanders(world, self.story, mode.places)
        self._foreign = {key.key_id for key in world.neon.live_keys()} - {self.story.old_key.key_id}
        self._bystanders = self._others()
        self._directory = directory
        self._runs = 0
        self.lost: list[int] = []
        self.most_live = self.more_faults = 0

    def _prepare(self) -> None:
        """Add what the mode needs besides the story."""
        if not self.mode.notebook:
            self._may({self.story.repository: {"secrets": "write"}})

    def _may(self, repositories: Mapping[str, Mapping[str, str]]) -> None:
        token = self.world.github.add_token(repositories=repositories)
        self.story = replace(self.story, inputs={**self.story.inputs, "github_token": token})

    def _given(self, environment: dict[str, str], workspace: Path) -> dict[str, str]:
        """Give what the run finds in its environment."""
        return environment

    def begin(self) -> None:
        """Bring the world to where the mode begins."""
        if self.mode.begins in {"after a rotation", "amid an overlap"}:
            overlap = DAY if self.mode.begins == "amid an overlap" else {}
            assert self.run(self.story.environment(), Mode(overlap).environment).code == 0
        elif self.mode.begins == "after a kill before the revoke":
            self.world.faults.add(Fault("death_before", server="neon", method="DELETE"))
            assert self.run(self.story.environment(), {}, killed=True).code == -signal.SIGKILL
            self.world.faults.reset()
        self.world.ledger.clear()

    def run(self, story: Mapping[str, str], inputs: Mapping[str, str], *, killed: bool = False) -> Ended:
        """Run once, look at every request whether the secret holds a live key, and see that no secret is told."""
        self.world.faults.add(Fault("hook", times=None, call=self._look, brief=True))
        self._runs += 1
        runner = Runner(self._directory / str(self._runs), self.zygote, self._haste, knocks=self.mode.knocks)
        process = runner.begin(self._given({**story, **inputs}, runner.workspace))
        self.world.victim = process.pid if killed else None
        ended = runner.collect(process)
        self.world.victim = None
        if ended.code < 0:
            time.sleep(IN_FLIGHT)  # what it had sent before it died still arrives
        self._look()
        self.nothing_is_told(ended)
        return ended

    def nothing_is_told(self, ended: Ended) -> None:
        """Assert that no secret and no traceback came out."""
        assert "Traceback" not in ended.everything, ended.everything
        assert_silent(self.world, self.story, ended)

    def run_again(self, **inputs: str) -> Ended:
        """Run as a run that is queued now does, with the mode's inputs or with others."""
        again = {} if self.mode.scheduled else self.mode.inputs
        return self.run(self.story.environment_now(), Mode(inputs or again).environment)

    @property
    def alive(self) -> list[StoredKey]:
        """The live keys that this story is about, oldest first: the old one and whatever was issued."""
        return [key for key in self.world.neon.live_keys() if key.key_id not in self._foreign]

    @property
    def state(self) -> tuple[tuple[str, ...], list[int]]:
        """What the secret holds, here and in other places, and which keys live."""
        return self._held(), [key.key_id for key in self.alive]

    def nothing_else_was_touched(self) -> None:
        """Assert that keys, secrets and variables outside the lineage are as they were."""
        assert self._others() == self._bystanders, "what is not ours is as it was"
        issued = [key for key in self.world.neon.issued() if key.key_id not in self._foreign]
        unmarked = [key.name for key in issued[1:] if not key.name.startswith(self.story.lineage + "_")]
        assert unmarked == [], "every key that was issued is named as ours"

    def at_rest(self, last: Ended) -> None:
        """Assert that the secret holds the newest key, and that no other lives but those that an overlap keeps."""
        *older, newest = self.alive
        assert held(self.world, self.story) == newest.value, "the secret holds the newest live key"
        told = json.loads(last.outputs["pending_revocation"])
        assert sorted(kept["key_id"] for kept in told) == [key.key_id for key in older], "every older key is told"
        # An overlap that was waited out keeps a key only for what a drain saw, or could not see, and says which.
        drained = "overlap" in self.mode.inputs and all(kept["why"] for kept in told)
        assert not older or self.mode.keeps_older or drained, "only an overlap keeps an older key"
        assert newest is not self.story.old_key, "there was a rotation"
        assert not self.is_locked, "no lock is left"

    @property
    def is_locked(self) -> bool:
        """Whether there is a lock."""
        return f"{self.story.secret_name}_ROTATION_LOCK" in self._variables()

    def is_noted(self) -> bool:
        """Say whether the note names the newest key as confirmed."""
        text = self._variables().get(f"{self.story.secret_name}_ROTATION", "{}")
        confirmed = json.loads(text).get("confirmed") or {}
        return not self.mode.notebook or confirmed.get("key_id") == self.alive[-1].key_id

    def let_time_pass(self) -> None:
        """Make everything so much older that an overlap of a day is over."""
        name = f"{self.story.secret_name}_ROTATION"
        note = json.loads(self._variables()[name])
        for one in note["previous"]:
            for moment in ("superseded_at", "revoke_after"):
                one[moment] = (datetime.fromisoformat(one[moment]) - PAST_THE_OVERLAP).isoformat()
        minter = [self.story.inputs["api_key"]] if "current_key" in self.story.inputs else []
        text = resealed(json.dumps(note), held(self.world, self.story), *minter)
        self.world.github.set_variable(self.story.repository, name, text)
        for key in self.alive:
            key.created_at -= PAST_THE_OVERLAP
            key.last_used_at = key.last_used_at and key.last_used_at - PAST_THE_OVERLAP
            key.uses.clear()

    def forget_the_lock(self) -> None:
        """Take away what a disturbed run left that is over: the next one would break it."""
        self.world.github.repository(self.story.repository).variables.pop(
            f"{self.story.secret_name}_ROTATION_LOCK", None
        )

    def finish(self, ended: Ended) -> None:
        """Assert all that must hold when a run has said that it is done.

        One that found nothing to do may leave a dead run's lock where it is: the next that acts must break it.
        """
        if self.is_locked and ended.outputs["status"] == "unchanged":
            ended = self.run_again(command="rotate")
            assert ended.code == 0, ended.stdout
        self.at_rest(ended)
        if not self.is_noted():
            assert "::warning" in ended.stdout, "what is not noted is told"
            ended = self.run_again()
            assert (ended.code, self.is_noted()) == (0, True), f"the next run notes it: {ended.stdout}"
            self.at_rest(ended)
        if len(self.alive) > 1:
            self.let_time_pass()
            self.at_rest(self.run_again(command="sweep"))
            assert len(self.alive) == 1, "after the overlap one key lives"
        self.nothing_else_was_touched()
        assert self.most_live <= MOST_LIVE + self.more_faults, "at no moment are there many keys"
        assert not (self.mode.keeps_access and self.lost), f"access was lost at requests {self.lost}"

    def _look(self, world: World | None = None) -> None:
        self.most_live = max(self.most_live, len(self.alive))
        if not self.world.neon.is_live(held(self.world, self.story)):
            self.lost.append(len(self.world.ledger))

    def _held(self) -> tuple[str, ...]:
        secrets = (self.world.github.secret(place, self.story.secret_name) for place in self.mode.places)
        return (held(self.world, self.story), *(text or "" for text in secrets))

    def _variables(self) -> Mapping[str, str]:
        return self.world.github.variables(self.story.repository)

    def _others(self) -> object:
        """Tell everything outside the lineage, last uses apart."""
        ours = {f"{self.story.secret_name}{end}" for end in ("", "_ROTATION", "_ROTATION_LOCK", "_ROTATION_BAD")}
        keys = [(key.key_id, key.name, key.value, key.revoked) for key in map(self.world.neon.key, self._foreign)]
        kept: list[StoredSecret | StoredVariable] = []
        for name in (self.story.repository, *self.mode.places, ELSEWHERE):
            kept += (one for one in self.world.github.kept(name) if name == ELSEWHERE or one.name not in ours)
        return sorted(keys), [(type(one), one.name, one.value, one.updated_at) for one in kept]


def _add_bystanders(world: World, story: Story, places: Sequence[str]) -> None:
    """Add what looks like ours and is not: keys with our name in front, of another home, and secrets and variables."""
    old = story.old_key
    # 778e: the home that the earlier form of the marker gave to this very lineage, and to others. It shows nothing.
    marked = [f"{story.lineage}_{home}.17000000001.1.abcd1" for home in ("ffff", "778e", "0123456789abc")]
    for name in (*marked, f"{story.lineage}-staging", f"{story.lineage}_by-hand"):
        world.neon.add_key(old.user, name=name, org_id=old.org_id, project_id=old.project_id, created_days_ago=3)
    mine = home_of("127.0.0.1", world.github.repository(story.repository).repository_id, story.secret_name)
    world.neon.add_key(world.neon.add_user("eve"), name=f"{story.lineage}_{mine}.17000000001.1.abcd1")
    world.github.add_repository(ELSEWHERE)
    for repository in (story.repository, *places, ELSEWHERE):
        world.github.set_secret(repository, "NEON_API_KEY_STAGING", "another", updated_days_ago=9)
        world.github.set_variable(repository, "NEON_API_KEY_STAGING_ROTATION", "another")
    world.github.set_secret(ELSEWHERE, story.secret_name, "another", updated_days_ago=9)
    world.github.set_variable(ELSEWHERE, f"{story.secret_name}_ROTATION", "another")
