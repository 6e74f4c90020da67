"""Whatever bytes a file has, it is read or refused, in bounded work, and never with a traceback."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rotate.edit.formats import LARGEST_OTHER, SCANNERS, added, replaced, slots
from rotate.edit.slot import Slot
from rotate.errors import Refused

PIECES = st.sampled_from(
    [
        "\n",
        "\r\n",
        " ",
        "=",
        ":",
        "'",
        '"',
        '"""',
        "`",
        "$",
        "${",
        "$(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "[[",
        "#",
        "//",
        "/*",
        "*/",
        ",",
        "a",
        "b.c",
        "KEY",
        "export ",
        "set -gx A ",
        "$env:A = ",
        "\\",
        "\\u00",
        "|\n  x",
        "&a ",
        "*a",
        "!t ",
        "- ",
        "<<EOF\n",
        "EOF",
        "é",
        "%(a)s",
    ]
)
TEXTS = st.lists(PIECES, max_size=30).map("".join)


@pytest.mark.parametrize(
    ("form", "data", "said"),
    [
        ("json", b'{"a": 1', "a comma or `}`"),
        ("json", b'{"a" "b"}', "a colon"),
        ("json", b'{"a": "b"} x', "the end of the file"),
        ("json", b'{"a": 01}', "a value"),
        ("json", b"[" * 200 + b"]" * 200, "nested deeper"),
        ("json", b'{"a": "\0"}', "bytes that no text has"),
        ("json", b'{"a": "\xff"}', "bytes that are no UTF-8"),
        ("yaml", b"a: [1\nb: {", "does not parse"),
        ("yaml", b"a: \x01\n", "a character that YAML does not have"),
        ("yaml", b"- " * 200, "nested deeper"),
        ("toml", b"a = 1\na = 2\n", "does not parse"),
        ("toml", b"[a\nb = 1\n", "`]`"),
        ("toml", b'a = "\\q"\n', "an escape"),
        ("toml", b"a = [1 2]\n", "does not"),
        ("tfvars", b'a = "b\n', "the quote that ends"),
        ("tfvars", b"a = b.c\n", "a plain value"),
        ("tfvars", b'a = "${b\n', "the brace that ends"),
        ("tfvars", b'a = ["b" "c"]\n', "a comma or `]`"),
        ("tfvars", b"a {\n}\n", "`=`"),
        ("dotenv", b'A="b\n', "the quote that ends"),
        ("shell", b"A='b\n", "the quote that ends"),
        ("shell", b'A="b\n', "the quote that ends"),
        ("shell", b"A=`b\n", "the backtick"),
        ("shell", b"A=$(b\n", "`)` was expected"),
        ("shell", b"cat <<EOF\nx\n", "the end of the here-document"),
        ("shell", b'"$(' * 200, "nested deeper"),
        ("powershell", b"$env:A = 'b\n", "the quote that ends"),
        ("ini", b"[a\nb=1\n", "the bracket that ends"),
        ("properties", b"a=\\u00zz\n", "four digits"),
        ("nonsense", b"", "the formats that this program knows"),
        ("dotenv", b"x" * (LARGEST_OTHER + 1), "more than any such file"),
    ],
)
def test_what_does_not_parse_is_refused_with_the_line_and_without_a_word_of_it(
    form: str, data: bytes, said: str
) -> None:
    with pytest.raises(Refused) as refused:
        slots(data, form)
    assert refused.value.reason == "file-not-readable"
    assert said in refused.value.message
    assert refused.value.message.endswith("Nothing was changed.")


def test_a_bomb_of_aliases_is_a_few_short_lines() -> None:
    rows = ["a0: &a0 [napi_x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 20)}]" for n in range(1, 40)]
    found = slots("\n".join(rows).encode(), "yaml")
    assert len([one for one in found if not one.refers]) == 1
    assert len(found) == 1 + 39 * 20


@pytest.mark.parametrize("form", SCANNERS)
@given(text=TEXTS)
@example(text="")
@example(text="\ufeff")
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_or_refused_and_edits_are_proven(form: str, text: str) -> None:
    data = text.encode()
    try:
        found = slots(data, form)
    except Refused:
        return
    for one in found:
        _edits(data, form, one)
    try:
        more = added(data, form, ("NEW_NAME",), "napi_new")
    except Refused:
        return
    assert (("NEW_NAME",), "napi_new") in [(one.path, one.value) for one in slots(more, form)]


def _edits(data: bytes, form: str, one: Slot) -> None:
    """Replace one value, and see that the bytes around it stay."""
    assert 0 <= one.start <= one.end <= len(data)
    try:
        after = replaced(data, form, one, "napi_new")
    except Refused:
        return
    assert after[: one.start] + after[len(after) - (len(data) - one.end) :] == data[: one.start] + data[one.end :]


@pytest.mark.parametrize("form", SCANNERS)
@given(data=st.binary(max_size=60))
@settings(max_examples=80, deadline=None)
def test_any_bytes_are_read_or_refused(form: str, data: bytes) -> None:
    with suppress(Refused):
        assert slots(data, form) is not None
