"""Installations of a GitHub App on one connection: hours that pass, what is shared, what is left."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest

from rotate.errors import DestinationError, Outcome, Refused
from rotate.protocol.facts.policy import Canary
from rotate.sandbox.faults import Fault
from rotate.sandbox.stories import REPOSITORY
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.github.canary import WorkflowCanary
from rotate.systems.github.connections import Connections
from rotate.systems.github.issues import RepositoryIssues
from rotate.systems.github.runs import completed
from rotate.systems.github.settings.model import App, Place
from rotate.wire.outcome import NoAnswerError
from tests.support.apps import ELSEWHERE, GRANTED, Installed
from tests.support.one_app import LATER, LOGIN, TOKENS, WorldClock, asked, get


def test_a_token_is_replaced_before_it_ends(world: World, app: Installed, links: Connections) -> None:
    github = links.to(LOGIN, REPOSITORY, asked())
    for _ in range(7):
        assert get(github) == 200
        world.advance(LATER)
    assert len(app.asked()) == 7
    assert all(entry.status == 200 for entry in world.ledger.find(path="*/public-key")), "none was refused first"
    assert links.close() == ()
    now = world.clock.now()
    assert [one for one in world.github.tokens("app") if (one.expires_at or now) > now] == []


def test_one_connection_for_an_installation_whoever_asks(app: Installed, links: Connections) -> None:
    home = links.to(LOGIN, REPOSITORY, asked())
    assert links.to(LOGIN, "Octo-Org/other", asked()) is home
    assert links.to(LOGIN, ELSEWHERE, asked()) is not home
    other = links.to(App("7", LOGIN.private_key), REPOSITORY, asked())
    assert other is not home
    token = Secret("token")
    assert links.to(token, REPOSITORY, asked()) is links.to(token, ELSEWHERE, asked()), "GitHub counts by token"
    assert app.asked() == [], "nothing is asked before the first use"


def test_what_a_later_credential_needs_too_is_given_with_another_token(
    world: World, app: Installed, links: Connections
) -> None:
    world.github.add_repository("octo-org/second")
    github = links.to(LOGIN, REPOSITORY, asked())
    assert (get(github), get(github, "octo-org/second")) == (200, 404)
    links.to(LOGIN, "octo-org/second", asked(places=(Place("octo-org/second", "A", LOGIN),)))
    assert (get(github), get(github, "octo-org/second")) == (200, 200)
    links.to(LOGIN, REPOSITORY, asked())
    assert get(github) == 200
    assert len(app.asked()) == 2, "what is known to be needed is not asked again"
    links.close()
    assert world.github.tokens("app") == [], "both were given back"


def test_a_token_that_somebody_revoked_is_replaced_once_it_has_worked(
    world: World, app: Installed, links: Connections
) -> None:
    github = links.to(LOGIN, REPOSITORY, asked())
    assert get(github) == 200
    world.github.revoke_token(world.github.tokens("app")[0].value)
    assert get(github) == 200
    assert len(app.asked()) == 2
    world.faults.add(Fault("status", path="*/public-key", code=401, times=None))
    assert get(github) == 401
    assert get(github) == 401
    assert len(app.asked()) == 3, "one that never worked is not asked for over and over"


def test_many_calls_at_once_share_one_token(world: World, app: Installed, links: Connections) -> None:
    github = links.to(LOGIN, REPOSITORY, asked())
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(get(github))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [200] * 8
    assert len(app.asked()) == 1


def test_a_refusal_is_asked_for_once(world: World, app: Installed, links: Connections) -> None:
    world.github.apps.uninstall(app.home)
    github = links.to(LOGIN, REPOSITORY, asked())
    for _ in range(3):
        with pytest.raises(Refused, match="is not installed for octo-org/payments"):
            get(github)
    assert world.ledger.count() == 1


@pytest.mark.parametrize("account", ["octo-org", "octo-labs"])
def test_an_organization_and_a_user_are_found_by_their_login(
    account: str, world: World, app: Installed, links: Connections
) -> None:
    settings = asked(places=(Place(account, "A", LOGIN),))._replace(home="", github_token=Secret("t"))
    github = links.to(LOGIN, account, settings)
    app.home.permissions = app.elsewhere.permissions = {"organization_secrets": "write"}
    assert github.call("GET", f"/orgs/{account}/actions/secrets/public-key").status == (
        200 if account == "octo-org" else 404
    )
    assert world.ledger.count("GET", f"/users/{account}/installation") == (account == "octo-labs")
    (body,) = [json.loads(entry.request_body) for entry in world.ledger.find("POST", TOKENS)]
    assert body == {"permissions": {"metadata": "read", "organization_secrets": "write"}}, "all repositories"


def test_a_login_that_nobody_installed_it_for(app: Installed, links: Connections) -> None:
    settings = asked(places=(Place("nobody", "A", LOGIN),))._replace(home="", github_token=Secret("t"))
    with pytest.raises(Refused, match="is not installed for nobody: GitHub"):
        links.to(LOGIN, "nobody", settings).call("GET", "/orgs/nobody/repos")


def test_a_repository_by_its_earlier_name_is_no_reason_to_refuse(
    world: World, app: Installed, links: Connections
) -> None:
    world.github.rename_repository(REPOSITORY, "octo-org/renamed")
    github = links.to(LOGIN, "octo-org/renamed", asked()._replace(home="octo-org/renamed"))
    assert get(github, "octo-org/renamed") == 200
    assert len(app.asked()) == 2, "narrowed to both; then to the permissions alone"


def test_a_lost_answer_about_a_token_is_asked_for_again(world: World, app: Installed, links: Connections) -> None:
    world.faults.add(Fault("lost_reply", path=TOKENS))
    assert get(links.to(LOGIN, REPOSITORY, asked())) == 200
    assert len(app.asked()) == 2


def test_where_a_write_may_have_been_done_a_lost_token_leaves_it_unknown(
    world: World, app: Installed, links: Connections
) -> None:
    github = links.to(LOGIN, REPOSITORY, asked())
    assert get(github) == 200
    world.faults.add(
        Fault("hook", method="PATCH", call=lambda *_: world.github.apps.uninstall(app.home)),
        Fault("hook", method="PATCH", call=lambda *_: world.advance(2 * LATER)),
        Fault("lost_reply", method="PATCH"),
    )
    world.github.apps.uninstall(app.home)
    with pytest.raises(NoAnswerError) as caught:
        github.call("PATCH", f"/repos/{REPOSITORY}/actions/variables/A", {"name": "A", "value": "1"})
    assert caught.value.outcome is Outcome.UNKNOWN


def test_each_token_and_signature_is_hidden_before_it_is_used(
    world: World, app: Installed, links: Connections, hidden: list[Secret]
) -> None:
    get(links.to(LOGIN, REPOSITORY, asked()))
    used = {entry.request_headers["Authorization"].partition(" ")[2] for entry in world.ledger}
    assert {one.reveal() for one in hidden} == used


def test_a_token_is_left_where_github_does_not_answer(world: World, app: Installed, links: Connections) -> None:
    get(links.to(LOGIN, REPOSITORY, asked()))
    world.faults.add(Fault("lost_reply", path="/installation/token", times=None))
    (left,) = links.close()
    assert left.reason == "github-token-not-revoked"
    assert links.close() == (), "once is enough"


def test_an_app_that_is_not_let_in_is_worded_by_whoever_asks(world: World, app: Installed, links: Connections) -> None:
    world.github.apps.uninstall(app.home)
    github, clock = links.to(LOGIN, REPOSITORY, asked()), WorldClock(world)
    with pytest.raises(DestinationError, match="is not installed") as alert:
        RepositoryIssues(github, REPOSITORY).beginning_with("x")
    with pytest.raises(DestinationError, match="is not installed") as canary:
        WorkflowCanary(github, REPOSITORY, clock, clock.stopping).ask("canary.yml", timedelta(minutes=1))
    assert (alert.value.reason, canary.value.reason) == ("alert-not-raised", "canary-unknown")
    assert completed(github, REPOSITORY, 1) is None


def test_a_canary_whose_end_cannot_be_asked_for_is_unknown(world: World, app: Installed, links: Connections) -> None:
    app.home.permissions = {**GRANTED, "actions": "write"}
    world.github.add_workflow(REPOSITORY, "canary.yml", seconds=10**6)
    github, clock = links.to(LOGIN, REPOSITORY, asked(canary=Canary("canary.yml"))), WorldClock(world)

    def suspend(*_: object) -> None:
        app.home.suspended = True
        for token in world.github.tokens("app"):
            world.github.revoke_token(token.value)

    world.faults.add(Fault("hook", path="*/actions/runs/*", call=suspend))
    with pytest.raises(DestinationError, match="suspended") as caught:
        WorkflowCanary(github, REPOSITORY, clock, clock.stopping).ask("canary.yml", timedelta(minutes=1))
    assert caught.value.outcome is Outcome.UNKNOWN


def test_a_token_that_another_call_has_replaced_is_not_replaced_again(
    world: World, app: Installed, links: Connections
) -> None:
    github = links.to(LOGIN, REPOSITORY, asked())
    first = github.bearer.token()
    assert get(github) == 200
    world.github.revoke_token(first.reveal())
    assert [github.bearer.renews(first), github.bearer.token() == first] == [True, False]
    assert github.bearer.renews(first), "the call that was slower takes the other one"
    assert github.bearer.token() == github.bearer.token()
    assert len(app.asked()) == 2


@pytest.mark.parametrize("reason", ["github-app-suspended", "github-app-not-installed"])
def test_an_app_that_is_taken_away_amid_a_run_is_worded_as_before_it(
    reason: str, world: World, app: Installed, links: Connections
) -> None:
    github = links.to(LOGIN, REPOSITORY, asked())
    assert get(github) == 200
    app.home.suspended = reason == "github-app-suspended"
    if not app.home.suspended:
        world.github.apps.uninstall(app.home)
    world.github.revoke_token(github.bearer.token().reveal())
    with pytest.raises(Refused) as caught:
        get(github)
    assert caught.value.reason == reason
