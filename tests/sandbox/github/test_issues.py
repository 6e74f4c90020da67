"""Issues of the pretend GitHub: listed with pull requests, open unless asked, written only by who may."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from rotate.sandbox.stories import PERMISSIONS, REPOSITORY
from rotate.sandbox.world import World

ISSUES = f"/repos/{REPOSITORY}/issues"


@pytest.fixture
def writer(world: World) -> Iterator[httpx.Client]:
    world.github.add_repository(REPOSITORY)
    token = world.github.add_token(repositories={REPOSITORY: {**PERMISSIONS, "issues": "write"}})
    with httpx.Client(base_url=world.github.url, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


def numbers(answer: httpx.Response) -> list[int]:
    return [one["number"] for one in answer.json()]


def test_an_issue_is_opened_edited_commented_on_and_closed(world: World, writer: httpx.Client) -> None:
    made = writer.post(ISSUES, json={"title": "t", "body": "b"})
    assert (made.status_code, made.json()["number"], made.json()["state"]) == (201, 1, "open")
    assert writer.post(f"{ISSUES}/1/comments", json={"body": "c"}).json()["body"] == "c"
    edited = writer.patch(f"{ISSUES}/1", json={"title": "u"}).json()
    assert (edited["title"], edited["body"], edited["comments"], edited["closed_at"]) == ("u", "b", 1, None)
    closed = writer.patch(f"{ISSUES}/1", json={"state": "closed"}).json()
    assert (closed["state"], closed["state_reason"]) == ("closed", "completed")
    assert closed["closed_at"]
    opened = writer.patch(f"{ISSUES}/1", json={"state": "open"}).json()
    assert (opened["state"], opened["state_reason"], opened["closed_at"]) == ("open", "reopened", None)
    assert [one.comments for one in world.github.issues(REPOSITORY)] == [["c"]]


def test_open_issues_and_pull_requests_are_listed_by_the_page(world: World, writer: httpx.Client) -> None:
    for number in range(1, 5):
        world.github.add_issue(REPOSITORY, "t", "b", pull_request=number == 2)
        world.advance(10)
    writer.patch(f"{ISSUES}/1", json={"body": "touched"})
    writer.patch(f"{ISSUES}/4", json={"state": "closed", "state_reason": "not_planned"})
    first = writer.get(f"{ISSUES}?per_page=2&page=1")
    assert (numbers(first), first.json()[1].get("pull_request") is not None) == ([3, 2], True)
    assert numbers(writer.get(first.links["next"]["url"])) == [1]
    assert numbers(writer.get(f"{ISSUES}?sort=updated")) == [1, 3, 2]
    assert numbers(writer.get(f"{ISSUES}?sort=created&direction=asc&state=all")) == [1, 2, 3, 4]
    assert numbers(writer.get(f"{ISSUES}?state=closed")) == [4]
    assert writer.get(f"{ISSUES}?labels=a").status_code == 422, "what is not played is refused, not ignored"


def test_what_is_wrong_is_refused(world: World, writer: httpx.Client) -> None:
    world.github.add_issue(REPOSITORY, "t", "b")
    asked = [
        ("POST", ISSUES, {}, 422),
        ("POST", ISSUES, {"title": 1}, 422),
        ("POST", ISSUES, {"title": "t", "body": "x" * 65_537}, 422),
        ("PATCH", f"{ISSUES}/1", {"state": "done"}, 422),
        ("PATCH", f"{ISSUES}/2", {"state": "closed"}, 404),
        ("POST", f"{ISSUES}/2/comments", {"body": "c"}, 404),
        ("POST", f"{ISSUES}/1/comments", {}, 422),
    ]
    for method, path, body, status in asked:
        assert writer.request(method, path, json=body).status_code == status, f"{method} {path} {body}"


def test_who_may_not_is_refused_and_where_issues_are_off_none_is_opened(world: World, github: httpx.Client) -> None:
    assert github.get(ISSUES).status_code == 403
    world.github.add_repository(REPOSITORY, has_issues=False)
    for level, read, written in (("read", 200, 403), ("write", 200, 410)):
        token = world.github.add_token(kind="actions", repositories={REPOSITORY: {"issues": level}})
        headers = {"Authorization": f"Bearer {token}"}
        assert github.get(ISSUES, headers=headers).status_code == read
        assert github.post(ISSUES, json={"title": "t"}, headers=headers).status_code == written
