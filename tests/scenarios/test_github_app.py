"""A GitHub App in place of a token, on the wire: whole rotations, long runs, every way not to be let in."""

from __future__ import annotations

import base64
import json
import re
import signal

import pytest
import yaml

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY
from rotate.sandbox.world import World
from rotate.settings.action_inputs import INPUTS
from tests.support.apps import APP, ELSEWHERE, GRANTED, installed, nothing_left
from tests.support.openapi import check
from tests.support.runner import ROOT, Runner
from tests.support.stories import tells


def test_one_key_is_rotated_over_two_owners(world: World, runner: Runner) -> None:
    app = installed(world)
    ended = runner.run(app.story.environment(), **app.inputs)
    tells(ended, "rotated", 0)
    assert app.rotated()
    assert world.ledger.count("GET", "*/installation") == 2, "one look at each owner"
    assert sorted(app.asked()) == [
        f"/app/installations/{one.number}/access_tokens" for one in (app.home, app.elsewhere)
    ]
    assert world.ledger.count("DELETE", "/installation/token") == 2
    assert "NEON_API_KEY_ROTATION" in world.github.variables(REPOSITORY), "the note is kept by the App too"
    nothing_left(app)
    check(world.ledger)


def test_a_token_is_narrowed_to_what_the_run_needs(world: World, runner: Runner) -> None:
    app = installed(world)
    world.github.add_repository("octo-org/private-matters")
    runner.run(app.story.environment(), **app.inputs)
    bodies = [json.loads(entry.request_body) for entry in world.ledger.find("POST", "/app/*")]
    everywhere = {"metadata": "read", "secrets": "write", "actions": "read", "environments": "read"}
    assert {json.dumps(body, sort_keys=True) for body in bodies} == {
        json.dumps(body, sort_keys=True)
        for body in (
            {"repositories": ["payments"], "permissions": {**everywhere, "actions_variables": "write"}},
            {"repositories": ["search"], "permissions": everywhere},
        )
    }


def test_an_hour_that_passes_in_a_run_is_survived(world: World, runner: Runner) -> None:
    app = installed(world)
    world.faults.add(Fault("hook", method="POST", path="/api_keys", call=lambda *_: world.advance(2 * 3600)))
    ended = runner.run(app.story.environment(), **app.inputs, overlap="1s", wait="3h")
    tells(ended, "rotated", 0)
    assert app.rotated()
    assert len(app.asked()) == 4, "a second token for each, when GitHub said that the first one is over"
    assert [one for one in world.github.tokens("app") if one.expires_at and one.expires_at > world.clock.now()] == []


FAILURES = {
    "a write that fails": (Fault("status", method="PUT", code=403, times=None), 1),
    "a source that fails": (Fault("status", path="/auth", code=503, times=None), 1),
    "a key that is dead": (Fault("status", path="/auth", code=401, times=None), 3),
}


@pytest.mark.parametrize("what", FAILURES)
def test_tokens_are_revoked_after(what: str, world: World, runner: Runner) -> None:
    app = installed(world)
    fault, code = FAILURES[what]
    world.faults.add(fault)
    ended = runner.run(app.story.environment(), **app.inputs)
    assert ended.code == code, ended.stdout
    assert "personal access token" not in ended.stdout, "it is the App that people are sent to"
    assert len(app.asked()) == world.ledger.count("DELETE", "/installation/token") == 2
    nothing_left(app)


def test_tokens_are_revoked_when_the_run_is_cancelled(world: World, runner: Runner) -> None:
    app = installed(world)
    environment = {**app.story.environment(), "INPUT_APP_ID": APP, "INPUT_APP_PRIVATE_KEY": app.private_key}
    environment.pop("INPUT_GITHUB_TOKEN")
    process = runner.start(environment)
    world.faults.add(
        Fault("hook", method="PUT", call=lambda *_: process.send_signal(signal.SIGTERM)),
        Fault("delay", method="PUT", seconds=0.3, after=True),
    )
    ended = runner.collect(process)
    tells(ended, "incomplete", 4)
    assert "cancelled" in ended.reasons
    nothing_left(app)


def test_a_token_that_cannot_be_revoked_is_a_warning(world: World, runner: Runner) -> None:
    app = installed(world)
    world.faults.add(Fault("status", method="DELETE", path="/installation/token", code=503, times=None))
    ended = runner.run(app.story.environment(), **app.inputs)
    tells(ended, "rotated", 0)
    warned = [one["reason"] for one in ended.report["warnings"]]
    assert warned == ["github-token-not-revoked"] * 2


