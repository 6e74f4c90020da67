"""What `find` sees of projects whose slugs are ids."""

from __future__ import annotations

from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.sandbox.circleci.server import Holder
from rotate.sandbox.world import World
from rotate.systems.circleci.finder import find
from tests.support.bench import BEFORE, NAME, means_of
from tests.systems.circleci.bench import TOKEN, CircleCI


def test_a_project_of_circlecis_own_kind_is_found_by_its_ids(world: World) -> None:
    ours = CircleCI(world)
    slug = "circleci/8e4z1Akd/9Yp2"
    ours.server.projects[slug] = Holder(slug)
    ours.server.set(ours.server.projects[slug], NAME, BEFORE)
    ours.server.tokens[TOKEN] |= {"circleci/8e4z1Akd"}
    told = list(find((), Wanted((NAME,)), means_of(ours.environment)))
    assert f"circleci://project/{slug}#{NAME}" in [one.address for one in told if isinstance(one, FoundSecret)]
