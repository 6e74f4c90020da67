"""What is Buildkite's own: clusters by id and by name, scopes, pages, and the time of a write."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Outcome, Refused
from rotate.sandbox.buildkite.server import Cluster
from rotate.sandbox.faults import Fault
from rotate.sandbox.rate import Rate
from rotate.sandbox.world import World
from rotate.systems.buildkite.system import SERVICE, wrong
from tests.support.bench import BEFORE, NAME
from tests.support.laptop import Laptop
from tests.systems.buildkite.bench import NEW, OCTO, TOKEN, Buildkite, buildkite

# The fields of the samples in Buildkite's documentation (pages/apis/rest_api/clusters/secrets).
SAMPLE = {
    *("id", "key", "description", "policy", "created_at", "created_by", "updated_at", "updated_by", "last_read_at"),
    *("url", "cluster_url", "organization"),
}


@pytest.mark.parametrize(
    "text", ["buildkite://octo/deploy", "buildkite://my-org/Open%20Source#NEON_API_KEY", "buildkite://o_1/a/b#k1"]
)
def test_an_address_is_its_own_one_text(text: str) -> None:
    assert wrong(parsed(text)) == ""
    assert str(parsed(text)) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("buildkite://octo", "the organization's slug and the cluster"),
        ("buildkite:octo/deploy", "the organization's slug and the cluster"),
        ("buildkite://octo/", "the organization's slug and the cluster"),
        ("buildkite://-/deploy", "the organization's slug and the cluster"),
        ("buildkite://octo/deploy/", "the organization's slug and the cluster"),
        ("buildkite://octo/%20deploy", "the organization's slug and the cluster"),
        ("buildkite://octo/deploy#1KEY", "a letter first"),
        ("buildkite://octo/deploy#NEON-KEY", "letters, digits"),
        ("buildkite://octo/deploy#Bk_KEY", "no `bk`"),
        (f"buildkite://octo/deploy#{'A' * 256}", "255 at most"),
    ],
)
def test_what_is_wrong_with_an_address_is_said(text: str, why: str) -> None:
    assert why in wrong(parsed(text))


def test_it_is_written_and_created_as_the_documentation_says(world: World) -> None:
    ours = Buildkite(world)
    for name in (NAME, "NEW_ONE"):
        opened = ours.opened(ours.address.replace(NAME, name))
        before = opened.observe()
        assert (before.mark is None) == (name == "NEW_ONE")
        opened.confirm(before, opened.put(NEW))
    assert {one.value for one in ours.cluster.secrets.values()} == {NEW.reveal()}
    at = f"/organizations/{OCTO}/clusters/{ours.cluster.number}/secrets"
    written = [one for one in world.ledger if one.method != "GET"]
    number = ours.cluster.secrets[NAME].number
    assert [(one.method, one.path) for one in written] == [("PUT", f"{at}/{number}/value"), ("POST", at)]
    with httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        (row, other) = client.get(f"{ours.server.url}/v2{at}").json()
        assert set(row) == set(other) == SAMPLE


def test_a_cluster_is_found_by_its_name_on_a_later_page_once_in_a_run(world: World) -> None:
    ours = Buildkite(world)
    opened = ours.opened(f"buildkite://{OCTO}/deploy#{NAME}")
    before = opened.observe()
    opened.confirm(before, opened.put(NEW))
    assert ours.held() == NEW.reveal()
    assert world.ledger.count("GET", f"/organizations/{OCTO}/clusters") == 2, "two pages, once"
    assert world.ledger.count("GET", "/access-token") == 1
    assert len([one for one in world.ledger if one.server == "buildkite"]) <= SERVICE.asks


@pytest.mark.parametrize(("more", "why"), [(0, "has no cluster of this name"), (2, "several clusters have this name")])
def test_a_cluster_that_is_not_there_or_not_the_only_one_is_no_absent_secret(more: int, why: str, world: World) -> None:
    ours = Buildkite(world)
    ours.server.clusters[:] = [Cluster(OCTO, "deploy") for _ in range(more)]
    with pytest.raises(Refused, match=why) as raised:
        ours.opened(f"buildkite://{OCTO}/deploy#{NAME}").observe()
    assert raised.value.reason == "destination-absent"


def test_a_secret_is_absent_to_a_token_alone_that_may_see_secrets(world: World) -> None:
    """Whether a list without the scope is refused or empty, no document tells."""
    ours = Buildkite(world)
    ours.token.scopes.discard("read_secrets_details")
    world.faults.add(Fault("status", path="*/secrets", code=200, body=[], times=None))
    with pytest.raises(Refused, match="no scope `read_secrets_details`") as raised:
        ours.opened().written()
    assert raised.value.reason == "destination-not-allowed"


def test_the_scope_is_known_by_both_names_that_buildkite_writes(world: World) -> None:
    ours = Buildkite(world)
    body = {"scopes": ["read_secret_details", "write_secrets"]}
    world.faults.add(Fault("status", path="*/access-token", code=200, body=body, times=None))
    assert ours.opened().observe().mark


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        ("*/secrets", {"message": "ok"}, "not with a list"),
        ("*/secrets", ["x"], "not with a list"),
        ("*/secrets", [{"key": NAME}], "without the time"),
        ("*/secrets", [{"key": NAME, "updated_at": "2026-01-01T00:00:00"}], "without the time"),
        ("*/access-token", {"scopes": "write_secrets"}, "without `scopes`"),
    ],
)
def test_an_answer_about_something_else_is_not_believed(path: str, body: object, why: str, world: World) -> None:
    ours = Buildkite(world)
    world.faults.add(Fault("status", server="buildkite", path=path, code=200, body=body, times=None))
    with pytest.raises(DestinationError, match=why) as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-unexpected-answer"


def test_a_list_without_an_end_is_left(world: World) -> None:
    ours = Buildkite(world)
    link = {"Link": '<https://api.buildkite.com/v2/x?page=2>; rel="next", <https://x/?page=6>; rel="last"'}
    world.faults.add(Fault("status", path="*/secrets", code=200, body=[], headers=link, times=None))
    with pytest.raises(DestinationError, match="does not end within 100 pages"):
        ours.opened().observe()


@pytest.mark.parametrize(
    ("body", "why"), [({"key": "OTHER"}, "not with a secret of this name"), ({"key": NAME}, "without the time")]
)
def test_an_answer_to_a_write_about_something_else_proves_nothing(body: dict[str, str], why: str, world: World) -> None:
    opened = Buildkite(world).opened()
    before = opened.observe()
    world.faults.add(Fault("status", method="PUT", code=200, body=body, after=True))
    with pytest.raises(DestinationError, match=why) as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-unexpected-answer", Outcome.UNKNOWN)
    with pytest.raises(DestinationError, match="no reply told"):
        opened.confirm(before, None)


def test_a_write_that_did_not_arrive_is_not_confirmed(world: World) -> None:
    ours = Buildkite(world)
    opened = ours.opened()
    before = opened.observe()
    stood = ours.cluster.secrets[NAME].updated_at
    receipt = opened.put(NEW)
    ours.cluster.secrets[NAME].updated_at = stood
    with pytest.raises(DestinationError, match="the value that stood there before still does"):
        opened.confirm(before, receipt)


@pytest.mark.parametrize("flag", ["policy", "description"])
def test_a_policy_or_description_that_somebody_changes_meanwhile_is_seen(flag: str, world: World) -> None:
    ours = Buildkite(world)
    opened = ours.opened()
    before = opened.observe()
    receipt = opened.put(NEW)
    setattr(ours.cluster.secrets[NAME], flag, "- pipeline_slug: elsewhere")
    with pytest.raises(DestinationError, match=flag) as raised:
        opened.confirm(before, receipt)
    assert raised.value.reason == "destination-flags-changed"


def test_the_seconds_that_a_refusal_asks_to_wait_are_told(world: World) -> None:
    ours = Buildkite(world)
    ours.server.rate = Rate(1, 600.0)
    with pytest.raises(DestinationError, match=r"asks to wait \d+ s") as raised:
        ours.opened().observe()
    assert raised.value.reason == "destination-busy"


def test_the_pretend_one_refuses_what_is_no_secret_and_whoever_shows_no_token(world: World) -> None:
    ours = Buildkite(world)
    at = f"/organizations/{OCTO}/clusters/{ours.cluster.number}/secrets"
    with httpx.Client(base_url=f"{ours.server.url}/v2", headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        assert client.post(at, json={"key": NAME, "value": ""}).status_code == 422
        assert client.post(at, json={"key": NAME, "value": "x"}).status_code == 422
        assert client.put(f"{at}/none/value", json={"value": "x"}).status_code == 404
        assert client.get(f"/organizations/{OCTO}/clusters/none/secrets").status_code == 404
        assert client.get("/nowhere").status_code == 404
        assert client.get(at, headers={"Authorization": "Bearer other"}).status_code == 401
        ours.token.scopes.clear()
        assert client.get(at).status_code == client.get("/organizations").status_code == 403
    assert ours.held() == BEFORE


def test_a_policy_file_has_it_by_fields(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with buildkite() as bench:
        laptop, ours = Laptop(bench, capsys, tmp_path), bench.web and bench.web.pretend
        assert isinstance(ours, Buildkite)
        other = ours.server.set(ours.server.clusters[0], NAME, "old")
        file = tmp_path / "policy.yml"
        file.write_text(
            "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
            f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n      - to: {laptop.here}\n"
            f"      - type: buildkite\n        organization: {OCTO}\n        cluster: other-0\n"
        )
        assert laptop.by(file) == 0, laptop.told
        assert laptop.held == other.value == laptop.live[-1].value
