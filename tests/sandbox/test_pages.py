"""Lists of the pretend GitHub come in pages, and their links lead to the end of the same list."""

from __future__ import annotations

import httpx
import pytest

from rotate.sandbox.stories import REPOSITORY
from rotate.sandbox.world import World

SECRETS = f"/repos/{REPOSITORY}/actions/secrets"
VARIABLES = f"/repos/{REPOSITORY}/actions/variables"


def followed(github: httpx.Client, path: str, name: str) -> list[int]:
    """Follow a list to its end by the links alone; give the length of each page."""
    lengths: list[int] = []
    url: str | None = path
    while url is not None and len(lengths) < 10:
        answer = github.get(url)
        assert answer.status_code == 200, url
        lengths.append(len(answer.json()[name]))
        url = answer.links.get("next", {}).get("url")
        assert url is None or url.startswith(str(github.base_url)), "a client may resolve it against anything"
    return lengths


@pytest.mark.parametrize(
    ("query", "lengths"),
    [("", [10, 10, 10, 5]), ("?per_page=30", [30, 5]), ("?per_page=100", [30, 5]), ("?page=4", [5])],
)
def test_variables_come_in_pages_whose_links_can_be_followed(
    query: str, lengths: list[int], world: World, github: httpx.Client
) -> None:
    for number in range(35):
        world.github.set_variable(REPOSITORY, f"V{number}", "1")
    assert github.get(VARIABLES + query).json()["total_count"] == 35
    assert followed(github, VARIABLES + query, "variables") == lengths
    assert followed(github, f"/api/v3{VARIABLES}{query}", "variables") == lengths


def test_secrets_have_longer_pages_than_variables(world: World, github: httpx.Client) -> None:
    for number in range(35):
        world.github.set_secret(REPOSITORY, f"S{number}", "value")
    assert followed(github, SECRETS, "secrets") == [30, 5]
    assert followed(github, f"{SECRETS}?per_page=100", "secrets") == [35]


def test_the_next_page_of_a_filtered_list_is_filtered_too(world: World, github: httpx.Client) -> None:
    for number in range(10):
        world.github.add_run(REPOSITORY, status="completed" if number % 2 else "queued")
    runs = f"/repos/{REPOSITORY}/actions/runs?status=completed&per_page=3"
    assert followed(github, runs, "workflow_runs") == [3, 2]


@pytest.mark.parametrize("query", ["per_page=none", "per_page=0", "page=-1"])
def test_a_page_that_cannot_be_is_refused(query: str, github: httpx.Client) -> None:
    assert github.get(f"{VARIABLES}?{query}").status_code == 422
