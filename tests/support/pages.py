"""The documents as tests read them: their links, headings, blocks of shell and commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [path for path in ROOT.rglob("*.md") if not re.search(r"/(node_modules|\.venv\d*)/", str(path))]


def prose(text: str) -> str:
    """Give a page without its blocks of code, where `#` begins a comment and brackets are no link."""
    return re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.MULTILINE | re.DOTALL)


def shell(page: Path) -> list[str]:
    """Give the blocks of shell of a page."""
    found = re.findall(r"^( *)```sh\n(.*?)^\1```$", page.read_text(), re.MULTILINE | re.DOTALL)
    return [block for _, block in found]


def commands(beginning: str) -> Iterator[list[str]]:
    """Give the words of each command in the documents that begins so, in a block or in the text."""
    for page in PAGES:
        lines = [line.strip() for block in shell(page) for line in block.replace("\\\n", " ").splitlines()]
        for line in [*lines, *re.findall(r"`([^`\n]+)`", prose(page.read_text()))]:
            if line.removeprefix(".venv/bin/").startswith(beginning):
                yield shlex.split(line, comments=True)


def headings(text: str) -> set[str]:
    """Give the anchors that GitHub makes of the headings."""
    titles = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def links(page: Path) -> list[str]:
    """Give where a page links to within the repository."""
    return [target for target in re.findall(r"\]\(([^)\s]+)\)", prose(page.read_text())) if "://" not in target]
