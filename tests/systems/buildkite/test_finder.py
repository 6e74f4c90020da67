"""A cluster that a destination names by its name is found under that."""

from __future__ import annotations

from rotate.address import parsed
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.sandbox.world import World
from rotate.systems.buildkite.finder import find
from tests.support.bench import NAME, means_of
from tests.systems.buildkite.bench import OCTO, Buildkite


def test_a_cluster_is_named_as_its_destination_does(world: World) -> None:
    ours = Buildkite(world)
    named = f"buildkite://{OCTO}/deploy#{NAME}"
    (found,) = find((parsed(named),), Wanted((NAME,)), means_of(ours.environment))
    assert isinstance(found, FoundSecret)
    assert found.address == named
