"""A file that SOPS encrypts is written by the real `sops`, which never has the value among its arguments."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from rotate.address import parsed
from rotate.errors import RotateError
from rotate.secret import Secret
from rotate.systems.file import sops
from rotate.systems.file.value import FileValue
from tests.support.bench import BEFORE, NAME, means_of
from tests.support.files import refused
from tests.systems.file.bench import Vault

NEW = Secret('napi_"new"\\value_0123456789')


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path)


def opened(vault: Vault, file: Path, where: str = NAME) -> FileValue:
    return FileValue(parsed(f"file:{file}#{where}"), means_of(vault.environment))


def rotated(place: FileValue, secret: Secret = NEW) -> None:
    before = place.observe()
    place.confirm(before, place.put(secret))


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("values.yaml", f"neon:\n    list:\n        - apiKey: {BEFORE}\nother: 1\n", "neon.list[0].apiKey"),
        (".env", f"{NAME}={BEFORE}\nOTHER=1\n", NAME),
        ("config.json", f'{{"neon": {{"apiKey": "{BEFORE}"}}, "other": 1}}', "neon.apiKey"),
        ("settings.ini", f"[neon]\nkey = {BEFORE}\nother = 1\n", "neon.key"),
    ],
)
def test_a_value_is_replaced_and_read_back_and_the_others_stay(name: str, text: str, where: str, vault: Vault) -> None:
    file = vault.sealed(name, text)
    file.chmod(0o640)
    before, secret = vault.opened(file), Secret("napi_new_value_0123456789")
    rotated(opened(vault, file, where), secret)
    assert vault.opened(file) == before.replace(BEFORE, secret.reveal())
    assert secret.reveal() not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in file.parent.iterdir()] == [name]


def test_any_value_arrives_as_it_is(vault: Vault) -> None:
    file = vault.sealed("values.yaml", f"{NAME}: {BEFORE}\n")
    rotated(opened(vault, file))
    assert vault.sops("decrypt", "--extract", f'["{NAME}"]', str(file)) == NEW.reveal()


def test_a_name_that_is_missing_is_added_encrypted(vault: Vault) -> None:
    file = vault.sealed("values.yaml", "other: 1\n")
    place = opened(vault, file)
    assert place.observe().mark is None
    assert place.put(NEW).created
    assert vault.sops("decrypt", "--extract", f'["{NAME}"]', str(file)) == NEW.reveal()
    assert NEW.reveal() not in file.read_text()


def test_git_may_keep_what_is_encrypted_and_not_what_stands_there_as_it_is(vault: Vault) -> None:
    sealed = vault.sealed("values.yaml", f"{NAME}: {BEFORE}\n{NAME}_unencrypted: {BEFORE}\n")
    for words in (["init", "-q"], ["add", sealed.name]):
        subprocess.run(["git", *words], cwd=vault.folder, check=True, env={"PATH": os.environ["PATH"]})
    refused(opened(vault, sealed, f"{NAME}_unencrypted").observe, "file-tracked")
    rotated(opened(vault, sealed))


def test_the_value_is_never_an_argument(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    file = vault.sealed("values.yaml", f"{NAME}: {BEFORE}\n")
    seen: list[list[str]] = []
    as_it_is = subprocess.run

    def run(words: list[str], **more: Any) -> Any:
        seen.append(words)
        assert not [one for one in more["env"].values() if NEW.reveal() in one]
        return as_it_is(words, **more)

    place = opened(vault, file)
    monkeypatch.setattr(subprocess, "run", run)
    rotated(place)
    assert [words for words in seen if "--value-stdin" in words]
    assert not [word for words in seen for word in words if "napi" in word]


def test_without_the_program_it_is_refused_with_the_command_to_run(vault: Vault, tmp_path: Path) -> None:
    file = vault.sealed("my values.yaml", f"{NAME}: {BEFORE}\n")
    vault.environment["PATH"] = str(tmp_path)
    error = refused(opened(vault, file.rename(tmp_path / "my values.yaml")).observe, "file-needs-sops")
    assert f"sops edit '{file}'" in error.remedy


def pretend(vault: Vault, script: str) -> None:
    """Put another program in the place of `sops`."""
    program = vault.folder / "bin" / "sops"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    vault.environment["PATH"] = f"{program.parent}:{os.environ['PATH']}"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo napi_secret >&2; exit 128", "no key at hand opens it"),
        ("exit 51", "somebody changed it without SOPS"),
        ("echo flag provided but not defined: -value-stdin; exit 1", "it must be 3.11 or newer"),
        ("exec sleep 60", "did not end within 1 s"),
    ],
)
def test_what_fails_is_told_by_its_code_and_nothing_of_what_it_prints(
    script: str, why: str, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = vault.sealed("values.yaml", f"{NAME}: {BEFORE}\n")
    before = file.read_bytes()
    pretend(vault, script)
    monkeypatch.setattr(sops, "SECONDS", 1.0)
    error = refused(opened(vault, file).observe, "sops-failed")
    assert why in error.message
    assert file.read_bytes() == before


def test_what_does_not_run_is_told(vault: Vault) -> None:
    file = vault.sealed("values.yaml", f"{NAME}: {BEFORE}\n")
    pretend(vault, "")
    (vault.folder / "bin" / "sops").write_bytes(b"\x7fELF")
    assert "it does not run" in refused(opened(vault, file).observe, "sops-failed").message


def test_a_write_that_does_not_read_as_it_should_changes_nothing(vault: Vault) -> None:
    file = vault.sealed("values.yaml", f"{NAME}: {BEFORE}\n")
    before = file.read_bytes()
    pretend(vault, f"test $1 = set || printf {BEFORE}")
    assert "does not read as it should" in refused(opened(vault, file).observe, "sops-failed").message
    assert file.read_bytes() == before


def test_a_version_that_takes_no_value_from_standard_input_is_told_before_a_key_is_issued(vault: Vault) -> None:
    file = vault.sealed("values.yaml", f"{NAME}: {BEFORE}\n")
    before = file.read_bytes()
    pretend(vault, f"test $1 = set && exit 1; printf {BEFORE}")
    assert "it must be 3.11 or newer" in refused(opened(vault, file).observe, "sops-failed").message
    assert file.read_bytes() == before


def test_a_name_that_cannot_be_said_to_it_is_told(vault: Vault) -> None:
    file = vault.sealed("values.json", json.dumps({"a[b]": BEFORE}))
    assert "with a bracket" in refused(opened(vault, file, "a\\[b]").observe, "sops-failed").message


def test_what_it_raises_is_of_ours(vault: Vault) -> None:
    del vault.environment["SOPS_AGE_KEY"]
    file = vault.folder / "values.yaml"
    vault.sealed(file.name, f"{NAME}: {BEFORE}\n")
    with pytest.raises(RotateError) as raised:
        opened(vault, file).observe()
    assert raised.value.reason == "sops-failed"
