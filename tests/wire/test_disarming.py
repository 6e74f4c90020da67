"""What came from outside commands nobody, and of what may be a value at most eight characters are seen."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.errors import MOST_SEEN, cut, one_line
from rotate.secret import Secret
from rotate.settings.parse import shown
from rotate.wire.masking import Veil
from rotate.wire.plain_letters import forgiving
from rotate.wire.workflow_commands import command, disarmed, send
from tests.support.runner_commands import Obeyed, obeyed, parsed

VALUE = "q7w8e9r0t1y2u3i4o5p6a7s8d9f0g1h2j3k4l5z6x7c8v9b0n1m2q3w4e5r6t7y8"
FORMS = [
    "::stop-commands::t",
    "  \t\xa0::add-mask::a",
    "##[stop-commands]t",
    "x ##[stop-commands]zz",
    "###[error file=a;line=1]t",
    "a\n::error::b",
    "a\r ::error::b",
    "a\u2028::error::b",
    "##[x##[stop-commands]t",
    ":::error::b",
]
PIECES = st.lists(
    st.sampled_from([*FORMS, "::", ":", "#", "##", "[", "]", "stop-commands", " ", "\n", "\r", "\v", "\x85", "x"])
)


@pytest.mark.parametrize("text", [text for text in FORMS if not text.startswith((":::", "##[x"))])
def test_the_runner_would_obey_each_form(text: str) -> None:
    """The control: the parser that the other tests trust sees what the runner sees."""
    assert len(list(obeyed(text))) == 1


def test_the_parser_reads_what_we_send() -> None:
    assert parsed(command("error", "a:b", {"title": "x"})) == Obeyed("error", "a:b")
    assert [parsed(text) for text in ("a ::error::b", "::unknown::b", "::error", "##[unknown]b", "##[error")] == [
        None
    ] * 5


@given(PIECES.map("".join))
def test_no_text_commands_the_runner(text: str) -> None:
    told = disarmed(text)
    assert list(obeyed(told)) == []
    assert "##[" not in told
    assert disarmed(told) == told


def test_what_commands_nobody_stays_as_it_is() -> None:
    text = "# a\n## [x] from 2001:db8::1 at 12:30 ::"
    assert disarmed(text) == text


@given(PIECES.map("".join))
def test_nothing_leaves_the_veil_that_the_runner_would_obey(text: str) -> None:
    assert list(obeyed(Veil().scrub(text))) == []


@given(st.text(max_size=20), st.integers(0, 60), st.integers(0, 64), st.text("-x ", max_size=9))
def test_no_long_part_of_a_secret_leaves(before: str, first: int, last: int, after: str) -> None:
    veil = Veil()
    veil.hide(Secret(f"napi_{VALUE}"))
    told = veil.scrub(before + VALUE[first:last] + after)
    assert not any(VALUE[at : at + MOST_SEEN + 1] in told for at in range(len(VALUE) - MOST_SEEN))
    assert veil.scrub(f"napi_{VALUE[:MOST_SEEN]}") == f"napi_{VALUE[:MOST_SEEN]}", "a little may be seen"


def test_parts_of_several_secrets_are_hidden_one_by_one() -> None:
    veil = Veil()
    veil.hide(Secret(VALUE))
    veil.hide(Secret(VALUE))
    veil.hide(Secret("github_pat_" + VALUE[::-1]))
    assert veil.scrub(f"{VALUE[:20]} {VALUE[30:40]}, {VALUE[::-1][5:25]}.") == "*** ***, ***."
    assert veil.scrub(f"{VALUE[:12]}{VALUE[:12]}") == "******"
    assert veil.scrub("github_pat_") == "github_pat_", "how all of a kind begin tells nothing"


def test_an_older_key_is_hidden_even_if_nobody_said_so_and_a_hash_is_not() -> None:
    digest = "0123456789abcdef" * 4
    assert Veil().scrub(f"x {VALUE} {VALUE[:61]} KEY_{VALUE} {digest}") == f"x *** *** KEY_*** {digest}"


def test_what_no_encoding_takes_is_replaced() -> None:
    assert Veil().scrub("a\ud800b") == "a?b"


@given(st.integers(1, 100), st.integers(0, 100))
def test_a_cut_leaves_little_of_a_word_that_it_goes_through(limit: int, at: int) -> None:
    told = cut("- " * (at // 2) + VALUE + " - - -" * 30, limit)
    assert len(told) <= max(limit, 1)
    assert VALUE in told or not any(
        VALUE[start : start + MOST_SEEN + 1] in told for start in range(len(VALUE) - MOST_SEEN)
    )


def test_a_text_is_cut_between_words_as_it_is() -> None:
    assert (cut("abc", 3), cut("ab cd", 4), one_line("x" * 999)) == ("abc", "ab …", "xxxxxxxx…")


@pytest.mark.parametrize("text", [VALUE, f"a/{VALUE}", f"{VALUE[:40]}/{VALUE[40:]}", "AbC1-" * 12, VALUE[:25]])
def test_an_input_that_may_be_a_value_is_not_quoted(text: str) -> None:
    told = shown(f"x{text}")
    assert not any(text[at : at + MOST_SEEN + 1] in told for at in range(len(text) - MOST_SEEN))


def test_an_input_that_is_a_name_is_quoted() -> None:
    assert (shown("octo-org/payments service"), shown("`a\nb")) == ("octo-org/payments service", "·a·b")


def test_an_output_that_has_no_such_letters_is_given_others() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="cp1252")
    forgiving(out)
    forgiving(io.StringIO())
    send(out, "✓ 1 “a” ☃\ud800")
    assert raw.getvalue().decode("cp1252").strip() == "ok 1 “a” ??"
    with pytest.raises(UnicodeDecodeError):
        b"\xff".decode(errors="plain-letters")
