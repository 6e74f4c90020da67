"""Every picture in the documents is one that Mermaid, which GitHub draws with, understands."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
pytestmark = pytest.mark.clients


def complaints(pictures: list[str]) -> list[str]:
    """Give what Mermaid says of each: nothing, or what it does not understand."""
    node = shutil.which("node")
    if not node or not (HERE / "node_modules/mermaid").exists():
        reason = "no node, or `npm ci --prefix tests/clients` was not run"
        if os.environ.get("REQUIRE_CLIENTS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    asked = [node, str(HERE / "parse_pictures.mjs")]
    ended = subprocess.run(asked, input=json.dumps(pictures), capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    return list(json.loads(ended.stdout))


def test_every_picture_in_the_documents_can_be_drawn() -> None:
    pages = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
    block = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    pictures = [picture for page in pages for picture in block.findall(page.read_text())]
    assert pictures
    assert complaints(pictures) == [""] * len(pictures)


def test_a_picture_that_cannot_be_drawn_is_told() -> None:
    (said,) = complaints(["flowchart LR\n  a[ --> b"])
    assert "Parse error" in said
