"""Addresses of AWS: what is one, and what is told of what is none."""

from __future__ import annotations

import pytest

from rotate.address import parsed
from rotate.registry import system
from rotate.systems.aws.address import parts

ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:neon-AbCdEf"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("aws-secretsmanager://eu-central-1/prod/neon#KEY", "prod/neon"),
        ("aws-secretsmanager://us-gov-west-1/neon#.", "neon"),
        (f"aws-secretsmanager://eu-central-1/{ARN}#KEY", ARN),
        ("aws-ssm://eu-central-1/prod/neon", "/prod/neon"),
        ("aws-ssm://eu-central-1/neon?label=live", "neon"),
        ("aws-ssm://eu-central-1//neon", "/neon"),
    ],
)
def test_what_is_one_names_what_aws_names(text: str, name: str) -> None:
    at = parsed(text)
    assert system(at.kind).reader.of_address(at) == {"address": text}
    assert parts(at) == (at.where.partition("/")[0], name)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("aws-secretsmanager:eu-central-1/neon", "begins with a region"),
        ("aws-secretsmanager://frankfurt/neon", "begins with a region"),
        ("aws-secretsmanager://eu-central-1", "begins with a region"),
        ("aws-secretsmanager://eu-central-1/a%20b", "a secret's name"),
        (f"aws-secretsmanager://us-east-1/{ARN}", "same region"),
        ("aws-secretsmanager://eu-central-1/arn:aws:s3:::x", "same region"),
        ("aws-secretsmanager://eu-central-1/neon?x=y", "nothing"),
        ("aws-ssm:eu-central-1/neon", "begins with a region"),
        ("aws-ssm://eu-central-1", "begins with a region"),
        ("aws-ssm://eu-central-1/neon#KEY", "no fields"),
        ("aws-ssm://eu-central-1//prod/neon", "one `/`"),
        ("aws-ssm://eu-central-1/a%20b", "15 levels"),
        ("aws-ssm://eu-central-1/neon?label=1st", "a label"),
    ],
)
def test_what_is_none_is_told_why(text: str, why: str) -> None:
    at = parsed(text)
    with pytest.raises(ValueError, match=why):
        system(at.kind).reader.of_address(at)
