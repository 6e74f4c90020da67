"""What is Kubernetes' own when the program rotates a key: the restart, fields of a policy file, no login."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rotate.sandbox.kubernetes.state import DEPLOYMENTS, RIGHTS
from tests.support.bench import NAME
from tests.support.laptop import Laptop
from tests.support.openapi import check
from tests.systems.kubernetes.bench import NAMESPACE, SECRET, WHERE, kubeconfig, kubernetes, seeded


@pytest.fixture
def laptop(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Laptop]:
    with kubernetes() as bench:
        yield Laptop(bench, capsys, tmp_path)


def restarts(laptop: Laptop) -> int:
    return laptop.world.ledger.count("PATCH", "/apis/apps/v1/*", "kubernetes")


def test_two_keys_of_one_secret_are_written_and_then_all_is_restarted_once(laptop: Laptop) -> None:
    seeded(laptop.web).set_value(*WHERE, "SECOND", laptop.held)
    assert laptop.first(to=f"{laptop.here},kubernetes://{NAMESPACE}/{SECRET}#SECOND") == 0, laptop.told
    assert seeded(laptop.web).value(*WHERE, "SECOND") == laptop.held
    assert restarts(laptop) == 3
    assert laptop.story.old_key.revoked
    assert check(entry for entry in laptop.world.ledger if entry.server == "kubernetes")


def test_a_rollout_that_fails_holds_the_old_key(laptop: Laptop) -> None:
    seeded(laptop.web).rollouts = "late"
    assert laptop.first() == 4
    assert laptop.reasons == ["distribution-unfinished", "redeploy-failed"]
    assert not laptop.story.old_key.revoked
    seeded(laptop.web).rollouts = "done"
    assert laptop.run() == 0, laptop.told
    assert len(laptop.live) == 1


def test_one_that_hangs_holds_it_too(laptop: Laptop) -> None:
    seeded(laptop.web).rollouts = "hanging"
    assert laptop.first("--redeploy-wait", "1s") == 4
    assert laptop.reasons == ["distribution-unfinished", "redeploy-unfinished"]
    assert not laptop.story.old_key.revoked


def test_a_login_that_may_not_restart_is_refused_before_a_key_is_issued(laptop: Laptop) -> None:
    state = seeded(laptop.web)
    state.let(laptop.web.token, NAMESPACE, *(one for one in RIGHTS if one != f"patch {DEPLOYMENTS}"))
    assert laptop.first() == 3
    assert laptop.reasons == ["destination-not-allowed"]
    assert laptop.live == [laptop.story.old_key]


def test_without_a_restart_an_overlap_is_needed(laptop: Laptop) -> None:
    assert laptop.first("--overlap", "0s") == 2
    assert laptop.reasons == ["overlap-needed"]
    assert "    redeploy: true" in laptop.told
    assert laptop.first("--overlap", "1h") == 0, laptop.told
    assert restarts(laptop) == 0


def test_a_policy_file_has_it_by_fields(laptop: Laptop) -> None:
    seeded(laptop.web).set_secret(NAMESPACE, "second", {NAME: "old-value"})
    file = laptop.folder / "policy.yml"
    file.write_text(
        "version: 1\ncredentials:\n  - authenticate_with: ${NEON_API_KEY}\n    overlap: 1h\n"
        f"    old_key_id: {laptop.story.old_key.key_id}\n    destinations:\n      - to: {laptop.here}\n"
        f"      - type: kubernetes\n        namespace: {NAMESPACE}\n        secret_id: second\n        context: here\n"
    )
    assert laptop.by(file) == 0, laptop.told
    assert seeded(laptop.web).value(NAMESPACE, "second", NAME) == laptop.held


def test_a_kubeconfig_that_would_run_a_program_is_refused_and_nothing_is_issued(laptop: Laptop) -> None:
    key = laptop.held
    laptop.environment["KUBECONFIG"] = kubeconfig("https://127.0.0.1:1", "", {"exec": {"command": "aws"}})
    assert laptop.first(key=key) == 2
    assert laptop.reasons == ["kubeconfig-unusable"]
    assert "kubectl create token" in laptop.told
    assert (laptop.held, laptop.live) == (key, [laptop.story.old_key])
