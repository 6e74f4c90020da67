"""Addresses of AWS: `aws-secretsmanager://<region>/<secret>#<field>` and `aws-ssm://<region>/<parameter>`.

A secret is named as in the console, or by its ARN (one of another account only so). Its value is usually a JSON object,
and the fragment is the field; `#.` is the whole text. A parameter in folders is named without the first `/`.

Sources: botocore's models secretsmanager 2017-10-17 (CreateSecret: Name) and ssm 2014-11-06 (PutParameter: Name).
"""

from __future__ import annotations

import re

from rotate.address import Address

WHOLE = "."
_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}")
_SECRET = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")
_ARN = re.compile(r"arn:aws[a-z-]*:secretsmanager:(?P<region>[a-z0-9-]+):[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,519}")
_PARAMETER = re.compile(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,14}")
_LABEL = re.compile(r"(?!aws|ssm|[0-9])[A-Za-z0-9_.-]{1,100}")
_LONGEST_PARAMETER = 1011
_REGION_FIRST = "it begins with a region and a name, as in `{}://eu-central-1/neon/api-key`"


def parts(address: Address) -> tuple[str, str]:
    """Give the region, and the name as AWS has it."""
    region, _, name = address.where.partition("/")
    return region, f"/{name}" if address.kind == "aws-ssm" and "/" in name.strip("/") else name


def wrong_secret(address: Address) -> str:
    """Say what is wrong with an address of Secrets Manager; nothing where it is one."""
    region, name = parts(address)
    if not address.slashes or not _REGION.fullmatch(region) or not name:
        return _REGION_FIRST.format(address.kind)
    if name.startswith("arn:"):
        found = _ARN.fullmatch(name)
        return "" if found and found["region"] == region else "an ARN is that of a secret of the same region"
    return "" if _SECRET.fullmatch(name) else "a secret's name has letters, digits and `/_+=.@-`, 512 at most"


def wrong_parameter(address: Address) -> str:
    """Say what is wrong with an address of Parameter Store; nothing where it is one."""
    region, name = parts(address)
    if not address.slashes or not _REGION.fullmatch(region) or not name:
        return _REGION_FIRST.format(address.kind)
    if address.name:
        return "a parameter has no fields: it takes nothing behind `#`"
    if name.startswith("//"):
        return "a parameter in folders is written with one `/` behind the region"
    if not _PARAMETER.fullmatch(name.removeprefix("/")) or len(name) > _LONGEST_PARAMETER:
        return "a parameter's name has letters, digits and `_.-`, in at most 15 levels with `/` between them"
    label = address.options.get("label")
    known = label is None or _LABEL.fullmatch(label)
    return "" if known else "a label has letters, digits and `_.-`, and begins with no digit, `aws` or `ssm`"
