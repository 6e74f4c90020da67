"""The XML of a credential: the secret's element alone is replaced, and nothing in it is expanded."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.systems.jenkins.config import STRING, created, parsed

REDACTED = "<secret>\n    <secret-redacted/>\n  </secret>"
# What XML 1.0 can say, and reads back as it was.
TEXT = st.text(st.characters(min_codepoint=0x20, exclude_categories=("Cs", "Cn")), max_size=20)


def around(secret: str, more: str = "") -> str:
    fields = f"<scope>GLOBAL</scope>\n  <id>a</id>{more}\n  {secret}"
    return f'<{STRING} plugin="plain-credentials@1">\n  {fields}\n</{STRING}>'


@pytest.mark.parametrize(
    "secret",
    [
        REDACTED,
        "<secret/>",
        "<secret></secret>",
        "<secret >x</secret\n>",
        "<secret a='1 > 0'/>",
        "<secret><![CDATA[</secret>]]></secret>",
        "<secret><!-- </secret> --><secret-redacted/></secret>",
    ],
)
def test_the_secrets_element_is_replaced_and_every_other_byte_stays(secret: str) -> None:
    for more in ("", "<o/>", "<description>Ω &lt;secret&gt; <!-- <secret> --> \r\n&#169;</description>"):
        found = parsed(around(secret, more))
        assert (found.kind, found.id, found.secrets, found.elsewhere) == (STRING, "a", 1, 0)
        assert found.holding("new") == around("<secret>new</secret>", more)
        assert "".join(found.parts.values()) == f"<scope>GLOBAL</scope><id>a</id>{more}"


@given(value=TEXT, name=TEXT)
def test_any_value_reads_back_as_it_was(value: str, name: str) -> None:
    new = created(name, value)
    for text in (new, parsed(new).holding(value), parsed(around(REDACTED)).holding(value)):
        assert ET.fromstring(text).findtext("secret") == value  # noqa: S314 - of our own making
    assert parsed(new).id == name
    assert parsed(new).kind == STRING


@pytest.mark.parametrize(
    ("text", "elsewhere", "secrets"),
    [
        (around(REDACTED, "<password><secret-redacted/></password>"), 1, 1),
        (around(f"{REDACTED}{REDACTED}"), 0, 2),
        (around("<other><secret><secret-redacted/></secret></other>"), 1, 0),
    ],
)
def test_every_other_secret_is_counted(text: str, elsewhere: int, secrets: int) -> None:
    found = parsed(text)
    assert (found.elsewhere, found.secrets) == (elsewhere, secrets)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no whole XML"),
        (around(REDACTED)[:-5], "no whole XML"),
        (around(REDACTED, "&unknown;"), "no whole XML"),
        (around(REDACTED, "\x1b"), "no whole XML"),
        ("{}", "no whole XML"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "a document type"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "a document type"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:1/">]><a>&x;</a>', "a document type"),
    ],
)
def test_what_is_no_whole_xml_or_declares_anything_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parsed(text)
