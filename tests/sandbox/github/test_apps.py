"""Apps of the pretend GitHub: signatures are checked, tokens see what they were narrowed to, end in time, and die."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest

from rotate.sandbox.stories import REPOSITORY
from rotate.sandbox.world import World
from tests.support.apps import APP, ELSEWHERE, Installed, installed, key_pair
from tests.support.openapi import check

PUBLIC_KEY = "/actions/secrets/public-key"


class Caller:
    """Asks as the App, or with one of its tokens; shares no code with the product."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.client = httpx.Client(base_url=world.github.url)

    def signed(self, key: str = key_pair()[0], algorithm: str = "RS256", **claims: object) -> dict[str, str]:
        """Give the header of a signature that is right but for what is changed."""
        now = int(self._world.clock.now().timestamp())
        payload = {"iat": now - 60, "exp": now + 540, "iss": APP, **claims}
        return {"Authorization": f"Bearer {jwt.encode(payload, key, algorithm)}"}

    def find(self, path: str = f"/repos/{REPOSITORY}", **headers: Any) -> httpx.Response:
        """Ask for an installation."""
        return self.client.get(f"{path}/installation", headers=headers or self.signed())

    def token(self, number: int, **body: object) -> httpx.Response:
        """Ask for a token."""
        return self.client.post(f"/app/installations/{number}/access_tokens", json=body, headers=self.signed())

    def read(self, token: str, name: str = REPOSITORY, end: str = PUBLIC_KEY) -> int:
        """Read something with a token; give the status."""
        return self.client.get(f"/repos/{name}{end}", headers={"Authorization": f"token {token}"}).status_code


@pytest.fixture
def app(world: World) -> Installed:
    return installed(world)


@pytest.fixture
def caller(world: World) -> Iterator[Caller]:
    opened = Caller(world)
    yield opened
    opened.client.close()


def test_an_installation_is_found_by_repository_organization_and_user(
    world: World, app: Installed, caller: Caller
) -> None:
    assert caller.find().json()["id"] == caller.find("/orgs/octo-org").json()["id"] == app.home.number
    assert caller.find("/users/octo-labs").json()["id"] == app.elsewhere.number
    assert caller.find("/orgs/octo-labs").status_code == caller.find("/users/octo-org").status_code == 404
    world.github.add_repository("octo-labs/private")
    assert caller.find("/repos/octo-labs/private").status_code == 404, "it was not chosen"
    assert check(world.ledger) == 4, "a 404 of the two that are described by hand is not described"


def test_the_app_alone_is_told_who_has_installed_it_page_by_page(world: World, app: Installed, caller: Caller) -> None:
    app.elsewhere.suspended = True
    whole = caller.client.get("/app/installations", headers=caller.signed())
    assert [(one["account"]["login"], bool(one["suspended_at"])) for one in whole.json()] == [
        ("octo-org", False),
        ("octo-labs", True),
    ]
    assert "Link" not in whole.headers
    first = caller.client.get("/app/installations?per_page=1", headers=caller.signed())
    assert first.headers["Link"].endswith('/app/installations?per_page=1&page=2>; rel="next"')
    second = caller.client.get("/app/installations?per_page=1&page=2", headers=caller.signed())
    assert first.json() + second.json() == whole.json()
    given = caller.token(app.home.number).json()["token"]
    refused = caller.client.get("/app/installations", headers={"Authorization": f"Bearer {given}"})
    assert refused.status_code == 401, "a token of an installation is no signature"
    check(world.ledger)


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"iss": "7"}, 404, "Integration not found"),
        ({"exp": 1}, 401, "'exp'"),
        ({"exp": "soon"}, 401, "'exp'"),
        ({"exp": 2**40}, 401, "too far in the future"),
        ({"iat": 2**40}, 401, "'iat'"),
        ({"iat": None}, 401, "'iat'"),
        ({"key": "x" * 32, "algorithm": "HS256"}, 401, "could not be decoded"),
    ],
)
def test_a_wrong_signature_is_refused(
    changes: dict[str, Any], status: int, words: str, app: Installed, caller: Caller
) -> None:
    answer = caller.client.get(f"/repos/{REPOSITORY}/installation", headers=caller.signed(**changes))
    assert answer.status_code == status
    assert words in answer.json()["message"]


@pytest.mark.parametrize("header", ["token {}", "Bearer x.y.z", "Bearer"])
def test_only_a_signature_in_its_own_scheme_counts(header: str, app: Installed, caller: Caller) -> None:
    signature = caller.signed()["Authorization"].removeprefix("Bearer ")
    headers = {"Authorization": header.format(signature)}
    assert caller.client.get(f"/repos/{REPOSITORY}/installation", headers=headers).status_code == 401


def test_a_token_sees_what_it_was_narrowed_to(world: World, app: Installed, caller: Caller) -> None:
    world.github.add_repository("octo-org/other")
    wide = caller.token(app.home.number).json()
    narrow = caller.token(app.home.number, repositories=["payments"], permissions={"secrets": "read"}).json()
    assert (wide["repository_selection"], narrow["repository_selection"]) == ("all", "selected")
    assert [caller.read(wide["token"], name) for name in (REPOSITORY, "octo-org/other", ELSEWHERE)] == [200, 200, 404]
    assert [caller.read(narrow["token"], name) for name in (REPOSITORY, "octo-org/other")] == [200, 404]
    assert [caller.read(one["token"], end="/actions/variables") for one in (wide, narrow)] == [200, 403]
    assert len(wide["token"]) != 40, "nobody promised a length"
    check(world.ledger)


@pytest.mark.parametrize(
    "body",
    [{"permissions": {"contents": "read"}}, {"permissions": {"actions": "write"}}, {"repositories": ["nowhere"]}],
)
def test_more_than_was_granted_is_not_given(body: dict[str, Any], app: Installed, caller: Caller) -> None:
    assert caller.token(app.home.number, **body).status_code == 422


def test_nothing_is_given_by_an_installation_that_is_suspended_or_not_there(app: Installed, caller: Caller) -> None:
    assert caller.token(1).status_code == 404
    app.home.suspended = True
    assert caller.find().json()["suspended_at"]
    assert caller.token(app.home.number).status_code == 403


def test_a_token_ends_after_an_hour_or_when_it_is_revoked(world: World, app: Installed, caller: Caller) -> None:
    first, second = (caller.token(app.home.number).json()["token"] for _ in range(2))
    gone = caller.client.delete("/installation/token", headers={"Authorization": f"Bearer {first}"})
    assert (gone.status_code, caller.read(first), caller.read(second)) == (204, 401, 200)
    world.advance(3601)
    assert caller.read(second) == 401
    assert [one.value for one in world.github.tokens("app")] == [second]


def test_only_the_token_of_an_installation_can_be_given_back(world: World, app: Installed, caller: Caller) -> None:
    token = world.github.add_token()
    answer = caller.client.delete("/installation/token", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 403


def test_a_personal_token_tells_its_end_only_where_that_is_set(world: World, app: Installed, caller: Caller) -> None:
    ends = world.clock.now()
    world.advance(-60)
    header = "github-authentication-token-expiration"
    told, silent = (world.github.add_token(expires_at=ends, told=one) for one in (True, False))
    answers = [
        caller.client.get(f"/repos/{REPOSITORY}", headers={"Authorization": f"token {token}"})
        for token in (told, silent)
    ]
    assert [answer.headers.get(header) for answer in answers] == [f"{ends:%Y-%m-%d %H:%M:%S} UTC", None]
    world.advance(61)
    assert caller.read(told) == 401
