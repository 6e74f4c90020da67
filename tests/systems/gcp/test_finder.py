"""Which projects and locations `find` looks at, and what it cannot compare."""

from __future__ import annotations

from rotate.address import parsed
from rotate.errors import Incomplete
from rotate.protocol.facts.found import FoundSecret, Generation, Wanted
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.gcp.finder import find
from tests.support.bench import BEFORE, NAME, means_of
from tests.systems.gcp.bench import ADDRESSES, PROJECT, REGIONAL, Secrets


def test_a_location_of_a_destination_is_looked_at_too(world: World) -> None:
    ours = Secrets(world)
    ours.state.set_secret(REGIONAL, BEFORE)
    known = [parsed(ADDRESSES[REGIONAL])]
    told = find(known, Wanted((NAME,)), means_of(ours.environment))
    assert {one.address for one in told if isinstance(one, FoundSecret)} == {*ADDRESSES.values()}


def test_what_has_no_readable_version_is_told_by_its_name(world: World) -> None:
    ours = Secrets(world)
    ours.state.set_secret(f"{PROJECT}/secrets/neon-api-key")
    ours.state.add(ours.state.set_secret(f"{PROJECT}/secrets/odd"), b"\xff")
    ours.secret.versions[-1].state = "DISABLED"
    wanted = Wanted((NAME,), {Secret(BEFORE).fingerprint: Generation.CURRENT})
    told = list(find((), wanted, means_of(ours.environment)))
    assert {(one.address.rpartition("/")[2], one.fingerprint) for one in told if isinstance(one, FoundSecret)} == {
        (NAME, ""),
        ("neon-api-key", ""),
    }
    assert len(told) == 2


def test_without_a_project_it_says_so(world: World) -> None:
    ours = Secrets(world)
    del ours.environment["GOOGLE_CLOUD_PROJECT"]
    (untold,) = find((), Wanted((NAME,)), means_of(ours.environment))
    assert isinstance(untold, Incomplete)
    assert "nothing names a project" in untold.message
