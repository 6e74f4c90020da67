"""The failure tree: codes, equality, and a bug that is told without its text."""

from __future__ import annotations

import pytest

from rotate.errors import (
    ConfigurationError,
    DestinationError,
    Incomplete,
    InvariantViolated,
    Refused,
    SourceError,
    one_line,
)


def test_every_kind_of_failure_has_its_exit_code() -> None:
    kinds = (SourceError, DestinationError, ConfigurationError, Refused, Incomplete, InvariantViolated)
    assert [kind.exit_code for kind in kinds] == [1, 1, 2, 3, 4, 70]


def test_a_bug_is_told_by_type_and_place_never_by_its_text() -> None:
    with pytest.raises(KeyError) as caught:
        dict[str, str]()["napi_secret"]
    bug = InvariantViolated.of(caught.value)
    assert bug.message.startswith("KeyError at test_errors.py:")
    assert "napi_secret" not in f"{bug!r}{bug.message}{bug.remedy}"
    assert InvariantViolated.of(bug) is bug
    assert InvariantViolated.of(ValueError()).message == "ValueError at an unknown place."


def test_equal_failures_are_told_once() -> None:
    one, same, other = Refused("a", "b", "c"), Refused("a", "b", "c"), Refused("a", "b")
    assert len({one, same, other}) == 2
    assert one != SourceError("a", "b", "c")


def test_foreign_text_stays_on_one_line() -> None:
    assert one_line("a\nb\x1b[31m\u202ec") == "a·b·[31m·c"
    assert len(one_line("x " * 999)) == 200
