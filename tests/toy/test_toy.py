"""A toy system, which is registered here alone, takes part in all that a system can; no other file knows of it."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from rotate import registry
from rotate.frontends import cli
from rotate.sandbox.neon.records import StoredKey
from rotate.sandbox.stories import REPOSITORY, personal
from rotate.sandbox.world import World
from tests.support.pages import ROOT
from tests.toy.shelf import TOKEN, Shelf

NAME, HERE = "NEON_API_KEY", "toy://attic#NEON_API_KEY"


class Bench:
    """A key that stands in a box, and what a laptop has to rotate it."""

    def __init__(self, world: World, shelf: Shelf, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self.world, self.shelf, self.capsys, self.folder = world, shelf, capsys, folder
        self.story = personal(world)
        shelf.write("attic", NAME, self.story.old_key.value)
        self.environment = {"TOY_URL": shelf.url, "TOY_TOKEN": TOKEN, "GITHUB_API_URL": world.github.url}

    def run(self, command: str = "rotate", destinations: str = HERE, key: str = "", *more: str) -> int:
        """Run with the value that the box holds, and remember what was told."""
        given = ["--api-host", self.world.neon.url, "--destinations", destinations, "--report", str(self.folder)]
        environment = {**self.environment, "NEON_API_KEY": key or self.held}
        code = cli.main([command, *given, *more], environment)
        self.told = self.capsys.readouterr().out
        *_, last = sorted(self.folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        self.report = json.loads(last.read_text())
        return code

    def first(self, *more: str) -> int:
        """Run for the first time."""
        return self.run("rotate", HERE, "", "--old-key-id", str(self.story.old_key.key_id), *more)

    @property
    def held(self) -> str:
        """What the box holds."""
        return self.shelf.boxes["attic", NAME][0]

    @property
    def live(self) -> list[StoredKey]:
        """The keys of the lineage that live."""
        keys = self.world.neon.live_keys()
        return [one for one in keys if one is self.story.old_key or one.name.startswith("attic-neon-api-key_")]


@pytest.fixture
def bench(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    monkeypatch.setitem(registry.SYSTEMS, "toy", "tests.toy.system:SYSTEM")
    monkeypatch.setitem(registry.SYSTEMS, "bare", "tests.toy.bare:SYSTEM")
    with Shelf() as shelf:
        yield Bench(world, shelf, capsys, tmp_path)


def test_it_is_rotated_into_and_keeps_the_note(bench: Bench) -> None:
    assert bench.first() == 0, bench.told
    (new,) = bench.live
    assert (bench.held, bench.report["destinations"]) == (new.value, [{"name": HERE, "state": "confirmed"}])
    note = json.loads(bench.shelf.boxes["attic", f"{NAME}_NOTE"][0])
    assert (note["confirmed"]["key_id"], note["destinations"]) == (new.key_id, [HERE])
    assert ("attic", f"{NAME}_LOCK") not in bench.shelf.boxes
    assert bench.run() == 0, bench.told
    assert [bench.held] == [one.value for one in bench.live]
    assert bench.world.ledger.count(server="github") == 0, "no other system is asked"


def test_no_secret_of_its_own_is_told(bench: Bench) -> None:
    assert bench.first() == 0
    assert TOKEN not in bench.told + json.dumps(bench.report)
    assert all(one.value not in bench.told for one in bench.world.neon.issued())


def test_what_somebody_writes_meanwhile_is_seen_and_nothing_dies(bench: Bench) -> None:
    assert bench.first("--overlap", "1h") == 0
    old = bench.story.old_key
    bench.shelf.ahead = timedelta(seconds=5)
    bench.shelf.write("attic", NAME, old.value)
    bench.world.clock.advance(2 * 3600)
    newest = bench.live[-1].value
    assert bench.run("check", HERE, newest) == 4
    assert bench.report["problems"][0]["reason"] == "destination-overwritten"
    assert not old.revoked


def test_a_box_that_is_not_there_is_created_only_where_that_is_meant(bench: Bench) -> None:
    key = bench.held
    del bench.shelf.boxes["attic", NAME]
    named = ("--old-key-id", str(bench.story.old_key.key_id))
    assert bench.run("rotate", HERE, key, *named) == 3
    assert bench.report["problems"][0]["reason"] == "secret-absent"
    assert bench.run("rotate", HERE, key, *named, "--create") == 0, bench.told
    assert bench.held == bench.live[-1].value


@pytest.mark.parametrize("first", [True, False])
def test_it_stands_beside_github_in_the_order_in_which_they_are_said(first: bool, bench: Bench) -> None:
    github = f"github://{REPOSITORY}"
    bench.environment["GITHUB_TOKEN"] = bench.story.inputs["github_token"]
    both = [HERE, github] if first else [github, HERE]
    named = ("--old-key-id", str(bench.story.old_key.key_id))
    assert bench.run("rotate", ",".join(both), "", *named) == 0, bench.told
    names = [HERE, f"{github}#{NAME}"]
    assert [one["name"] for one in bench.report["destinations"]] == (names if first else names[::-1])
    assert bench.held == bench.world.github.secret(REPOSITORY, NAME)
    assert f"{NAME}_ROTATION" in bench.world.github.variables(REPOSITORY), "the repository keeps the note"


def test_each_system_goes_by_a_clock_of_its_own(bench: Bench) -> None:
    """The toy's is ten minutes ahead: a write at GitHub in these ten minutes is no write of ours for that."""
    bench.shelf.ahead = timedelta(minutes=10)
    bench.environment["GITHUB_TOKEN"] = bench.story.inputs["github_token"]
    both, old = f"{HERE},github://{REPOSITORY}", bench.story.old_key
    assert bench.run("rotate", both, "", "--old-key-id", str(old.key_id), "--overlap", "1h") == 0, bench.told
    assert bench.run("check", both) == 0, bench.told
    bench.world.advance(30)
    bench.world.github.set_secret(REPOSITORY, NAME, old.value)
    assert bench.run("check", both) == 4
    assert [one["reason"] for one in bench.report["problems"]] == ["destination-overwritten"]
    assert f"github://{REPOSITORY}#{NAME}" in bench.report["problems"][0]["message"]


