"""`doctor` on tokens and Apps: which permission is missing, on whose, for which owner, and where to set it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from rotate.sandbox.stories import REPOSITORY
from rotate.sandbox.world import World
from tests.support.apps import GRANTED, installed
from tests.support.doctors import MAY, NOTE, PLACE, found, hides, only_reads, prepare, ready, warned
from tests.support.runner import Runner
from tests.support.stories import tells


@pytest.mark.parametrize(
    ("missing", "about", "reason", "named"),
    [
        ("secrets", PLACE, "github-permission-missing", "**Secrets: read and write**"),
        ("variables", NOTE, "no-notebook", "**Variables: read and write**"),
    ],
)
def test_each_missing_permission_is_named_with_its_page(
    missing: str, about: str, reason: str, named: str, world: World, runner: Runner
) -> None:
    given = ready(world, {name: level for name, level in MAY.items() if name != missing})
    ended = runner.run(given)
    tells(ended, "refused", 3)
    only_reads(world)
    assert ended.reasons == [reason]
    assert found(ended)[about][0] == "to mend"
    (problem,) = ended.report["problems"]
    assert named in problem["remedy"]
    assert REPOSITORY in problem["remedy"]
    assert "    github_token: ${{ secrets.ROTATE_GITHUB_TOKEN }}" in problem["remedy"]
    assert "https://github.example.com/settings/personal-access-tokens" in problem["remedy"]
    assert ended.summary.startswith("## ⛔ Not ready to rotate: ")
    hides(ended, given["INPUT_API_KEY"], given["INPUT_GITHUB_TOKEN"])


def test_a_place_of_another_kind_names_its_own_permission(world: World, runner: Runner) -> None:
    given = ready(world)
    world.github.add_environment(REPOSITORY, "live")
    ended = runner.run(given, environments="live")
    assert ended.reasons == ["github-permission-missing"]
    assert "**Environments: read and write**" in ended.report["problems"][0]["remedy"]


def test_a_token_that_ends_soon_is_warned_of_and_its_day_is_told(world: World, runner: Runner) -> None:
    given, ends = ready(world), world.clock.now() + timedelta(days=9.5)
    token = world.github.add_token(repositories={REPOSITORY: MAY}, expires_at=ends, told=True)
    ended = runner.run(given, github_token=token)
    tells(ended, "unchanged", 0)
    assert warned(ended) == ["github-token-expires"]
    assert f"it expires on {ends:%Y-%m-%d %H:%M} UTC" in found(ended)[f"GitHub token for {REPOSITORY}"][1]


def test_a_token_that_is_none_is_said_wherever_it_was_used(world: World, runner: Runner) -> None:
    ended = runner.run(ready(world), github_token="unknown")
    tells(ended, "refused", 3)
    assert set(ended.reasons) == {"github-token-invalid"}
    assert found(ended)[PLACE][0] == found(ended)[NOTE][0] == "to mend"


@pytest.mark.parametrize(
    ("scopes", "reasons", "told"),
    [
        ("repo, workflow", [], "may read and write; written "),
        ("public_repo", ["github-permission-missing"], "lacks the scope `repo`: GitHub says that it has `public_repo`"),
        ("", [], "may read; write is not shown; written "),
    ],
)
def test_the_scopes_of_a_classic_token_show_whether_it_may_write(
    scopes: str, reasons: list[str], told: str, world: World, runner: Runner
) -> None:
    given = ready(world)
    token = world.github.add_token(repositories={REPOSITORY: MAY}, scopes=scopes)
    ended = runner.run(given, github_token=token)
    tells(ended, "refused" if reasons else "unchanged", 3 if reasons else 0)
    assert ended.reasons == reasons
    assert told in found(ended)[PLACE][1]
    assert all("https://github.example.com/settings/tokens" in one["remedy"] for one in ended.report["problems"])
    kind = f"classic, with {', '.join(f'`{one}`' for one in scopes.split(', '))}" if scopes else "GitHub does not tell"
    assert kind in found(ended)[f"GitHub token for {REPOSITORY}"][1]


def test_an_organization_secret_needs_another_scope(world: World, runner: Runner) -> None:
    given = ready(world)
    world.github.add_organization("octo-org")
    world.github.set_secret("octo-org", "NEON_API_KEY", "other", visibility="all")
    may = {"organization_secrets": "read"}
    token = world.github.add_token(repositories={REPOSITORY: MAY}, organizations={"octo-org": may}, scopes="repo")
    ended = runner.run(given, github_token=token, organization="octo-org")
    assert ended.reasons == ["github-permission-missing"]
    assert "`admin:org`" in found(ended)["github://orgs/octo-org#NEON_API_KEY"][1]


def test_destinations_with_tokens_of_their_own_are_told_apart(world: World, runner: Runner) -> None:
    given = ready(world)
    world.github.add_repository("octo-labs/search")
    weak = world.github.add_token(repositories={"octo-labs/search": {"actions": "read"}})
    path = runner.workspace / ".github/neon-rotate.yml"
    path.parent.mkdir()
    path.write_text(
        "version: 1\ncredentials:\n  - current_key: ${NEON_API_KEY}\n    authenticate_with: ${NEON_API_KEY}\n"
        f"    destinations:\n      - type: github_secret\n        repository: {REPOSITORY}\n"
        "      - type: github_secret\n        repository: octo-labs/search\n        github_token: ${LABS}\n"
    )
    given |= {"NEON_API_KEY": given["INPUT_API_KEY"], "LABS": weak}
    ended = runner.run(given, api_key=None, old_key_id=None)
    tells(ended, "refused", 3)
    only_reads(world)
    seen = found(ended)
    assert [about for about in seen if "token" in about] == [
        f"GitHub token for {REPOSITORY}",
        "GitHub token for octo-labs/search",
    ]
    assert seen[PLACE][0] == "not known"
    assert seen["github://octo-labs/search#NEON_API_KEY"][0] == "to mend"
    problem, unknown = ended.report["problems"]
    assert "octo-labs/search" in problem["message"]
    assert unknown["reason"] == "old-key-unknown"
    hides(ended, weak, given["INPUT_GITHUB_TOKEN"])


def test_an_app_that_may_all_is_shown_to_write(world: World, runner: Runner) -> None:
    app = installed(world)
    given = prepare(world, app.story.environment())
    ended = runner.run(given, **app.inputs)
    tells(ended, "unchanged", 0)
    seen = found(ended)
    assert {seen[about][1].partition(";")[0] for about in (PLACE, NOTE)} == {"may read and write"}
    assert "secrets: write" in seen["GitHub App 123456 for octo-org"][1]
    assert "secrets: write" in seen["GitHub App 123456 for octo-labs"][1]
    others = [(entry.method, entry.path) for entry in world.ledger if entry.method != "GET"]
    assert {(method, path.rpartition("/")[2]) for method, path in others} == {
        ("POST", "access_tokens"),
        ("DELETE", "token"),
    }
    assert world.github.tokens("app") == []


@pytest.mark.parametrize(
    ("granted", "about", "named"),
    [
        ({"secrets": "read"}, PLACE, "repository permission **Secrets**: read and write"),
        ({"actions_variables": "read"}, NOTE, "repository permission **Variables**: read and write"),
    ],
)
def test_an_app_without_a_permission_is_told_which_and_where(
    granted: Mapping[str, str], about: str, named: str, world: World, runner: Runner
) -> None:
    app = installed(world)
    app.home.permissions = {**GRANTED, **granted}
    given = prepare(world, app.story.environment())
    ended = runner.run(given, **{**app.inputs, "repositories": None})
    tells(ended, "refused", 3)
    assert ended.reasons == ["github-app-permission-missing"]
    assert found(ended)[about][0] == "to mend"
    (problem,) = ended.report["problems"]
    assert named in problem["message"]
    assert "Permissions & events" in problem["remedy"]
    assert "https://github.example.com/organizations/octo-org/settings/installations/" in problem["remedy"]


def test_what_an_apps_permission_is_called_is_not_guessed(world: World, runner: Runner) -> None:
    app = installed(world)
    given = {name: level for name, level in GRANTED.items() if name != "actions_variables"}
    app.home.permissions = {**given, "codespaces_secrets": "write"}
    environment = prepare(world, app.story.environment())
    ended = runner.run(environment, **{**app.inputs, "repositories": None, "stores": "codespaces"})
    seen = found(ended)
    assert seen[f"github://{REPOSITORY}?store=codespaces#NEON_API_KEY"][1].startswith("may read; write is not shown")


def test_an_app_that_is_not_installed_is_said_for_what_it_is(world: World, runner: Runner) -> None:
    app = installed(world)
    world.github.apps.uninstall(app.home)
    world.github.apps.uninstall(app.elsewhere)
    ended = runner.run(prepare(world, app.story.environment()), **app.inputs)
    tells(ended, "refused", 3)
    assert set(ended.reasons) == {"github-app-not-installed"}
    assert found(ended)["GitHub App 123456 for octo-org"] == ("not known", "it was given no token")


def test_without_a_token_there_is_nobody_to_ask(world: World, runner: Runner) -> None:
    assert runner.run(ready(world), github_token=None).reasons == ["input-missing"]
