"""What is Kubernetes' own: versions, owners, immutable Secrets, and what a 404 is about."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome, Refused
from rotate.protocol.facts.destination import Held
from rotate.sandbox.faults import Fault
from rotate.sandbox.kubernetes.state import RIGHTS, SECRETS, encoded
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.kubernetes.secret import SecretKey
from tests.support.bench import BEFORE, NAME, means_of
from tests.support.openapi import check
from tests.systems.kubernetes.bench import HERE, NAMESPACE, NEW, OTHER, SECRET, WHERE, Secrets

ESO = "reconcile.external-secrets.io"


def test_a_key_is_written_over_the_version_that_was_read_and_a_secret_is_created_as_described(world: World) -> None:
    ours = Secrets(world, labels={"team": "payments"}, type="example.com/own")
    ours.written()
    row = ours.state.get(SECRETS, *WHERE)
    assert row
    assert row["data"] == {name: encoded(text) for name, text in {NAME: NEW.reveal(), **OTHER}.items()}
    assert (row["type"], row["metadata"]["labels"]) == ("example.com/own", {"team": "payments"})
    ours.written(f"kubernetes://{NAMESPACE}/new#{NAME}")
    made = ours.state.get(SECRETS, NAMESPACE, "new")
    assert made
    assert (made["type"], made["data"]) == ("Opaque", {NAME: encoded(NEW.reveal())})
    assert check(entry for entry in world.ledger if entry.server == "kubernetes") >= 8


def test_a_key_that_the_secret_lacks_is_put_beside_the_others(world: World) -> None:
    ours = Secrets(world)
    ours.state.set_value(*WHERE, NAME, None)
    ours.written()
    assert ours.state.value(*WHERE, NAME) == NEW.reveal()
    assert ours.state.value(*WHERE, "DATABASE_URL") == OTHER["DATABASE_URL"]


def test_what_somebody_changes_between_the_read_and_the_write_is_not_lost(world: World) -> None:
    ours = Secrets(world)
    opened = ours.opened()
    opened.observe()

    def meddle(_: object) -> None:
        ours.state.set_value(*WHERE, "OTHER", "changed")

    world.faults.add(Fault("hook", server="kubernetes", method="PATCH", call=meddle))
    with pytest.raises(DestinationError, match="has been modified") as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-changed", Outcome.NO_EFFECT)
    assert ours.state.value(*WHERE, NAME) == BEFORE
    assert ours.state.value(*WHERE, "OTHER") == "changed"


def test_a_conflict_that_cannot_be_looked_into_is_told_as_one(world: World) -> None:
    opened = Secrets(world).opened()
    opened.observe()
    world.faults.add(Fault("status", method="PATCH", code=409, body={"message": "modified"}))
    world.faults.add(Fault("status", server="kubernetes", method="GET", nth=2, code=403, times=None))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert raised.value.reason == "destination-changed"


def test_two_keys_of_one_secret_are_written_one_after_the_other(world: World) -> None:
    ours = Secrets(world)
    means = means_of(ours.environment)
    both = [SecretKey(parsed(f"kubernetes://{NAMESPACE}/{SECRET}#{name}"), means) for name in (NAME, "DATABASE_URL")]
    for one in both:
        one.observe()
    threads = [threading.Thread(target=one.put, args=(NEW,)) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {ours.state.value(*WHERE, name) for name in (NAME, "DATABASE_URL")} == {NEW.reveal()}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"labels": {f"{ESO}/managed": "true"}}, "External Secrets"),
        ({"annotations": {f"{ESO}/data-hash": "x"}}, "External Secrets"),
        ({"annotations": {"sealedsecrets.bitnami.com/managed": "true"}}, "Sealed Secrets"),
        ({"labels": {"app.kubernetes.io/managed-by": "Helm"}}, "Helm"),
        ({"annotations": {"argocd.argoproj.io/tracking-id": "payments:/Secret:payments/neon"}}, "Argo CD"),
        ({"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}}, "Flux"),
        ({"ownerReferences": [{"kind": "Vault\nSecret", "name": "neon"}]}, "Vault·Secret neon"),
    ],
)
def test_what_another_tool_would_set_back_is_refused(more: dict[str, Any], said: str, world: World) -> None:
    with pytest.raises(Refused, match=f"belongs to {said}") as raised:
        Secrets(world, **more).opened().observe()
    assert raised.value.reason == "destination-owned"
    assert world.ledger.count("PATCH") == 0


@pytest.mark.parametrize("more", [{"labels": {"app.kubernetes.io/managed-by": "kustomize"}}, {"ownerReferences": []}])
def test_what_only_looks_like_a_mark_hinders_nothing(more: dict[str, Any], world: World) -> None:
    ours = Secrets(world, **more, immutable=False)
    ours.written()
    assert ours.state.value(*WHERE, NAME) == NEW.reveal()


def test_an_immutable_secret_is_refused_at_the_look_and_at_the_write(world: World) -> None:
    ours = Secrets(world)
    opened = ours.opened()
    opened.observe()
    ours.state.set_secret(*WHERE, {NAME: BEFORE}, immutable=True)
    with pytest.raises(Refused) as refused:
        ours.opened().observe()
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert refused.value.reason == raised.value.reason == "destination-immutable"
    assert (raised.value.outcome, world.ledger.count("PATCH")) == (Outcome.NO_EFFECT, 0)


def test_a_404_that_is_about_something_else_is_no_absence(world: World) -> None:
    opened = Secrets(world).opened()
    world.faults.add(Fault("status", method="GET", code=404, body={"reason": "NotFound", "details": {"kind": "x"}}))
    with pytest.raises(Refused) as raised:
        opened.observe()
    assert raised.value.reason == "destination-absent"


@pytest.mark.parametrize("held", [5, "no base64", "/w=="])
def test_what_is_no_text_is_not_overwritten(held: object, world: World) -> None:
    ours = Secrets(world)
    row = ours.state.get(SECRETS, *WHERE)
    assert row
    row["data"][NAME] = held
    with pytest.raises(DestinationError) as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-not-a-text"


@pytest.mark.parametrize(
    "row",
    [
        {"metadata": {"namespace": NAMESPACE, "name": "other", "resourceVersion": "1"}},
        {"metadata": {"namespace": NAMESPACE, "name": SECRET}},
        {"metadata": {"namespace": NAMESPACE, "name": SECRET, "resourceVersion": "1"}, "data": []},
        {"metadata": {"namespace": NAMESPACE, "name": SECRET, "resourceVersion": "1"}, "data": "x"},
    ],
)
def test_an_answer_that_is_not_of_this_secret_is_not_believed(row: dict[str, object], world: World) -> None:
    opened = Secrets(world).opened()
    world.faults.add(Fault("status", server="kubernetes", method="GET", code=200, body=row))
    if row.get("data") == []:
        assert opened.observe().mark is None, "no data is an empty Secret"
        return
    with pytest.raises(DestinationError) as raised:
        opened.observe()
    assert raised.value.reason == "destination-unexpected-answer"


def test_an_answer_to_the_write_that_shows_another_value_is_not_believed(world: World) -> None:
    opened = Secrets(world).opened()
    opened.observe()
    row = {"metadata": {"namespace": NAMESPACE, "name": SECRET, "resourceVersion": "1"}}
    world.faults.add(Fault("status", method="PATCH", code=200, body=row))
    with pytest.raises(DestinationError, match="does not show the new value") as raised:
        opened.put(NEW)
    assert raised.value.outcome is Outcome.UNKNOWN


def test_rights_that_are_not_told_hold_nothing_up_and_the_base64_is_hidden(world: World) -> None:
    ours, hidden = Secrets(world), list[Secret]()
    world.faults.add(Fault("status", path="*reviews", code=403))
    opened = SecretKey(parsed(HERE), means_of(ours.environment, hidden.append))
    facts = opened.observe()
    assert (facts.may_write, facts.mark) == (False, Held(Secret(BEFORE).fingerprint))
    opened.put(NEW)
    assert Secret(encoded(NEW.reveal())) in hidden


def test_a_login_that_may_not_create_is_told_where_the_key_is_absent(world: World) -> None:
    ours = Secrets(world)
    ours.state.let(ours.token, NAMESPACE, *(one for one in RIGHTS if one != "create secrets"))
    assert ours.opened(f"kubernetes://{NAMESPACE}/new#A").observe().mark is None
    ours.state.let(ours.token, NAMESPACE, "get secrets")
    ours.state.set_value(*WHERE, NAME, None)
    with pytest.raises(Refused, match="lacks the verb `patch`"):
        ours.opened().observe()
