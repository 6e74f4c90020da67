"""Which findings a key gets: each at its boundary, in the order of risk, and none by a rule that is a little off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rotate.protocol.facts.holdings import Account, HeldKey
from rotate.protocol.facts.marker import Lineage, Marker
from rotate.protocol.facts.model import LiveKey, Scope
from rotate.protocol.story import risks
from rotate.protocol.story.holdings import Holdings, in_order_of_risk, last_use
from rotate.protocol.story.risks import Cover, Judged, Risk, Severity, judge, of_account, purpose, tool

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)
OURS = Lineage("payments", "abcdefghijk12")
ANOTHER = Lineage("invoices", "zzzzzzzzzzz99")


def days(count: float) -> datetime:
    return NOW - timedelta(days=count)


def key(number: int = 1, name: str = "deploys", made: float = 10, used: float | None = 1, project: str = "") -> HeldKey:
    at = None if used is None else days(used)
    return HeldKey(LiveKey(number, name, days(made), at, "192.0.2.1" * bool(at), project or None), False, "u1", "ada")


def judged(
    *keys: HeldKey,
    members: frozenset[str] | None = frozenset({"u1"}),
    covers: tuple[Cover, ...] = (),
    max_age: timedelta | None = None,
) -> list[Judged]:
    return list(judge(Account("org-a", "A", keys, members=members), covers, max_age, NOW))


def found(*keys: HeldKey, **more: object) -> list[list[Risk]]:
    return [[flag.risk for flag in one.flags] for one in judged(*keys, **more)]  # type: ignore[arg-type]


def minted(serial: int, lineage: Lineage = OURS) -> str:
    return Marker(lineage, 17, 1, "k3f9", serial).name()


def covering(**changes: object) -> Cover:
    return replace(Cover("NEON_API_KEY", OURS, Scope.PROJECT, held_by_machines=True), **changes)  # type: ignore[arg-type]


def never_used_counts_from_the_seventh_day() -> None:
    assert found(key(made=7, used=None)) == [[Risk.NEVER_USED]]
    late = replace(key(used=None).key, created_at=days(7) + A_SECOND)
    assert found(replace(key(), key=late)) == [[]], "who issues a key today may use it tomorrow"


def unused_counts_from_the_ninetieth_day() -> None:
    assert found(key(made=400, used=90)) == [[Risk.UNUSED]]
    late = replace(key(made=400).key, last_used_at=days(90) + A_SECOND)
    assert found(replace(key(), key=late)) == [[]]


def older_than_max_age_is_told_and_as_old_is_not() -> None:
    assert found(key(made=30), max_age=timedelta(days=30)) == [[]]
    assert found(key(made=30), max_age=timedelta(days=30) - A_SECOND) == [[Risk.TOO_OLD]]
    assert found(key(made=3000)) == [[]], "without a limit there is none"


def near_the_limit_is_told_of_the_account() -> None:
    many = tuple(key(number, f"service-{number}x") for number in range(8000))
    assert [flag.risk for flag in of_account(Account("a", "", many))] == [Risk.NEAR_LIMIT]
    assert of_account(Account("a", "", many[1:])) == ()


RULES: tuple[Callable[[], None], ...] = (
    never_used_counts_from_the_seventh_day,
    unused_counts_from_the_ninetieth_day,
    older_than_max_age_is_told_and_as_old_is_not,
    near_the_limit_is_told_of_the_account,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_boundary_is_where_it_is_said_to_be(rule: Callable[[], None]) -> None:
    rule()


@pytest.mark.parametrize(
    ("name", "wrong", "rule"),
    [
        ("NEW", timedelta(days=6), RULES[0]),
        ("NEW", timedelta(days=8), RULES[0]),
        ("UNUSED_AFTER", timedelta(days=89), RULES[1]),
        ("UNUSED_AFTER", timedelta(days=91), RULES[1]),
        ("NEAR", 7999, RULES[3]),
        ("NEAR", 8001, RULES[3]),
    ],
)
def test_a_boundary_that_is_a_little_off_is_caught(
    name: str, wrong: object, rule: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(risks, name, wrong)
    with pytest.raises(AssertionError):
        rule()


def test_who_left_is_told_only_where_the_members_are_known() -> None:
    assert found(key(), members=frozenset({"u2"})) == [[Risk.CREATOR_LEFT]]
    assert found(key(), members=frozenset()) == [[Risk.CREATOR_LEFT]]
    assert found(key(), members=frozenset({"u1"})) == [[]]
    assert found(key(), members=None) == [[]], "unknown is nobody's fault"
    assert found(replace(key(), creator=""), members=frozenset()) == [[]]


def test_a_personal_key_that_machines_use_is_told_and_no_other() -> None:
    mine = replace(key(name=minted(1)), personal=True)
    assert found(mine, covers=(covering(),)) == [[Risk.PERSONAL_IN_CI]]
    assert found(mine, covers=(covering(held_by_machines=False),)) == [[]]
    assert found(mine) == [[]], "no credential writes it anywhere"
    assert found(key(name=minted(1)), covers=(covering(),)) == [[]], "it is an organization's"
    github = replace(key(name="API key for GitHub (tiny-lake-1)"), personal=True)
    assert found(github) == [[Risk.PERSONAL_IN_CI, Risk.AUTO_MINTED]]
    assert found(replace(github, personal=False)) == [[Risk.AUTO_MINTED]]


def test_a_credential_covers_by_marker_or_by_id_and_brings_its_own_age() -> None:
    by_name, by_id, neither = key(1, minted(1), 40), key(2, "by hand", 40), key(3, minted(1, ANOTHER), 40)
    covers = (covering(ids=frozenset({2}), max_age=timedelta(days=50)),)
    told = judged(by_name, by_id, neither, covers=covers, max_age=timedelta(days=30))
    assert [one.credential for one in told] == ["NEON_API_KEY", "NEON_API_KEY", ""]
    assert [[flag.risk for flag in one.flags] for one in told] == [[], [], [Risk.TOO_OLD]]
    assert [one.origin for one in told] == [risks.Origin.LINEAGE, risks.Origin.HAND, risks.Origin.LINEAGE]
    unknown = covering(lineage=replace(OURS, home=""))
    assert judged(by_name, covers=(unknown,))[0].credential == "", "an unknown home shows nothing"


@pytest.mark.parametrize(
    ("name", "who", "whose"),
    [
        ("neonctl-init-1727000000", "neonctl init", ""),
        ("neon-cli-mcp-20250901T101112Z-3f2a", "neon mcp", ""),
        ("neon-cli-work-20250901T101112Z-3f2a", "the Neon CLI", "work"),
        ("VS Code Extension (9/1/2026, 10:11:12 AM)", "the VS Code extension", ""),
        ("API key for GitHub (tiny-lake-1)", "Neon's GitHub integration", "tiny-lake-1"),
        ("neon-cli-work", "", ""),
        ("our VS Code Extension (x)", "", ""),
    ],
)
def test_names_that_tools_give_are_known(name: str, who: str, whose: str) -> None:
    assert tool(name) == (who, whose)
    assert (Risk.AUTO_MINTED in found(key(name=name))[0]) is bool(who)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("deploys", "deploys 2", True),
        ("deploys", "Deploys (new)", True),
        ("deploys-2025-01-01", "deploys-2026-02-03", True),
        ("deploys_old", "deploys v2 copy", True),
        ("deploys", "payments", False),
        ("2024", "2025", False),
        ("new", "old", False),
        ("neon-cli-a-20250901T101112Z-3f2a", "neon-cli-b-20250901T101112Z-3f2a", False),
        ("neon-cli-a-20250901T101112Z-3f2a", "neon-cli-a-20260901T101112Z-1111", True),
        (minted(1), minted(2), True),
        (minted(1), minted(1, ANOTHER), False),
    ],
)
def test_names_tell_one_purpose_or_two(one: str, other: str, same: bool) -> None:
    assert (purpose(one) == purpose(other)) is same


def test_of_several_keys_with_one_purpose_the_newest_is_not_told() -> None:
    keys = [
        key(1, "deploys", 30),
        key(2, "deploys 2", 20),
        key(3, "deploys 3", 10),
        key(4, "deploys 4", 5, project="p"),
    ]
    assert found(*keys) == [[Risk.SEVERAL], [Risk.SEVERAL], [], []], "the fourth is another project's"
    (flag,) = judged(*keys)[0].flags
    assert flag.told == "3 keys seem to have its purpose; the newest is 3"


def test_an_overlap_keeps_two_keys_of_a_lineage() -> None:
    keys = [key(number, minted(number), 30 - number) for number in (1, 2, 3)]
    assert found(*keys[1:]) == [[], []]
    assert found(*keys) == [[Risk.SEVERAL], [], []]


def test_findings_and_keys_are_in_the_order_of_risk() -> None:
    keys = [key(1, "quiet"), key(2, "stale", 400, 200), key(3, "a 1", 9, None), key(4, "a 2", 8, None)]
    gone = replace(key(5, "leaver", 400, 200), creator="u9")
    told = in_order_of_risk(judged(*keys, gone, max_age=timedelta(days=100)))
    assert [one.held.key.key_id for one in told] == [5, 3, 4, 2, 1]
    assert [flag.risk for flag in told[0].flags] == [Risk.CREATOR_LEFT, Risk.UNUSED, Risk.TOO_OLD]
    holdings = Holdings((Account("org-a", "", ()),), told, NOW)
    order = [flag.risk for _, _, flag in holdings.flags]
    assert order == sorted(order, key=list(Risk).index)
    assert holdings.sentence == "5 keys of 1 account; findings: 1 high, 6 medium, 1 low"
    assert list(holdings.counts.values()) == [1, 2, 2, 2, 1]


@pytest.mark.parametrize(
    ("fail_on", "reasons"),
    [
        ((), []),
        (("high",), ["creator-left"]),
        (("medium",), ["creator-left", "unused", "near-limit"]),
        (("low",), ["creator-left", "unused", "near-limit", "auto-minted"]),
        (("unused", "several"), ["unused"]),
        (("high", "auto-minted"), ["creator-left", "auto-minted"]),
    ],
)
def test_a_run_fails_on_what_was_named_and_on_what_is_as_severe(
    fail_on: tuple[str, ...], reasons: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(risks, "NEAR", 3)
    keys = (replace(key(1, "gone"), creator="u9"), key(2, "stale", 400, 200), key(3, "neonctl-init-5"))
    holdings = Holdings((Account("org-a", "", keys),), tuple(judged(*keys)), NOW)
    refused = holdings.refusals(fail_on)
    assert [one.reason for one in refused] == [f"inventory-{reason}" for reason in reasons]
    assert all(one.exit_code == 3 and one.remedy for one in refused)
    if "medium" in fail_on:
        assert "3 keys of at most 10,000" in [flag.told for _, _, flag in holdings.flags]
        assert refused[2].message.endswith("found): org-a.")


def test_every_finding_has_words_and_a_severity_that_falls_along_the_order() -> None:
    severities = [list(Severity).index(risk.severity) for risk in Risk]
    assert severities == sorted(severities)
    assert all(risk.rule.title and risk.rule.remedy for risk in Risk)


@given(st.text(max_size=64), st.text(max_size=64))
def test_no_name_is_too_odd(one: str, other: str) -> None:
    """A hostile name neither raises, nor joins a purpose that it does not share."""
    told = judged(key(1, one), key(2, other))
    assert len(told) == 2
    assert purpose(one) == purpose(one)
    flagged = any(flag.risk is Risk.SEVERAL for flag in told[0].flags)
    assert not flagged or purpose(one) == purpose(other)


def test_a_last_use_is_said_as_people_do() -> None:
    assert last_use(key(used=None).key, NOW) == "never"
    assert last_use(key(used=2).key, NOW) == "2 days ago from 192.0.2.1"
    assert last_use(key(used=-1).key, NOW) == "just now from 192.0.2.1", "Neon's clock may be ahead"
    assert last_use(replace(key(used=0).key, last_used_from=""), NOW) == "just now"
