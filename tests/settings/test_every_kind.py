"""Bad input of every kind of destination, made from what each declares: an entry in the registry enters it.

Each part of an address wrong in turn, options and fields that it does not have, an environment that says nothing or the
wrong thing.
"""

from __future__ import annotations

from itertools import product
from urllib.parse import quote

import pytest

from rotate.address import Address, parsed
from rotate.context import Context
from rotate.errors import RotateError
from rotate.registry import USUAL, kinds, system
from rotate.settings.policy_fields import of_destination
from tests.settings.test_validate import problems
from tests.support.policies import problems as of_file

KINDS = [kind for kind in kinds() if kind != USUAL]
# What lies on the machine on which this runs: it has no host and no token.
LOCAL = {
    "command",
    "file",
    "neon-cli",
    "mcp",
}
SERVED = [kind for kind in KINDS if kind not in LOCAL]
EXAMPLES = [(kind, text) for kind in KINDS for text in system(kind).reader.examples]
# No name of anything, wherever it stands in a path.
WRONG = ("", "..", "a\x07b")
FILE = """\
version: 1
credentials:
  - current_key: ${{NEON_API_KEY}}
    destinations:
      - {}
"""


def told(address: str) -> list[RotateError]:
    """Give what is wrong with a destination of this address."""
    return [one for one in problems(Context(), destinations=address) if one.reason == "address-invalid"]


@pytest.mark.parametrize(("kind", "text"), EXAMPLES)
def test_each_part_of_an_address_is_judged(kind: str, text: str) -> None:
    assert not told(text)
    at = parsed(text)
    parts = at.where.split("/")
    for place, wrong in product(range(len(parts)), WRONG):
        if kind == "aws-secretsmanager" and not wrong and place:
            continue  # a secret's name there may begin with a `/`
        if not (at.slashes or wrong or place):
            continue  # a path from the root
        where = "/".join([*parts[:place], wrong, *parts[place + 1 :]])
        options = "&".join(f"{name}={value}" for name, value in at.options.items())
        address = (
            f"{kind}:{'//' if at.slashes else ''}{quote(where)}{options and '?' + options}{at.name and '#' + at.name}"
        )
        assert told(address), f"{address!r} is taken"


@pytest.mark.parametrize("kind", KINDS)
def test_an_option_that_it_does_not_have_is_answered_with_those_that_it_has(kind: str) -> None:
    reader = system(kind).reader
    example, _, name = reader.examples[0].partition("#")
    strange = f"{example}{'&' if '?' in example else '?'}zzz=1#{name}".rstrip("#")
    (problem,) = told(strange)
    assert "behind `?` this kind of address takes" in problem.message
    assert example in problem.remedy


@pytest.mark.parametrize("kind", KINDS)
def test_each_field_wrong_in_turn_is_told_at_its_place(kind: str) -> None:
    example = system(kind).reader.examples[0]
    for field in of_destination(kind):
        if field.name in ("to", "type"):
            continue
        line = f"to: {example}\n        {field.name}: [1, 2]"
        (problem, *_) = of_file(FILE.format(line))
        assert ":6:" in problem.message
    unknown = of_file(FILE.format(f"to: {example}\n        crate: true"))
    assert any("`crate`" in one.message and "`create`" in one.message + one.remedy for one in unknown), unknown


@pytest.mark.parametrize("kind", SERVED)
def test_what_the_environment_lacks_is_named_with_the_lines_to_add(kind: str) -> None:
    lacking = system(kind).lacks({})
    assert lacking
    for problem in lacking:
        assert "env:" in problem.remedy or "permissions:" in problem.remedy, problem


@pytest.mark.parametrize("kind", SERVED)
def test_a_host_that_is_asked_without_encryption_is_refused(kind: str) -> None:
    name = f"NEON_ROTATE_{kind.upper().replace('-', '_')}_URL"
    lacking = system(kind).lacks({name: "http://service.example"})
    assert any(name in one.message and "https" in f"{one.message} {one.remedy}" for one in lacking), lacking


def test_all_problems_of_all_kinds_are_told_at_once() -> None:
    text = ",".join(f"{kind}://" for kind in KINDS)
    assert len(told(text)) == len(KINDS)
    assert all(isinstance(parsed(one), Address) for _, one in EXAMPLES)
