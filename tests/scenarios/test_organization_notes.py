"""One secret of an organization, two repositories that rotate it: note and lock belong with the organization."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from rotate.sandbox.faults import Fault, Kind
from rotate.sandbox.stories import REPOSITORY, Story, personal
from rotate.sandbox.world import World
from tests.support.apps import GRANTED, installed
from tests.support.runner import Ended, Runner
from tests.support.stories import tells
from tests.support.zygote import Zygote

LOGIN, OTHER, NAME = "octo-org", "octo-org/api", "NEON_API_KEY"
NOTE, LOCK = "NEON_API_KEY_ROTATION", "NEON_API_KEY_ROTATION_LOCK"
OWN = {"secrets": "write", "variables": "write", "actions": "read"}


@dataclass
class Two:
    """Two repositories of an organization that read one secret of it, and each rotates it."""

    world: World
    story: Story
    directory: Path
    zygote: Zygote
    token: str = ""
    runs: int = 0

    def environment(self, repository: str) -> dict[str, str]:
        """Give what a run of that repository's workflow finds."""
        environment = self.story.environment()
        run = self.world.github.add_run(repository)
        repository_id = self.world.github.repository(repository).repository_id
        return environment | {
            "INPUT_ORGANIZATION": LOGIN,
            "INPUT_GITHUB_TOKEN": self.token,
            "INPUT_API_KEY": self.world.github.secret(LOGIN, NAME) or "",
            "GITHUB_REPOSITORY": repository,
            "GITHUB_REPOSITORY_ID": str(repository_id),
            "GITHUB_RUN_ID": str(run.run_id),
        }

    def run(self, repository: str, **inputs: str | None) -> Ended:
        """Rotate from that repository."""
        self.runs += 1
        return Runner(self.directory / str(self.runs), self.zygote).run(self.environment(repository), **inputs)

    def run_and_die(self, repository: str, at: Fault) -> int:
        """Rotate from that repository, and be killed at a request. Give the exit code."""
        self.runs += 1
        runner, environment = Runner(self.directory / str(self.runs), self.zygote), self.environment(repository)
        self.world.faults.add(at)
        process = runner.begin(environment)
        self.world.victim = process.pid
        code = runner.collect(process).code
        self.world.victim = None
        self.world.faults.reset()
        self.world.github.add_run(repository, run_id=int(environment["GITHUB_RUN_ID"]), status="completed")
        return code

    def alive(self) -> list[str]:
        """Give the values that live and are of the lineage, oldest first."""
        old, lineage = self.story.old_key, "octo-org-neon-api-key"
        live = self.world.neon.live_keys()
        return [key.value for key in live if key.key_id == old.key_id or key.name.startswith(lineage)]

    def may(self, **organization: str) -> None:
        """Give the token these permissions of the organization beside the secrets'."""
        of_organization = {LOGIN: {"organization_secrets": "write", **organization}}
        both = {REPOSITORY: OWN, OTHER: OWN}
        self.token = self.world.github.add_token(repositories=both, organizations=of_organization)


@pytest.fixture
def two(world: World, tmp_path: Path, zygote: Zygote) -> Two:
    made = Two(world, told(world), tmp_path, zygote)
    made.may(organization_actions_variables="write")
    return made


def told(world: World) -> Story:
    """Let a personal key stand in the organization's secret."""
    story = personal(world)
    world.github.add_repository(OTHER)
    world.github.add_organization(LOGIN)
    world.github.vault(REPOSITORY).secrets.clear()
    world.github.set_secret(LOGIN, NAME, story.old_key.value, visibility="all")
    return story


def test_each_goes_on_where_the_other_ended(two: Two) -> None:
    tells(two.run(REPOSITORY), "rotated", 0)
    assert NOTE in two.world.github.variables(LOGIN)
    assert not two.world.github.variables(REPOSITORY)
    second = two.run(OTHER)
    tells(second, "rotated", 0)
    assert two.world.github.variables(OTHER) == {}
    third = two.run(REPOSITORY)
    tells(third, "rotated", 0)
    assert [key.value for key in two.world.neon.live_keys() if key.name != "minter"][-1:] == [
        two.world.github.secret(LOGIN, NAME)
    ]


def test_the_lock_of_the_other_repository_holds(two: Two) -> None:
    environment, met = two.environment(OTHER), list[Ended]()

    def meet(*_: object) -> None:
        met.append(Runner(two.directory / "met").run(environment))

    two.world.faults.add(Fault("hook", method="POST", path="*/api_keys", call=meet))
    tells(two.run(REPOSITORY), "rotated", 0)
    assert [(ended.code, ended.reasons) for ended in met] == [(3, ["lock-held"])]


