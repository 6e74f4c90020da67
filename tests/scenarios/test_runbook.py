"""What docs/exposure.md and docs/protocol.md tell people to do, done in the pretend world."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from rotate.frontends import cli
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from tests.support.pages import ROOT, shell
from tests.support.resealing import lock_of_another
from tests.support.runner import Runner
from tests.support.stories import STORIES, at_rest, held, lineage_keys, tells
from tests.support.zygote import Zygote

PROTOCOL = (ROOT / "docs/protocol.md").read_text()
FAR = 0.8  # longer than importing a library takes, as in test_exposure
SEEN = {"exposed": "true", "reason": "seen in a public log"}


def script(beginning: str) -> str:
    """Give the one block of shell in the runbook that has a line which begins so."""
    blocks = shell(ROOT / "docs/exposure.md")
    (found,) = (one for one in blocks if any(line.strip().startswith(beginning) for line in one.splitlines()))
    return found


@pytest.fixture
def overheard(tmp_path: Path) -> Path:
    """A `curl` that writes down its arguments before it does its work; gives the file."""
    curl = shutil.which("curl")
    if not curl or not shutil.which("bash"):
        pytest.skip("no curl or no bash")
    (tmp_path / "bin").mkdir()
    spy = tmp_path / "bin/curl"
    spy.write_text(f'#!/bin/bash\nprintf "%s\\n" "$@" >>"{tmp_path}/arguments"\nexec {curl} "$@"\n')
    spy.chmod(0o755)
    return tmp_path / "arguments"


def ask(world: World, text: str, value: str, overheard: Path) -> str:
    """Run a block of the runbook as it stands, but for the host; the value is typed in."""
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text.replace("https://console.neon.tech/api/v2", world.neon.url)],
        input=value + "\n",
        env={"PATH": f"{overheard.parent / 'bin'}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert value not in overheard.read_text(), "an argument list can be read by everybody"
    return ended.stdout


def test_the_probe_tells_dead_from_alive_and_shows_the_value_to_nobody(world: World, overheard: Path) -> None:
    key = STORIES["personal"](world).old_key
    probe = script("read -rs EXPOSED_KEY")
    assert ask(world, probe, key.value, overheard) == "200\n"
    world.neon.revoke(key.key_id)
    assert ask(world, probe, key.value, overheard) == "401\n"


def test_a_personal_key_is_revoked_by_hand_with_itself(world: World, overheard: Path) -> None:
    key = STORIES["personal"](world).old_key
    function = script("read -rs EXPOSED_KEY").partition("ask --output")[0]
    revoke = script("ask --request DELETE").replace("1234567", str(key.key_id))
    assert '"revoked": true' in ask(world, f"{function}\n{revoke}", key.value, overheard).replace('":true', '": true')
    assert not world.neon.is_live(key.value)


@pytest.mark.parametrize("noted", [True, False], ids=["after a rotation", "on the first run"])
def test_three_clicks_and_the_line_to_add_bring_service_back(
    noted: bool, world: World, tmp_path: Path, zygote: Zygote
) -> None:
    story = STORIES["personal"](world)
    if noted:
        tells(Runner(tmp_path / "earlier", zygote).run(story.environment()), "rotated", 0)
    exposed = lineage_keys(world, story)[-1]
    world.neon.revoke(exposed.key_id)
    made = world.neon.add_key(exposed.user, name="made by hand")
    world.github.set_secret(story.repository, "NEON_API_KEY", made.value)
    ended = Runner(tmp_path / "after", zygote).run(story.environment_now(), old_key_id=str(made.key_id))
    tells(ended, "rotated", 0)
    assert ended.outputs["revoked_key_ids"] == str(made.key_id)
    at_rest(world, story)


def test_a_laptop_kills_an_exposed_key_with_the_words_of_the_runbook(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    story = STORIES["personal"](world)
    given = story.environment()
    words = _words(".venv/bin/neon-rotate rotate --exposed --repository OWNER/REPO --reason", story.repository)
    environment = {"NEON_API_KEY": story.old_key.value, "GITHUB_TOKEN": given["INPUT_GITHUB_TOKEN"]}
    first_run = ["--exposed-key-id", str(story.old_key.key_id), "--api-host", world.neon.url]
    assert cli.main([*words, *first_run], {**environment, "GITHUB_API_URL": world.github.url}) == 0
    assert f"The exposed key {story.old_key.key_id} is dead" in capsys.readouterr().out
    at_rest(world, story)


def _words(command: str, repository: str) -> list[str]:
    """Give the arguments of a command of the page."""
    line = next(one for one in script(command).splitlines() if command in one)
    return shlex.split(line.replace("OWNER/REPO", repository), comments=True)[1:]


def test_a_laptop_kills_an_exposed_minter_with_the_words_of_the_runbook(world: World) -> None:
    story = STORIES["organization"](world)
    given = story.environment()
    minter, name = given["INPUT_API_KEY"], "NEON_MINTER_KEY"
    world.github.set_secret(story.repository, name, minter, updated_days_ago=9)
    (row,) = [key for key in world.neon.live_keys() if key.value == minter]
    words = _words(".venv/bin/neon-rotate rotate --exposed --repository OWNER/REPO --secret-name", story.repository)
    environment = {"NEON_API_KEY": minter, "GITHUB_TOKEN": given["INPUT_GITHUB_TOKEN"]}
    first_run = ["--exposed-key-id", str(row.key_id), "--api-host", world.neon.url]
    assert cli.main([*words, *first_run], {**environment, "GITHUB_API_URL": world.github.url}) == 0
    assert row.revoked
    assert world.neon.is_live(world.github.secret(story.repository, name) or "")


def test_revoke_when_takes_as_many_requests_in_a_row_as_the_protocol_page_says(
    world: World, tmp_path: Path, zygote: Zygote
) -> None:
    head, row = (
        [cell.strip(" `") for cell in line.strip("|").split("|")]
        for line in PROTOCOL.splitlines()
        if line.startswith(("| `revoke_when`", "| Requests in a row"))
    )
    for when, said in zip(head[1:], row[1:], strict=True):
        world.reset()
        environment = STORIES["organization"](world).environment()
        world.latency = FAR
        tells(Runner(tmp_path / when, zygote).run(environment, revoke_when=when, **SEEN), "rotated", 0)
        world.latency = 0.0
        chain = world.ledger.longest_chain(until=lambda entry: entry.method == "DELETE" and entry.server == "neon")
        assert str(chain) == said.split()[0], when


def test_a_lock_that_is_held_is_told_without_saying_that_a_destination_is_down(world: World, hasty: Runner) -> None:
    story = STORIES["personal"](world)
    environment = story.environment()
    lock_of_another(world, story.repository, "NEON_API_KEY_ROTATION_LOCK")
    ended = hasty.run(environment, **SEEN)
    tells(ended, "refused", 3)
    assert ended.reasons == ["lock-held"]
    assert f"THE EXPOSED KEY {story.old_key.key_id} IS STILL ALIVE" in ended.summary
    assert "do not surely hold" not in ended.summary, "what is stored is alive, as the exposed key is"


def test_what_reads_a_secret_whose_key_was_revoked_first_is_told_to_be_down(world: World, runner: Runner) -> None:
    story = STORIES["organization"](world)
    world.faults.add(Fault("status", server="neon", method="POST", code=500, times=None))
    ended = runner.run(story.environment(), revoke_when="immediately", **SEEN)
    assert ended.code in (1, 4)
    assert f"The exposed key {story.old_key.key_id} is dead." in ended.summary
    assert "do not surely hold a valid key: github://octo-org/payments" in ended.summary
    world.faults.reset()
    assert not world.neon.is_live(held(world, story))


END_IT = """\
version: 1
credentials:
  - overlap_max: 1s
    on_straggler: revoke
    destinations:
      - type: github_secret
"""


def test_a_use_holds_the_old_key_whichever_run_looks_until_the_user_says_otherwise(
    world: World, tmp_path: Path, zygote: Zygote
) -> None:
    story = STORIES["personal"](world)
    routine: dict[str, str | None] = {"overlap": "1s", "rotate_after": "30d"}
    tells(Runner(tmp_path / "first", zygote).run(story.environment(), **routine), "rotated", 0)
    time.sleep(1.1)
    world.advance(120)
    story.old_key.last_used_at = world.clock.now()
    plain: dict[str, str | None] = {"rotate_after": "30d"}
    for number, (command, inputs) in enumerate(
        (("rotate", routine), ("sweep", routine), ("rotate", plain), ("sweep", {}))
    ):
        ended = Runner(tmp_path / str(number), zygote).run(story.environment_now(), command=command, **inputs)
        tells(ended, "unchanged", 0)
        assert "it was used at" in ended.stdout
    last = Runner(tmp_path / "last", zygote)
    (last.workspace / ".github").mkdir()
    (last.workspace / ".github/neon-rotate.yml").write_text(END_IT)
    tells(last.run(story.environment_now(), command="sweep", old_key_id=None), "rotated", 0)
    at_rest(world, story)
