"""A service that is logged in to, in place of a stored token."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from rotate.errors import DestinationError
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.systems.gitlab.system import SERVICE
from tests.support.bench import means_of
from tests.systems.gitlab.bench import served

WHO = Ask("GET", "/personal_access_tokens/self", "ask who this is")


def test_it_is_logged_in_once_for_all_that_asks_and_when_it_is_first_needed(world: World) -> None:
    server, logins = served(world), list[str]()

    def login(value: str) -> Secret:
        logins.append(value)
        return Secret(value)

    means = means_of({"GITLAB_URL": server.url})
    first, second = (Client(SERVICE, means, partial(login, server.add_token())) for _ in range(2))
    assert logins == []
    assert [one.ask(WHO).status for one in (first, second, first)] == [200, 200, 200]
    assert len(logins) == 1


def test_a_login_that_failed_is_tried_again_when_it_is_needed_again(world: World) -> None:
    server = served(world)
    failed = DestinationError("login-refused", "No.", "Wait.")
    answers: Iterator[DestinationError | Secret] = iter([failed, Secret(server.add_token())])

    def login() -> Secret:
        found = next(answers)
        if isinstance(found, DestinationError):
            raise found
        return found

    client = Client(SERVICE, means_of({"GITLAB_URL": server.url}), login)
    with pytest.raises(DestinationError, match="No"):
        client.ask(WHO)
    assert client.ask(WHO).status == 200


def test_a_request_without_a_credential_has_no_header_for_one(world: World) -> None:
    answer = means_of({}).api(f"{served(world).url}/api/v4").call("GET", WHO.path, Secret(""))
    (entry,) = world.ledger
    assert (answer.status, answer.json()) == (401, {"message": "401 Unauthorized"})
    assert "Authorization" not in entry.request_headers
