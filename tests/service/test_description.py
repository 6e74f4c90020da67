"""What the environment says of a service, and what it lacks."""

from __future__ import annotations

import pytest

from rotate.problems import Problems
from rotate.service.description import Service

KEEP = Service(
    kind="key-keep",
    title="Key Keep",
    tokens=("KEEP_TOKEN", "KEEP_KEY"),
    needs="It needs the role Writer.",
    make="Create one at Key Keep → Tokens.",
    urls=("KEEP_ADDR",),
    root="/v1",
)


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({"KEEP_ADDR": "https://keep.example/"}, "https://keep.example/v1"),
        ({"KEEP_ADDR": "https://keep.example/behind/v1"}, "https://keep.example/behind/v1"),
        ({"KEEP_ADDR": "https://a.example", "NEON_ROTATE_KEY_KEEP_URL": "http://[::1]:8"}, "http://[::1]:8/v1"),
        ({"KEEP_ADDR": " http://localhost:8\n", "NEON_ROTATE_KEY_KEEP_URL": " "}, "http://localhost:8/v1"),
    ],
)
def test_where_it_is(environment: dict[str, str], url: str) -> None:
    problems = Problems()
    assert KEEP.url(environment, problems) == url
    assert problems.found == []


@pytest.mark.parametrize(
    "url",
    [
        "http://keep.example",
        "keep.example",
        "https://",
        "https://a:b@keep.example",
        "https://keep.example?x=1",
        "https://[x",
    ],
)
def test_what_is_no_place_to_send_a_token_to(url: str) -> None:
    (problem,) = KEEP.lacks({"KEEP_ADDR": url, "KEEP_KEY": "x"})
    assert problem.reason == "url-insecure"
    assert url not in problem.message


def test_a_service_that_is_nowhere_by_itself_must_be_told() -> None:
    missing, token = KEEP.lacks({})
    assert (missing.reason, token.reason) == ("destination-url-missing", "destination-token-missing")
    assert "KEEP_ADDR and NEON_ROTATE_KEY_KEEP_URL are not set" in missing.message
    assert "`KEEP_TOKEN` and `KEEP_KEY` are not set or are empty" in token.message
    assert "KEEP_TOKEN: ${{ secrets.KEEP_TOKEN }}" in token.remedy


def test_any_of_its_variables_holds_the_token() -> None:
    assert KEEP.token({"KEEP_TOKEN": "", "KEEP_KEY": " x\n"}, Problems()).reveal() == "x"


@pytest.mark.parametrize("text", ["x y", "a\nb", "ä", "a\x00", "'quoted'"])
def test_what_can_be_no_token_is_not_sent_and_not_shown(text: str) -> None:
    (problem,) = KEEP.lacks({"KEEP_ADDR": "https://keep.example", "KEEP_KEY": text})
    assert problem.reason in ("input-invalid", "secret-of-another-kind")
    assert text not in problem.message
