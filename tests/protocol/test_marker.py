"""The name is the only handle on a key whose create reply was lost."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.protocol.marker import LINEAGE_LIMIT, NAME_LIMIT, Lineage, Marker, default_lineage, home_of, parse

letters = st.sampled_from(string.ascii_letters + string.digits)
names = st.tuples(letters, st.text(string.ascii_letters + string.digits + "-", max_size=33), letters).map("".join)
markers = st.builds(
    Marker,
    st.builds(Lineage, names, st.text("0123456789abcdef", min_size=4, max_size=4)),
    st.integers(0, 10**14 - 1),
    st.integers(0, 99),
    st.text(string.ascii_lowercase + string.digits, min_size=4, max_size=4),
    st.integers(1, 9),
)


@given(markers)
def test_a_marker_survives_being_a_name_and_fits(marker: Marker) -> None:
    assert parse(marker.name()) == marker
    assert len(marker.name()) <= NAME_LIMIT
    assert marker.lineage.holds(marker.name())


@given(markers, markers)
def test_two_markers_never_share_a_name(one: Marker, other: Marker) -> None:
    assert (one.name() == other.name()) == (one == other)


@pytest.mark.parametrize("name", ["", "laptop", "acme_0a1b", "acme_0a1b.1.1.abcd0", "acme_0a1b.1.1.abcd1 ", "a\nb"])
def test_a_name_that_we_did_not_write_is_nobodys(name: str) -> None:
    assert parse(name) is None
    assert not Lineage("acme", "0a1b").holds(name)


def test_the_same_name_in_another_repository_is_another_lineage() -> None:
    mine, theirs = home_of("octo-org/payments", "NEON_API_KEY"), home_of("octo-org/billing", "NEON_API_KEY")
    name = Marker(Lineage("acme", theirs), 1, 1, "abcd", 1).name()
    assert not Lineage("acme", mine).holds(name)


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_default_lineage_fits(repository: str, secret_name: str) -> None:
    assert len(default_lineage(repository, secret_name)) <= LINEAGE_LIMIT


def test_a_long_default_lineage_ends_in_its_hash_and_stays_unambiguous() -> None:
    one = default_lineage("octo-organization/payments-service-one", "NEON_API_KEY")
    other = default_lineage("octo-organization/payments-service-two", "NEON_API_KEY")
    assert len(one) <= LINEAGE_LIMIT
    assert one != other
