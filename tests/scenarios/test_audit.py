"""The audit over several runs of the entry point: one chain, whatever happens to a run, and a command to verify it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from rotate.protocol.story.audit import verify
from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import Story, personal
from rotate.sandbox.world import World
from tests.scenarios.test_exposure import FAR
from tests.support.runner import Ended, Runner, with_inputs
from tests.support.several import FILE, several
from tests.support.stories import STORIES, at_rest, tells
from tests.test_nothing_leaks import assert_silent

NAME = "audit/neon.jsonl"
POLICY = f"""\
version: 1
audit: {NAME}
credentials:
  - name: NEON_API_KEY
    authenticate_with: ${{{{NEON_KEY}}}}
    old_key_id: {{old}}
    destinations:
      - type: github_secret
"""
WITH_POLICY = "tests/support/policy_entrypoint.py"


def run(runner: Runner, story: Mapping[str, str], **changes: str | None) -> Ended:
    """Run once with an audit in the policy."""
    return runner.collect(runner.begin(with_inputs(story, **{"audit": NAME, **changes}), WITH_POLICY))


def records(runner: Runner) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file_of(runner).read_text().splitlines()]


def file_of(runner: Runner) -> Path:
    return runner.workspace / NAME


def environment(story: Story) -> dict[str, str]:
    return {**story.environment_now(), "GITHUB_ACTOR": "ada", "GITHUB_TRIGGERING_ACTOR": "grace"}


@pytest.mark.parametrize("scope", STORIES)
def test_two_runs_make_one_chain_without_a_secret(scope: str, world: World, runner: Runner) -> None:
    story = STORIES[scope](world)
    first, ended = (run(runner, environment(story), reason="monthly") for _ in range(2))
    for one in (first, ended):
        tells(one, "rotated", 0)
        assert_silent(world, story, one)
    assert verify(file_of(runner).read_bytes()).flaw is None
    assert [one["what"] for one in records(runner) if one["what"] != "moved"] == ["began", "ended"] * 2
    assert {one["actor"] for one in records(runner)} == {"ada"}
    assert {one["run"]["url"] for one in records(runner)} == {
        f"https://github.example.com/{story.repository}/actions/runs/{one['run']['id']}" for one in records(runner)
    }
    last = records(runner)[-1]
    assert (last["status"], last["reason"], last["previous_value"]) == ("rotated", "monthly", "dead")
    assert ended.report["audit"] == {"file": NAME, "records": len(records(runner)), "head": last["hash"]}
    assert last["hash"] in ended.summary


def test_every_effect_is_in_the_audit_with_its_key(world: World, runner: Runner) -> None:
    story = personal(world)
    ended = run(runner, story.environment())
    new = at_rest(world, story)
    moves = {one["move"]: one for one in records(runner) if one["what"] == "moved"}
    assert {"lock", "issue", "verify", "put", "confirm", "note", "revoke", "prove", "release"} <= set(moves)
    assert f"key {new.key_id}, fingerprint {ended.report['fingerprint']}" == moves["issue"]["detail"]
    assert moves["revoke"]["subject"].startswith(f"key {story.old_key.key_id} ")
    assert len([one for one in records(runner) if one["what"] == "moved"]) == len(ended.report["steps"])


def test_a_run_that_is_killed_leaves_what_it_did_and_the_next_goes_on(world: World, runner: Runner) -> None:
    story = personal(world)
    run(runner, story.environment(), command="check")
    world.faults.add(Fault("death_before", server="neon", method="DELETE"))
    process = runner.start(with_inputs(story.environment(), audit=NAME), ("-m", "tests.support.policy_entrypoint"))
    world.victim = process.pid
    assert runner.collect(process).code == -9
    world.victim = None
    killed = records(runner)[-1]
    assert (killed["what"], killed["move"]) == ("moved", "fence"), "all that was done before the revoke"
    tells(run(runner, environment(story)), "rotated", 0)
    assert verify(file_of(runner).read_bytes()).flaw is None
    assert [one["what"] for one in records(runner) if one["what"] != "moved"] == [
        *("began", "ended"),
        "began",
        *("began", "ended"),
    ]


def test_an_exposed_key_dies_after_four_round_trips_with_an_audit_and_an_alert_too(
    world: World, runner: Runner
) -> None:
    story = personal(world)
    environment = story.environment()
    world.latency = 2 * FAR  # more than a busy machine takes to load what speaks to GitHub
    ended = run(runner, environment, exposed="true", reason="seen in a log", alert_issue="true")
    tells(ended, "rotated", 0)
    assert world.ledger.longest_chain(until=lambda entry: entry.method == "DELETE" and entry.server == "neon") <= 4
    last = records(runner)[-1]
    assert (last["exposure"]["key_id"], last["exposure"]["dead"]) == (story.old_key.key_id, True)


def test_a_broken_audit_changes_no_verdict_and_is_left_as_it_is(world: World, runner: Runner) -> None:
    story = personal(world)
    file_of(runner).parent.mkdir()
    file_of(runner).write_text("not ours\n")
    ended = run(runner, story.environment())
    tells(ended, "rotated", 0)
    assert "audit-broken" in [warning["reason"] for warning in ended.report["warnings"]]
    assert "::warning title=audit-broken::" in ended.stdout
    assert (file_of(runner).read_text(), ended.report["audit"]) == ("not ours\n", None)


def test_a_request_that_is_wrong_leaves_no_audit(world: World, runner: Runner) -> None:
    ended = run(runner, personal(world).environment(), scope="galaxy")
    assert (ended.code, file_of(runner).exists()) == (2, False)


def verified(runner: Runner, **changes: str | None) -> Ended:
    """Verify without a key, a token or a repository."""
    return run(runner, {"GITHUB_ACTIONS": "true"}, command="audit", **changes)


def test_the_action_verifies_the_chain_and_contacts_nobody(world: World, runner: Runner) -> None:
    story = personal(world)
    run(runner, story.environment())
    asked = len(world.ledger)
    ended = verified(runner)
    tells(ended, "unchanged", 0)
    assert f"{NAME} holds: {len(records(runner))} records from " in ended.stdout
    assert records(runner)[-1]["hash"] in ended.summary
    lines = file_of(runner).read_text().splitlines(keepends=True)
    file_of(runner).write_text("".join([*lines[:3], lines[3].replace("applied", "unknown"), *lines[4:]]))
    ended = verified(runner)
    tells(ended, "refused", 3)
    assert (ended.reasons, "Line 4 of the audit" in ended.stdout) == (["audit-broken"], True)
    assert len(world.ledger) == asked


def test_without_a_policy_the_file_has_its_usual_name(runner: Runner) -> None:
    ended = verified(runner, audit=None)
    assert (ended.code, ended.reasons) == (2, ["audit-unreadable"])
    assert "neon-rotate-audit.jsonl could not be read" in ended.stdout


def with_policy(runner: Runner, text: str) -> None:
    policy = runner.workspace / ".github/neon-rotate.yml"
    policy.parent.mkdir(exist_ok=True)
    policy.write_text(text)


def test_the_policys_own_audit_is_kept_and_verified_without_the_keys_it_names(world: World, runner: Runner) -> None:
    story = personal(world)
    with_policy(runner, POLICY.format(old=story.old_key.key_id))
    alone = {"old_key_id": None, "api_key": None}
    given = {**environment(story), "NEON_KEY": story.old_key.value}
    tells(runner.run(given, **alone), "rotated", 0)
    tells(runner.run({"GITHUB_ACTIONS": "true"}, command="audit"), "unchanged", 0)
    assert verify(file_of(runner).read_bytes()).end.seq == len(records(runner)) > 10
    with_policy(runner, "audit: ../outside\nversion: 1\ncredentials: []\n")
    assert runner.run({"GITHUB_ACTIONS": "true"}, command="audit").code == 2


def test_several_credentials_of_one_run_share_one_chain(world: World, runner: Runner) -> None:
    ended = several(world).run(runner, f"audit: {NAME}\n{FILE}")
    assert ended.code == 0, ended.stdout
    assert verify(file_of(runner).read_bytes()).flaw is None
    spans = [(one["what"], one["lineage"]) for one in records(runner) if one["what"] != "moved"]
    lineages = [lineage for what, lineage in spans if what == "began"]
    assert spans == [(what, lineage) for lineage in lineages for what in ("began", "ended")]
    assert len(set(lineages)) == 3


def test_the_shipped_entry_point_verifies_too(runner: Runner) -> None:
    ended = runner.run({"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request"}, command="audit")
    assert (ended.code, ended.reasons) == (2, ["audit-unreadable"]), "even a pull request may look"