def test_a_permission_that_is_no_need_is_done_without(world: World, runner: Runner) -> None:
    """Without variables there is no lock and no note, as with a token; the rest goes on."""
    app = installed(world)
    app.home.permissions = {"secrets": "write", "actions": "read"}
    ended = runner.run(app.story.environment(), **app.inputs)
    tells(ended, "rotated", 0)
    assert [one["reason"] for one in ended.report["warnings"]] == ["no-notebook"]
    assert len(app.asked()) == 4, "narrowed to both, to the permissions, to the repositories; and once elsewhere"
    nothing_left(app)


def test_the_canary_and_the_alert_work_with_an_app(world: World, runner: Runner) -> None:
    app = installed(world)
    app.home.permissions = {**GRANTED, "actions": "write", "issues": "write"}
    world.github.add_workflow(REPOSITORY, "canary.yml", conclusion="failure")
    environment = {**app.story.environment(), "NEON_API_KEY": app.story.old_key.value, "APP_KEY": app.private_key}
    path = runner.workspace / ".github/neon-rotate.yml"
    path.parent.mkdir()
    path.write_text(POLICY.format(app=APP, old=app.story.old_key.key_id))
    ended = runner.run(environment, github_token=None, old_key_id=None)
    tells(ended, "incomplete", 4)
    assert "canary-failed" in ended.reasons
    assert len(world.github.issues(REPOSITORY)) == 1
    assert world.neon.is_live(app.story.old_key.value)
    assert len(app.asked()) == 1, "one token for note, destination, canary and alert"
    nothing_left(app)


POLICY = """\
version: 1
credentials:
  - old_key_id: "{old}"
    app_id: {app}
    app_private_key: ${{APP_KEY}}
    canary_workflow: canary.yml
    alert_issue: true
    destinations:
      - type: github_secret
"""


def test_a_plain_token_costs_no_request_of_an_app(world: World, runner: Runner) -> None:
    app = installed(world)
    tells(runner.run(app.story.environment()), "rotated", 0)
    assert world.ledger.count(path="*installation*") == 0


def test_neither_the_private_key_nor_a_token_is_told(world: World, runner: Runner) -> None:
    app = installed(world)
    given: list[str] = []

    def remember(*_: object) -> None:
        given.extend(token.value for token in world.github.tokens("app"))

    world.faults.add(Fault("hook", method="DELETE", path="/installation/token", times=None, call=remember))
    ended = runner.run(app.story.environment(), **app.inputs)
    assert ended.code == 0
    told = "\n".join(line for line in ended.stdout.splitlines() if not line.startswith("::add-mask::"))
    masks = {line.removeprefix("::add-mask::") for line in ended.stdout.splitlines()} - set(told.splitlines())
    lines = [line for line in app.private_key.splitlines() if not line.startswith("-----")]
    signed = {
        entry.request_headers["Authorization"].removeprefix("Bearer ") for entry in world.ledger.find("POST", "/app/*")
    }
    assert len(given) >= 2
    assert masks >= {*lines, *given, *signed}, "each is masked"
    for canary in (*lines, *given, *signed):
        for spelling in (canary, canary[-16:], base64.b64encode(canary.encode()).decode().rstrip("=")[:-2]):
            assert not any(spelling in text for text in (told, ended.stderr, *ended.files.values()))
        assert not any(canary.encode() in entry.request_body or canary in entry.target for entry in world.ledger)


def test_the_workflow_of_the_page_rotates(world: World, runner: Runner) -> None:
    app = installed(world)
    page = (ROOT / "docs/github-app.md").read_text()
    blocks = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    (step,) = blocks[0]["jobs"]["rotate"]["steps"]
    assert set(step["with"]) <= set(INPUTS)
    given = {name: str(text) for name, text in step["with"].items() if "${{" not in str(text)}
    given |= {"app_private_key": app.private_key, "old_key_id": str(app.story.old_key.key_id)}
    tells(runner.run(app.story.environment(), **{"github_token": None, **given}), "rotated", 0)
    assert app.rotated()


def test_the_policy_file_of_the_page_rotates(world: World, runner: Runner) -> None:
    app = installed(world)
    page = (ROOT / "docs/github-app.md").read_text()
    text = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[1]
    token = world.github.add_token(repositories={ELSEWHERE: PERMISSIONS})
    path = runner.workspace / ".github/neon-rotate.yml"
    path.parent.mkdir()
    old = app.story.old_key
    text = text.replace("elsewhere/search", ELSEWHERE)
    path.write_text(text.replace("    app_id", f"    old_key_id: {old.key_id}\n    app_id"))
    secrets = {"NEON_API_KEY": old.value, "ROTATE_APP_PRIVATE_KEY": app.private_key, "ELSEWHERE_TOKEN": token}
    ended = runner.run({**app.story.environment(), **secrets}, github_token=None, old_key_id=None)
    tells(ended, "rotated", 0)
    assert app.rotated()
    assert len(app.asked()) == 1, "the other place has a token of its own"
