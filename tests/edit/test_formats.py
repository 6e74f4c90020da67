"""A value in a file is found and replaced, and every other byte stays."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest

from rotate.edit import formats
from rotate.edit.encrypted import encrypted_by
from rotate.edit.formats import LARGEST_OTHER, SCANNERS, format_of, replaced, slots
from rotate.errors import Refused
from tests.edit.cases import BROKEN, FILES, KEY, NEW, slot_at


def test_every_format_has_files() -> None:
    assert {form for form, _, _ in FILES} == set(SCANNERS)


@pytest.mark.parametrize(("form", "text", "where"), FILES)
def test_the_value_is_replaced_and_every_other_byte_stays(form: str, text: str, where: str) -> None:
    data = text.encode()
    found = slot_at(data, form, where)
    assert KEY in found.value
    assert data[found.start : found.end].count(KEY.encode()) == 1
    assert found.line == data[: found.start].count(b"\n") + 1
    after = replaced(data, form, found, found.value.replace(KEY, NEW))
    assert after == data[: found.start] + data[found.start :].replace(KEY.encode(), NEW.encode(), 1)
    assert slot_at(after, form, where).value == found.value.replace(KEY, NEW)


@pytest.mark.parametrize(("form", "data"), BROKEN)
def test_what_does_not_parse_is_refused(form: str, data: bytes) -> None:
    with pytest.raises(Refused) as caught:
        slots(data, form)
    assert caught.value.reason == "file-not-readable"


@pytest.mark.parametrize("form", sorted(SCANNERS))
def test_what_is_too_large_is_refused_unread(form: str) -> None:
    with pytest.raises(Refused, match="bytes, more than"):
        slots(b" " * ((1 << 25) + 1), form)
    assert LARGEST_OTHER < 1 << 25


def test_the_message_names_the_line_and_shows_nothing_of_the_file() -> None:
    with pytest.raises(Refused) as caught:
        slots(f'{{"a": 1,\n"k": "{KEY}" oops}}'.encode(), "json")
    assert "line 2" in caught.value.message
    assert KEY[:8] not in f"{caught.value.message}{caught.value.remedy}"


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("yaml", "K: 12"),
        ("yaml", "K:"),
        ("yaml", "K: !!binary YQ=="),
        ("yaml", "? [K]\n: v"),
        ("yaml", "K: |\n\n"),
        ("yaml", "v"),
        ("yaml", "? *a\n: v\n"),
        ("json", '"v"'),
        ("json", '{"K": "\\ud800"}'),
        ("tfvars", 'K = "\\UFFFFFFFF"'),
        ("shell", "K+=a"),
        ("shell", "K[0]=a"),
        ("shell", "alias K=a"),
        ("shell", "set -gx K"),
        ("shell", "set -gx K a b"),
        ("powershell", '$env:K = "a" + "b"'),
        ("powershell", "$env:K = $x"),
    ],
)
def test_what_is_no_text_is_left_out(form: str, text: str) -> None:
    assert [one for one in slots(text.encode(), form) if one.path == ("K",)][1:] == []
    assert [one.value for one in slots(text.encode(), form)] in ([], ["a"])


@pytest.mark.parametrize(
    ("form", "text"), [("yaml", "K: a\n---\nK: b"), ("json", '{"K":"a","K":"b"}'), ("dotenv", "K=a\nK=b")]
)
def test_a_name_that_stands_there_twice_is_found_twice(form: str, text: str) -> None:
    found = slots(text.encode(), form)
    assert [(one.path, one.value) for one in found] == [(("K",), "a"), (("K",), "b")]
    assert slots(replaced(text.encode(), form, found[1], "c"), form)[0] == found[0]


def test_a_value_of_another_file_is_refused() -> None:
    (found,) = slots(b"K=a", "dotenv")
    with pytest.raises(Refused, match="not the one in which"):
        replaced(b"J=a", "dotenv", found, "b")


def test_a_latin_1_file_of_properties_is_read() -> None:
    data = b"u=\xe9\nK=a"
    assert [one.value for one in slots(data, "properties")] == ["\xe9", "a"]
    assert replaced(data, "properties", slot_at(data, "properties", "K"), NEW) == b"u=\xe9\nK=" + NEW.encode()


@pytest.mark.parametrize(
    ("name", "form"),
    [
        (".env", "dotenv"), (".env.local", "dotenv"), ("prod.env", "dotenv"), (".dev.vars", "dotenv"),
        (".bashrc", "shell"), (".envrc", "shell"), ("config.fish", "shell"), ("profile.ps1", "powershell"),
        ("a.tfvars", "tfvars"), ("a.auto.tfvars.json", "json"), ("values.YAML", "yaml"), ("c.yml", "yaml"),
        ("mcp.json", "json"), ("a.jsonc", "json"), ("config.toml", "toml"), ("a.ini", "ini"), (".pypirc", "ini"),
        (".npmrc", "pairs"), ("a.properties", "properties"), ("README", ""), ("a.txt", ""),
    ],
)  # fmt: skip
def test_the_name_tells_the_format(name: str, form: str) -> None:
    assert format_of(PurePosixPath("/home/me") / name) == form


@pytest.mark.parametrize(
    ("form", "text", "by"),
    [
        ("yaml", "k: ENC[AES256_GCM,data:x]\nsops:\n  mac: ENC[x]\n  version: 3.11.0\n", "sops"),
        ("json", '{"k": "x", "sops": {"mac": "x"}}', "sops"),
        ("dotenv", "k=ENC[x]\nsops_mac=ENC[x]\n", "sops"),
        ("ini", "[a]\nk = ENC[x]\n[sops]\nmac = x\n", "sops"),
        ("dotenv", 'DOTENV_PUBLIC_KEY_PRODUCTION="03"\nk="x"\n', "dotenvx"),
        ("dotenv", "k=encrypted:BD7HQzbGm\n", "dotenvx"),
        ("yaml", "$ANSIBLE_VAULT;1.1;AES256\n3065\n", "ansible-vault"),
        ("yaml", "k: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3065\n", "ansible-vault"),
        ("yaml", "sops: how we do it\nk: v\n", ""),
        ("dotenv", "k=v\n", ""),
    ],
)
def test_files_that_another_program_encrypts_are_told(form: str, text: str, by: str) -> None:
    assert encrypted_by(text.encode(), form) == by


def test_a_scanner_that_ignores_comments_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the comparison with `tomllib`."""
    data = f'# K = "{KEY}"\nJ = "{KEY}"\n'.encode()
    assert [one.path for one in slots(data, "toml")] == [("J",)]
    monkeypatch.setattr("rotate.edit.toml_text._BLANK", re.compile(rb"[ \t\r\n#]*+"))
    with pytest.raises(Refused, match="do not agree"):
        slots(data, "toml")


