"""The page and the SARIF of an inventory: every name is a text, nothing is loaded, and a browser shows it all."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import struct
import subprocess
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.protocol.facts.holdings import Account, HeldKey
from rotate.protocol.facts.model import LiveKey
from rotate.protocol.story.holdings import Holdings, in_order_of_risk
from rotate.protocol.story.risks import Risk, judge
from rotate.reporters import inventory_page, sarif
from rotate.reporters.inventory_page import MOST_LINES, WIDTH, Scale, page
from tests.support.openapi import SPECS

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
HOSTILE = "</bdi><script src=//x>alert(1)</script>\"' onload=x <img src=x onerror=y>\u202e\x1b[31m&lt;"
TAGS = {"html", "head", "meta", "title", "style", "body", "main", "header", "section", "h1", "h2", "p", "bdi", "ul"}
TAGS |= {"li", "span", "em", "code", "table", "thead", "tbody", "tr", "th", "td", "strong", "small", "br", "svg"}
TAGS |= {"path", "circle", "text"}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
OFFICIAL = SPECS / "sarif-schema-2.1.0.json"


class Page(HTMLParser):
    """Reads a page as a browser does, as far as elements, attributes and texts go."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, list[str]] = {}
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def holdings(*names: str, made: float = 400, used: float | None = 100, many: int = 0) -> Holdings:
    """Give an inventory of an organization with keys of these names."""
    at = None if used is None else NOW - timedelta(days=used)
    keys = [
        HeldKey(LiveKey(number, name, NOW - timedelta(days=made + number), at, name), False, f"u{number}", name)
        for number, name in enumerate((*names, *(f"key {number}" for number in range(many))), 1)
    ]
    account = Account("org-a", names[0] if names else "", tuple(keys), members=frozenset({"u2"}))
    user = Account("user-1", "", (), personal=True)
    unknown = Account("org-b", "org-b", ())
    judged = judge(account, (), timedelta(days=30), NOW)
    return Holdings((account, user, unknown), in_order_of_risk([*judged]), NOW, ".github/neon-rotate.yml")


def harmless(text: str) -> None:
    """Assert that a page has our elements alone, no attribute that runs or loads, and its own style sheet allowed."""
    read = Page(text)
    assert read.tags <= TAGS
    assert not [name for name in read.attributes if name.startswith("on") or name in ("src", "href", "style")]
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (allowed,) = [one for one in read.attributes["content"] if one.startswith("default-src")]
    assert allowed == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in style
    assert "@import" not in style


def test_a_hostile_name_is_a_text_and_nothing_else() -> None:
    text = page(holdings(HOSTILE, "well"))
    harmless(text)
    assert "".join(Page(text).texts).count("<script src=//x>") >= 3
    assert "\x1b" not in text
    assert "\u202e" not in text


@given(st.text(max_size=64))
def test_no_name_breaks_out(name: str) -> None:
    harmless(page(holdings(name)))


def test_a_page_that_escaped_nothing_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory_page, "escape", str)
    with pytest.raises(AssertionError):
        harmless(page(holdings(HOSTILE)))


def test_the_page_tells_whose_keys_and_what_stands_out() -> None:
    told = "".join(Page(page(holdings("deploys", "other"))).texts)
    for words in (
        "2 keys of 3 accounts",
        "creator-left: 1",
        "organization, 2 keys, 1 member",
        "user, 0 keys",
        "organization, 0 keys, members not told",
        "unused for 100 days",
        "made 2025-10-24, last used 2026-08-21",
        "no credential",
    ):
        assert words in told, words


def test_a_page_without_keys_and_one_with_too_many() -> None:
    empty = page(replace(holdings(), accounts=()))
    harmless(empty)
    assert "Nothing." in empty
    assert "<table>" not in empty
    many = page(holdings(many=1005, used=None))
    assert many.count("<tr>") == 1001
    assert "… and 5 more" in many
    assert "last used never" in many


@given(st.integers(0, 20_000), st.integers(-10, 20_000))
def test_every_time_is_inside_of_the_picture_and_the_scale_is_short(span: int, ago: int) -> None:
    scale = Scale(NOW - timedelta(days=span), NOW)
    assert 0 < scale.at(NOW - timedelta(days=ago)) < WIDTH
    lines = scale.lines()
    assert 1 <= len(lines) <= MOST_LINES
    assert lines[0] == NOW
    assert all(later > earlier for later, earlier in pairwise(lines))


@pytest.mark.parametrize(("made", "form"), [(20, r"\d\d Nov"), (700, r"[A-Z][a-z]{2} 2025"), (6000, r">20\d\d<")])
def test_the_scale_says_days_months_or_years(made: float, form: str) -> None:
    assert re.search(form, page(holdings("deploys", made=made, used=1)))


