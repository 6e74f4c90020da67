"""What `find` sees of contexts, and of what all sites of an account share."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.protocol.facts.found import FoundSecret, Generation, Wanted
from rotate.sandbox.netlify.state import Value, Variable
from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.systems.netlify.finder import find
from tests.support.bench import BEFORE, NAME, means_of
from tests.systems.netlify.bench import ACCOUNT, HERE, SITE, Netlify

BY_VALUE = Wanted(("ANOTHER_NAME",), {Secret(BEFORE).fingerprint: Generation.CURRENT})


@pytest.fixture
def ours(world: World) -> Netlify:
    return Netlify(world)


def told(ours: Netlify, *known: str, wanted: Wanted = BY_VALUE) -> list[str]:
    found = find([parsed(one) for one in known], wanted, means_of(ours.environment))
    return [one.address for one in found if isinstance(one, FoundSecret)]


def test_each_context_that_has_a_value_is_told_and_a_branch_by_its_name(ours: Netlify) -> None:
    ours.variable.set(BEFORE, "branch", "feat/x")
    ours.variable.set("", "deploy-preview")
    assert told(ours) == [HERE, HERE.replace("production", "branch:feat/x")]
    assert len(told(ours, wanted=Wanted((NAME,)))) == 3


def test_of_a_secret_the_mask_is_no_value(ours: Netlify) -> None:
    ours.variable.is_secret = True
    ours.variable.set(BEFORE, "dev")
    assert told(ours) == [HERE.replace("production", "dev")]


def test_what_all_sites_share_is_told_of_the_account(ours: Netlify) -> None:
    ours.server.variables[ACCOUNT, ""].append(Variable(NAME, [Value(BEFORE, "all")], ours.world.clock.now()))
    assert told(ours) == [f"netlify://{ACCOUNT}#{NAME}", HERE]
    by_number = f"netlify://id-of-{ACCOUNT}#{NAME}"
    assert told(ours, by_number) == [by_number, HERE]


def test_a_destination_by_the_id_of_its_site_is_told_as_that(ours: Netlify) -> None:
    by_number = HERE.replace(SITE, ours.site.number)
    assert told(ours, by_number) == [by_number]
    of_account = by_number.replace(f"//{ACCOUNT}/", f"//id-of-{ACCOUNT}/")
    assert told(ours, of_account) == [of_account]
