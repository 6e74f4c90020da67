"""What is Vault's own: the mount that a path lies in, a check with each write, deleted versions, and a login."""

from __future__ import annotations

from functools import partial

import httpx
import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome, Refused
from rotate.ports import Receipt
from rotate.protocol.facts.destination import Held
from rotate.sandbox.faults import Fault
from rotate.sandbox.identity.server import IssuerServer
from rotate.sandbox.vault.server import ALL, Kept
from rotate.sandbox.world import World
from rotate.systems.vault.field import SecretField
from rotate.systems.vault.system import lacks, wrong
from rotate.wire.together import together
from tests.support.bench import BEFORE, NAME, means_of
from tests.support.openapi import check
from tests.systems.vault.bench import FIRST, NEW, SECOND, TOKEN, Vault


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("vault://secret/ci/neon", True),
        ("vault://secret/ci/neon#field with blanks", True),
        ("vault://secret", False),
        ("vault:secret/ci", False),
        ("vault://secret//ci", False),
        ("vault://secret/../ci", False),
    ],
)
def test_an_address_has_a_mount_and_a_path(text: str, fine: bool) -> None:
    assert (wrong(parsed(text)) == "") is fine


@pytest.mark.parametrize(
    ("environment", "reasons"),
    [
        ({}, ["destination-url-missing", "destination-token-missing"]),
        ({"VAULT_ADDR": "https://v.example", "BAO_TOKEN": "t"}, []),
        ({"BAO_ADDR": "https://v.example", "VAULT_ROLE": "ci"}, ["id-token-missing"]),
        ({"VAULT_ADDR": "https://v.example", "VAULT_ROLE": "ci", "VAULT_ID_TOKEN": "e.y.J"}, []),
        ({"VAULT_ADDR": "http://v.example", "VAULT_ROLE": "ci", "VAULT_TOKEN": "t"}, ["url-insecure"]),
    ],
)
def test_what_the_environment_lacks_is_said(environment: dict[str, str], reasons: list[str]) -> None:
    assert [one.reason for one in lacks(environment)] == reasons


@pytest.mark.parametrize("where", ["secret/neon", "kv1/neon"])
def test_it_is_read_written_and_created_as_the_description_says(where: str, world: World) -> None:
    ours = Vault(world, where)
    for text in (f"vault://{where}#{NAME}", f"vault://{where}#NEW", f"vault://{where}2#{NAME}"):
        place = ours.opened(text)
        place.confirm(place.observe(), place.put(NEW))
    assert ours.fields == {"OTHER": "other", NAME: NEW.reveal(), "NEW": NEW.reveal()}
    assert ours.server.kept[f"{where}2"].versions == [{NAME: NEW.reveal()}]
    # OpenBao's description of itself names neither the merge patch nor KV 1's empty answer: `test_real` asks itself.
    undescribed = {("PATCH", "/secret/data/neon"), ("POST", "/kv1/neon"), ("POST", "/kv1/neon2")}
    assert check(entry for entry in world.ledger if (entry.method, entry.route) not in undescribed) >= 6


def test_the_mount_is_asked_for_once_and_may_have_a_slash(world: World) -> None:
    ours = Vault(world, "deep/kv/ci/neon")
    place = ours.opened()
    place.confirm(place.observe(), place.put(NEW))
    assert ours.fields[NAME] == NEW.reveal()
    assert world.ledger.count("GET", "/sys/internal/ui/mounts/*") == 1


def test_what_somebody_wrote_right_before_is_not_overwritten(world: World) -> None:
    ours = Vault(world)
    place = ours.opened()
    place.observe()
    world.faults.add(Fault("hook", method="PATCH", call=lambda *_: ours.set({NAME: "napi_theirs", "OTHER": "newer"})))
    with pytest.raises(DestinationError, match="somebody else wrote there") as raised:
        place.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-changed", Outcome.NO_EFFECT)
    assert ours.fields == {NAME: "napi_theirs", "OTHER": "newer"}


