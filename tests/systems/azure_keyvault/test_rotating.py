"""What is Key Vault's own when the program rotates a key that a vault holds: the login, and fields of a policy file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rotate.sandbox.azure_keyvault.server import VaultServer
from rotate.sandbox.faults import Fault
from rotate.sandbox.identity.server import SUBJECT, IssuerServer
from tests.support.laptop import Laptop
from tests.support.openapi import check
from tests.systems.azure_keyvault.bench import ADDRESS, SECRET, azure_keyvault, entra


@pytest.fixture
def laptop(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Laptop]:
    with azure_keyvault() as bench:
        yield Laptop(bench, capsys, tmp_path)


def seeded(laptop: Laptop) -> VaultServer:
    """Give the pretend vault."""
    assert isinstance(laptop.web.pretend, VaultServer)
    return laptop.web.pretend


def test_all_that_a_rotation_asks_is_as_described(laptop: Laptop) -> None:
    assert laptop.first() == 0, laptop.told
    assert check(entry for entry in laptop.world.ledger if entry.server == "azure-keyvault")
    asked = [f"{entry.method} {entry.route}" for entry in laptop.world.ledger if entry.server == "azure-keyvault"]
    assert asked.count(f"PUT /secrets/{SECRET}") == asked.count(f"GET /secrets/{SECRET}/versions") == 1
    assert len(asked) == 7, asked


def test_a_job_without_a_stored_secret_rotates_and_tells_no_token(laptop: Laptop) -> None:
    logs_in, issuer = entra(laptop.world, seeded(laptop)), IssuerServer(laptop.world.clock)
    laptop.world.serve(issuer)
    logs_in.federated = (issuer.public_key, SUBJECT)
    laptop.environment |= {"AZURE_KEYVAULT_TOKEN": "", **logs_in.environment, **issuer.environment}
    assert laptop.first() == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live]
    assert laptop.world.ledger.count("POST", server="entra") == 1
    tokens = [issuer.request_token, *issuer.issued, laptop.web.token]
    assert not [one for one in tokens if one in laptop.told]


def test_who_writes_between_keeps_both_keys_alive_and_the_next_run_ends_it(laptop: Laptop) -> None:
    state = seeded(laptop)

    def meddle(*_: object) -> None:
        laptop.world.clock.advance(2)
        state.add_version(SECRET, "napi_somebody_elses_0123456789", state.latest(SECRET))

    laptop.world.faults.add(Fault("hook", server="azure-keyvault", method="PUT", call=meddle))
    assert laptop.first() == 4, laptop.told
    assert "destination-written-between" in laptop.reasons
    assert len(laptop.live) == 2
    assert laptop.run() == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live]


@pytest.mark.parametrize("fields", [("vault: payments", f"name: {SECRET}"), (f"name: {SECRET}", "vault: payments")])
def test_a_policy_file_has_it_by_fields(fields: tuple[str, str], laptop: Laptop) -> None:
    file = laptop.folder / "policy.yml"
    lines = "".join(f"        {field}\n" for field in fields)
    file.write_text(
        "version: 1\ncredentials:\n  - name: NEON_API_KEY\n    authenticate_with: ${NEON_API_KEY}\n"
        f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n      - type: azure-keyvault\n{lines}"
    )
    assert laptop.by(file) == 0, laptop.told
    assert laptop.report["destinations"][0]["name"] == ADDRESS
    assert [laptop.held] == [one.value for one in laptop.live]
