"""Who logs in, with what, once for a run; and what is said where nobody can."""

from __future__ import annotations

from pathlib import Path

import pytest

from rotate.address import parsed
from rotate.errors import DestinationError, Refused
from rotate.protocol.facts.destination import Held
from rotate.sandbox.azure_keyvault.entra import AUDIENCE, EntraServer
from rotate.sandbox.azure_keyvault.state import OTHER_TENANT, TENANT
from rotate.sandbox.faults import Fault
from rotate.sandbox.identity.server import SUBJECT, IssuerServer
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.service.identity import id_token
from rotate.systems.azure_keyvault.cloud import CHINA, GOVERNMENT, PUBLIC, cloud_of
from rotate.systems.azure_keyvault.login import log_in
from rotate.systems.azure_keyvault.system import SERVICE
from rotate.systems.azure_keyvault.vault_secret import VaultSecret
from tests.support.bench import BEFORE, means_of
from tests.systems.azure_keyvault.bench import ADDRESS, BASE, Vault, entra


class Tenant:
    """A vault, Entra, and a job that may show its identity."""

    def __init__(self, world: World) -> None:
        self.world, self.bench = world, Vault(world)
        self.entra: EntraServer = entra(world, self.bench.state)
        self.issuer = IssuerServer(world.clock)
        world.serve(self.issuer)
        self.entra.federated = (self.issuer.public_key, SUBJECT)
        self.environment = {BASE: self.bench.state.url, **self.entra.environment}
        self.hidden: list[str] = []

    def observe(self, *addresses: str) -> list[object]:
        """Look at places in one run."""
        means = means_of(self.environment, lambda secret: self.hidden.append(secret.reveal()))
        return [VaultSecret(parsed(one), means).observe().mark for one in addresses or (ADDRESS,)]

    @property
    def logins(self) -> int:
        """Count the tokens that were asked for."""
        return self.world.ledger.count("POST", server="entra")


@pytest.fixture
def tenant(world: World) -> Tenant:
    return Tenant(world)


OURS = Held(Secret(BEFORE).fingerprint)


def test_a_client_secret_logs_in_once_for_every_vault_and_is_hidden(tenant: Tenant) -> None:
    tenant.environment["AZURE_CLIENT_SECRET"] = tenant.entra.secret
    tenant.bench.state.add_version("another", BEFORE)
    assert tenant.observe(ADDRESS, "azure-keyvault://payments-eu/another", ADDRESS) == [OURS] * 3
    assert tenant.logins == 1
    assert tenant.hidden[0] == tenant.entra.secret
    assert tenant.bench.state.identity(tenant.hidden[1]), "the token is hidden before it is used"


def test_a_job_that_may_show_its_identity_needs_no_secret(tenant: Tenant) -> None:
    tenant.environment |= tenant.issuer.environment
    assert tenant.observe() == [OURS]
    (asked,) = tenant.world.ledger.find("GET", server="issuer")
    assert f"audience={AUDIENCE.replace(':', '%3A').replace('/', '%2F')}" in asked.path
    assert tenant.issuer.issued[0] in tenant.hidden


def test_the_token_in_a_file_is_taken_and_hidden(tenant: Tenant, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{id_token(means_of(tenant.issuer.environment), AUDIENCE).reveal()}\n")
    tenant.environment["AZURE_FEDERATED_TOKEN_FILE"] = str(file)
    assert tenant.observe() == [OURS]
    assert tenant.issuer.issued[0] in tenant.hidden


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_said_and_nothing_is_sent(
    content: bytes | None, tenant: Tenant, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    tenant.environment["AZURE_FEDERATED_TOKEN_FILE"] = str(file)
    with pytest.raises(Refused, match="AZURE_FEDERATED_TOKEN_FILE") as raised:
        tenant.observe()
    assert raised.value.reason == "destination-token-missing"
    assert tenant.logins == 0


def test_a_token_at_hand_is_used_and_nobody_logs_in(tenant: Tenant) -> None:
    tenant.environment |= {"AZURE_KEYVAULT_TOKEN": tenant.bench.token, "AZURE_CLIENT_SECRET": "x"}
    assert tenant.observe() == [OURS]
    assert tenant.logins == 0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"AZURE_CLIENT_SECRET": "wrong-secret"}, "AADSTS7000215"),
        ({"AZURE_CLIENT_ID": "somebody"}, "AADSTS700016"),
        ({"AZURE_TENANT_ID": OTHER_TENANT}, "AADSTS90002"),
    ],
)
def test_what_entra_refuses_is_said_in_its_words_and_without_the_secret(
    changed: dict[str, str], said: str, tenant: Tenant
) -> None:
    tenant.environment |= {"AZURE_CLIENT_SECRET": tenant.entra.secret, **changed}
    with pytest.raises(Refused, match=said) as raised:
        tenant.observe()
    assert raised.value.reason == "destination-token-refused"
    assert "Certificates & secrets" in raised.value.remedy
    assert not any(one in raised.value.message + raised.value.remedy for one in tenant.hidden)


def test_what_is_sent_is_not_told_even_where_entra_repeats_it(tenant: Tenant) -> None:
    tenant.environment["AZURE_CLIENT_SECRET"] = tenant.entra.secret
    body = {"error_description": f"AADSTS7000215: {tenant.entra.secret} is no secret."}
    tenant.world.faults.add(Fault("status", server="entra", code=401, body=body))
    with pytest.raises(Refused, match=r"AADSTS7000215: \*\*\* is no secret"):
        tenant.observe()


