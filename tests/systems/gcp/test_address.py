"""Addresses of Secret Manager: what is one, and what is wrong with what is none."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.context import Context
from rotate.problems import Problems
from rotate.systems.gcp.address import wrong
from rotate.systems.gcp.system import SYSTEM, service_of


@pytest.mark.parametrize(
    "text",
    [
        "gcp-secretmanager://octo-payments/NEON_API_KEY",
        "gcp-secretmanager://482913337105/neon-api-key",
        "gcp-secretmanager://example.com:payments/NEON_API_KEY",
        "gcp-secretmanager://octo-payments/NEON_API_KEY?location=europe-west3",
        "gcp-secretmanager://octo-payments/NEON_API_KEY?location=us",
    ],
)
def test_an_address_is_its_own_one_text(text: str) -> None:
    assert wrong(parsed(text)) == ""
    problems = Problems()
    texts = {**SYSTEM.reader.of_address(parsed(text)), "secret_name": "OTHER"}
    place = SYSTEM.reader.place({}, texts, Context(), problems)
    assert (place.name, problems.found) == (text, []), "no name is put behind it"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("gcp-secretmanager://octo-payments", "project and secret"),
        ("gcp-secretmanager:octo-payments/A", "project and secret"),
        ("gcp-secretmanager://Octo/A", "id of a project"),
        ("gcp-secretmanager://projects/octo-payments/secrets/A", "letters, digits"),
        ("gcp-secretmanager://octo-payments/A/versions/3", "no version"),
        ("gcp-secretmanager://octo-payments/A.B", "letters, digits"),
        ("gcp-secretmanager://octo-payments/A?location=EU/x", "`location`"),
        ("gcp-secretmanager://octo-payments/A#B", "nothing stands behind `#`"),
    ],
)
def test_what_is_wrong_is_said(text: str, why: str) -> None:
    assert why in wrong(parsed(text))


def test_a_regional_secret_has_a_host_of_its_own() -> None:
    assert service_of("").usual == "https://secretmanager.googleapis.com"
    assert service_of("europe-west3").usual == "https://secretmanager.europe-west3.rep.googleapis.com"
