"""How far an `inventory` reaches: other keys, what may not be read, what must not be told, and thousands of keys."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from rotate import registry
from rotate.commands.inventory import survey
from rotate.frontends import cli
from rotate.reporters.inventory_text import MOST_ROWS
from rotate.sandbox.faults import Fault
from rotate.sandbox.neon.records import Organization
from rotate.sandbox.stories import ORGANIZATION, REPOSITORY, personal
from rotate.sandbox.world import World
from tests.support.inventories import HOSTILE, Holding, found, warned
from tests.support.runner import Runner
from tests.support.stories import tells

MANY = 10_000
# What the reports of so many keys may take: the rows themselves, and the texts made of them.
MOST_MEMORY = 150 * 2**20


def test_an_organizations_key_tells_of_its_organization(world: World, runner: Runner) -> None:
    holding = Holding(world)
    world.faults.add(Fault("status", path="/users/me/organizations", code=404, times=None))
    ended = runner.run(holding.environment(), api_key=holding.later.value)
    tells(ended, "unchanged", 0)
    assert [one["id"] for one in ended.report["inventory"]["accounts"]] == [ORGANIZATION]
    assert warned(ended) == []


def test_a_project_scoped_key_and_a_dead_one_tell_why_nothing_is_seen(world: World, runner: Runner) -> None:
    holding = Holding(world)
    ended = runner.run(holding.environment(), api_key=holding.well.value)
    assert (ended.code, ended.reasons) == (3, ["minter-needed"])
    world.neon.revoke(holding.later.key_id)
    ended = runner.run(holding.environment(), api_key=holding.later.value)
    assert (ended.code, ended.reasons) == (3, ["api-key-dead"])


def test_what_may_not_be_read_is_told_and_the_rest_is_seen(world: World, runner: Runner) -> None:
    holding = Holding(world)
    world.neon.add_organization("org-other", members=[holding.ada])
    world.faults.add(Fault("status", path=f"/organizations/{ORGANIZATION}/members", code=403, times=None))
    world.faults.add(Fault("status", server="github", path="*/variables/*", code=500, times=None))
    ended = runner.run(holding.environment())
    tells(ended, "unchanged", 0)
    assert sorted(warned(ended))[-2:] == ["members-unread", "minter-needed"]
    assert len(warned(ended)) == 3, "the note could not be read either"
    assert "creator-left" not in found(ended).get(holding.left.key_id, [])
    (of_organization,) = [one for one in ended.report["inventory"]["accounts"] if one["kind"] == "organization"]
    assert of_organization["members"] is None


def test_a_deactivated_account_is_of_one_who_left(world: World, runner: Runner) -> None:
    holding = Holding(world)
    gone = type(holding.bob)("bob", holding.bob.account_id, deactivated=True)
    organization: Organization = world.neon.organizations()[0]
    organization.members[:] = [gone]
    ended = runner.run(holding.environment())
    assert "creator-left" in found(ended)[holding.later.key_id]


def test_a_name_that_holds_a_value_is_not_told(world: World, runner: Runner) -> None:
    holding = Holding(world)
    value = "a1b2" * 16
    world.neon.add_key(holding.ada, name=value)
    world.neon.add_key(holding.ada, name="napi_" + "z" * 50 + " x")
    ended = runner.run(holding.environment(), html="k.html", sarif="k.sarif")
    assert value[:20] not in ended.everything
    assert "zzzzz" not in ended.everything
    assert "(not shown)" in ended.stdout


def test_ten_thousand_keys_are_few_requests_bounded_memory_and_short_tables(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = world.neon.add_user("ada")
    key = world.neon.add_key(ada, name="ours")
    for number in range(1, MANY):
        world.neon.add_key(ada, name=f"service {number}{HOSTILE}"[:64], last_used_days_ago=number % 200)
    world.ledger.clear()
    monkeypatch.chdir(tmp_path)
    files = ["--report", ".", "--html", "k.html", "--sarif", str(tmp_path / "k.sarif")]
    tracemalloc.start()
    try:
        code = cli.main(["inventory", "--api-host", world.neon.url, *files], {"NEON_API_KEY": key.value})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert code == 0
    assert len(world.ledger) == 3
    # The pretend Neon is in this process too, with all that it remembers and sends.
    assert peak < MOST_MEMORY
    out = capsys.readouterr().out
    assert f"… and {MANY - MOST_ROWS:,} more, which the JSON report has." in out
    assert len(out.splitlines()) < MOST_ROWS + 30
    (report,) = tmp_path.glob("neon-rotate-report*.json")
    assert len(json.loads(report.read_text())["inventory"]["keys"]) == MANY
    assert (tmp_path / "k.html").read_text().count("<tr>") == 1001
    assert "near-limit" in out


def test_a_personal_key_that_lies_on_a_persons_own_machine_alone_is_in_its_place(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = personal(world)
    asked = ["inventory", "--api-host", world.neon.url, "--repository", REPOSITORY, "--fail-on", "high"]
    asked += ["--old-key-id", str(story.old_key.key_id)]
    environment = {"NEON_API_KEY": story.old_key.value, "GITHUB_API_URL": world.github.url}
    assert cli.main(asked, environment) == 3
    laptop = registry.system("github")._replace(sightings=lambda *_: iter(()))
    monkeypatch.setattr(survey, "system", lambda _: laptop)
    assert cli.main(asked, environment) == 0


def test_an_account_without_keys_says_so(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    ada = world.neon.add_user("ada")
    key = world.neon.add_key(ada, name="only")
    world.faults.add(Fault("status", path="/api_keys", code=200, body=[], times=None))
    assert cli.main(["inventory", "--api-host", world.neon.url], {"NEON_API_KEY": key.value}) == 0
    assert "0 keys of 1 account; findings: none" in capsys.readouterr().out
