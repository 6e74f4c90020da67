"""One text for one place: what is written is read as it was meant, and there is one way to write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.address import Address, parsed

WORDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
OPTIONS = st.dictionaries(WORDS, WORDS, max_size=3)


@given(WORDS, OPTIONS, WORDS, st.booleans())
def test_whatever_the_names_are_an_address_is_read_as_it_was_meant(
    where: str, options: dict[str, str], name: str, slashes: bool
) -> None:
    meant = Address("kind-2", where if slashes else f".{where}", options, name, slashes)
    assert parsed(str(meant)) == meant
    assert str(parsed(str(meant))) == str(meant)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("github://octo-org/payments", "github://octo-org/payments"),
        ("github://o/r?store=a&environment=b%20c#N", "github://o/r?environment=b%20c&store=a#N"),
        ("github://o/r?environment=preview%2F7#N", "github://o/r?environment=preview/7#N"),
        ("file:.env#NEON_API_KEY", "file:.env#NEON_API_KEY"),
        ("file:values.yaml#neon.apiKey", "file:values.yaml#neon.apiKey"),
    ],
)
def test_there_is_one_way_to_write_it(text: str, canonical: str) -> None:
    assert str(parsed(text)) == canonical


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("octo-org/payments", "it has no kind"),
        ("GitHub://o/r", "its kind has small letters"),
        ("github://?store=a", "it does not say where"),
        ("github://o/r?store", "`name=value`"),
        ("github://o/r?", "`name=value`"),
        ("github://o/r?=a", "`name=value`"),
        ("github://o/r?a=b&a=c", "twice"),
        ("github://o/r?environment=100%", "`%25`"),
    ],
)
def test_what_is_none_is_refused_without_its_text(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as told:
        parsed(text)
    assert text not in str(told.value)
