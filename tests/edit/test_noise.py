"""Random files with a key among random noise: exactly one value differs afterwards, and all other bytes stay.

Where the key stands is known from how the file was made, not from a scanner.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotate.edit.formats import replaced, slots
from rotate.edit.where import path_of
from tests.edit.cases import KEY, NEW


class Noise(NamedTuple):
    """A format. `lines`: what may stand before and behind the key, which has `{}` in `keys`. `frame`: around all."""

    lines: tuple[str, ...]
    keys: tuple[str, ...]
    where: str = "K"
    frame: tuple[str, str] = ("", "")


NOISE = {
    "dotenv": Noise(
        (
            "",
            "# K={}",
            "A={}",
            "  export B='{}' # K={}",
            'C="a\nK={}\n"',
            "D=é#",
            "junk {}",
            "E={}${{K}}",
            "#",
            "  ",
            "F=`K={}`",
        ),
        ("K={}", "export K='{}'", '  K = "{}" # é', "K: {} # {}"),
    ),
    "shell": Noise(
        (
            "",
            "# K={}",
            "A={}",
            "echo K={}",
            "echo 'é\nK={}\n'",
            "cat <<E\nK={}\nE",
            'B="$K {}" C={}',
            "a=(K={})",
            "f() {{\n  x K={}\n}}",
        ),
        ("K={}", "export K='{}' A=1", 'x && K="{}" y', "if x; then K={}; fi # {}", "declare -x K=$'{}'"),
    ),
    "powershell": Noise(
        (
            "",
            '# $env:K = "{}"',
            '$env:A = "{}"',
            '<#\n$env:K = "{}"\n#>',
            "$x = @'\n$env:K = '{}'\n'@",
            "é '$env:K = {}'",
        ),
        ('$env:K = "{}"', "  ${{env:K}} = '{}' # {}", "if ($x) {{ $Env:K='{}' }}"),
    ),
    "tfvars": Noise(
        (
            "",
            '# K = "{}"',
            'a = "{}"',
            '/*\nK = "{}"\n*/',
            'b = {{\n  K = "{}"\n}}',
            'c = <<E\nK = "{}"\nE',
            'd = ["é", 1] // "{}"',
        ),
        ('K = "{}"', 'K="{}" # "{}"', 'K /* = "x" */ = "{}"'),
    ),
    "yaml": Noise(
        (
            "",
            "# K: {}",
            "a: {}",
            "b:\n  K: {}",
            "c: |\n  K: {}",
            "d: 'é\n  K: {}'",
            "e: [K, {{K: {}}}]",
            "f: &x {}",
            "  # {}",
            "g: !t {}",
        ),
        ("K: {}", "K: '{}' # {}", 'K:   "{}"', "K: &k\n  {}", "K: |-\n   {}", "'K': !!str {}"),
    ),
    "json": Noise(
        (
            '"a": "{}",',
            '// "K": "{}"',
            '/* "K": "{}", */',
            '"b": {{"K": "{}"}},',
            '"c": ["K", "{}", 1e3, null],',
            '"d": "\\"K\\": é {}",',
            "",
        ),
        ('"K": "{}",', '"K" : "{}" , // {}', '"\\u004b":"{}",'),
        frame=("{", "}"),
    ),
    "toml": Noise(
        (
            "",
            '# K = "{}"',
            "[[a]]",
            '[[b]]\nK = "{}"',
            '[[c]]\nd = """\nK = "{}"\n"""',
            "[[e]]\nf = [\n'{}', # é\n]",
            "[[g]]\nh = {{K = '{}'}}",
        ),
        ('[t]\nK = "{}"', "[ t ] # é\n\"K\" = '{}' # {}", "[t]\na = 1\nK = '''\n{}'''"),
        "t.K",
    ),
    "ini": Noise(
        ("", "; K = {}", "# K = {}", "[a]\nK = {}", "[b]\nc = {} ; {}", "[d]\ne = é\n  K = {}", "[f]\ng"),
        ("[t]\nK = {}", "[t]\n  K: '{}' ; {}", '[t] # x\na = {}1\nK="{}" # {}'.replace("{}1", "x")),
        "t.K",
    ),
    "pairs": Noise(
        ("", "; K={}", "# K={}", "a={}", "//r.example/:_authToken={}", "b = é ; {}", "c:K={}"),
        ("K={}", "K = {} ; {}", 'K="{}"'),
    ),
    "properties": Noise(
        ("", "! K={}", "# K={}", "a={}", "b = x\\\n   K={}", "c.K:{}", "é={}", "#\\"),
        ("K={}", "  K : {}", "\\u004b\\\n  ={}", "K {}"),
    ),
}


class File(NamedTuple):
    """A file, and where the key stands in it, in bytes."""

    form: str
    data: bytes
    at: int


@st.composite
def files(draw: st.DrawFn, form: str) -> File:
    noise = NOISE[form]
    lines = st.lists(st.sampled_from(noise.lines), max_size=5)
    end = draw(st.sampled_from(["\n", "\r\n"]))
    first, *rest = draw(st.sampled_from(noise.keys)).format("\0", *[KEY] * 3).split("\0")
    others = ([one.format(*[KEY] * 3) for one in draw(lines)] for _ in range(2))
    before, behind = others
    head, tail = noise.frame
    if form in ("yaml", "json"):  # what stands there twice is another matter
        before, behind = list(dict.fromkeys(before)), [one for one in dict.fromkeys(behind) if one not in before]
    front = "\n".join([*([head] if head else []), *before, first])
    back = "\n".join([rest[0], *behind, *([tail] if tail else [])]) + draw(st.sampled_from(["", "\n"]))
    mark = draw(st.sampled_from(["", "\ufeff"]))
    start = (mark + front).replace("\n", end).encode()
    return File(form, start + KEY.encode() + back.replace("\n", end).encode(), len(start))


Edit = Callable[[File], bytes]


def ours(file: File) -> bytes:
    """Replace the value as the program does."""
    found = [one for one in slots(file.data, file.form) if one.path == path_of(NOISE[file.form].where)]
    assert [one.value for one in found] == [KEY]
    return replaced(file.data, file.form, found[0], NEW)


def only_the_key_differs(file: File, edit: Edit) -> None:
    """Judge an edit by bytes, and by how many values differ."""
    after = edit(file)
    assert after == file.data[: file.at] + NEW.encode() + file.data[file.at + len(KEY) :]
    pairs = zip(slots(file.data, file.form), slots(after, file.form), strict=True)
    assert [one.path for one, other in pairs if one.value != other.value] == [path_of(NOISE[file.form].where)]


def first_that_looks_like_it(file: File) -> bytes:
    """Wrong on purpose: comments and other values are taken for the key."""
    return file.data.replace(KEY.encode(), NEW.encode(), 1)


def every_one(file: File) -> bytes:
    """Wrong on purpose: every copy is replaced."""
    return file.data.replace(KEY.encode(), NEW.encode())


def lines_rewritten(file: File) -> bytes:
    """Wrong on purpose: line ends and the last line's end are made alike, as libraries do that write a file anew."""
    return b"\n".join(ours(file).splitlines()) + b"\n"


@pytest.mark.parametrize("form", sorted(NOISE))
@given(data=st.data())
@settings(deadline=None)
def test_exactly_one_value_differs_and_all_other_bytes_stay(form: str, data: st.DataObject) -> None:
    only_the_key_differs(data.draw(files(form)), ours)


@pytest.mark.parametrize("edit", [first_that_looks_like_it, every_one, lines_rewritten])
@pytest.mark.parametrize("form", sorted(NOISE))
def test_an_edit_that_is_wrong_is_caught(form: str, edit: Edit) -> None:
    @given(files(form))
    @settings(deadline=None, database=None)
    def judged(file: File) -> None:
        only_the_key_differs(file, edit)

    with pytest.raises(AssertionError):
        judged()
