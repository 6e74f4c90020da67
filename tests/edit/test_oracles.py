"""What the scanners read is what the programs and libraries read that the files are for."""

from __future__ import annotations

import configparser
import io
import json
import re
import shutil
import subprocess
import tomllib
from typing import Any

import pytest
import yaml
from dotenv import dotenv_values
from hypothesis import given, settings
from hypothesis import strategies as st

from rotate.edit.formats import slots
from rotate.edit.slot import Path
from rotate.errors import Refused

LINES = st.lists(
    st.sampled_from(
        [
            "K=v",
            "export K='v w'",
            'L="a\\nb"',
            "M=",
            "  N = x # c",
            "# K=no",
            "",
            "O='it\\'s'",
            "P=a#b",
            "Q='x\ny'",
            "R=x y",
            "S=é",
        ]
    ),
    max_size=6,
)


class Members(list[tuple[str, Any]]):
    """An object of JSON, with each of two members of one name."""


def texts(value: object, path: Path = ()) -> list[tuple[Path, str]]:
    """Give every text of what a parser read."""
    if isinstance(value, str):
        return [(path, value)] if path else []
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, Members):
        items = value
    elif isinstance(value, list):
        items = list(enumerate(value))
    return [found for name, one in items for found in texts(one, (*path, name))]


class Cased(configparser.RawConfigParser):
    """Leaves names as they are."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


def read(data: str, form: str) -> list[tuple[Path, str]]:
    return [(one.path, one.value) for one in slots(data.encode(), form)]


@given(LINES, st.sampled_from(["\n", "\r\n"]))
def test_python_dotenv_reads_the_same(lines: list[str], end: str) -> None:
    text = end.join(lines)
    meant = dotenv_values(stream=io.StringIO(text, newline=""), interpolate=False)
    assert {path[0]: value for path, value in read(text, "dotenv")} == meant


JSON = st.recursive(
    st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(JSON, st.sampled_from([None, 0, 2, "\t"]), st.booleans())
def test_json_reads_the_same(value: object, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only).replace("\0", "")
    assert read(text, "json") == texts(json.loads(text))


@given(st.text('{}[]",:1e.-truefalsn\\u0 \n', max_size=30))
def test_json_that_python_reads_is_read_and_no_other(text: str) -> None:
    try:
        meant: object = json.loads(text, object_pairs_hook=Members)
    except ValueError:
        lenient = "".join(text.split())
        if ",}" not in lenient and ",]" not in lenient:
            with pytest.raises(Refused):
                slots(text.encode(), "json")
        return
    assert read(text, "json") == texts(meant)


@given(
    st.lists(
        st.sampled_from(
            [
                "a = 'x'",
                'b.c = "y\\u00e9"',
                "[t]",
                "[[l]]",
                "[t.u]",
                "[l.m]",
                'd = ["x", {e = "z"}, 1, # c\n \'w\']',
                'f = """\n"q" \\\n   r"""',
                "g = '''s''s'''",
                "h = 1979-05-27T07:32:00Z",
                "",
                "# x = 'no'",
                '"q.r" = {}',
                "'' = 'empty'",
            ]
        ),
        max_size=8,
    )
)
def test_tomllib_reads_the_same(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        meant = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(Refused):
            slots(text.encode(), "toml")
        return
    assert sorted(read(text, "toml"), key=repr) == sorted(texts(meant), key=repr)


@given(
    st.dictionaries(st.from_regex(r"[a-z]{1,4}", fullmatch=True), JSON, max_size=3), st.booleans(), st.integers(4, 100)
)
def test_pyyaml_reads_the_same(value: dict[str, Any], flow: bool, width: int) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True, width=width)
    assert read(text, "yaml") == texts(yaml.safe_load(text))


@given(
    st.lists(
        st.sampled_from(
            [
                "[a]",
                "[b c]",
                "k = v",
                "l: w ; c",
                "m=x y",
                "  more",
                "\tmore # c",
                "; c",
                "# k = no",
                "",
                "n =",
                "o = p=q",
            ]
        ),
        max_size=8,
    )
)
def test_configparser_reads_the_same(lines: list[str]) -> None:
    text = "\n".join(["[top]", *lines])
    parser = Cased(inline_comment_prefixes=(";", "#"), strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except (configparser.Error, AttributeError):
        return  # it fails where a line below a name without a value is indented
    meant: dict[Path, str | None] = {
        (name, key): value for name in parser.sections() for key, value in parser[name].items()
    }
    assert dict(read(text, "ini")) == {
        path: re.sub(r"\n+", "\n", value) for path, value in meant.items() if value is not None
    }


SHELL = [
    *("K=v", "export K='v w'", 'K="a\\$b\\"c"', "K=a'b'\"c\"", "# K=no", "echo 'K=no\nK=no'", "cat <<E\nK=no\nE"),
    *("K=x L=y", "if true; then K=z; fi", "f() { :; }; K=q", "alias K=no", "K=$'s'", "M=$((1<<2))", "K=", "N=a\\ b"),
    *("((1 << 2)) && K=r", ": K=no", "K=u # L=no", "echo K=no; L=\\\nx", "cat <<-'E'\n\tK=no\n\tE", "a=(K=no 'b')"),
]


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
@given(st.lists(st.sampled_from(SHELL), max_size=6))
@settings(deadline=None)
def test_bash_reads_the_same(lines: list[str]) -> None:
    """The last assignment is what bash has in the end."""
    text = "\n".join(lines) + "\n"
    script = f"{{ :\n{text}\n}} >/dev/null\nfor n in K L M N; do printf '%s\\0%s\\0' $n \"${{!n-unset}}\"; done"
    command = ["bash", "--norc", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={"PATH": "/bin:/usr/bin"})
    parts = done.stdout.split("\0")[:-1]
    meant = dict(zip(parts[::2], parts[1::2], strict=True))
    found = {str(one.path[0]): one.refers or one.value for one in slots(text.encode(), "shell")}
    reckoned = {name: "4" if value == "$(…)" else value for name, value in found.items()}
    assert {name: value for name, value in meant.items() if value != "unset"} == reckoned