def pixels(data: bytes) -> set[bytes]:
    """Give the colours of a PNG of 8 bits a channel: enough to see that something was painted in each."""
    at, header, body = 8, b"", b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        part = data[at + 8 : at + 8 + length]
        header, body = (part, body) if kind == b"IHDR" else (header, body + part * (kind == b"IDAT"))
        at += length + 12
    width, height, _, colour = struct.unpack(">IIBB", header[:10])
    size = {2: 3, 6: 4}[colour]
    rows, before, seen = zlib.decompress(body), bytearray(width * size), set[bytes]()
    for number in range(height):
        start = number * (width * size + 1)
        before = _unfiltered(rows[start], rows[start + 1 : start + 1 + width * size], before, size)
        seen |= {bytes(before[x : x + 3]) for x in range(0, width * size, size)}
    return seen


def _unfiltered(kind: int, row: bytes, above: bytearray, size: int) -> bytearray:
    """Undo a filter of PNG (W3C, *PNG Specification*, 9.2)."""
    out = bytearray(row)
    for x in range(len(out)):
        left = out[x - size] if x >= size else 0
        corner = above[x - size] if x >= size else 0
        up = above[x]
        nearest = min((left, up, corner), key=lambda one: abs(left + up - corner - one))
        out[x] = (out[x] + (0, left, up, (left + up) // 2, nearest)[kind]) & 255
    return out


def dumped_by(browser: list[str], file: Path) -> str:
    """Give the document as a browser has it once it is loaded."""
    asked = [*browser, "--dump-dom", f"file://{file}"]
    return subprocess.run(asked, check=True, capture_output=True, text=True, timeout=120).stdout


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (Debian: apt-get install chromium)")
def test_a_browser_shows_the_timeline_and_runs_nothing(tmp_path: Path) -> None:
    assert CHROMIUM
    file, picture = tmp_path / "keys.html", tmp_path / "keys.png"
    spiked = "<script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">"
    # What a hole in the escaping would let in: the page's own policy stops it.
    file.write_text(page(holdings("deploys", HOSTILE, many=4)).replace("</main>", f"{spiked}</main>"))
    usual = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    shown = [
        CHROMIUM,
        *usual,
        "--hide-scrollbars",
        "--window-size=1280,1400",
        f"--screenshot={picture}",
        f"file://{file}",
    ]
    subprocess.run(shown, check=True, capture_output=True, timeout=120)
    dumped = dumped_by([CHROMIUM, *usual], file)
    assert "<title>Neon API keys</title>" in dumped, "no script ran"
    assert "deploys" in dumped
    file.write_text(file.read_text().replace("default-src 'none'; ", ""))
    assert "<title>ran</title>" in dumped_by([CHROMIUM, *usual], file), "the control: without the policy it would"
    colours = pixels(picture.read_bytes())
    assert {b"\xc2\x24\x2f", b"\x9a\x67\x00"} <= colours, (
        "the lines of the timeline are painted, as the style sheet says"
    )


def structure(document: object) -> None:
    """Assert what SARIF 2.1.0 demands of what we write, by its own sections."""
    assert isinstance(document, dict)
    assert (set(document), document["version"]) == ({"$schema", "version", "runs"}, "2.1.0")  # 3.13
    (run,) = document["runs"]
    driver = run["tool"]["driver"]
    rules = driver["rules"]
    assert [rule["id"] for rule in rules] == [risk.value for risk in Risk]  # 3.19.23: unique
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)  # 3.49
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]  # 3.27.6
        assert result["level"] in ("error", "warning", "note")  # 3.27.10
        assert result["message"]["text"]  # 3.27.11
        (location,) = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert uri
        assert not uri.startswith("/")
        assert location["physicalLocation"]["region"]["startLine"] >= 1  # 3.30.5
    marks = [result["partialFingerprints"]["neonKey/v1"] for result in run["results"]]
    assert len(marks) == len(set(marks))


def test_the_sarif_is_as_its_specification_says() -> None:
    many = holdings("deploys", HOSTILE, many=8000)
    document = json.loads(json.dumps(sarif.document(many)))
    structure(document)
    results = document["runs"][0]["results"]
    assert len(results) == sum(many.counts.values())
    assert results[0]["ruleId"] == "creator-left"
    (limit,) = [one for one in results if one["ruleId"] == "near-limit"]
    assert limit["message"]["text"].startswith("Account org-a: 8,002 keys of at most 10,000. ")
    assert not any("\x1b" in one["message"]["text"] for one in results)


@pytest.mark.skipif(not OFFICIAL.exists(), reason=f"no official schema at hand: {OFFICIAL.name}")
def test_the_sarif_is_valid_against_the_official_schema() -> None:
    schema = json.loads(OFFICIAL.read_text())
    document = json.loads(json.dumps(sarif.document(holdings("deploys", HOSTILE))))
    jsonschema.validators.validator_for(schema)(schema).validate(document)
