"""Addresses of GitHub's places, and the names that they had before."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.systems.github.address import Address, Store, former_name, present_name

PLACES = [
    (Address("octo-org/a"), "github://octo-org/a#K", "octo-org/a · actions · K"),
    (Address("octo-org/a", Store.AGENTS), "github://octo-org/a?store=agents#K", "octo-org/a · agents · K"),
    (
        Address("octo-org/a", environment="eu"),
        "github://octo-org/a?environment=eu#K",
        "octo-org/a · environment eu · K",
    ),
    (
        Address("octo-org/a", environment="pr/7 · x&y"),
        "github://octo-org/a?environment=pr/7%20%C2%B7%20x%26y#K",
        "octo-org/a · environment pr/7 · x&y · K",
    ),
    (Address("octo-org"), "github://orgs/octo-org#K", "octo-org · actions · K"),
    (Address("octo-org", Store.CODESPACES), "github://orgs/octo-org?store=codespaces#K", "octo-org · codespaces · K"),
]


@pytest.mark.parametrize(("place", "name", "former"), PLACES)
def test_a_place_has_one_address_and_is_known_by_the_name_that_it_had(place: Address, name: str, former: str) -> None:
    assert place.label_of("K") == name == str(parsed(name))
    assert (former_name(name), present_name(former), present_name(name)) == (former, name, name)


def test_what_was_never_a_name_stays_as_it_is() -> None:
    assert present_name("sha256:abc") == "sha256:abc"