@pytest.mark.parametrize("sees", [True, False])
def test_a_run_of_the_other_repository_that_died_is_not_waited_for_where_it_can_be_seen(sees: bool, two: Two) -> None:
    two.run_and_die(OTHER, Fault("death_before", server="neon", method="POST", path="*/api_keys"))
    if not sees:
        both = {LOGIN: {"organization_secrets": "write", "organization_actions_variables": "write"}}
        two.token = two.world.github.add_token(repositories={REPOSITORY: OWN}, organizations=both)
    ended = two.run(REPOSITORY)
    assert (ended.code, ended.reasons) == ((0, []) if sees else (3, ["lock-held"]))


def test_without_the_permission_the_repository_keeps_them(two: Two) -> None:
    two.may()
    tells(two.run(REPOSITORY), "rotated", 0)
    assert NOTE in two.world.github.variables(REPOSITORY)
    assert not two.world.github.variables(LOGIN)
    two.may(organization_actions_variables="write")
    tells(two.run(REPOSITORY), "rotated", 0)
    assert NOTE in two.world.github.variables(LOGIN), "the note moved"
    assert not two.world.github.variables(REPOSITORY)


@pytest.mark.parametrize("granted", [True, False])
def test_an_app_keeps_them_where_it_was_granted_to(granted: bool, world: World, runner: Runner) -> None:
    app = installed(world)
    world.github.vault(REPOSITORY).secrets.clear()
    world.github.set_secret(LOGIN, NAME, app.story.old_key.value, visibility="private")
    more = {"organization_actions_variables": "write"} if granted else {}
    app.home.permissions = {**GRANTED, "organization_secrets": "write", **more}
    inputs = {**app.inputs, "repositories": None, "organization": LOGIN}
    tells(runner.run(app.story.environment(), **inputs), "rotated", 0)
    assert (NOTE in world.github.variables(LOGIN)) == granted
    assert (NOTE in world.github.variables(REPOSITORY)) != granted


@pytest.mark.parametrize("shared", [True, False])
def test_doctor_says_where_they_are(shared: bool, two: Two) -> None:
    two.may(**({"organization_actions_variables": "read"} if shared else {}))
    ended = two.run(REPOSITORY, command="doctor")
    assert f"The variable {NOTE} of {LOGIN if shared else REPOSITORY} " in ended.stdout


def test_a_note_that_stays_behind_is_not_read_again(two: Two) -> None:
    two.may()
    tells(two.run(REPOSITORY), "rotated", 0)
    two.may(organization_actions_variables="write")
    two.world.faults.add(Fault("status", method="DELETE", path=f"/repos/{REPOSITORY}/*/{NOTE}", code=500, times=None))
    tells(two.run(REPOSITORY), "rotated", 0)
    assert NOTE in two.world.github.variables(REPOSITORY)
    tells(two.run(REPOSITORY), "rotated", 0)
    tells(two.run(OTHER), "rotated", 0)


@pytest.mark.parametrize("death", ["death_before", "death_after"])
def test_killed_anywhere_while_the_note_moves_the_other_repository_goes_on(death: Kind, two: Two) -> None:
    for nth in range(1, 80, 4):
        two.world.reset()
        two.story = told(two.world)
        two.may()
        tells(two.run(REPOSITORY), "rotated", 0)
        two.may(organization_actions_variables="write")
        code = two.run_and_die(REPOSITORY, Fault(death, nth=nth))
        assert two.world.github.secret(LOGIN, NAME) in two.alive()
        if code == 0:
            break
        # The note has a home that the other repository sees, or it says that nothing vouches for what it would revoke.
        ended = two.run(OTHER, old_key_id=None)
        ended = two.run(REPOSITORY) if ended.code else ended
        assert ended.code == 0, ended.stdout
        assert two.alive() == [two.world.github.secret(LOGIN, NAME)]
    assert nth > 20, "it was killed in the midst of everything"


def test_what_the_organization_does_not_answer_is_not_taken_for_a_refusal(two: Two) -> None:
    two.world.faults.add(Fault("status", path=f"/orgs/{LOGIN}/actions/variables*", code=500, times=None))
    ended = two.run(REPOSITORY)
    assert ended.code != 0
    assert not two.world.github.variables(REPOSITORY)
    assert two.world.github.secret(LOGIN, NAME) == two.story.old_key.value
