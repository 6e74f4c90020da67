"""What a run asks of an installation, and answers to that which are not as they should be."""

from __future__ import annotations

import threading

import pytest

from rotate.context import Context
from rotate.errors import DestinationError, Refused
from rotate.means import Means
from rotate.protocol.facts.policy import Command
from rotate.run.compose import compose
from rotate.run.lines import Lines
from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import REPOSITORY
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.app.needs import Needs, needs
from rotate.systems.github.connections import Connections
from rotate.systems.github.repositories.discovery import repository
from rotate.systems.github.settings.model import Among, AtGitHub, Login, Pattern, Place
from rotate.wire.network import Network
from tests.support.apps import GRANTED, Installed
from tests.support.one_app import LOGIN, TOKENS, WorldClock, all_asked, asked, get

ODD = [
    (Fault("status", path=TOKENS, code=201, body={"token": 1}), DestinationError, "github-unexpected-answer"),
    (
        Fault("status", path=TOKENS, code=201, body={"token": "t", "expires_at": "?"}),
        DestinationError,
        "github-unexpected",
    ),
    (
        Fault("status", path=TOKENS, code=201, body={"token": "t", "expires_at": "2026-01-01"}),
        DestinationError,
        "github",
    ),
    (Fault("status", path="*/installation", code=200, body={"id": "1"}), DestinationError, "github-unexpected-answer"),
    (Fault("status", path=TOKENS, code=422, times=None), DestinationError, "github-refused"),
    (
        Fault("status", path=TOKENS, code=403, headers={"Retry-After": "900"}),
        DestinationError,
        "github-rate",
    ),
    (Fault("status", path=TOKENS, code=401, body={"message": "'exp' odd"}), Refused, "github-app-clock-off"),
]


@pytest.mark.parametrize(("fault", "kind", "reason"), ODD)
def test_an_odd_answer_is_worded(
    fault: Fault, kind: type[Refused | DestinationError], reason: str, world: World, app: Installed, links: Connections
) -> None:
    world.faults.add(replace_fault(fault))
    with pytest.raises(kind) as caught:
        get(links.to(LOGIN, REPOSITORY, asked()))
    assert caught.value.reason.startswith(reason)


@pytest.mark.parametrize("path", [TOKENS, "*/installation"])
def test_a_page_in_place_of_a_token_is_told_as_such(
    path: str, world: World, app: Installed, links: Connections
) -> None:
    world.faults.add(Fault("html", path=path, times=None))
    with pytest.raises(DestinationError) as caught:
        repository(links.to(LOGIN, REPOSITORY, asked()), REPOSITORY)
    assert caught.value.reason == "github-no-json"


def replace_fault(fault: Fault) -> Fault:
    """Give a fault that counts from now on."""
    return Fault(
        fault.kind, path=fault.path, code=fault.code, body=fault.body, headers=fault.headers, times=fault.times
    )


def test_a_store_whose_permission_has_no_known_name_is_not_narrowed_to_permissions() -> None:
    found = needs(asked(places=(Place(REPOSITORY, "A", LOGIN, store="agents"),)), LOGIN, REPOSITORY)
    assert found.bodies({}) == [{"repositories": ["payments"]}, {}]


def test_a_check_asks_to_read_alone() -> None:
    assert needs(asked(command=Command.CHECK), LOGIN, REPOSITORY).must == {"secrets": "read"}


def test_an_environment_and_another_store_each_need_their_own() -> None:
    places = (Place(REPOSITORY, "A", LOGIN, environment="e"), Place(REPOSITORY, "A", LOGIN, store="dependabot"))
    assert needs(asked(places=places), LOGIN, REPOSITORY).must == {
        "environments": "write",
        "dependabot_secrets": "write",
    }


def test_more_repositories_than_can_be_listed_are_not_listed() -> None:
    many = Needs(frozenset(f"o/{number}" for number in range(501)), {"secrets": "write"})
    assert many.bodies(GRANTED)[0] == {"permissions": {"metadata": "read", "secrets": "write"}}


def test_to_find_repositories_a_token_is_not_narrowed_to_any() -> None:
    pattern = Pattern(Among.NAME, "octo-org", "api-*", "api-*")
    found = needs(asked(places=(Place("", "A", LOGIN, patterns=(pattern,)),)), LOGIN, REPOSITORY)
    assert found.everywhere
    assert found.may["organization_custom_properties"] == "read"
    assert "repositories" not in found.bodies(GRANTED)[0]
    looking = needs(asked(command=Command.FIND), LOGIN, REPOSITORY)
    assert (looking.everywhere, looking.may["contents"]) == (True, "read")
    assert looking.bodies({}) == [{}]


@pytest.mark.parametrize(
    ("store", "environment", "level", "narrowed"),
    [("actions", "", "secrets", True), ("actions", "e", "environments", True), ("agents", "", "", False)],
)
def test_to_find_holders_a_token_may_read_what_they_hold(
    store: str, environment: str, level: str, narrowed: bool
) -> None:
    pattern = Pattern(Among.HOLDERS, "", "holders", "holders")
    found = needs(asked(places=(Place("", "A", LOGIN, store, environment, patterns=(pattern,)),)), LOGIN, "octo-labs")
    assert found.must == {}, "who did not grant it is told, and does not end the run"
    assert set(found.may) - {"actions"} == {"organization_custom_properties", "environments", level} - {""}
    assert set(found.may.values()) == {"read"}
    assert found.unnamed is not narrowed
    assert "secrets" not in needs(asked(places=(Place("", "A", Secret("t"), patterns=(pattern,)),)), LOGIN, "o").may


@pytest.mark.parametrize(("alert", "issues"), [(False, None), (True, "write")])
def test_an_inventory_reads_the_note_and_looks_at_no_place(alert: bool, issues: str | None) -> None:
    found = needs(
        asked(places=(Place(REPOSITORY, "A", LOGIN),), command=Command.INVENTORY, alert_issue=alert), LOGIN, REPOSITORY
    )
    assert (found.must, found.may.get("issues")) == ({}, issues)
    assert found.may["actions_variables"] == "read"


def test_what_many_places_need_is_asked_once_for_each_owner(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for: list[str] = []
    counted = needs

    def count(settings: AtGitHub, login: Login, owner: str) -> Needs:
        asked_for.append(owner)
        return counted(settings, login, owner)

    monkeypatch.setattr("rotate.systems.github.app.needs.needs", count)
    places = tuple(Place(f"octo-{number % 2}/service-{number}", "A") for number in range(60))
    lines = Lines(Means({}, WorldClock(world), lambda _: None, Network()), Context())
    compose(all_asked(places=places), Context(), [], str, threading.Event(), lines)
    assert lines.close() == ()
    assert sorted(asked_for) == ["octo-0", "octo-1", "octo-org"]


@pytest.mark.parametrize(
    ("command", "level"),
    [(Command.ROTATE, "write"), (Command.CHECK, "read"), (Command.DOCTOR, "read"), (Command.INVENTORY, "read")],
)
def test_note_and_lock_of_an_organizations_secret_take_its_variables(command: Command, level: str) -> None:
    of_organization = asked(places=(Place("octo-org", "A", LOGIN),), command=command)
    assert needs(of_organization, LOGIN, "octo-org").may["organization_actions_variables"] == level
    both = asked(places=(Place("octo-org", "A", LOGIN), Place(REPOSITORY, "A", LOGIN)), command=command)
    assert "organization_actions_variables" not in needs(both, LOGIN, "octo-org").may
