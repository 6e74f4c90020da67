"""Many repositories by pattern: found before anything is changed, told, and each written once."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import PERMISSIONS, REPOSITORY, Story, personal
from rotate.sandbox.world import World
from tests.support.openapi import check
from tests.support.runner import Ended, Runner
from tests.support.several import FILE, NAMES, several
from tests.support.stories import tells, untouched

SECRET = "NEON_API_KEY"
MAY = PERMISSIONS


class Company:
    """An organization with several repositories, some of which hold the key of a story."""

    def __init__(self, world: World) -> None:
        self.world, self.story = world, personal(world)
        self.seen = {REPOSITORY: MAY}
        world.github.add_organization("octo-org")
        for name in ("api-old", "api-eu", "api-us", "web"):
            self.found(name)
        world.github.repository("octo-org/api-old").archived = True
        world.github.repository("octo-org/web").topics = ("billing",)
        world.github.repository("octo-org/api-us").properties = {"team": "payments", "tiers": ("gold", "blue")}
        world.github.repository("octo-org/api-eu").properties = {"team": "Payments"}
        self.token = ""

    def found(self, name: str, *, holds: bool = True) -> None:
        """Found a repository that holds the old key."""
        full_name = f"octo-org/{name}"
        self.world.github.add_repository(full_name)
        if holds:
            self.world.github.set_secret(full_name, SECRET, self.story.old_key.value, updated_days_ago=9)
        self.seen = {**self.seen, full_name: MAY}

    def environment(self) -> dict[str, str]:
        """Give the environment of a run whose token sees all of it."""
        self.token = self.world.github.add_token(
            repositories=self.seen, organizations={"octo-org": {"organization_custom_properties": "read"}}
        )
        return {**self.story.environment(), "INPUT_GITHUB_TOKEN": self.token}

    def run(self, runner: Runner, **inputs: str) -> Ended:
        """Run once."""
        return runner.run(self.environment(), **inputs)

    def written(self) -> set[str]:
        """Give the repositories whose secret is a live key that is not the old one."""
        github = self.world.github
        return {
            one.full_name.removeprefix("octo-org/")
            for one in github.every_repository()
            if (value := github.secret(one.full_name, SECRET)) != self.story.old_key.value
            and self.world.neon.is_live(value or "")
        }


@pytest.fixture
def company(world: World) -> Iterator[Company]:
    """A company, whose every exchange is as GitHub describes it."""
    yield Company(world)
    check(world.ledger)


@pytest.mark.parametrize(
    ("repositories", "written"),
    [
        ("payments, api-*", {"payments", "api-eu", "api-us"}),
        ("OCTO-ORG/API-?u", {"api-eu"}),
        ("topic:billing, octo-org/web", {"web"}),
        ("property:team=payments", {"api-eu", "api-us"}),
        ("property:Tiers=blue", {"api-us"}),
        ("holders", {"payments", "api-eu", "api-us", "web"}),
        ("holders, !web, !property:tiers=gold", {"payments", "api-eu"}),
        ("payments, api-eu, !octo-org/property:tiers=gold, api-us", {"payments", "api-eu"}),
        ("*, !api-*, !empty, topic:billing", {"payments", "web"}),
    ],
)
def test_each_repository_that_a_pattern_means_is_written_once(
    repositories: str, written: set[str], company: Company, runner: Runner
) -> None:
    company.found("empty", holds=False)
    ended = company.run(runner, repositories=repositories)
    tells(ended, "rotated", 0)
    assert company.written() == written
    assert {place["name"] for place in ended.report["destinations"]} == {
        f"github://octo-org/{name}#{SECRET}" for name in written
    }
    puts = [entry for entry in company.world.ledger if entry.method == "PUT"]
    assert len(puts) == len(written)


def test_what_the_patterns_mean_is_told_before_anything_else_and_archived_ones_are_named(
    company: Company, runner: Runner
) -> None:
    ended = company.run(runner, repositories="api-*", command="plan")
    tells(ended, "planned", 0)
    first = next(line for line in ended.stdout.splitlines() if not line.startswith("::"))
    assert first.startswith("✓  0 resolve  api-* · actions: 2 repositories: octo-org/api-eu, octo-org/api-us; skipped")
    assert "skipped, archived or disabled: octo-org/api-old (" in first
    assert "octo-org/api-eu, octo-org/api-us; skipped" in ended.summary
    assert (ended.report["steps"][0]["name"], ended.report["steps"][0]["outcome"]) == ("resolve", "applied")
    assert [sentence for sentence in ended.report["plan"] if sentence.startswith("overwrite ")] == [
        f"overwrite github://octo-org/api-eu#{SECRET} with it",
        f"overwrite github://octo-org/api-us#{SECRET} with it",
    ]
    untouched(company.world, company.story)


@pytest.mark.parametrize(
    ("repositories", "reason", "message"),
    [
        ("payments, lib-*", "pattern-matches-nothing", "`lib-*` means no repository"),
        ("topic:fun, topic:billing", "pattern-matches-nothing", "`topic:fun` means no repository"),
        ("api-*, !lib-*", "pattern-matches-nothing", "`!lib-*` leaves nothing out"),
        ("api-old*", "pattern-matches-nothing", "Every repository that `api-old*` means is left out or archived"),
        ("api-*, !api-?s, !api-e*", "pattern-matches-nothing", "is left out or archived"),
        ("nobody/*", "pattern-matches-nothing", "`nobody/*` means no repository"),
        ("nobody/property:a=b", "github-repository-not-found", "list /orgs/nobody/properties/values"),
    ],
)
def test_a_pattern_that_means_nothing_ends_the_run_before_anything_is_changed(
    repositories: str, reason: str, message: str, company: Company, runner: Runner
) -> None:
    ended = company.run(runner, repositories=repositories)
    tells(ended, "refused", 3)
    assert ended.reasons == [reason]
    assert message in ended.report["problems"][0]["message"]
    untouched(company.world, company.story)
    assert not [entry for entry in company.world.ledger if entry.server == "neon"]


def test_more_repositories_than_are_allowed_are_refused(company: Company, runner: Runner) -> None:
    few = company.run(runner, repositories="payments, api-*", max_repositories="1")
    tells(few, "refused", 3)
    assert few.reasons == ["too-many-repositories"]
    assert "mean 2 repositories; `max_repositories` allows 1." in few.report["problems"][0]["message"]
    untouched(company.world, company.story)
    tells(company.run(runner, repositories="payments, api-*", max_repositories="2"), "rotated", 0)


def test_a_pattern_means_every_store_and_environment_of_each(company: Company, runner: Runner) -> None:
    github = company.world.github
    for name in ("api-eu", "api-us"):
        github.add_environment(f"octo-org/{name}", "production")
        company.seen[f"octo-org/{name}"] = {**MAY, "environments": "write"}
    github.set_secret("octo-org/api-us", SECRET, company.story.old_key.value, environment="production")
    company.seen["octo-org/web"] = company.seen[REPOSITORY] = {**MAY, "environments": "read"}
    ended = company.run(runner, repositories="holders", environments="production", ignore_holders="octo-org/*")
    tells(ended, "rotated", 0)
    (place,) = ended.report["destinations"]
    assert place["name"] == f"github://octo-org/api-us?environment=production#{SECRET}"


def test_holders_that_the_token_may_not_ask_are_said_and_not_written(company: Company, runner: Runner) -> None:
    company.seen["octo-org/web"] = {"metadata": "read"}
    ended = company.run(runner, repositories="holders")
    tells(ended, "rotated", 0)
    assert company.written() == {"payments", "api-eu", "api-us"}
    assert [(one["reason"], "1 repository (octo-org/web)" in one["message"]) for one in ended.report["warnings"]] == [
        ("holders-not-judged", True)
    ]


def test_an_installations_token_has_a_list_of_its_own(company: Company) -> None:
    """The token of a job is one; what it may do besides is beside the point here."""
    company.environment()
    token = company.world.github.add_token(kind="actions", repositories=company.seen)
    with httpx.Client(base_url=company.world.github.url, headers={"Authorization": f"Bearer {token}"}) as client:
        assert client.get("/user/repos").status_code == 403
        assert client.get("/installation/repositories").json()["total_count"] == 5


def test_a_lost_list_ends_the_run_before_anything_is_changed(world: World, runner: Runner) -> None:
    company = Company(world)
    company.world.faults.add(Fault("status", method="GET", path="/orgs/octo-org/repos*", code=500, times=None))
    ended = company.run(runner, repositories="api-*")
    tells(ended, "failed", 1)
    assert ended.reasons == ["github-unexpected-answer"]
    untouched(company.world, company.story)


def test_names_alone_cost_no_request_and_load_nothing(world: World, runner: Runner) -> None:
    story: Story = personal(world)
    tells(runner.run(story.environment(), repositories="payments"), "rotated", 0)
    assert not [entry for entry in world.ledger if entry.path.startswith(("/orgs", "/user", "/installation"))]


def test_no_place_is_two_credentials_however_it_was_named(world: World, runner: Runner) -> None:
    story = several(world)
    pattern = "- type: github_secret\n        secret: NEON_PROJECT_KEY\n        repositories: ['pay*']"
    text = FILE.replace("- type: github_secret", pattern, 2)
    ended = story.run(runner, text)
    assert (ended.code, ended.outputs["status"]) == (3, "refused")
    problems = [line for line in ended.stdout.splitlines() if "is written for" in line and line.startswith("Problem")]
    told = "Problem: octo-org/payments · NEON_PROJECT_KEY is written for NEON_PROJECT_KEY too. [destination-of-two]"
    assert problems == [told, told]
    assert [story.rotated(name) for name in NAMES] == [False, False, True]


def test_an_exposed_key_does_not_wait_for_a_pattern_to_be_put_right(company: Company, runner: Runner) -> None:
    names = f"{REPOSITORY}\napi-*\nnothing-of-this-*"
    refused = company.run(runner, repositories=names)
    tells(refused, "refused", 3)
    assert company.world.neon.is_live(company.story.old_key.value)
    ended = company.run(runner, repositories=names, exposed="true", reason="seen in a log")
    tells(ended, "incomplete", 4)
    assert "pattern-matches-nothing" in ended.reasons
    assert not company.world.neon.is_live(company.story.old_key.value)
    assert company.written() >= {"api-eu", "api-us"}
