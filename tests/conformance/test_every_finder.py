"""What each system that can list what it has promises to `find`: its entry in `SERVICES` enters it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from rotate.context import Context
from rotate.line import Seen
from rotate.protocol.facts.found import Generation, Wanted
from rotate.protocol.facts.policy import Command
from rotate.registry import kinds, system
from rotate.sandbox.faults import Kind
from rotate.secret import Secret
from rotate.settings.validate import bare
from rotate.system import Place
from tests.support.bench import BEFORE, means_of
from tests.support.benches import BENCHES, SERVICES
from tests.support.distorted import Opened
from tests.support.openapi import FILES, check

BY_VALUE = Wanted(("ANOTHER_NAME",), {Secret(BEFORE).fingerprint: Generation.CURRENT})


KINDS = sorted(kinds(), key=len)
LISTING = [name for name in SERVICES if system([kind for kind in KINDS if name.startswith(kind)][-1]).traits.lists]
# Whatever the answer, one rule judges it (`rotate.service.client`): each system meets one of these.
BAD: list[tuple[Kind, dict[str, object]]] = [
    ("status", {"code": 500}),
    ("html", {}),
    ("status", {"code": 200, "body": []}),
    ("reset", {}),
]


@pytest.fixture(params=LISTING)
def listing(request: pytest.FixtureRequest) -> Iterator[Opened]:
    with BENCHES[request.param]() as bench:
        yield Opened(bench)


def by_name(listing: Opened) -> Wanted:
    """Look for the name that the place has, as places of its kind have it."""
    at = listing.web.address
    return Wanted((at.name or at.where.rpartition("/")[2],))


def there(listing: Opened) -> str:
    """Say what the place is called where it is no destination."""
    return listing.web.found or str(listing.web.address)


def look(listing: Opened, wanted: Wanted, *, ours: bool = False) -> Seen:
    """Find as the command does, with the place as a destination of the run where it is `ours`."""
    web = listing.web
    line = system(web.address.kind).open(means_of(web.environment, web.hidden.append), Context())
    name = str(web.address)
    places = (Place(web.address.kind, name, (name,)),) if ours else ()
    return line.find(replace(bare(Command.FIND), places=places), wanted)


def test_what_has_the_name_is_found_and_nothing_is_changed(listing: Opened) -> None:
    before = listing.web.beside(), listing.bench.held()
    seen = look(listing, by_name(listing))
    assert there(listing) in [one.address for one in seen.secrets]
    assert {one.name for one in seen.secrets} == {*by_name(listing).names}
    assert (seen.unread, seen.missing) == ((), ())
    assert not any(one.configured for one in seen.secrets)
    assert (listing.web.beside(), listing.bench.held()) == before
    assert look(listing, Wanted(("ANOTHER_NAME",))).secrets == ()
    if listing.web.server in FILES:
        check(listing.web.world.ledger)


def test_a_destination_is_told_as_one(listing: Opened) -> None:
    seen = look(listing, by_name(listing), ours=True)
    assert [one.address for one in seen.secrets if one.configured] == [str(listing.web.address)]


def test_a_key_under_another_name_is_found_by_its_value_and_hidden(listing: Opened) -> None:
    seen = look(listing, BY_VALUE)
    if listing.bench.shows != "value":
        assert seen.secrets == (), "no value is shown there"
        return
    assert there(listing) in [one.address for one in seen.secrets]
    assert Secret(BEFORE) in listing.web.hidden
    assert {one.fingerprint for one in seen.secrets} == {Secret(BEFORE).fingerprint}
    assert BEFORE not in repr(seen)


def test_a_destination_that_is_gone_is_missing(listing: Opened) -> None:
    listing.bench.write(None)
    assert look(listing, by_name(listing), ours=True).missing == (str(listing.web.address),)


def test_what_the_login_does_not_see_is_no_traceback(listing: Opened) -> None:
    listing.web.blind()
    seen = look(listing, by_name(listing))
    assert there(listing) not in [one.address for one in seen.secrets]
    for error in seen.unread:
        listing.quiet(error)


def test_a_bad_answer_is_told_as_unread(listing: Opened, request: pytest.FixtureRequest) -> None:
    kind, more = BAD[LISTING.index(request.node.callspec.params["listing"]) % len(BAD)]
    for verb in ("GET", "POST", "LIST"):
        listing.distort(kind, verb, **more)
    seen = look(listing, by_name(listing))
    assert seen.secrets == ()
    if more.get("body") != []:
        assert seen.unread, "nobody may take it for an absence"
    for error in seen.unread:
        listing.quiet(error)


def test_many_pages_are_read_to_their_end(listing: Opened) -> None:
    if listing.web.crowd is None:
        pytest.skip("its lists have no pages, or its bench no crowd")
    listing.web.crowd(120)
    assert there(listing) in [one.address for one in look(listing, by_name(listing)).secrets]