@pytest.mark.parametrize("able", [ALL, frozenset({"read", "update"})])
def test_where_only_other_fields_changed_it_is_written_over_them(able: frozenset[str], world: World) -> None:
    ours = Vault(world)
    ours.server.tokens[TOKEN] = able
    place = ours.opened()
    before = place.observe()
    verb = "PATCH" if able is ALL else "POST"
    changed = Fault("hook", method=verb, path="*/ci/neon", call=lambda *_: ours.set({NAME: BEFORE, "OTHER": "newer"}))
    world.faults.add(changed)
    receipt = place.put(NEW)
    assert ours.fields == {NAME: NEW.reveal(), "OTHER": "newer"}
    with pytest.raises(DestinationError, match="field OTHER"):
        place.confirm(before, receipt)


def test_whoever_always_changes_something_beside_is_given_way(world: World) -> None:
    ours = Vault(world)
    place = ours.opened()
    place.observe()
    always = Fault("hook", method="PATCH", times=None, call=lambda *_: ours.set({NAME: BEFORE, "OTHER": "newer"}))
    world.faults.add(always)
    with pytest.raises(DestinationError) as raised:
        place.put(NEW)
    assert (raised.value.reason, world.ledger.count("PATCH")) == ("destination-changed", 5)


def test_what_was_created_right_before_the_write_is_not_overwritten(world: World) -> None:
    ours = Vault(world)
    place = ours.opened(f"vault://secret/new#{NAME}")
    place.observe()
    theirs = Kept([{NAME: "theirs"}])
    world.faults.add(
        Fault("hook", method="POST", path="*/new", call=lambda *_: ours.server.kept.update({"secret/new": theirs}))
    )
    with pytest.raises(DestinationError, match="somebody else wrote there"):
        place.put(NEW)
    assert theirs.versions == [{NAME: "theirs"}]


@pytest.mark.parametrize("where", [SECOND, FIRST])
def test_a_neighbour_that_holds_the_token_itself_stays_as_it_is(where: str, world: World) -> None:
    ours = Vault(world, where)
    ours.server.tokens[TOKEN] = frozenset({"read", "update"})
    ours.set({NAME: BEFORE, "VAULT_TOKEN": TOKEN})
    place = ours.opened()
    place.confirm(place.observe(), place.put(NEW))
    assert ours.fields == {NAME: NEW.reveal(), "VAULT_TOKEN": TOKEN}


@pytest.mark.parametrize("where", [SECOND, FIRST])
def test_two_fields_of_one_secret_are_both_written(where: str, world: World) -> None:
    ours = Vault(world, where)
    means = means_of(ours.environment)
    places = [SecretField(parsed(f"vault://{where}#{name}"), means) for name in (NAME, "OTHER")]
    looks = [one.observe() for one in places]
    receipts = together(*(partial(one.put, NEW) for one in places))
    assert ours.fields == {NAME: NEW.reveal(), "OTHER": NEW.reveal()}
    for one, look, receipt in zip(places, looks, receipts, strict=True):
        assert isinstance(receipt, Receipt)
        assert one.confirm(look, receipt) == Held(NEW.fingerprint) != look.mark


def test_a_write_that_another_one_followed_before_its_reply_came_is_in_doubt(world: World) -> None:
    ours = Vault(world)
    place = ours.opened()
    place.observe()
    world.faults.add(Fault("lost_reply", method="PATCH"))
    world.faults.add(Fault("hook", method="PATCH", nth=2, call=lambda *_: ours.set({NAME: "napi_theirs"})))
    with pytest.raises(DestinationError) as raised:
        place.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-changed", Outcome.UNKNOWN)


@pytest.mark.parametrize(
    ("fields", "why"), [({NAME: {"a": 1}}, "a value with parts"), ({NAME: 5}, "a value with parts")]
)
def test_what_is_no_text_is_not_overwritten(fields: dict[str, object], why: str, world: World) -> None:
    ours = Vault(world)
    ours.server.kept[SECOND] = Kept([dict(fields)])  # type: ignore[arg-type]
    with pytest.raises(Refused, match=why):
        ours.opened().observe()


