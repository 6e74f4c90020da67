"""How a service wants to be asked: its own header, its own media type, forms."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from rotate.sandbox.world import World
from rotate.secret import Secret
from rotate.wire.http import Style
from tests.support.bench import means_of
from tests.systems.gitlab.bench import served


@pytest.mark.parametrize(
    ("style", "kind"),
    [
        (Style("PRIVATE-TOKEN", ""), "application/json"),
        (
            Style("PRIVATE-TOKEN", "", {"Content-Type": "application/x+json", "X-More": "1"}),
            "application/x+json",
        ),
        (Style("PRIVATE-TOKEN", "", form=True), "application/x-www-form-urlencoded"),
    ],
)
def test_a_request_goes_out_in_the_style_of_its_service(style: Style, kind: str, world: World) -> None:
    server = served(world)
    token = server.add_token()
    body, path = {"key": "A", "value": "x & y"}, "/projects/a%2Fb/variables?filter%5Benvironment_scope%5D=a%2Fb"
    answer = means_of({}).api(f"{server.url}/api/v4").call("POST", path, Secret(token), body, style=style)
    (entry,) = world.ledger
    assert answer.status == 404
    assert (entry.path, entry.request_headers["Content-Type"]) == (path, kind)
    assert entry.request_headers["PRIVATE-TOKEN"] == token
    assert "Authorization" not in entry.request_headers
    assert entry.request_headers.get("X-More") == style.headers.get("X-More")
    assert not style.form or parse_qs(entry.request_body.decode()) == {"key": ["A"], "value": ["x & y"]}


def test_a_request_without_a_body_says_nothing_of_its_kind(world: World) -> None:
    means_of({}).api(served(world).url).call(
        "GET", "/api/v4/x", Secret("t"), style=Style(headers={"Accept": "text/plain"})
    )
    (entry,) = world.ledger
    assert ("Content-Type" in entry.request_headers, entry.request_headers["Accept"]) == (False, "text/plain")
