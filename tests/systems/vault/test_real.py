"""A real OpenBao: both KV stores, policies, namespaces, a JWT login, a seal, and ten writers of one version."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import hvac
import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Incomplete, Outcome, Refused
from rotate.ports import Destination, Receipt
from rotate.protocol.facts.destination import Held
from rotate.protocol.facts.found import FoundSecret, Generation, Wanted
from rotate.sandbox.identity.server import IssuerServer
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.service.readable import Stored
from rotate.systems.vault.field import SecretField
from rotate.systems.vault.finder import find
from rotate.wire.together import together
from tests.support.bench import BEFORE, NAME, means_of
from tests.systems.vault.bench import FIRST, NEW, SECOND
from tests.systems.vault.real import ROOT_TOKEN, OpenBao, openbao

RULES = {
    "patches": 'path "secret/data/*" { capabilities = ["read", "patch"] }',
    "updates": 'path "secret/data/*" { capabilities = ["read", "update"] }',
    "creates": 'path "secret/data/*" { capabilities = ["read", "create"] }',
    "reads": 'path "secret/data/*" { capabilities = ["read"] }',
    "first": 'path "kv1/*" { capabilities = ["read", "update", "create"] }',
    "none": 'path "secret/data/elsewhere" { capabilities = ["read"] }',
}
DEEP = "deep/kv/a/b"


@pytest.fixture(scope="module")
def bao() -> Iterator[OpenBao]:
    with openbao() as opened:
        yield opened


@pytest.fixture(autouse=True)
def _seeded(bao: OpenBao) -> None:
    fields = {NAME: BEFORE, "OTHER": "other", "number": 5, "nested": {"a": [1, None]}}
    for where in (SECOND, DEEP):
        mount, _, path = where.rpartition("kv/") if where == DEEP else where.partition("/")
        mount = f"{mount}kv" if where == DEEP else mount
        bao.do("POST", f"/{mount}/data/{path}", {"data": fields})
    bao.do("POST", "/secret/metadata/ci/neon", {"custom_metadata": {"owner": "team"}})
    bao.do("POST", f"/{FIRST}", fields)


def opened(bao: OpenBao, where: str = SECOND, token: str = ROOT_TOKEN, **more: str) -> Destination:
    environment = {"VAULT_ADDR": bao.url, "VAULT_TOKEN": token, **more}
    return SecretField(parsed(f"vault://{where}#{NAME}"), means_of(environment))


def fields_of(bao: OpenBao, path: str = "/secret/data/ci/neon") -> dict[str, object]:
    data: dict[str, object] = bao.do("GET", path).json()["data"]
    inner = data.get("data", data)
    assert isinstance(inner, dict)
    return inner


@pytest.mark.parametrize(("rules", "where"), [("patches", SECOND), ("updates", SECOND), ("first", FIRST)])
def test_the_least_rights_are_enough_and_all_beside_stays(rules: str, where: str, bao: OpenBao) -> None:
    place = opened(bao, where, bao.token(rules, RULES[rules]))
    before = place.observe()
    assert (before.mark, before.may_write) == (Held(Secret(BEFORE).fingerprint), True)
    assert place.confirm(before, place.put(NEW)) == Held(NEW.fingerprint) == place.written()
    path = "/secret/data/ci/neon" if where == SECOND else f"/{FIRST}"
    assert fields_of(bao, path) == {NAME: NEW.reveal(), "OTHER": "other", "number": 5, "nested": {"a": [1, None]}}
    assert bao.do("GET", "/secret/metadata/ci/neon").json()["data"]["custom_metadata"] == {"owner": "team"}


def test_a_mount_may_have_a_slash(bao: OpenBao) -> None:
    place = opened(bao, DEEP)
    place.confirm(place.observe(), place.put(NEW))
    assert fields_of(bao, "/deep/kv/data/a/b")[NAME] == NEW.reveal()


@pytest.mark.parametrize(
    ("rules", "why"), [("reads", "may not write"), ("creates", "may not write"), ("none", "HTTP 403")]
)
def test_what_a_token_may_not_is_refused_before_a_key_is_issued(rules: str, why: str, bao: OpenBao) -> None:
    with pytest.raises(Refused, match=why) as raised:
        opened(bao, SECOND, bao.token(rules, RULES[rules])).observe()
    assert raised.value.reason == "destination-not-allowed"


def test_absent_deleted_and_nowhere_are_told_apart(bao: OpenBao) -> None:
    absent = opened(bao, "secret/ci/new")
    before = absent.observe()
    assert before.mark is None
    absent.confirm(before, absent.put(NEW))
    assert fields_of(bao, "/secret/data/ci/new") == {NAME: NEW.reveal()}
    bao.do("DELETE", "/secret/data/ci/new")
    with pytest.raises(Refused, match="was deleted") as raised:
        opened(bao, "secret/ci/new").observe()
    assert raised.value.reason == "destination-deleted"
    bao.do("DELETE", "/secret/metadata/ci/new")
    with pytest.raises(Refused, match="HTTP 403"):
        opened(bao, "nowhere/ci/neon").observe()
    with pytest.raises(Refused, match="no KV store"):
        opened(bao, "cubbyhole/ci").observe()


def test_a_namespace_has_secrets_of_its_own(bao: OpenBao) -> None:
    bao.do("POST", "/sys/namespaces/team")
    bao.do("POST", "/sys/mounts/secret", {"type": "kv", "options": {"version": "2"}}, namespace="team")
    bao.do("POST", "/secret/data/ci/neon", {"data": {NAME: BEFORE}}, namespace="team")
    place = opened(bao, VAULT_NAMESPACE="team")
    place.confirm(place.observe(), place.put(NEW))
    assert fields_of(bao)[NAME] == BEFORE
    with pytest.raises(Refused, match="HTTP 404"):
        opened(bao, VAULT_NAMESPACE="nowhere").observe()


def test_of_ten_writers_of_one_version_one_wins_and_nothing_is_lost(bao: OpenBao) -> None:
    writers = [opened(bao) for _ in range(10)]
    for one in writers:
        one.observe()
    values = [Secret(f"napi_value_of_writer_{number}") for number in range(10)]
    looks = [one.read() for one in writers if isinstance(one, SecretField)]
    ended = together(
        *(partial(_written, one, value, look) for one, value, look in zip(writers, values, looks, strict=True))
    )
    won = [one for one in ended if isinstance(one, Receipt)]
    lost = [one for one in ended if isinstance(one, DestinationError)]
    assert (len(won), {(one.reason, one.outcome) for one in lost}) == (1, {("destination-changed", Outcome.NO_EFFECT)})
    assert fields_of(bao)["OTHER"] == "other"


def _written(place: Destination, value: Secret, look: object) -> Receipt:
    """Write over what was read, without the look that comes right before a write."""
    assert isinstance(place, SecretField)
    assert isinstance(look, Stored)
    place.write(value, look, None)
    return Receipt(None)


def test_a_job_logs_in_with_its_own_identity(bao: OpenBao, world: World) -> None:
    issuer = IssuerServer(world.clock)
    world.serve(issuer)
    bao.do("POST", "/sys/auth/jwt", {"type": "jwt"})
    bao.do("POST", "/auth/jwt/config", {"jwt_validation_pubkeys": [issuer.public_key], "bound_issuer": issuer.url})
    bao.do("PUT", "/sys/policies/acl/ci", {"policy": RULES["patches"]})
    role = {
        "role_type": "jwt",
        "user_claim": "repository",
        "bound_audiences": ["https://github.com/octo-org"],
        "bound_claims": {"repository": "octo-org/payments"},
        "token_policies": ["ci"],
    }
    bao.do("POST", "/auth/jwt/role/neon", role)
    job = {"VAULT_ADDR": bao.url, "VAULT_ROLE": "neon", "GITHUB_REPOSITORY_OWNER": "octo-org", **issuer.environment}
    place = SecretField(parsed(f"vault://{SECOND}#{NAME}"), means_of(job))
    place.confirm(place.observe(), place.put(NEW))
    assert fields_of(bao)[NAME] == NEW.reveal()
    assert len(issuer.issued) == 1, "one login for the whole run"
    by_hand = {"VAULT_ADDR": bao.url, "VAULT_ROLE": "neon", "VAULT_ID_TOKEN": issuer.issued[0]}
    assert SecretField(parsed(f"vault://{SECOND}#{NAME}"), means_of(by_hand)).observe().mark == Held(NEW.fingerprint)
    with pytest.raises(DestinationError, match="log in to Vault with the role other"):
        SecretField(parsed(f"vault://{SECOND}#{NAME}"), means_of({**job, "VAULT_ROLE": "other"})).observe()


def test_hvac_and_we_read_what_the_other_wrote(bao: OpenBao) -> None:
    place = opened(bao)
    place.confirm(place.observe(), place.put(NEW))
    client = hvac.Client(bao.url, token=ROOT_TOKEN)
    found = client.secrets.kv.v2.read_secret_version("ci/neon", raise_on_deleted_version=True)
    assert found["data"]["data"][NAME] == NEW.reveal()
    newer = Secret("napi_newer_value_0123456789")
    client.secrets.kv.v2.create_or_update_secret("ci/neon", {NAME: newer.reveal()})
    assert place.written() == Held(newer.fingerprint)
    client.secrets.kv.v1.create_or_update_secret("ci/neon", {NAME: newer.reveal()}, mount_point="kv1")
    assert opened(bao, FIRST).observe().mark == Held(newer.fingerprint)


def test_every_secret_that_a_policy_lets_it_list_is_found(bao: OpenBao) -> None:
    every = 'path "secret/*" { capabilities = ["read", "list"] } path "kv1/*" { capabilities = ["read", "list"] }'
    for rules, folders in ((every, {"secret", "kv1"}), (RULES["first"], set())):
        environment = {"VAULT_ADDR": bao.url, "VAULT_TOKEN": bao.token(f"finds-{len(folders)}", rules)}
        told = list(find((), Wanted((NAME,)), means_of(environment)))
        found = {one.address.split("/")[2] for one in told if isinstance(one, FoundSecret)}
        assert found == folders
        assert any(isinstance(one, Incomplete) for one in told) == (not folders)
    environment = {"VAULT_ADDR": bao.url, "VAULT_TOKEN": ROOT_TOKEN}
    known = Wanted((), {Secret(BEFORE).fingerprint: Generation.CURRENT})
    told = list(find((), known, means_of(environment)))
    addresses = [one.address for one in told if isinstance(one, FoundSecret)]
    assert {f"vault://{where}#{NAME}" for where in (SECOND, FIRST, DEEP)} <= {*addresses}


def test_a_sealed_one_says_so(bao: OpenBao) -> None:
    """The last of the module: who seals it, ends it."""
    with openbao() as other:
        other.do("PUT", "/sys/seal")
        with pytest.raises(DestinationError, match="Vault is sealed") as raised:
            opened(other).observe()
    assert raised.value.reason == "destination-failing"
    assert bao.url
