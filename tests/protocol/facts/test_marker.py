"""The name is the only handle on a key whose create reply was lost."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.protocol.facts.marker import (
    DIGITS,
    HOME_LENGTH,
    LINEAGE_LIMIT,
    NAME_LIMIT,
    Lineage,
    Marker,
    default_lineage,
    former_home_of,
    home_of,
    parse,
)

HOME = "1h0c6kxm2v9qd"
letters = st.sampled_from(string.ascii_letters + string.digits)
names = st.tuples(letters, st.text(string.ascii_letters + string.digits + "-", max_size=33), letters).map("".join)
homes = st.text(DIGITS, min_size=HOME_LENGTH, max_size=HOME_LENGTH)
markers = st.builds(
    Marker,
    st.builds(Lineage, names, homes),
    st.integers(0, 10**14 - 1),
    st.integers(0, 99),
    st.text(string.ascii_lowercase + string.digits, min_size=4, max_size=4),
    st.integers(1, 9),
)


@given(markers)
def test_a_marker_survives_being_a_name_and_fits(marker: Marker) -> None:
    found = parse(marker.name())
    assert found
    assert marker == replace(found, lineage=marker.lineage)
    assert (marker.lineage.home, True) == (found.lineage.home, marker.lineage.name.startswith(found.lineage.name))
    assert len(marker.name()) <= NAME_LIMIT
    assert marker.lineage.holds(marker.name())


@given(markers, markers)
def test_two_markers_never_share_a_name_but_for_what_is_cut_off(one: Marker, other: Marker) -> None:
    same = parse(one.name()) == parse(other.name())
    assert (one.name() == other.name()) == same


def test_a_long_name_is_cut_to_what_fits_and_the_home_still_tells_the_lineage() -> None:
    mine = Lineage("a" * 25 + "-and-more", HOME)
    assert Marker(mine, 17_000_000_001, 1, "abcd", 1).name().partition("_")[0] == "a" * 25 + "-and"
    name = Marker(mine, 10**14 - 1, 99, "abcd", 9).name()
    assert (name.partition("_")[0], len(name)) == ("a" * 25, NAME_LIMIT - 1), "no dash is left at its end"
    assert mine.holds(name)
    assert Lineage("renamed", HOME).holds(name), "a name that a person changed takes no key away"


@pytest.mark.parametrize(
    "name",
    ["", "laptop", "acme_0a1b", f"acme_{HOME}.1.1.abcd0", f"acme_{HOME}.1.1.abcd1 ", f"acme_{HOME}0.1.1.abcd1", "a\nb"],
)
def test_a_name_that_we_did_not_write_is_nobodys(name: str) -> None:
    assert parse(name) is None
    assert not Lineage("acme", HOME, "0a1b").holds(name)
    assert not Lineage("acme", HOME, "0a1b").others(name)


def test_a_name_of_the_earlier_form_shows_nothing_though_its_four_digits_are_those_of_ours() -> None:
    assert former_home_of("acme/service-229", "NEON_API_KEY") == former_home_of("acme/service-484", "NEON_API_KEY")
    mine = Lineage("acme", HOME, former_home_of("acme/Service-229", "NEON_API_KEY"))
    theirs = Marker(Lineage("acme", former_home_of("acme/service-484", "NEON_API_KEY")), 1, 1, "abcd", 1).name()
    assert (mine.holds(theirs), mine.others(theirs)) == (False, False)
    assert mine.others(theirs.replace(mine.former, "ffff" if mine.former != "ffff" else "0000"))


def test_a_lineage_whose_home_is_not_known_holds_no_key_and_calls_none_anothers() -> None:
    name = Marker(Lineage("acme", HOME), 1, 1, "abcd", 1).name()
    assert (Lineage("acme", "").holds(name), Lineage("acme", "").others(name)) == (False, False)


HOMES = [
    ("api.github.com", 229, "NEON_API_KEY"),
    ("api.github.com", 484, "NEON_API_KEY"),
    ("ghe.example.com", 229, "NEON_API_KEY"),
    ("api.github.com", 229, "STAGING"),
]


def test_each_repository_of_each_github_and_each_credential_is_a_lineage_of_its_own() -> None:
    homes = [home_of(*one) for one in HOMES]
    assert len(set(homes)) == len(HOMES)
    assert {len(home) for home in homes} == {HOME_LENGTH}
    assert len(DIGITS) ** HOME_LENGTH > 2**64
    names = [Marker(Lineage("acme", home), 1, 1, "abcd", 1).name() for home in homes]
    for number, home in enumerate(homes):
        mine = Lineage("acme", home)
        assert [mine.holds(name) for name in names] == [other == number for other in range(len(names))]
        assert [mine.others(name) for name in names] == [other != number for other in range(len(names))]


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_default_lineage_fits(repository: str, secret_name: str) -> None:
    assert len(default_lineage(repository, secret_name)) <= LINEAGE_LIMIT


def test_a_long_default_lineage_ends_in_its_hash_and_stays_unambiguous() -> None:
    one = default_lineage("octo-organization/payments-service-one", "NEON_API_KEY")
    other = default_lineage("octo-organization/payments-service-two", "NEON_API_KEY")
    assert len(one) <= LINEAGE_LIMIT
    assert one != other
