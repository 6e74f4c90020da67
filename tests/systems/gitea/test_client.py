"""A client that is made from Forgejo's own description, pyforgejo, reads what we wrote, and writes what we read.

It knows no description of a secret, so that its write to a Gitea shows what ours must not do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from pyforgejo import PyforgejoApi
from pyforgejo.core.api_error import ApiError

from rotate.sandbox.world import World
from tests.support.bench import BEFORE, NAME
from tests.systems.gitea.bench import NEW, TOKEN, Gitea


@contextmanager
def client(ours: Gitea) -> Iterator[PyforgejoApi]:
    """Open it with the token of the bench."""
    with httpx.Client() as plain:
        yield PyforgejoApi(base_url=f"{ours.server.url}/api/v1", api_key=f"token {TOKEN}", httpx_client=plain)


@pytest.mark.parametrize("forgejo", [False, True])
def test_it_and_we_read_what_the_other_wrote_to_a_repository(world: World, *, forgejo: bool) -> None:
    ours = Gitea(world, forgejo=forgejo)
    held = ours.server.places["repos/octo/payments"]
    opened = ours.opened()
    with client(ours) as api:
        (before,) = api.repository.repo_list_actions_secrets("octo", "payments")
        opened.confirm(opened.observe(), opened.put(NEW))
        assert api.repository.repo_list_actions_secrets("octo", "payments") == [before], "not even its time moved"
        assert (held[NAME].data, held[NAME].description) == (NEW.reveal(), "" if forgejo else "Neon's")
        api.repository.update_repo_secret("octo", "payments", NAME, data=BEFORE)
    assert (held[NAME].data, held[NAME].description) == (BEFORE, ""), "a write without the description empties it"
    opened.confirm(opened.observe(), opened.put(NEW))
    assert held[NAME].data == NEW.reveal()


def test_it_and_we_read_what_the_other_wrote_to_an_organization(world: World) -> None:
    ours = Gitea(world)
    opened = ours.opened("org/octo")
    with client(ours) as api:
        (before,) = api.organization.org_list_actions_secrets("octo")
        opened.confirm(opened.observe(), opened.put(NEW))
        assert api.organization.org_list_actions_secrets("octo") == [before]
        api.organization.update_org_secret("octo", NAME, data=BEFORE)
    assert ours.server.places["orgs/octo"][NAME].data == BEFORE
    assert opened.written() is not None


def test_it_understands_the_refusals_of_the_pretend_one(world: World) -> None:
    with client(Gitea(world)) as api, pytest.raises(ApiError) as raised:
        api.repository.repo_list_actions_secrets("octo", "gone")
    assert raised.value.status_code == 404
