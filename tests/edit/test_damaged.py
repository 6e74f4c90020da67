"""Files that were cut off or damaged, and much of one thing: the work grows with the length alone."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rotate.edit.encrypted import encrypted_by
from rotate.edit.formats import SCANNERS, added, replaced, slots
from rotate.errors import Refused
from tests.edit.cases import FILES, NEW

MANY = 1 << 10
PIECES = (
    *(
        [
            "[",
            "{",
            "(",
            "((",
            "$(",
            "${",
            "a=[",
            "-_",
            "?_",
            "&a_",
            "*a_",
            "!",
            "<<A~",
            "<#",
            "/*",
            "`",
            "'",
            "\\",
            "_",
            "~",
            "^",
            "#",
            "=",
            "a",
            "a.",
            "a:_b~",
            "a=b~",
            "set_-x_A_",
            "A=1_",
            "\\u",
            "é",
        ]
    ),
    *('"', '${"', '@"~'),
)
# Each once took a time that grew with the square of its length.
SLOW = [
    ("powershell", '@"\n', ""),
    ("shell", "set -x A ", ""),
    ("shell", "((", ""),
    ("ini", " ", "a"),
    ("dotenv", " ", "A=b"),
]


def one_of(reasons: str, refused: Refused) -> None:
    assert refused.reason in reasons.split()
    assert len(refused.message) < 300


def ended(text: str, form: str) -> int:
    """Give how many values are found; -1 where the file is refused."""
    try:
        found = slots(text.encode(), form)
    except Refused as refused:
        one_of("file-not-readable", refused)
        return -1
    assert all(one.start <= one.end <= len(text.encode()) for one in found)
    return len(found)


@pytest.mark.parametrize("form", sorted(SCANNERS))
def test_much_of_anything_ends(form: str) -> None:
    for piece in (each.replace("_", " ").replace("~", "\n").replace("^", "\r") for each in PIECES):
        for text in (piece * MANY, f"a = {piece * MANY}", f'a: "{piece * MANY}'):
            assert ended(text, form) <= 2 * MANY


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("form", "piece", "before"), SLOW)
def test_the_work_grows_with_the_length_alone(form: str, piece: str, before: str) -> None:
    assert ended(f"{before}{piece * (1 << 17)}x", form) in (-1, 0, 1)


WORDS = [
    "\x85",
    "\t",
    "\n",
    "\r",
    " ",
    *[
        "K",
        "=",
        ":",
        "'",
        '"',
        "`",
        "$",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "#",
        "\\",
        "|",
        ">",
        "&",
        "*",
        "!",
        "-",
        "a",
        "<<",
        ",",
        ";",
        "é",
        "%",
        "/*",
    ],
]
WORDY = st.lists(st.sampled_from(WORDS), max_size=24).map(lambda words: "".join(words).encode())


@pytest.mark.parametrize("form", sorted(SCANNERS))
@given(data=st.binary(max_size=40) | WORDY)
@example(b'"\\UFFFFFFFF"')
@example(b"%YAML " + b"9" * 5000 + b".1\n---\na")
def test_nothing_but_a_refusal_is_raised_and_each_edit_changes_one_value(form: str, data: bytes) -> None:
    try:
        found = slots(data, form)
    except Refused as refused:
        one_of("file-not-readable", refused)
        return
    assert encrypted_by(data, form) in ("", "ansible-vault")
    for one in found:
        try:
            after = replaced(data, form, one, NEW)
        except Refused as refused:
            one_of("file-not-editable", refused)
            continue
        now = [(each.path, each.value) for each in slots(after, form)]
        now.remove((one.path, NEW))
        assert sorted(now, key=repr) == sorted(((each.path, each.value) for each in found if each != one), key=repr)


@pytest.mark.parametrize(("form", "text", "where"), FILES)
@given(data=st.data())
def test_a_damaged_file_is_refused_or_read(form: str, text: str, where: str, data: st.DataObject) -> None:
    raw = text.encode()
    at = data.draw(st.integers(0, len(raw)))
    damaged = raw[:at] + data.draw(st.sampled_from([b"", raw[at + 1 :], b"\xff" + raw[at:], b"\n" + raw[at:]]))
    try:
        found = slots(damaged, form)
        more = slots(added(damaged, form, ("ADDED",), NEW), form)
    except Refused as refused:
        one_of("file-not-readable file-not-creatable", refused)
    else:
        assert len(more) == len(found) + 1
