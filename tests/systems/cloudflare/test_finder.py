"""What `find` sees of plain text, of previews, of stores by their ids, and of what is none."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.protocol.facts.found import FoundSecret, Generation, Wanted
from rotate.sandbox.cloudflare.state import Binding, Variable
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.cloudflare.finder import find
from tests.support.bench import BEFORE, NAME, means_of
from tests.systems.cloudflare.bench import PLACES, Cloudflare

EACH = [f"cloudflare://{place}#{NAME}" for place in PLACES.values()]
BY_NAME = Wanted((NAME,))
BY_VALUE = Wanted(("ANOTHER_NAME",), {Secret(BEFORE).fingerprint: Generation.CURRENT})


@pytest.fixture
def ours(world: World) -> Cloudflare:
    return Cloudflare(world)


def told(ours: Cloudflare, *known: str, wanted: Wanted = BY_NAME) -> list[str]:
    found = find([parsed(one) for one in known], wanted, means_of(ours.environment))
    return [one.address for one in found if isinstance(one, FoundSecret)]


def test_plain_text_is_found_by_its_value_in_workers_and_in_both_environments_of_a_project(ours: Cloudflare) -> None:
    assert told(ours, wanted=BY_VALUE) == []
    ours.worker.bindings.append(Binding("PLAIN", "plain_text", BEFORE))
    for config in ours.project.configs.values():
        config.variables["OTHER"] = Variable(BEFORE, "plain_text")
    assert told(ours, wanted=BY_VALUE) == [
        "cloudflare://workers/payments#PLAIN",
        "cloudflare://pages/shop#OTHER",
        "cloudflare://pages/shop?environment=preview#OTHER",
    ]


def test_a_binding_to_the_store_and_a_deleted_secret_are_not_told(ours: Cloudflare) -> None:
    assert told(ours) == EACH
    ours.worker.bindings = [Binding(NAME, "secrets_store_secret", more={"store_id": "x", "secret_name": NAME})]
    for one in ours.store.secrets:
        one.status = "deleted"
    assert told(ours) == [EACH[1]]


def test_a_destination_by_the_id_of_its_store_is_told_as_that(ours: Cloudflare) -> None:
    by_id = f"cloudflare://secrets-store/{ours.store.number}#{NAME}"
    assert told(ours, by_id) == [*EACH[:2], by_id]