def test_a_deleted_version_and_a_path_that_leads_nowhere_are_no_absent_field(world: World) -> None:
    ours = Vault(world)
    ours.server.kept[SECOND].versions.append(None)
    with pytest.raises(Refused, match="was deleted") as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-deleted"
    world.faults.add(Fault("status", path="/secret/data/*", code=404, body={"errors": ["no handler for route"]}))
    with pytest.raises(Refused, match="no such place") as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-absent"


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        ("/sys/internal/*", {"data": {"type": "pki", "path": "secret/"}}, "no KV store"),
        ("/sys/internal/*", {"data": {"type": "kv", "path": "other/"}}, "no KV store"),
        ("/secret/data/*", {"data": {"data": []}}, "not with a secret"),
        ("/secret/data/*", {"data": {"data": {}, "metadata": {"version": "1"}}}, "not with a secret"),
        ("/sys/capabilities-self", {}, "may not write it"),
    ],
)
def test_an_answer_about_something_else_is_not_believed(path: str, body: object, why: str, world: World) -> None:
    world.faults.add(Fault("status", server="vault", path=path, code=200, body=body, times=None))
    with pytest.raises((Refused, DestinationError), match=why):
        Vault(world).opened().observe()


def test_a_refusal_of_a_write_that_is_no_mismatch_is_told_as_such(world: World) -> None:
    place = Vault(world).opened()
    place.observe()
    world.faults.add(Fault("status", method="PATCH", code=400, body={"errors": ["quota"]}))
    with pytest.raises(DestinationError, match="quota") as raised:
        place.put(NEW)
    assert raised.value.reason == "destination-refused"


def test_a_job_logs_in_to_the_pretend_one_too(world: World) -> None:
    ours, issuer = Vault(world), IssuerServer(world.clock)
    world.serve(issuer)
    ours.server.roles["ci"] = (issuer.public_key, "https://vault.example")
    job = {"VAULT_ADDR": ours.server.url, "VAULT_ROLE": "ci", "VAULT_JWT_AUDIENCE": "https://vault.example"}
    place = SecretField(parsed(f"vault://{SECOND}#{NAME}"), means_of({**job, **issuer.environment}))
    place.confirm(place.observe(), place.put(NEW))
    assert ours.fields[NAME] == NEW.reveal()


def test_a_login_whose_answer_has_no_token_is_said(world: World) -> None:
    ours = Vault(world)
    environment = {"VAULT_ADDR": ours.server.url, "VAULT_ROLE": "ci", "VAULT_ID_TOKEN": "e.y.J"}
    world.faults.add(Fault("status", server="vault", method="POST", code=200, body={"auth": {}}, times=None))
    with pytest.raises(DestinationError, match="without a token"):
        SecretField(parsed(f"vault://{SECOND}#{NAME}"), means_of(environment)).observe()


def test_a_namespace_goes_with_each_request(world: World) -> None:
    ours = Vault(world)
    ours.server.namespace = "team"
    place = ours.opened(BAO_NAMESPACE="team")
    place.confirm(place.observe(), place.put(NEW))
    assert ours.fields[NAME] == NEW.reveal()


def test_the_pretend_one_refuses_as_the_real_one(world: World) -> None:
    ours = Vault(world)
    merge = {"Content-Type": "application/merge-patch+json"}
    with httpx.Client(base_url=f"{ours.server.url}/v1", headers={"X-Vault-Token": TOKEN}) as client:
        assert client.patch("/secret/data/ci/neon", json={"data": {}}).status_code == 415
        assert client.patch("/secret/data/none", json={"data": {}}, headers=merge).status_code == 404
        assert client.post("/secret/data/ci/neon", json={"data": 5}).status_code == 400
        assert client.post("/secret/data/ci/neon", content=b"x").status_code == 400
        assert client.post("/sys/capabilities-self", json={"paths": 5}).json() == {"data": {}}
        assert client.get("/kv1/none").json() == {"errors": []}
        assert client.get("/nowhere/x").status_code == 404
        assert client.get("/sys/internal/ui/mounts/nowhere/x").status_code == 403
        assert client.post("/auth/jwt/login", json={"role": "x", "jwt": "y"}).status_code == 400
        assert client.get("/secret/data/ci/neon", headers={"X-Vault-Namespace": "n"}).status_code == 404
        ours.server.tokens[TOKEN] = frozenset({"read"})
        assert client.get("/secret/metadata/", params={"list": "true"}).status_code == 403
        ours.server.sealed = True
        assert client.get("/secret/data/ci/neon").json() == {"errors": ["Vault is sealed"]}
    assert FIRST not in ours.server.kept
