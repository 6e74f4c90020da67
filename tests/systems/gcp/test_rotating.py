"""What is Secret Manager's own when the program rotates a key that it holds: rights, logins and a policy file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rotate.sandbox.gcp.state import ADDER, ADMIN
from rotate.sandbox.gcp.tokens import PROVIDER, TokenServer
from rotate.sandbox.identity.server import IssuerServer
from rotate.systems.gcp import login, ways
from tests.support.discovery import check
from tests.support.laptop import Laptop
from tests.systems.gcp.bench import GLOBAL, PROJECT, REGIONAL, gcp, seeded


@pytest.fixture
def laptop(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Laptop]:
    with gcp() as bench:
        yield Laptop(bench, capsys, tmp_path)


def test_all_that_a_rotation_asks_is_as_described(laptop: Laptop) -> None:
    assert laptop.first() == 0, laptop.told
    assert check(entry for entry in laptop.world.ledger if entry.server == "gcp-secretmanager")


def test_an_alias_follows_through_two_rotations(laptop: Laptop) -> None:
    secret = seeded(laptop.web).secret(GLOBAL)
    assert secret
    secret.aliases["prod"] = str(len(secret.versions))
    assert laptop.first() == 0, laptop.told
    assert laptop.run() == 0, laptop.told
    assert secret.aliases == {"prod": str(len(secret.versions)), "older": "1"}


def test_who_may_only_add_rotates_on_googles_word(laptop: Laptop) -> None:
    state, key = seeded(laptop.web), laptop.held
    state.let(laptop.web.token, PROJECT)
    state.let(laptop.web.token, GLOBAL, ADDER)
    assert laptop.first(key=key) == 0, laptop.told
    assert [laptop.held] == [one.value for one in laptop.live]
    assert laptop.run(command="doctor") == 0, laptop.told
    assert "its value cannot be read" in laptop.told


def test_a_job_rotates_with_its_own_identity_and_no_stored_secret(
    laptop: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, issuer = seeded(laptop.web), IssuerServer(laptop.world.clock)
    laptop.world.serve(issuer)
    tokens = TokenServer(state, lambda token: state.let(token, PROJECT, ADMIN), issuer.public_key)
    laptop.world.serve(tokens)
    monkeypatch.setattr(login, "STS", tokens.url)
    del laptop.environment[ways.STORED]
    laptop.environment |= {**issuer.environment, ways.PROVIDER: PROVIDER}
    assert laptop.first() == 0, laptop.told
    assert (len(tokens.given), [laptop.held]) == (1, [one.value for one in laptop.live])
    assert not [one for one in (*tokens.given, *issuer.issued) if one in laptop.told]


def test_a_policy_file_names_it_by_fields(laptop: Laptop) -> None:
    state, key = seeded(laptop.web), laptop.held
    state.set_secret(REGIONAL, key)
    file = laptop.folder / "policy.yml"
    file.write_text(
        "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n"
        f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n      - to: {laptop.here}\n"
        "      - type: gcp-secretmanager\n        project: octo-payments\n        secret_id: NEON_API_KEY\n"
        "        location: europe-west3\n"
    )
    assert laptop.by(file) == 0, laptop.told
    assert [state.value(GLOBAL), state.value(REGIONAL)] == [one.value for one in laptop.live] * 2
