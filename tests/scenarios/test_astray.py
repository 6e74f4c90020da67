"""A key of Neon's older form in a wrong input, or in an answer: at most eight characters of it are ever seen."""

from __future__ import annotations

import pytest

from rotate.frontends import cli
from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import personal
from rotate.sandbox.world import World
from rotate.settings.action_inputs import INPUTS
from rotate.settings.kinds import SECRETS
from tests.support.runner import Ended, Runner
from tests.wire.test_disarming import VALUE

WITHOUT_A_VALUE = ("command", "exposed", "dry_run", "create", "redeploy", "break_lock")
FLAGS = [name for name in INPUTS if name not in (*SECRETS, *WITHOUT_A_VALUE)]


def seen(value: str, text: str) -> bool:
    return any(value[at : at + 9] in text for at in range(len(value) - 8))


def told(ended: Ended) -> str:
    """Give all that came out, but for the command that masks."""
    log = [line for line in ended.stdout.splitlines() if not line.startswith("::add-mask::")]
    return "\n".join([*log, ended.stderr, *ended.files.values()])


@pytest.mark.parametrize("name", [name for name in INPUTS if name not in SECRETS])
def test_an_input_that_holds_a_key_is_masked_and_told_by_its_name_alone(
    name: str, world: World, runner: Runner
) -> None:
    ended = runner.run(personal(world).environment(), **{name: VALUE})
    assert (ended.code, ended.reasons, len(world.ledger)) == (2, ["secret-misplaced"], 0)
    assert f"::add-mask::{VALUE}" in ended.stdout
    assert not seen(VALUE, told(ended))


@pytest.mark.parametrize("name", FLAGS)
def test_a_flag_that_holds_a_key_is_told_by_its_name_alone(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["rotate", f"--{name.replace('_', '-')}", VALUE], {}) == 2
    out = "".join(capsys.readouterr())
    assert "secret-misplaced" in out
    assert not seen(VALUE, out)


@pytest.mark.parametrize("arguments", [["rotate", "--api-key", VALUE], [VALUE], ["rotate", f"--key={VALUE}##[error]"]])
def test_an_argument_that_nobody_knows_is_not_repeated(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(arguments, {})
    assert ended.value.code == 2
    out = "".join(capsys.readouterr())
    assert "(not shown)" in out
    assert not seen(VALUE, out)
    assert "##[" not in out


@pytest.mark.parametrize("server", ["neon", "github"])
@pytest.mark.parametrize(("before", "first", "last"), [("", 0, 64), ("x " * 75, 0, 69), ("cut ", 9, 40), ("a", 20, 30)])
def test_an_answer_that_repeats_a_part_of_a_value_is_not_quoted_with_it(
    server: str, before: str, first: int, last: int, world: World, runner: Runner
) -> None:
    story = personal(world)
    value = story.old_key.value
    body = {"message": f"{before}{value[first:last]}"}
    world.faults.add(Fault("status", server="neon" if server == "neon" else "github", code=422, body=body, times=None))
    ended = runner.run(story.environment())
    assert ended.code != 0
    assert not seen(value.removeprefix("napi_sandbox"), told(ended))


@pytest.mark.parametrize(
    ("wrong", "sent"),
    [
        ({"INPUT_API_KEY": "github_pat_11ABCDEFG0abcdefghij_" + "A" * 50}, "a GitHub token"),
        ({"INPUT_API_KEY": "postgresql://owner:npg_pretend@ep-cool-1.example/neondb"}, "a connection string"),
        ({"INPUT_GITHUB_TOKEN": f"napi_{VALUE}"}, "a Neon key"),
        ({"INPUT_GITHUB_TOKEN": f"napi_{VALUE}", "INPUT_API_KEY": "ghp_" + "a" * 36}, "swapped"),
    ],
)
def test_a_value_of_another_kind_is_sent_to_nobody(
    wrong: dict[str, str], sent: str, world: World, runner: Runner
) -> None:
    ended = runner.collect(runner.begin({**personal(world).environment(), **wrong}))
    assert (ended.code, ended.reasons, len(world.ledger)) == (2, ["secret-of-another-kind"], 0)
    assert sent in ended.stdout
    assert not any(seen(value, told(ended)) for value in wrong.values() if not value.startswith("github_pat_"))
