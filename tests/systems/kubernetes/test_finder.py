"""Where a login may look, `find` looks, and says where it may not."""

from __future__ import annotations

import json

from rotate.address import parsed
from rotate.errors import Incomplete
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.sandbox.world import World
from rotate.systems.kubernetes.finder import find
from tests.support.bench import BEFORE, NAME, means_of
from tests.systems.kubernetes.bench import HERE, SECRET, Secrets


def test_without_the_right_to_list_namespaces_those_of_the_destinations_are_looked_at(world: World) -> None:
    ours = Secrets(world)
    ours.state.let(ours.token, "")
    assert list(find((), Wanted((NAME,)), means_of(ours.environment))) == []
    (found,) = find((parsed(HERE),), Wanted((NAME,)), means_of(ours.environment))
    assert isinstance(found, FoundSecret)
    assert found.address == HERE


def test_a_namespace_that_may_not_be_read_is_told_and_no_other_is_lost(world: World) -> None:
    ours = Secrets(world)
    ours.state.set_secret("another", SECRET, {NAME: BEFORE})
    found, untold = find((), Wanted((NAME,)), means_of(ours.environment))
    assert isinstance(found, FoundSecret)
    assert isinstance(untold, Incomplete)
    assert (found.address, "Of 2 Kubernetes namespaces, 1 could not" in untold.message) == (HERE, True)


def test_a_value_that_is_no_text_is_found_by_its_name(world: World) -> None:
    ours = Secrets(world)
    row = ours.state.get("secrets", "payments", SECRET)
    assert row
    row["data"] |= {NAME: "/w==", "odd": 5}
    (found,) = find((), Wanted((NAME,)), means_of(ours.environment))
    assert isinstance(found, FoundSecret)
    assert found.fingerprint == ""


def test_a_context_of_a_destination_is_looked_at_too(world: World) -> None:
    ours = Secrets(world)
    config = json.loads(ours.environment["KUBECONFIG"])
    config["contexts"].append({**config["contexts"][0], "name": "there"})
    means = means_of({"KUBECONFIG": json.dumps(config, indent=1)})
    there = HERE.replace("#", "?context=there#")
    found = [one.address for one in find((parsed(there),), Wanted((NAME,)), means) if isinstance(one, FoundSecret)]
    assert found == [HERE, there]
