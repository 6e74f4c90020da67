"""Addresses of values in files: each way to write one gives the same text, and what is none is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rotate.address import parsed
from rotate.context import Context
from rotate.machine import Machine
from rotate.problems import Problems
from rotate.registry import system
from rotate.systems.file.address import canonical, located
from tests.support.policies import asked
from tests.support.policies import problems as of_file

MACHINE = Machine(Path("/home/ada"), Path("/work/app"), {}, "linux")


@pytest.mark.parametrize(
    ("text", "same", "file"),
    [
        ("file:.env", "file:.env#NEON_API_KEY", "/work/app/.env"),
        ("file://.env", "file:.env#NEON_API_KEY", "/work/app/.env"),
        ("file:./.env?format=dotenv", "file:.env#NEON_API_KEY", "/work/app/.env"),
        ("file:settings?format=dotenv#A", "file:settings?format=dotenv#A", "/work/app/settings"),
        (
            "file:deploy/./values.yaml#neon.apiKey",
            "file:deploy/values.yaml#neon.apiKey",
            "/work/app/deploy/values.yaml",
        ),
        ("file:../shared/.env", "file:../shared/.env#NEON_API_KEY", "/work/app/../shared/.env"),
        ("file:~/.zshrc", "file:~/.zshrc#NEON_API_KEY", "/home/ada/.zshrc"),
        ("file:///etc/app.env", "file:/etc/app.env#NEON_API_KEY", "/etc/app.env"),
        ("file:/etc/app.env#A", "file:/etc/app.env#A", "/etc/app.env"),
        ("file:two%20words.env", "file:two%20words.env#NEON_API_KEY", "/work/app/two words.env"),
    ],
)
def test_every_way_to_write_it_is_one_place(text: str, same: str, file: str) -> None:
    reader, problems = system("file").reader, Problems()
    place = reader.place({}, reader.of_address(parsed(text)), Context(), problems)
    assert (place.name, problems.found) == (same, [])
    assert str(canonical(parsed(place.name))) == place.name
    assert located(parsed(place.name), MACHINE) == Path(file)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("file:deploy/", "ends as that of a folder"),
        ("file://etc//app.env", "an empty part"),
        ("file:/", "an empty part"),
        ("file:~", "behind `~` stands `/`"),
        ("file:~ada/.env", "behind `~` stands `/`"),
        ("file:a/../.env", "is `.` or `..`"),
        ("file:..", "is `.` or `..`"),
        ("file:settings", "add `?format=` and one of"),
        ("file:settings?format=xml", "`format` is one of"),
        ("file:.env?formt=ini", "the closest is `format`"),
        ("file:values.yaml#neon..key", "behind `#` a name is empty"),
        ("file:a%07.env", "cannot be printed"),
    ],
)
def test_what_is_no_address_is_told_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        system("file").reader.of_address(parsed(text))


FIELDS = """\
version: 1
credentials:
  - authenticate_with: ${NEON_API_KEY}
    destinations:
      - type: file
        path: ./deploy/values.yaml
        secret: neon.apiKey
        create: true
        allow_tracked: true
      - type: file
        path: settings
        format: ini
        secret: main.key
      - to: file:.env
        allow_tracked: false
"""


def test_a_policy_file_has_it_by_fields_and_what_is_allowed_is_no_part_of_the_name() -> None:
    (one,) = asked(FIELDS).credentials
    told = [(place.name, place.creates, place.own) for place in one.places]
    assert told == [
        ("file:deploy/values.yaml#neon.apiKey", True, True),
        ("file:settings?format=ini#main.key", False, False),
        ("file:.env#NEON_API_KEY", False, False),
    ]


def test_one_place_with_and_without_what_is_allowed_is_a_contradiction() -> None:
    text = FIELDS.replace(
        "allow_tracked: false", "allow_tracked: false\n      - to: file://.env\n        allow_tracked: yes"
    )
    assert any("a destination twice, in two ways" in one.message for one in of_file(text))
