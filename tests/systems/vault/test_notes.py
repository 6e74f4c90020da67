"""What is Vault's own of a notebook: the version of the store, and versions that go on after a text is gone."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.errors import Refused
from rotate.ports import Pages
from rotate.sandbox.world import World
from rotate.service.notes import BAD, LOCK, Held, KeptNotes
from rotate.systems.vault.notes import Secrets
from tests.support.bench import NAME, means_of
from tests.systems.vault.bench import FIRST, SECOND, Vault


def opened(ours: Vault) -> Secrets:
    return Secrets(parsed(f"vault://{ours.where}#{NAME}"), means_of(ours.environment))


def test_a_store_without_check_and_set_keeps_nothing(world: World) -> None:
    with pytest.raises(Refused, match="version 1") as caught:
        KeptNotes(opened(Vault(world, FIRST))).read()
    assert caught.value.reason == "no-notebook"


def test_two_that_read_the_same_version_are_told_apart_whenever_they_write(world: World) -> None:
    texts = opened(Vault(world, SECOND))
    assert texts.read(LOCK) == Held(None, "0")
    assert texts.write(LOCK, "mine", Held(None, "0"))
    assert not texts.write(LOCK, "theirs", Held(None, "0"))
    assert texts.remove(LOCK, Held("mine", "1"))
    assert not texts.remove(LOCK, Held("mine", "1"))
    assert texts.read(LOCK) == Held(None, "2")
    assert not texts.write(LOCK, "late", Held(None, "0"))
    assert texts.write(LOCK, "next", Held(None, "2"))
    assert texts.read(BAD).text is None
    assert KeptNotes(texts).read() == Pages(None, "next")
