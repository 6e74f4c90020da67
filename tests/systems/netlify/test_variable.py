"""What is Netlify's own: a value for each context, secrets, sites by name or id, and what all sites share."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from rotate.errors import DestinationError, Outcome, Refused
from rotate.sandbox.clock import Clock
from rotate.sandbox.faults import Fault
from rotate.sandbox.netlify.state import SCOPES, Site, Variable
from rotate.sandbox.world import World
from tests.support.bench import BEFORE, NAME
from tests.support.openapi import check
from tests.systems.netlify.bench import ACCOUNT, HERE, NEW, Netlify

MINE = f"netlify://{ACCOUNT}/payments"


@pytest.fixture
def ours(world: World) -> Netlify:
    return Netlify(world)


@pytest.fixture
def secret(world: World) -> Netlify:
    return Netlify(world, secret=True)


class WholeSeconds(Clock):
    """A clock that tells whole seconds, and so many more each time that it is asked."""

    def __init__(self, step: int) -> None:
        super().__init__()
        self.advance(60)  # later than what is there was written
        self._step, self._moment = timedelta(seconds=step), super().now().replace(microsecond=0)

    def now(self) -> datetime:
        self._moment += self._step
        return self._moment


def asked(world: World, verb: str) -> list[Any]:
    """Give the bodies of all requests with a verb."""
    return [json.loads(one.request_body) for one in world.ledger if (one.server, one.method) == ("netlify", verb)]


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        (HERE, {"context": "production"}),
        (f"{MINE}?context=branch:feat/x#{NAME}", {"context": "branch", "context_parameter": "feat/x"}),
    ],
)
def test_the_value_of_the_one_context_is_all_that_is_sent(text: str, sent: dict[str, str], ours: Netlify) -> None:
    ours.variable.set(BEFORE, "branch", "feat/x")
    ours.variable.set("another", "branch", "main")
    before = {(one.context, one.context_parameter): one.value for one in ours.variable.values}
    ours.written(text)
    assert asked(ours.world, "PATCH") == [{**sent, "value": NEW.reveal()}]
    now = {(one.context, one.context_parameter): one.value for one in ours.variable.values}
    assert now == before | {(sent["context"], sent.get("context_parameter", "")): NEW.reveal()}
    assert check(one for one in ours.world.ledger if one.server == "netlify") >= 5


def test_what_all_sites_share_is_written_where_no_site_is_named(ours: Netlify) -> None:
    shared = Variable(NAME, [], ours.world.clock.now())
    shared.set(BEFORE, "all")
    ours.server.variables[ACCOUNT, ""].append(shared)
    ours.written(f"netlify://{ACCOUNT}#{NAME}")
    assert [one.value for one in shared.values] == [NEW.reveal()]
    assert ours.production.value == BEFORE
    assert check(one for one in ours.world.ledger if one.server == "netlify") >= 3


@pytest.mark.parametrize(
    ("context", "is_secret", "scopes"),
    [
        ("production", True, ["builds", "functions", "runtime"]),
        ("all", False, list(SCOPES)),
        ("dev", False, list(SCOPES)),
    ],
)
def test_a_variable_is_created_as_a_secret_where_netlify_takes_one(
    context: str, is_secret: bool, scopes: list[str], ours: Netlify
) -> None:
    opened = ours.opened(f"{MINE}?context={context}#NEW_ONE")
    before = opened.observe()
    assert before.mark is None
    receipt = opened.put(NEW)
    opened.confirm(before, receipt)
    assert receipt.created
    (made,) = [one for one in ours.variables if one.key == "NEW_ONE"]
    assert (made.is_secret, made.scopes) == (is_secret, scopes)
    assert [(one.context, one.value) for one in made.values] == [(context, NEW.reveal())]
    assert check(one for one in ours.world.ledger if one.server == "netlify") >= 5


def test_a_context_without_a_value_of_its_own_is_told_what_it_has_and_all_keeps_that(ours: Netlify) -> None:
    ours.variable.values.clear()
    ours.variable.set("for-all", "all")
    opened = ours.opened()
    before = opened.observe()
    assert (before.mark, before.instead) == (
        None,
        f"What runs in `production` has the value for all contexts: {MINE}#{NAME}.",
    )
    opened.confirm(before, opened.put(NEW))
    assert [(one.context, one.value) for one in ours.variable.values] == [
        ("all", "for-all"),
        ("production", NEW.reveal()),
    ]


def test_a_value_for_all_contexts_is_not_put_beside_those_for_some(ours: Netlify) -> None:
    with pytest.raises(Refused, match="but for `production`, `dev`") as raised:
        ours.opened(f"{MINE}#{NAME}").observe()
    assert raised.value.reason == "destination-absent"
    assert HERE in raised.value.remedy


def test_an_empty_value_is_none(ours: Netlify) -> None:
    ours.variable.set("", "production")
    before = ours.opened().observe()
    assert (before.mark, before.instead) == (None, "")


def test_of_a_secret_the_value_for_dev_is_read_back(secret: Netlify) -> None:
    opened = secret.opened(f"{MINE}?context=dev#{NAME}")
    before = opened.observe()
    assert before.holds
    assert opened.confirm(before, opened.put(NEW)) == opened.written()
    dev = secret.variable.of("dev")
    assert dev
    assert dev.value == NEW.reveal()


@pytest.mark.parametrize("seconds", [0, 5])
def test_several_contexts_of_one_secret_move_its_time_and_each_is_confirmed(seconds: int, secret: Netlify) -> None:
    secret.server.clock = WholeSeconds(seconds)
    secret.variable.set(BEFORE, "deploy-preview")
    means = secret.means()
    first, second = (secret.opened(HERE.replace("production", one), means) for one in ("production", "deploy-preview"))
    befores = first.observe(), second.observe()
    mine = first.put(NEW)
    others = second.put(NEW)
    stood = first.confirm(befores[0], mine)
    assert second.confirm(befores[1], others) == stood == first.written() == second.written()
    secret.variable.updated_at += timedelta(seconds=5)
    assert first.written() != stood


@pytest.mark.parametrize(
    ("kind", "is_secret"),
    [("another value", False), ("another value", True), ("a lost value", True), ("other scopes", True)],
)
def test_what_somebody_else_changes_meanwhile_is_seen(kind: str, is_secret: bool, world: World) -> None:
    ours = Netlify(world, secret=is_secret)
    ours.variable.set("preview", "deploy-preview")
    preview = ours.variable.of("deploy-preview")
    assert preview
    opened = ours.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    if kind == "other scopes":
        ours.variable.scopes = ["builds"]
    elif kind == "a lost value":
        ours.variable.values.remove(preview)
    else:
        preview.value = "changed"
    if is_secret and kind == "another value":
        assert opened.confirm(before, receipt), "nothing tells it"
        return
    with pytest.raises(DestinationError) as raised:
        opened.confirm(before, receipt)
    assert (raised.value.reason, raised.value.outcome) == ("destination-flags-changed", Outcome.UNKNOWN)
    assert ("scopes" if kind == "other scopes" else "the value for deploy-preview") in raised.value.message


def test_a_site_is_found_by_its_id_and_only_in_its_account(ours: Netlify) -> None:
    by_id = HERE.replace("payments", ours.site.number)
    ours.written(by_id)
    assert ours.production.value == NEW.reveal()
    ours.server.tokens[ours.environment["NETLIFY_AUTH_TOKEN"]].add("other")
    for text in (by_id, HERE):
        with pytest.raises(Refused, match="other has no site") as raised:
            ours.opened(text.replace(ACCOUNT, "other")).observe()
        assert raised.value.reason == "destination-absent"


def test_a_site_behind_many_of_like_names_is_found(ours: Netlify) -> None:
    ours.server.sites[:0] = [Site(ACCOUNT, f"payments-{number}") for number in range(150)]
    ours.written()
    assert ours.production.value == NEW.reveal()
    assert ours.world.ledger.count("GET", "/sites", "netlify") == 2


KEPT = {"key": NAME, "scopes": [], "values": [{"context": "production", "value": "x"}], "is_secret": True}


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        ("/accounts/*/env/*", {**KEPT, "key": "OTHER"}, "a variable of another name"),
        ("/accounts/*/env/*", {**KEPT, "values": None}, "the values of its contexts"),
        ("/accounts/*/env/*", {**KEPT, "values": [{"context": "production"}]}, "the values of its contexts"),
        ("/accounts/*/env/*", KEPT, "without the time of the last write"),
        ("/accounts/*/env/*", {**KEPT, "updated_at": "2026-01-01T00:00:00"}, "without the time of the last write"),
        ("/sites", {}, "not with a list"),
        ("/sites", [{"name": "x"}] * 100, "does not end within 50 pages"),
    ],
)
def test_an_answer_that_is_not_as_described_is_no_absence(path: str, body: Any, why: str, ours: Netlify) -> None:
    ours.world.faults.add(Fault("status", server="netlify", method="GET", path=path, code=200, body=body, times=None))
    with pytest.raises(DestinationError, match=why) as raised:
        ours.opened().observe()
    assert (raised.value.reason, raised.value.outcome) == ("destination-unexpected-answer", Outcome.NO_EFFECT)


def test_a_404_for_a_variable_that_is_listed_is_no_absence(ours: Netlify) -> None:
    ours.world.faults.add(
        Fault("status", server="netlify", method="GET", path="/accounts/*/env/*", code=404, body={}, times=None)
    )
    with pytest.raises(DestinationError, match="at once that it is not there"):
        ours.opened().observe()


@pytest.mark.parametrize(
    ("name", "verb", "body", "why"),
    [
        (NAME, "PATCH", {**KEPT, "key": "OTHER"}, "a variable of another name"),
        (NAME, "PATCH", KEPT, "without the time of the last write"),
        ("NEW_ONE", "POST", [], "a variable of another name"),
        ("NEW_ONE", "POST", {}, "not with a list"),
    ],
)
def test_an_answer_to_a_write_that_is_not_as_described_proves_nothing(
    name: str, verb: str, body: Any, why: str, ours: Netlify
) -> None:
    opened = ours.opened(HERE.replace(NAME, name))
    opened.observe()
    ours.world.faults.add(Fault("status", server="netlify", method=verb, code=201, body=body, times=None))
    with pytest.raises(DestinationError, match=why) as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-unexpected-answer", Outcome.UNKNOWN)