def test_an_edit_that_is_not_read_again_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the second scan: a style that quotes nothing turns one value into two."""
    data = b'{"K": "a"}'
    (found,) = slots(data, "json")
    monkeypatch.setattr("rotate.edit.json_text.written", lambda value: f'"{value}"'.encode())
    (wrong,) = slots(data, "json")
    assert wrong.write('b", "J": "c') == b'"b", "J": "c"'
    with pytest.raises(Refused, match="would not read as it should"):
        replaced(data, "json", found, 'b", "J": "c')
    monkeypatch.setattr(formats, "proven", lambda *_: True)
    assert len(slots(replaced(data, "json", found, 'b", "J": "c'), "json")) == 2


@pytest.mark.parametrize(
    "after", [b"J=1\nK=b\n", b"J=2\nK=b\nL=3\n", b"J=2\nK=c\n", b"J=2\nK=$b\n", b"J=2\nK=b\n#x", b"'", b"J='\n"]
)
def test_the_proof_catches_whatever_else_differs(after: bytes) -> None:
    data = b"J=2\nK=a\n"
    before = slots(data, "dotenv")
    assert formats.proven(data, b"J=2\nK=b\n", "dotenv", before, 1, "b")
    assert not formats.proven(data, after, "dotenv", before, 1, "b")
