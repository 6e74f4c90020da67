"""A secret does not print, format, compare loosely, change, pickle or serialize."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
import traceback

import pytest

from rotate.secret import Secret

VALUE = "napi_sandbox_canary_0123456789"


@pytest.mark.parametrize(
    "shown", [repr, str, lambda secret: f"{secret}", lambda secret: f"{secret:>40}", lambda s: f"{[s]}"]
)
def test_it_is_blank_wherever_it_is_shown(shown: object) -> None:
    assert callable(shown)
    assert VALUE not in shown(Secret(VALUE))
    assert "Secret" in shown(Secret(VALUE))


def test_a_traceback_does_not_show_it() -> None:
    def fail(secret: Secret) -> None:
        raise ValueError(f"could not use {secret}")

    with pytest.raises(ValueError, match="Secret") as caught:
        fail(Secret(VALUE))
    told = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert f"secret = {Secret(VALUE)!r}" in told
    assert told.count(VALUE) == 0


@pytest.mark.parametrize("store", [pickle.dumps, copy.copy, copy.deepcopy])
def test_it_is_never_stored(store: object) -> None:
    assert callable(store)
    with pytest.raises(TypeError, match="never pickled"):
        store(Secret(VALUE))


def test_it_is_no_json_and_has_no_attributes() -> None:
    with pytest.raises(TypeError):
        json.dumps(Secret(VALUE))
    with pytest.raises(TypeError, match="does not change"):
        Secret(VALUE)._value = "other"
    assert not hasattr(Secret(VALUE), "__dict__")


def test_it_is_equal_only_to_the_same_secret() -> None:
    assert Secret(VALUE) == Secret(VALUE)
    assert Secret(VALUE) != Secret(VALUE + "x")
    assert Secret(VALUE) != VALUE
    assert len({Secret(VALUE), Secret(VALUE)}) == 1
    assert not Secret("")


def test_its_fingerprint_is_a_short_hash() -> None:
    assert Secret(VALUE).fingerprint == hashlib.sha256(VALUE.encode()).hexdigest()[:12]
    assert Secret(VALUE).reveal() == VALUE
