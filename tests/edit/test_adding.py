"""A name that is missing is added, and every byte that was there stays."""

from __future__ import annotations

import pytest

from rotate.edit.formats import added, slots
from rotate.edit.where import path_of
from rotate.errors import Refused
from tests.edit.cases import FILES, NEW

ADDED = [
    ("dotenv", "", "K", "K=v\n"),
    ("dotenv", "A=1", "K", "A=1\nK=v\n"),
    ("dotenv", "A=1\r\n", "K", "A=1\r\nK=v\r\n"),
    ("shell", "A=1\n", "K", "A=1\nexport K=v\n"),
    ("powershell", "a\n", "K", 'a\n$env:K = "v"\n'),
    ("tfvars", "a = 1\n", "K", 'a = 1\nK = "v"\n'),
    ("properties", "a=1\n", "neon.api key", "a=1\nneon.api\\ key=v\n"),
    ("pairs", "a=1\n", "//x.example/:_authToken", "a=1\n//x.example/:_authToken=v\n"),
    ("ini", "a = 1\n[b]\nc = 1 ; x\n\n[d]\n", "b.K", "a = 1\n[b]\nc = 1 ; x\nK = v\n\n[d]\n"),
    ("ini", "[b]\nc=1\n", "K", "K=v\n[b]\nc=1\n"),
    ("yaml", "a:\n  b: 1 # c\n\nc: d\n", "a.K", "a:\n  b: 1 # c\n  K: v\n\nc: d\n"),
    ("yaml", "a:\n- b: 1\n", "a[0].K", "a:\n- b: 1\n  K: v\n"),
    ("yaml", "a: {b: c}", "K", "a: {b: c}\nK: v\n"),
    ("yaml", "a: |\n  b\n", "true", 'a: |\n  b\n"true": v\n'),
    ("json", '{"a": {"b": 1}}', "a.K", '{"a": {"b": 1, "K": "v"}}'),
    ("json", '{\n  "a": 1 // c\n}', "K", '{\n  "a": 1,\n  "K": "v" // c\n}'),
    ("json", '{\n  "a": 1,\n}', "K", '{\n  "a": 1,\n  "K": "v",\n}'),
    ("json", "{}", "K", '{"K": "v"}'),
    ("json", '{/* c */ "a": 1}', "K", '{/* c */ "a": 1, "K": "v"}'),
    ("toml", "a = 1\n[b]\nc = 1 # d\n\n[e]\n", "b.K", 'a = 1\n[b]\nc = 1 # d\nK = "v"\n\n[e]\n'),
    ("toml", "[b]\n", "K", 'K = "v"\n[b]\n'),
    ("toml", "[b]", r"b.K\.L", '[b]\n"K.L" = "v"\n'),
]


@pytest.mark.parametrize(("form", "text", "where", "after"), ADDED)
def test_a_missing_name_is_added(form: str, text: str, where: str, after: str) -> None:
    assert added(text.encode(), form, path_of(where), "v").decode() == after
    known = [(one.path, one.value) for one in slots(text.encode(), form)]
    now = [(one.path, one.value) for one in slots(after.encode(), form)]
    assert sorted(now, key=repr) == sorted([*known, (path_of(where), "v")], key=repr)


@pytest.mark.parametrize(
    ("form", "text", "where", "value"),
    [
        ("dotenv", "A='x'\n", "A", "v"),
        ("dotenv", "", "a b", "v"),
        ("dotenv", "", "K", "it's $x"),
        ("shell", "A=x\\", "K", "v"),
        ("shell", "", "K", "v\nw"),
        ("tfvars", "a = 1", "b.c", "v"),
        ("tfvars", "a = 1", "a", "v"),
        ("tfvars", "a = 1", "a b", "v"),
        ("properties", "a=b\\", "K", "v"),
        ("ini", "[a]", "b.K", "v"),
        ("yaml", "a: {b: c}", "a.K", "v"),
        ("yaml", "a: [b]", "a[1]", "v"),
        ("yaml", "a:", "a", "v"),
        ("yaml", "a:\n  b: c\n---\na:\n  b: c\n", "a.K", "v"),
        ("yaml", "a: &x\n  b: c\nd: *x\n", "d.K", "v"),
        ("yaml", "a:\n  ? b\n  : c\n", "z.K", "v"),
        ("json", '{"a": [1]}', "a[1]", "v"),
        ("json", '{"a": {}, "a": {}}', "a.K", "v"),
        ("json", '{"a": 1}', "a", "v"),
        ("toml", "a = {}", "a.K", "v"),
        ("toml", "[a]\nb = 1", "a.b", "v"),
        ("toml", "[[a]]", "a[0]", "v"),
        ("toml", "a = [1]", "a[1]", "v"),
    ],
)
def test_what_cannot_be_added_is_refused(form: str, text: str, where: str, value: str) -> None:
    with pytest.raises(Refused) as caught:
        added(text.encode(), form, path_of(where), value)
    assert caught.value.reason in ("file-not-creatable", "file-not-editable")


# Lists, tables in one line, and mappings of which there are two.
NO_ROOM = ("o.k", "a[1].k", "headers.Authorization", "mcpServers.Neon.args[1]", "a.b.k")


@pytest.mark.parametrize(("form", "text", "where"), FILES)
def test_a_file_stays_but_for_what_is_added(form: str, text: str, where: str) -> None:
    path = (*path_of(where)[:-1], "ADDED")
    if (where in NO_ROOM and "{" in text) or "- X" in text or "---" in text:
        with pytest.raises(Refused, match="cannot be added"):
            added(text.encode(), form, path, NEW)
        return
    after = added(text.encode(), form, path, NEW)
    (new,) = [one for one in slots(after, form) if one.path == path]
    assert new.value == NEW
    grown = len(after) - len(text.encode())
    assert any(after[:at] + after[at + grown :] == text.encode() for at in range(len(text.encode()) + 1))
