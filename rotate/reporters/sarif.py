"""The findings of an inventory as SARIF 2.1.0, the form in which scanners of code tell theirs.

Structure: OASIS, *Static Analysis Results Interchange Format (SARIF) Version 2.1.0*. GitHub shows a result only where
it names a file (docs.github.com, *SARIF support for code scanning*): that is the policy file, where a key is described.
"""

from __future__ import annotations

from rotate import __version__
from rotate.errors import one_line
from rotate.protocol.story.holdings import Holdings
from rotate.protocol.story.risks import Flag, Judged, Risk, Severity

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
HOME = "https://github.com/neon-rotate/neon-rotate"
LEVELS = {Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}
# How GitHub ranks what is told as a matter of security, from 0 to 10.
RANKS = {Severity.HIGH: "8.0", Severity.MEDIUM: "5.0", Severity.LOW: "2.0"}
RULES = tuple(Risk)


def document(holdings: Holdings) -> dict[str, object]:
    """Give the whole log as JSON values: one run, a rule for each kind of finding, a result for each finding."""
    driver = {
        "name": "neon-rotate",
        "version": __version__,
        "informationUri": HOME,
        "rules": [_rule(risk) for risk in RULES],
    }
    results = [_result(holdings.policy, one, account, flag) for one, account, flag in holdings.flags]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _rule(risk: Risk) -> dict[str, object]:
    rule = risk.rule
    return {
        "id": risk.value,
        "shortDescription": {"text": rule.title},
        "help": {"text": rule.remedy},
        "helpUri": f"{HOME}/blob/main/docs/inventory.md#findings",
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"tags": ["security"], "security-severity": RANKS[rule.severity]},
    }


def _result(policy: str, one: Judged | None, account: str, flag: Flag) -> dict[str, object]:
    key = one.held.key if one else None
    who = f"Key {key.label} of {account}" if key else f"Account {account}"
    named = f"{account}/{key.key_id}" if key else account
    return {
        "ruleId": flag.risk.value,
        "ruleIndex": RULES.index(flag.risk),
        "level": LEVELS[flag.risk.severity],
        "message": {"text": f"{who}: {one_line(flag.told, 500)}. {flag.risk.rule.remedy}"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": policy}, "region": {"startLine": 1}},
                "logicalLocations": [{"fullyQualifiedName": named, "kind": "resource"}],
            }
        ],
        "partialFingerprints": {"neonKey/v1": f"{flag.risk}/{named}"},
    }