def test_it_is_found(bench: Bench) -> None:
    bench.shelf.write("attic", "OTHER", "x")
    assert bench.run("find", f"{HERE},toy://attic#GONE", "napi_x") == 0
    assert [one["address"] for one in bench.report["found"]["secrets"]] == [HERE]
    assert bench.report["found"]["missing"] == ["toy://attic#GONE"]
    assert f"      - to: {HERE}" in bench.report["found"]["policy"]


def test_doctor_looks_at_it(bench: Bench) -> None:
    assert bench.first() == 0
    assert bench.run("doctor") == 0, bench.told
    about = [one["about"] for one in bench.report["checkup"]]
    assert HERE in about
    assert f"The box {NAME}_NOTE on attic" in about
    assert not any("GitHub" in one for one in about)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("toy://attic/left", "a shelf has no `/` in its name"),
        ("toy://attic?side=left", "takes nothing"),
        ("toyz://attic", "its kind is none of: github, bare, toy"),
        ("bare://attic?side=left&top=1", "takes `side` or `colour`"),
    ],
)
def test_what_is_wrong_with_an_address_is_said_before_contact(address: str, why: str, bench: Bench) -> None:
    assert bench.run("rotate", address) == 2
    assert why in bench.told
    assert bench.shelf.asked == []


def test_what_keeps_no_note_needs_a_repository_that_does(bench: Bench) -> None:
    bare = f"bare://attic#{NAME}"
    assert bench.run("rotate", bare) == 2
    assert "Nothing says where the note and the lock are kept" in bench.told
    bench.environment |= {"GITHUB_TOKEN": bench.story.inputs["github_token"], "GITHUB_REPOSITORY": REPOSITORY}
    key = bench.held
    assert bench.run("rotate", bare, key, "--old-key-id", str(bench.story.old_key.key_id)) == 0, bench.told
    assert f"{NAME}_ROTATION" in bench.world.github.variables(REPOSITORY)
    assert bench.held != key
    assert bench.world.github.secret(REPOSITORY, NAME) == key, "the repository's own secret is no destination"


def test_what_cannot_be_listed_was_not_seen(bench: Bench) -> None:
    assert bench.run("find", f"bare://attic#{NAME}", "napi_x") == 0
    assert bench.report["found"]["missing"] == [f"bare://attic#{NAME}"]


def test_two_credentials_cannot_be_in_one_box(bench: Bench) -> None:
    file = bench.folder / "policy.yml"
    one = (
        "  - authenticate_with: ${{NEON_API_KEY}}\n    name: {}\n    key_name: {}\n    destinations:\n      - to: {}\n"
    )
    file.write_text("version: 1\ncredentials:\n" + one.format("A", "a", HERE) + one.format("B", "b", HERE))
    given = ["--api-host", bench.world.neon.url, "--policy", str(file)]
    assert cli.main(["rotate", *given], {**bench.environment, "NEON_API_KEY": bench.held}) == 2
    assert f"{HERE} is written for A already." in bench.capsys.readouterr().out


def test_of_many_shards_the_first_writes_it(bench: Bench) -> None:
    bench.environment["GITHUB_TOKEN"] = bench.story.inputs["github_token"]
    both = f"{HERE},github://{REPOSITORY}"
    assert bench.run("rotate", both, "", "--old-key-id", str(bench.story.old_key.key_id)) == 0
    for shard in ("2/2", "1/2"):
        bench.shelf.asked.clear()
        code = bench.run("sync", both, bench.held, "--shard", shard)
        assert (code, f"GET /attic/{NAME}" in bench.shelf.asked) == (0, shard == "1/2"), bench.told


def test_an_address_of_it_stands_in_a_policy_file_too(bench: Bench) -> None:
    file = bench.folder / "policy.yml"
    file.write_text(
        "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n    key_name: attic-neon-api-key\n"
        f"    old_key_id: {bench.story.old_key.key_id}\n    destinations:\n      - to: {HERE}\n        primary: true\n"
    )
    given = ["--api-host", bench.world.neon.url, "--policy", str(file)]
    assert cli.main(["rotate", *given], {**bench.environment, "NEON_API_KEY": bench.held}) == 0
    assert [bench.held] == [one.value for one in bench.live]


def test_the_contributors_page_shows_the_toy_as_it_is() -> None:
    page = (ROOT / ".github/CONTRIBUTING.md").read_text()
    (said,) = re.findall(r"( *)```python\n\1(SYSTEM = .*?)\n\1```", page, re.DOTALL)
    shown = textwrap.dedent(said[0] + said[1])
    assert shown in (ROOT / "tests/toy/system.py").read_text()
    known = {path.name for path in (ROOT / "tests/toy").glob("*.py")} | {"benches.py"}
    others = [path for path in (ROOT / "tests").rglob("*.py") if path.name not in known]
    naming = [path for path in (*others, *(ROOT / "rotate").rglob("*.py")) if "tests.toy" in path.read_text()]
    assert naming == [], "no other file knows of it"
