"""One member of a JSON text is replaced or added, and no other byte changes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.systems.aws.members import members, replaced, rest

VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3))
TEXTS = st.builds(
    lambda pairs, indent, ascii_only: json.dumps(pairs, indent=indent, ensure_ascii=ascii_only),
    st.dictionaries(st.text(), VALUES, max_size=4),
    st.sampled_from([None, 2, "\t"]),
    st.booleans(),
)


@given(text=TEXTS, name=st.text(), value=st.text())
def test_what_is_beside_it_stays(text: str, name: str, value: str) -> None:
    before, after = json.loads(text), replaced(text, name, value)
    assert json.loads(after) == {**before, name: value}
    assert list(json.loads(after)) == list({**before, name: value})
    if name in before:
        assert rest(after, name) == rest(text, name)
        found = next(one for one in members(text) or [] if one.name == name)
        assert after.startswith(text[: found.start])
        assert after.endswith(text[found.end :])
    else:
        assert rest(text, name) == text


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("{}", '{"K": "v"}'),
        ('{"a":1}', '{"a":1, "K": "v"}'),
        ('{\n  "a": 1\n}', '{\n  "a": 1,\n  "K": "v"\n}'),
        ('{"a":1,"b":2}', '{"a":1,"b":2,"K": "v"}'),
        ('{ "a": 1.50 , "b": "é" }\n', '{ "a": 1.50 , "b": "é" , "K": "v" }\n'),
    ],
)
def test_one_more_is_written_as_those_before_it(text: str, after: str) -> None:
    assert replaced(text, "K", "v") == after


@pytest.mark.parametrize("text", ["napi_x", "", "[1]", "7", '{"a"', '"x"'])
def test_what_is_no_object_has_no_members(text: str) -> None:
    assert members(text) is None
