"""Whole runs that build a site anew after the write, and let only a published deploy confirm it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome, Refused
from rotate.ports import Stage
from rotate.sandbox.faults import Fault
from rotate.sandbox.netlify.server import NetlifyServer
from rotate.sandbox.netlify.state import Site
from rotate.systems.netlify.deployment import SiteDeployment
from tests.support.bench import NAME, means_of
from tests.support.laptop import GITHUB, Laptop
from tests.support.openapi import check
from tests.systems.netlify.bench import ACCOUNT, SITE, netlify

BUILDS, DEPLOYS = "/sites/*/builds", "/deploys/*"
HERE = f"netlify://{ACCOUNT}/{SITE}"


@pytest.fixture
def alone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Laptop]:
    with netlify(secret=True) as bench:
        yield Laptop(bench, capsys, tmp_path)


def server_of(laptop: Laptop) -> NetlifyServer:
    assert isinstance(laptop.web.pretend, NetlifyServer)
    return laptop.web.pretend


def site_of(laptop: Laptop) -> Site:
    return server_of(laptop).sites[-1]


def builds(laptop: Laptop) -> int:
    return laptop.world.ledger.count("POST", BUILDS, "netlify")


def test_a_build_without_the_cache_takes_the_new_value_and_only_then_the_old_key_goes(alone: Laptop) -> None:
    both = f"{alone.here},{HERE}?context=dev#{NAME}"
    assert alone.first(to=alone.here) == 0, alone.told
    site = site_of(alone)
    assert site.published is site.deploys[-1]
    assert (site.published.values[NAME], site.published.cleared) == (alone.live[0].value, True)
    assert (builds(alone), len(alone.live)) == (1, 1)
    assert alone.report["destinations"][0]["picked_up"] == "with the deploy that this run starts, and waits for"
    assert check(entry for entry in alone.world.ledger if entry.server == "netlify")
    assert alone.run(to=both) == 3, "`dev` is no deploy"
    assert alone.reasons == ["redeploy-impossible"]


def test_a_build_that_fails_holds_the_old_key_and_the_next_run_starts_another(alone: Laptop) -> None:
    server_of(alone).outcomes.append("error")
    assert alone.first() == 4, alone.told
    assert alone.reasons == ["distribution-unfinished", "redeploy-failed"]
    assert "Netlify calls the deploy" in alone.report["problems"][1]["message"]
    assert f"https://app.netlify.com/projects/{SITE}/deploys" in alone.report["problems"][1]["message"]
    assert len(alone.live) == 2
    assert alone.run(key=alone.held) == 0, alone.told
    assert (len(alone.live), builds(alone)) == (1, 2)


def test_a_token_that_may_not_build_holds_the_old_key(alone: Laptop) -> None:
    alone.world.faults.add(Fault("status", server="netlify", method="POST", path=BUILDS, code=403, times=None))
    assert alone.first() == 4, alone.told
    assert alone.reasons == ["distribution-unfinished", "destination-not-allowed"]
    assert (len(alone.live), builds(alone)) == (2, 1), "it is not started twice"


def test_a_deploy_that_is_not_published_is_not_over(alone: Laptop) -> None:
    server, site, deployment = server_of(alone), site_of(alone), opened(alone)
    server.outcomes[:] = ["building", "ready"]
    started = deployment.start()
    assert deployment.look(started) == (Stage.RUNNING, f"Netlify calls the deploy {started} `building`")
    assert site.published
    site.published.locked = True
    told = f"Netlify calls the deploy {started} `ready`, and has not published it yet"
    assert deployment.look(started) == (Stage.RUNNING, told)
    alone.world.advance(60)
    site.published = server.deployed(site, "main")
    assert deployment.look(started).stage is Stage.DONE, "a later one has the value too"


def test_without_a_start_the_old_key_needs_an_overlap(alone: Laptop) -> None:
    policy = alone.folder / "policy.yml"
    policy.write_text(
        "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
        f"    old_key_id: {alone.story.old_key.key_id}\n    destinations:\n"
        f"      - type: netlify\n        account: {ACCOUNT}\n        site: {SITE}\n        context: production\n"
    )
    assert alone.by(policy) == 2, alone.told
    assert alone.reasons == ["overlap-needed"]


def opened(laptop: Laptop, context: str = "production") -> SiteDeployment:
    return SiteDeployment(parsed(f"{HERE}?context={context}#{NAME}"), means_of(laptop.web.environment))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (f"netlify://{ACCOUNT}#{NAME}", "all sites of the account share it"),
        (f"{HERE}?context=deploy-preview#{NAME}", "no one deploy of the context `deploy-preview`"),
    ],
)
def test_what_no_one_build_makes_is_refused_before_anything_is_asked(text: str, why: str, alone: Laptop) -> None:
    asked = len(alone.world.ledger)
    with pytest.raises(Refused, match=why):
        SiteDeployment(parsed(text), means_of(alone.web.environment)).ready()
    assert len(alone.world.ledger) == asked


@pytest.mark.parametrize(
    ("of", "why"),
    [
        ("repo_url", "not connected to a Git repository"),
        ("stop_builds", "builds of the site are stopped"),
        ("locked", "a deploy of the site is locked"),
    ],
)
def test_a_site_that_netlify_does_not_build_or_publish_is_refused_before_a_key_is_issued(
    of: str, why: str, alone: Laptop
) -> None:
    site = site_of(alone)
    assert site.published
    if of == "repo_url":
        site.repo_url = ""
    elif of == "stop_builds":
        site.stop_builds = True
    else:
        site.published.locked = True
    assert alone.first() == 3, alone.told
    assert alone.reasons == ["redeploy-impossible"]
    assert why in alone.report["problems"][0]["message"]
    assert not [one for one in alone.live if one is not alone.story.old_key]
    if of == "locked":
        opened(alone, "branch:feat/x").ready()
        with pytest.raises(Refused, match="locked"):
            opened(alone, "branch:main").ready()


def test_a_branch_is_built_by_its_name(alone: Laptop) -> None:
    deployment = opened(alone, "branch:feat/x")
    started = deployment.start()
    assert deployment.look(started).stage is Stage.DONE
    assert site_of(alone).deploys[-1].branch == "feat/x"
    assert site_of(alone).published is not site_of(alone).deploys[-1]
    assert deployment.unit == f"the feat/x deploy of {ACCOUNT}/{SITE} at Netlify"
    main = opened(alone, "branch:main")
    started = main.start()
    published = site_of(alone).published
    assert published
    published.locked = True
    assert main.look(started).stage is Stage.RUNNING, "the main branch's is the production"


def test_a_later_deploy_that_took_its_place_counts(alone: Laptop) -> None:
    server, site = server_of(alone), site_of(alone)
    for context, branch in (("production", "main"), ("branch:feat/x", "feat/x")):
        deployment = opened(alone, context)
        server.outcomes[:] = ["error"]
        started = deployment.start()
        assert deployment.look(started).stage is Stage.FAILED, "the earlier ones do not count"
        alone.world.advance(60)
        later = server.deployed(site, branch, "building")
        assert deployment.look(started).stage is Stage.RUNNING
        later.state = "ready"
        site.published = later
        assert deployment.look(started).stage is Stage.DONE


def test_answers_that_are_not_as_described_are_told(alone: Laptop) -> None:
    deployment = opened(alone)
    started = deployment.start()
    wrong: list[tuple[str, str, dict[str, str], str]] = [
        ("POST", BUILDS, {}, "without the id of the deploy"),
        ("GET", DEPLOYS, {"id": "another", "state": "ready"}, "with another deploy"),
        ("GET", DEPLOYS, {"id": started}, "without its state"),
    ]
    for method, path, body, why in wrong:
        alone.world.faults.add(Fault("status", server="netlify", method=method, path=path, code=200, body=body))
        with pytest.raises(DestinationError, match=why) as raised:
            deployment.start() if method == "POST" else deployment.look(started)
        known = Outcome.UNKNOWN if method == "POST" else Outcome.NO_EFFECT
        assert (raised.value.reason, raised.value.outcome) == ("destination-unexpected-answer", known)


@pytest.mark.parametrize("told", [{"skipped": True, "state": "ready"}, {"state": "rejected"}])
def test_what_was_not_built_or_whose_time_is_not_known_is_no_success(told: dict[str, Any], alone: Laptop) -> None:
    deployment, site = opened(alone), site_of(alone)
    started = deployment.start()
    alone.world.advance(60)
    site.published = server_of(alone).deployed(site, "main")
    fault = Fault("status", server="netlify", path=DEPLOYS, code=200, body={"id": started, **told})
    alone.world.faults.add(fault)
    assert deployment.look(started).stage is Stage.FAILED


def test_a_context_that_has_only_the_value_for_all_is_told_so(alone: Laptop) -> None:
    (variable,) = server_of(alone).variables[ACCOUNT, site_of(alone).number]
    key, variable.values, variable.is_secret = alone.held, [], False
    variable.set(key, "all")
    assert alone.first(to=f"{GITHUB},{alone.here}", key=key) == 3, alone.told
    assert alone.reasons == ["secret-absent"]
    assert "What runs in `production` has the value for all contexts" in alone.report["problems"][0]["message"]
    assert [one.context for one in variable.values] == ["all"]
