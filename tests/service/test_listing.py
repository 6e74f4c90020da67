"""A list that does not end is told, and never taken for one that was read to its end."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from rotate.errors import RotateError
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from rotate.service import listing
from rotate.systems.aws.finder import secrets
from rotate.systems.doppler.finder import find as find_at_doppler
from rotate.systems.gitlab.finder import find as find_at_gitlab
from rotate.systems.heroku.finder import find as find_at_heroku
from rotate.systems.vault.finder import find as find_at_vault
from tests.support.bench import BEFORE, NAME, means_of
from tests.systems.aws.bench import Cloud
from tests.systems.doppler.bench import Secrets
from tests.systems.gitlab.bench import INSTANCE, Variables
from tests.systems.heroku.bench import Vars
from tests.systems.vault.bench import Vault

WANTED = Wanted((NAME,))


def told(found: Iterable[FoundSecret | RotateError]) -> list[RotateError]:
    """Give what could not be read, from an iterator that may raise it."""
    errors: list[RotateError] = []
    try:
        errors += [one for one in found if isinstance(one, RotateError)]
    except RotateError as error:
        errors.append(error)
    return errors


def test_numbered_pages_that_do_not_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_PAGES", 2)
    ours = Variables(world)
    rows = [{"path_with_namespace": f"octo/{number}"} for number in range(listing.PAGE)]
    world.faults.add(Fault("status", server="gitlab", path="/projects", times=None, code=200, body=rows))
    world.faults.add(Fault("status", server="gitlab", path="/projects/*", times=None, code=200, body=[]))
    assert "does not end within 2 pages" in told(find_at_gitlab((), WANTED, means_of(ours.environment)))[0].message


def test_pages_that_name_the_next_one_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_PAGES", 2)
    ours, more = Vars(world), {"Next-Range": "name a..; max=1"}
    world.faults.add(Fault("status", server="heroku", path="/apps", times=None, code=206, body=[], headers=more))
    assert "does not end within 2 pages" in told(find_at_heroku((), WANTED, means_of(ours.environment)))[0].message


def test_pages_of_aws_that_do_not_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_PAGES", 2)
    ours, page = Cloud(world), {"SecretList": [], "NextToken": "x"}
    world.faults.add(Fault("status", server="aws", times=None, code=200, body=page))
    assert "does not end within 2 pages" in told(secrets((), WANTED, means_of(ours.environment)))[0].message


def test_an_administrator_finds_what_the_instance_has(world: World) -> None:
    ours = Variables(world, INSTANCE)
    (found,) = find_at_gitlab((), WANTED, means_of(ours.environment))
    assert isinstance(found, FoundSecret)
    assert found.address == f"gitlab://instance#{NAME}"


def test_an_answer_of_another_shape_is_told(world: World) -> None:
    doppler, vault = Secrets(world), Vault(world)
    world.faults.add(
        Fault("status", server="doppler", path="*/secrets", times=None, code=200, body={"secrets": BEFORE})
    )
    assert "not with secrets" in told(find_at_doppler((), WANTED, means_of(doppler.environment)))[0].message
    world.faults.add(Fault("status", server="vault", path="/secret/metadata/*", code=200, body={"data": {"keys": [5]}}))
    assert "not with a list of names" in told(find_at_vault((), WANTED, means_of(vault.environment)))[0].message
