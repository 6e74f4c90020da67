"""The place inside a file, as an address writes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.edit.slot import Path
from rotate.edit.where import flat, name_of, path_of, text_of

NAMES = st.text() | st.text("ab01.[]\\", max_size=6)
PATHS = st.lists(st.integers(0, 10**8) | NAMES, min_size=1, max_size=5).map(tuple)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("neon.apiKey", ("neon", "apiKey")),
        ("mcpServers.Neon.args[3]", ("mcpServers", "Neon", "args", 3)),
        ("servers[0].key", ("servers", 0, "key")),
        ("[2].key", (2, "key")),
        ("2.key", (2, "key")),
        (r"a\.b.c", ("a.b", "c")),
        (r"a\[0\].c", ("a[0]", "c")),
        (r"a\\[0]", ("a\\", 0)),
        (r"a.\0", ("a", "0")),
        ("a.007", ("a", "007")),
        ("a[x]", ("a[x]",)),
        ("", ("",)),
        ("a.", ("a", "")),
        (".a", ("", "a")),
        (".[0]", ("", "", 0)),
        ("\\", ("\\",)),
    ],
)
def test_a_text_names_a_path(text: str, path: Path) -> None:
    assert path_of(text) == path


@given(PATHS)
def test_a_path_is_read_back_as_it_was_written(path: Path) -> None:
    assert path_of(text_of(path)) == path


@given(NAMES)
def test_the_name_of_a_flat_file_stays(name: str) -> None:
    assert name_of(flat(name)) == name


def test_a_name_of_a_flat_file_is_addressed_as_it_stands_there() -> None:
    assert flat("neon.api.key") == path_of("neon.api.key")
    assert flat("servers.0.key") == path_of("servers.0.key")
