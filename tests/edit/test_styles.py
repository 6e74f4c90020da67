"""What is a reference, and what each style of quoting holds."""

from __future__ import annotations

import pytest

from rotate.edit.formats import replaced
from rotate.errors import Refused
from tests.edit.cases import NEW, slot_at

REFERENCES = [
    ("dotenv", "K=${NEON_API_KEY:-napi_default}", "${NEON_API_KEY}"),
    ("dotenv", "K='${NEON_API_KEY}'", "${NEON_API_KEY}"),
    ("dotenv", 'K="a $X"', "$X"),
    ("dotenv", 'K="$(pass neon)"', "$(…)"),
    ("dotenv", "K=$(pass neon)", "$(…)"),
    ("dotenv", "K=op://Private/neon/key", "op://Private/neon/key"),
    ("dotenv", 'K="encrypted:BD7"', "encrypted:…"),
    ("shell", "K=$NEON", "$NEON"),
    ("shell", 'K="${NEON:-x}"', "${NEON}"),
    ("shell", 'K="$(op read x)"', "$(…)"),
    ("shell", "K=`x`", "$(…)"),
    ("shell", "K=$1", "$…"),
    ("powershell", '$env:K = "$x"', "$x"),
    ("powershell", '$env:K = "$(x)"', "$(…)"),
    ("tfvars", 'K = "${var.x}"', "${var.x}"),
    ("tfvars", 'K = "$${x}"', "${x}"),
    ("tfvars", 'K = "%{ if x }${"}"}%{ endif }"', "%{…}"),
    ("yaml", "x: &a v\nK: *a", "*a"),
    ("yaml", "K: !Ref X", "!Ref"),
    ("yaml", "K: !Sub ['', x]", "!Sub"),
    ("yaml", "K: '{{ .Values.key }}'", "{{ …"),
    ("yaml", "K: vault:secret/data/neon#key", "vault:secret/data/neon#key"),
    ("yaml", "K: ref+vault://neon/key", "ref+vault://neon/key"),
    ("json", '{"K": "Bearer ${env:NEON_API_KEY}"}', "${env:NEON_API_KEY}"),
    ("json", '{"K": "${input:neon}"}', "${input:neon}"),
    ("json", '{"K": "${{ secrets.NEON }}"}', "${secrets.NEON}"),
    ("json", '{"K": "${}"}', "${…}"),
    ("json", '{"K": "$NEON"}', "$NEON"),
    ("json", '{"K": "%NEON%"}', "%NEON%"),
    ("json", '{"K": "ENC[AES256_GCM,x]"}', "ENC[…"),
    ("toml", 'K = "$NEON"', "$NEON"),
    ("ini", "K = %(x)s", "%(x)s"),
    ("pairs", "K=${NEON}", "${NEON}"),
    ("properties", "K=${NEON:napi_default}", "${NEON}"),
]


@pytest.mark.parametrize(("form", "text", "refers"), REFERENCES)
def test_a_reference_is_named_and_never_overwritten(form: str, text: str, refers: str) -> None:
    found = slot_at(text.encode(), form, "K")
    assert found.refers == refers
    with pytest.raises(Refused) as caught:
        replaced(text.encode(), form, found, NEW)
    assert caught.value.reason == "file-not-editable"


def test_an_alias_has_no_style_of_its_own() -> None:
    with pytest.raises(Refused, match="reference"):
        slot_at(b"x: &a v\nK: *a", "yaml", "K").write(NEW)


# What each style holds, and what it does not.
WRITTEN = [
    ("dotenv", "K='a'", "b c", "K='b c'"),
    ("dotenv", "K=`a`", "b'c", "K=`b'c`"),
    ("shell", 'K="a"', 'b"$`\\c', 'K="b\\"\\$\\`\\\\c"'),
    ("shell", 'K="a\\\\b"', "c", 'K="c"'),
    ("tfvars", 'K = "a"', 'b"\\%$', 'K = "b\\"\\\\%$"'),
    ("tfvars", 'K = "\\u00e9\\U0001f600\\n\\""', "b", 'K = "b"'),
    ("yaml", "K: 'a'", "it's", "K: 'it''s'"),
    ("yaml", 'K: "a"', 'b"\n\\', 'K: "b\\"\\n\\\\"'),
    ("yaml", "K: a", "Bearer b:c", "K: Bearer b:c"),
    ("yaml", "K: |\n  a\n  b\n", "c\nd", "K: |\n  c\n  d\n"),
    ("yaml", "K: |\r\n  a\r\n", "c\nd", "K: |\r\n  c\r\n  d\r\n"),
    ("json", '{"K": "a"}', 'b"\n\u20ac', '{"K": "b\\"\\n\\u20ac"}'),
    ("toml", 'K = "a"', 'b"\n', 'K = "b\\"\\n"'),
    ("toml", "K = '''\na'''", "b c", "K = '''\nb c'''"),
    ("properties", "K=a", " b\\\n\u20ac\U0001f600", "K=\\ b\\\\\\n\\u20ac\\ud83d\\ude00"),
    ("ini", "K = 'a'", "b c;d", "K = 'b c;d'"),
    ("powershell", "$env:K = 'it''s'", "b", "$env:K = 'b'"),
]


@pytest.mark.parametrize(("form", "text", "value", "after"), WRITTEN)
def test_the_style_of_quoting_is_kept(form: str, text: str, value: str, after: str) -> None:
    assert replaced(text.encode(), form, slot_at(text.encode(), form, "K"), value).decode() == after


NOT_HELD = [
    ("dotenv", "K='a'", "it's"),
    ("dotenv", 'K="a"', "a\nb"),
    ("dotenv", "K=a", "b c"),
    ("dotenv", "K=a\\\nB=1", "b"),
    ("shell", "K=a", "b c"),
    ("shell", "K='a'", "it's"),
    ("shell", "K=$'a'", "b\\c"),
    ("shell", 'K="a"', "b\nc"),
    ("shell", "K=a'b'", "c"),
    ("shell", "K=\\\u00e9", "c"),
    ("shell", "K='a\\'", "c"),
    ("shell", "K=$'a\\n'", "c"),
    ("shell", "K=a$", "c"),
    ("powershell", '$env:K = "a`n"', "b"),
    ("powershell", '$env:K = "a"', "b$c"),
    ("tfvars", 'K = "a"', "b\nc"),
    ("tfvars", 'K = "a"', "${b}"),
    ("yaml", "K: a", "b: c"),
    ("yaml", "K: a", "true"),
    ("yaml", "K: 'a'", "b\nc"),
    ("yaml", 'K: "a"', "\ud800"),
    ("yaml", 'K: "a"', "\x7f"),
    ("yaml", "K: >\n  a\n", "b\nc"),
    ("yaml", "K: |\n  a\n", " b"),
    ("json", '{"K": "a"}', "\ud800"),
    ("toml", 'K = "a"', "\ud800"),
    ("toml", "K = 'a'", "it's"),
    ("ini", "K = a\n  b", "c"),
    ("ini", "K = a", "b ; c"),
    ("ini", "K = 'a'", "it's"),
    ("properties", "K=a", "\ud800"),
    ("properties", "K", "a"),
]


@pytest.mark.parametrize(("form", "text", "value"), NOT_HELD)
def test_what_the_style_does_not_hold_is_refused(form: str, text: str, value: str) -> None:
    with pytest.raises(Refused) as caught:
        replaced(text.encode(), form, slot_at(text.encode(), form, "K"), value)
    assert caught.value.reason == "file-not-editable"