def test_a_tenants_name_stays_one_part_of_the_path(tenant: Tenant) -> None:
    tenant.environment |= {"AZURE_CLIENT_SECRET": "x", "AZURE_TENANT_ID": "a/../b"}
    with pytest.raises(Refused):
        tenant.observe()
    assert [entry.path for entry in tenant.world.ledger.find("POST")] == ["/a%2F..%2Fb/oauth2/v2.0/token"]


def test_a_token_that_expired_is_no_matter_of_the_tenant(tenant: Tenant) -> None:
    tenant.environment["AZURE_CLIENT_SECRET"] = tenant.entra.secret
    challenge = {"WWW-Authenticate": f'Bearer authorization="https://login.microsoftonline.com/{TENANT.upper()}"'}
    fault = Fault("status", server="azure-keyvault", code=401, body={}, headers=challenge)
    tenant.world.faults.add(fault)
    with pytest.raises(Refused) as raised:
        tenant.observe()
    assert raised.value.reason == "destination-token-refused"
    assert "tenant" not in raised.value.message


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("status", server="entra", code=500, times=None), "destination-failing"),
        (Fault("rate_limited", server="entra", times=None), "destination-busy"),
        (Fault("html", server="entra", code=400, times=None), "destination-no-json"),
        (Fault("reset", server="entra", times=None), "destination-unreachable"),
        (Fault("status", server="entra", code=200, body=[], times=None), "destination-unexpected-answer"),
        (Fault("status", server="entra", code=200, body={"access_token": ""}), "destination-unexpected-answer"),
    ],
    ids=["500", "429", "page", "reset", "list", "empty"],
)
def test_an_entra_that_fails_is_no_refusal(fault: Fault, reason: str, tenant: Tenant) -> None:
    tenant.environment["AZURE_CLIENT_SECRET"] = tenant.entra.secret
    tenant.world.faults.add(fault)
    with pytest.raises(DestinationError, match=r"Could not log in to Azure: .*Microsoft Entra ID") as raised:
        tenant.observe()
    assert raised.value.reason == reason
    assert not any(one in raised.value.message + raised.value.remedy for one in tenant.hidden)


def test_a_login_to_another_tenant_than_the_vaults_is_told(tenant: Tenant) -> None:
    tenant.bench.state.tenant = OTHER_TENANT
    tenant.environment["AZURE_CLIENT_SECRET"] = tenant.entra.secret
    with pytest.raises(Refused, match=f"tenant {OTHER_TENANT}, the token to {TENANT}") as raised:
        tenant.observe()
    assert f"AZURE_TENANT_ID: {OTHER_TENANT}" in raised.value.remedy


@pytest.mark.parametrize("lost", ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"])
def test_what_a_login_lacks_is_named_before_anything_is_asked(lost: str, tenant: Tenant) -> None:
    tenant.environment |= {"AZURE_CLIENT_SECRET": tenant.entra.secret}
    assert SERVICE.lacks(tenant.environment) == ()
    (problem,) = SERVICE.lacks({**tenant.environment, lost: " "})
    assert (problem.reason, f"`{lost}` is not set" in problem.message) == ("destination-token-missing", True)
    assert "id-token: write" in problem.remedy
    assert SERVICE.lacks({**tenant.environment, "AZURE_CLIENT_SECRET": "", **tenant.issuer.environment}) == ()


def test_a_secret_is_sent_over_https_alone(tenant: Tenant) -> None:
    open_to_all = {"AZURE_AUTHORITY_HOST": "http://login.example", "AZURE_CLIENT_SECRET": "x"}
    (problem,) = SERVICE.lacks({**tenant.environment, **open_to_all})
    assert (problem.reason, "AZURE_AUTHORITY_HOST" in problem.message) == ("url-insecure", True)


@pytest.mark.parametrize(
    ("host", "cloud", "vault"),
    [
        ("", PUBLIC, "payments.vault.azure.net"),
        ("https://login.microsoftonline.com/", PUBLIC, "payments.vault.azure.net"),
        ("login.microsoftonline.us", GOVERNMENT, "payments.vault.usgovcloudapi.net"),
        ("https://login.chinacloudapi.cn", CHINA, "payments.vault.azure.cn"),
        ("https://login.partner.microsoftonline.cn/", CHINA, "payments.vault.azure.cn"),
    ],
)
def test_the_cloud_follows_from_who_logs_in(host: str, cloud: object, vault: str, tenant: Tenant) -> None:
    environment = {"AZURE_AUTHORITY_HOST": host, "AZURE_KEYVAULT_TOKEN": "x"}
    assert cloud_of(environment) == cloud
    means = means_of(environment)
    VaultSecret(parsed(ADDRESS), means)
    assert list(means._apis) == [f"https://{vault}"]


def test_a_login_that_is_asked_for_alone_gives_a_token(tenant: Tenant) -> None:
    tenant.environment["AZURE_CLIENT_SECRET"] = tenant.entra.secret
    assert tenant.bench.state.identity(log_in(means_of(tenant.environment)).reveal())
