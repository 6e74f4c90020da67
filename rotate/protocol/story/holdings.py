"""The inventory of an account's keys, as reporters tell it: every key, what stands out, and how many of what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rotate.errors import Refused, counted, listed, one_line
from rotate.protocol.decisions.triggers import days
from rotate.protocol.facts.holdings import Account
from rotate.protocol.facts.model import LiveKey
from rotate.protocol.story.risks import Flag, Judged, Risk, Severity, of_account

RANK = {risk: number for number, risk in enumerate(Risk)}
SEVERITIES = tuple(Severity)
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Holdings:
    """Every key in reach, the riskiest first. `accounts`: whose they are. `seen_at`: when, UTC. `policy`: the file in
    which credentials are described."""

    accounts: tuple[Account, ...]
    keys: tuple[Judged, ...]
    seen_at: datetime
    policy: str = ""

    @property
    def flags(self) -> Iterator[tuple[Judged | None, str, Flag]]:
        """Give every finding with its key (`None`: of a whole account) and the account, the riskiest first."""
        every = [(None, one.account_id, flag) for one in self.accounts for flag in of_account(one)]
        every_key = [(one, one.account, flag) for one in self.keys for flag in one.flags]
        return iter(sorted([*every, *every_key], key=lambda found: RANK[found[2].risk]))

    @property
    def counts(self) -> Mapping[Risk, int]:
        """Say how often each finding was made, in the order of risk."""
        found = Counter(flag.risk for _, _, flag in self.flags)
        return {risk: found[risk] for risk in Risk if found[risk]}

    @property
    def sentence(self) -> str:
        """Say how much there is."""
        by = Counter[Severity]()
        for risk, count in self.counts.items():
            by[risk.severity] += count
        found = ", ".join(f"{by[one]} {one}" for one in SEVERITIES if by[one])
        whose = f"{counted(len(self.keys), 'key')} of {counted(len(self.accounts), 'account')}"
        return f"{whose}; findings: {found or 'none'}"

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Give each key as text: id, name, kind, account, age, last use, who made it, covered by, findings."""
        for one in self.keys:
            key = one.held.key
            yield (
                str(key.key_id),
                one_line(key.name),
                kind_of(one),
                one.account,
                days(self.seen_at - key.created_at),
                last_use(key, self.seen_at),
                made(one),
                one.credential or "no credential",
                "; ".join(flag.told for flag in one.flags) or "nothing",
            )

    def finding_rows(self) -> Iterator[tuple[str, str, str]]:
        """Give how often each finding was made: how severe, how often, what it means."""
        for risk, count in self.counts.items():
            yield risk.severity.value, f"{risk} ({count:,})", risk.rule.title

    def refusals(self, fail_on: Collection[str]) -> tuple[Refused, ...]:
        """Give a reason for each finding that the run was told to fail on: by its name, or by a severity at least."""
        worst = {one: SEVERITIES[: SEVERITIES.index(one) + 1] for one in SEVERITIES if one in fail_on}
        wanted = {severity for some in worst.values() for severity in some}
        which: dict[Risk, list[str]] = {}
        for one, account, flag in self.flags:
            if flag.risk in fail_on or flag.risk.severity in wanted:
                which.setdefault(flag.risk, []).append(f"key {one.held.key.label}" if one else account)
        return tuple(
            Refused(
                f"inventory-{risk}",
                f"{risk.rule.title} ({risk.severity} risk, {len(found):,} found): {listed(found)}.",
                risk.rule.remedy,
            )
            for risk, found in which.items()
        )

    def record(self) -> dict[str, object]:
        """Give the same for a machine, as JSON takes it. Times are ISO 8601 in UTC."""
        return {
            "accounts": [
                {
                    "id": one.account_id,
                    "name": one.name,
                    "kind": "user" if one.personal else "organization",
                    "keys": len(one.keys),
                    "members": None if one.members is None else len(one.members),
                }
                for one in self.accounts
            ],
            "keys": [self._key(one) for one in self.keys],
            "findings": [
                {
                    "finding": flag.risk.value,
                    "severity": flag.risk.severity.value,
                    "account": account,
                    "key_id": one.held.key.key_id if one else None,
                    "told": flag.told,
                }
                for one, account, flag in self.flags
            ],
        }

    def _key(self, one: Judged) -> dict[str, object]:
        key, used = one.held.key, one.held.key.last_used_at
        return {
            "id": key.key_id,
            "name": key.name,
            "scope": one.held.scope.value,
            "account": one.account,
            "project_id": key.project_id,
            "created_at": key.created_at.isoformat(),
            "age_days": (self.seen_at - key.created_at).days,
            "created_by": {"id": one.held.creator, "name": one.held.creator_name},
            "last_used_at": used.isoformat() if used else None,
            "last_used_from": key.last_used_from,
            "origin": one.origin.value,
            "credential": one.credential or None,
            "findings": [flag.risk.value for flag in one.flags],
        }


def in_order_of_risk(keys: Collection[Judged]) -> tuple[Judged, ...]:
    """Put what needs a person first; among equals, the oldest."""

    def order(one: Judged) -> tuple[list[int], datetime, int]:
        ranks = [RANK[flag.risk] for flag in one.flags]
        return [*ranks, len(RANK)], *one.held.key.order

    return tuple(sorted(keys, key=order))


def kind_of(one: Judged) -> str:
    """Say what a key acts for."""
    project = one.held.key.project_id
    return f"project {project}" if project else one.held.scope.value


def made(one: Judged) -> str:
    """Say who made it, and how."""
    how = {"lineage": "by rotation", "auto-minted": f"by {one.made_by}"}.get(one.origin.value, "by hand")
    return f"{one_line(one.held.creator_name or one.held.creator) or 'not told'}, {how}"


def last_use(key: LiveKey, now: datetime) -> str:
    """Say when a key was used last, and from where."""
    if key.last_used_at is None:
        return "never"
    ago, at = now - key.last_used_at, "just now"
    if ago >= A_MINUTE:
        at = f"{days(ago)} ago"
    whence = f" from {one_line(key.last_used_from)}" if key.last_used_from else ""
    return f"{at}{whence}"
