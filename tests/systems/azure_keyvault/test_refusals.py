"""What a person is told when Key Vault says no: the inner code, the tenant, and what to do."""

from __future__ import annotations

import pytest

from rotate.errors import DestinationError, Outcome, Refused
from rotate.sandbox.azure_keyvault.state import OTHER_TENANT, TENANT
from rotate.sandbox.faults import Fault
from rotate.sandbox.world import World
from tests.systems.azure_keyvault.bench import BASE, NEW, Vault


def _error(*codes: str) -> dict[str, object]:
    error: dict[str, object] = {}
    for code in reversed(codes):
        error = {"code": code, "message": "…", **({"innererror": error} if error else {})}
    return {"error": error}


@pytest.mark.parametrize(
    ("inner", "said", "remedy"),
    [
        ("ForbiddenByRbac", "No role", "Key Vault Secrets Officer"),
        ("ForbiddenByPolicy", "No access policy", "Get, List and Set"),
        ("ForbiddenByFirewall", "firewall", "Networking"),
        ("ForbiddenByConnection", "public networks", "private endpoint"),
        ("SomethingNew", "HTTP 403", "Key Vault Secrets Officer"),
    ],
)
def test_a_403_says_what_stands_in_the_way(inner: str, said: str, remedy: str, world: World) -> None:
    opened = Vault(world).opened()
    opened.observe()
    world.faults.add(Fault("status", code=403, body=_error("Forbidden", inner), times=None))
    with pytest.raises(Refused) as seen:
        opened.observe()
    world.faults.reset()
    opened.observe()
    world.faults.add(Fault("status", method="PUT", code=403, body=_error("Forbidden", inner), times=None))
    with pytest.raises(DestinationError) as written:
        opened.put(NEW)
    for error in (seen.value, written.value):
        assert (error.reason, error.outcome) == ("destination-not-allowed", Outcome.NO_EFFECT)
        assert said in error.message
        assert remedy in error.remedy
    assert "Nothing was changed there" in written.value.message


def test_a_firewall_and_a_missing_role_are_told_apart(world: World) -> None:
    bench = Vault(world)
    bench.state.wall = "ForbiddenByFirewall"
    with pytest.raises(Refused, match="firewall"):
        bench.opened().observe()
    bench.state.wall = ""
    bench.state.narrow(bench.token, "list")
    with pytest.raises(Refused, match="No role"):
        bench.opened().observe()


def test_a_token_of_another_tenant_is_told_whose_the_vault_is(world: World) -> None:
    bench = Vault(world)
    bench.environment["AZURE_KEYVAULT_TOKEN"] = bench.state.add_identity(tenant=OTHER_TENANT)
    with pytest.raises(Refused, match=f"belongs to the tenant {TENANT}") as raised:
        bench.opened().observe()
    assert raised.value.reason == "destination-token-refused"
    assert f"az account get-access-token --tenant {TENANT} --resource https://vault.azure.net" in raised.value.remedy


@pytest.mark.parametrize("challenge", ["", "Bearer", 'Bearer authorization="https://login.example"'])
def test_a_challenge_that_names_no_tenant_leaves_it_at_the_usual_words(challenge: str, world: World) -> None:
    headers = {"WWW-Authenticate": challenge} if challenge else {}
    world.faults.add(Fault("status", code=401, body=_error("Unauthorized"), headers=headers, times=None))
    with pytest.raises(Refused) as raised:
        Vault(world).opened().observe()
    assert "tenant" not in raised.value.message
    assert "is wrong, was revoked, or has expired" in raised.value.remedy


@pytest.mark.parametrize("body", [{}, [], {"error": "gone"}, {"error": {"code": 404}}])
def test_a_404_that_is_not_key_vaults_is_no_absence(body: object, world: World) -> None:
    world.faults.add(Fault("status", code=404, body=body, times=None))
    with pytest.raises(Refused) as raised:
        Vault(world).opened().observe()
    assert raised.value.reason == "destination-absent"


def test_a_secret_that_is_being_deleted_takes_no_write(world: World) -> None:
    opened = Vault(world).opened()
    opened.observe()
    world.faults.add(Fault("status", method="PUT", code=409, body=_error("Conflict", "ObjectIsBeingDeleted")))
    with pytest.raises(DestinationError) as raised:
        opened.put(NEW)
    assert (raised.value.reason, raised.value.outcome) == ("destination-deleted", Outcome.NO_EFFECT)


def test_a_vault_whose_name_does_not_resolve_is_unreachable_and_its_host_is_named(world: World) -> None:
    bench = Vault(world)
    bench.environment[BASE] = "https://payments.vault.azure.invalid"
    with pytest.raises(DestinationError, match=r"payments\.vault\.azure\.invalid does not resolve") as raised:
        bench.opened().observe()
    assert raised.value.reason == "destination-unreachable"
