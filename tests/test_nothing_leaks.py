"""The canary: no value of a key or token in any output, whatever goes wrong; in requests only where it must be."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from rotate.sandbox.faults import Fault, Kind
from rotate.sandbox.stories import Story
from rotate.sandbox.world import World
from tests.support.runner import Ended, Runner
from tests.support.stories import STORIES
from tests.support.zygote import Zygote

pytestmark = pytest.mark.timeout(600)  # bounded by its loops; two busy cores can be slow

SEARCHED_LENGTH = 12
KINDS: tuple[Kind, ...] = ("status", "html", "truncated", "lost_reply", "reset", "rate_limited")


def canaries(world: World, story: Story) -> Iterator[str]:
    """Give every secret of the world in the spellings in which it could slip out."""
    values = {key.value for key in world.neon.issued()}
    values |= {text for name, text in story.environment().items() if name in ("INPUT_API_KEY", "INPUT_GITHUB_TOKEN")}
    for value in values:
        yield value
        yield value[-SEARCHED_LENGTH:]
        yield quote(value, safe="")
        yield base64.b64encode(value.encode()).decode().rstrip("=")[:-2]
        yield value.encode().hex()


def assert_silent(world: World, story: Story, ended: Ended) -> None:
    """Search everything that came out. The one place for a secret is the runner's own masking command."""
    told = "\n".join(line for line in ended.stdout.splitlines() if not line.startswith("::add-mask::"))
    texts = [told, ended.stderr, *ended.files.values()]
    for canary in canaries(world, story):
        assert not any(canary in text for text in texts)


def masked(ended: Ended) -> list[str]:
    return [line.removeprefix("::add-mask::") for line in ended.stdout.splitlines() if line.startswith("::add-mask::")]


@pytest.mark.parametrize("scope", STORIES)
def test_a_rotation_tells_no_secret_and_masks_each_before_it_is_used(scope: str, world: World, runner: Runner) -> None:
    story = STORIES[scope](world)
    ended = runner.run(story.environment())
    assert ended.code == 0
    assert_silent(world, story, ended)
    environment = story.environment()
    given = {
        environment[name]
        for name in ("INPUT_API_KEY", "INPUT_GITHUB_TOKEN", "INPUT_CURRENT_KEY")
        if name in environment
    }
    assert set(masked(ended)) == given | {world.neon.issued()[-1].value}, "nothing else is masked"


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_fails_no_secret_is_told(kind: Kind, world: World, tmp_path: Path, zygote: Zygote) -> None:
    for number in range(1, 30, 3):
        world.reset()
        story = STORIES["personal"](world)
        world.faults.add(Fault.at(number, kind, times=4))
        ended = Runner(tmp_path / str(number), zygote).run(story.environment())
        assert ended.code in (0, 1, 3, 4), ended.stdout
        assert_silent(world, story, ended)


def test_an_answer_that_repeats_the_credentials_is_not_quoted(world: World, runner: Runner) -> None:
    story = STORIES["personal"](world)
    echo = {"message": f"bad token {story.old_key.value}", "code": story.old_key.value}
    world.faults.add(Fault("status", server="neon", path="/api_keys", code=400, body=echo, times=None))
    ended = runner.run(story.environment())
    assert ended.code == 1
    assert_silent(world, story, ended)


def test_a_secret_travels_only_in_an_authorization_header_or_sealed(world: World, runner: Runner) -> None:
    story = STORIES["organization"](world)
    runner.run(story.environment())
    for entry in world.ledger:
        headers = {name: text for name, text in entry.request_headers.items() if name.lower() != "authorization"}
        sent = f"{entry.target}\n{headers}\n{entry.request_body.decode(errors='replace')}"
        for canary in canaries(world, story):
            assert canary not in sent
        if entry.server == "github":
            assert not any(key.value in entry.request_headers["Authorization"] for key in world.neon.issued())


def test_the_environment_of_another_process_is_not_needed(world: World, runner: Runner) -> None:
    """No argument carries a secret: the process is started without any."""
    story = STORIES["personal"](world)
    process = runner.start(story.environment())
    try:
        arguments = Path(f"/proc/{process.pid}/cmdline").read_text()
    finally:
        ended = runner.collect(process)
    assert ended.code == 0
    assert not any(canary in arguments for canary in canaries(world, story))
