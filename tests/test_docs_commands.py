"""What the documents tell people to type, fill in and expect is what the program, the examples and a run have."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import yaml

from rotate.frontends import cli, local
from rotate.protocol.facts.policy import Command
from tests.support.pages import PAGES, ROOT, commands, shell


def test_every_command_of_the_program_in_the_documents_is_understood() -> None:
    found = [words for words in commands("neon-rotate ") if not {"demo", "--help"} & set(words)]
    assert found
    for words in found:
        assert cli._parser().parse_args(local.with_find(words[1:])).command in [*Command, cli.LOCAL], words


def test_every_form_of_a_workflow_in_the_documents_is_one_that_the_example_has() -> None:
    saved = {"neon-api-key-exposed.yml": "exposure.yml", "rotate-neon-api-key.yml": "personal.yml"}
    found = list(commands("gh workflow run "))
    assert {words[3] for words in found} == set(saved)
    for words in found:
        form = yaml.safe_load((ROOT / "examples" / saved[words[3]]).read_text())[True]["workflow_dispatch"]["inputs"]
        given = {words[at + 1].partition("=")[0] for at, word in enumerate(words) if word == "-f"}
        assert given <= set(form), words
        assert {name for name, field in form.items() if field.get("required")} <= given, words
    told = {words[1].partition("=")[0] for words in commands("-f ")}
    assert told <= {"reason", "exposed_at", "exposed_key_id", "revoke_when", "break_lock"}


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash")
def test_every_block_of_shell_in_the_documents_can_be_pasted() -> None:
    blocks = [block for page in PAGES for block in shell(page)]
    assert blocks
    for block in blocks:
        ended = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True, timeout=10, check=False)
        assert ended.returncode == 0, block + ended.stderr


def test_what_the_runbook_shows_of_a_summary_is_what_a_run_writes() -> None:
    block = re.compile(r"<!-- (tests/\S+) -->\n```text\n(.*?)```", re.DOTALL)
    shown = [found for page in PAGES for found in block.findall(page.read_text())]
    assert shown
    for golden, quoted in shown:
        written = (ROOT / golden).read_text().splitlines()
        for line in quoted.splitlines():
            begun = line.endswith("…") and any(one.startswith(line.removesuffix("…")) for one in written)
            assert begun or line in written, f"{golden}: {line}"


def test_the_exposure_workflow_waits_for_the_routine_one() -> None:
    routine, exposure = (
        yaml.safe_load((ROOT / "examples" / name).read_text()) for name in ("personal.yml", "exposure.yml")
    )
    assert exposure["concurrency"] == routine["concurrency"]
    assert exposure["concurrency"]["cancel-in-progress"] is False
