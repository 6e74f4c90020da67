"""Every secret of Secrets Manager, and every parameter of Parameter Store, in the regions of a run.

Sources: botocore's models secretsmanager 2017-10-17 (ListSecrets: 100 at most on a page, `NextToken`; secrets that are
marked for deletion are left out) and ssm 2014-11-06 (DescribeParameters: 50 on a page; GetParameters: 10 names). Lists
have names alone, so each secret is read, and the parameters ten at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial

from rotate.address import Address
from rotate.errors import Incomplete, RotateError
from rotate.means import Means
from rotate.protocol.facts.found import FoundSecret, Wanted
from rotate.service.listing import among, seen, turns
from rotate.service.words import rows_of
from rotate.systems.aws.address import WHOLE
from rotate.systems.aws.client import Client
from rotate.systems.aws.system import PARAMETERS, SECRETS, Amazon

REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")
AT_ONCE = 10
_LISTS = "`find` needs `secretsmanager:ListSecrets` on `*` too, and may read what its role may read."


def secrets(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find` for Secrets Manager. Raises `RotateError`: a region's secrets cannot be listed."""
    for region in _regions(known, means):
        client = Client(SECRETS, region, means)
        names = (str(row.get("Name")) for row in _pages(client, "ListSecrets", "SecretList", 100, region))
        look = partial(_secret, client, region, wanted, means)
        yield from among(names, look, one="secret of AWS Secrets Manager", remedy=f"{_LISTS} {SECRETS.give}")
    yield from _unasked(SECRETS, known, means)


def parameters(known: Sequence[Address], wanted: Wanted, means: Means) -> Iterator[FoundSecret | RotateError]:
    """Implements `plain.Parts.find` for Parameter Store. Raises `RotateError`: parameters cannot be listed."""
    for region in _regions(known, means):
        client = Client(PARAMETERS, region, means)
        rows = _pages(client, "DescribeParameters", "Parameters", 50, region)
        names = (str(row.get("Name")) for row in rows if row.get("Type") != "StringList")
        look = partial(_some, client, region, wanted, means)
        yield from among(_tens(names), look, one="group of ten parameters", remedy=PARAMETERS.give)
    yield from _unasked(PARAMETERS, known, means)


def _regions(known: Sequence[Address], means: Means) -> list[str]:
    """Name those of the destinations, and the one that the environment names."""
    named = next((means.environment[name] for name in REGIONS if means.environment.get(name)), "")
    return [one for one in dict.fromkeys((*(at.where.partition("/")[0] for at in known), named)) if one]


def _unasked(service: Amazon, known: Sequence[Address], means: Means) -> Iterator[RotateError]:
    if not _regions(known, means):
        message = f"{service.title} was not looked at: nothing names a region."
        yield Incomplete("find-incomplete", message, "    env:\n      AWS_REGION: eu-central-1")


def _pages(client: Client, action: str, field: str, most: int, region: str) -> Iterator[dict[str, object]]:
    doing, more = f"list what {client.service.title} has in {region}", dict[str, object]()
    for _ in turns(client.service, doing):
        body = client.ask(action, {"MaxResults": most, **more}, doing).json()
        whole = body if isinstance(body, dict) else {}
        yield from rows_of(client.service, whole.get(field), doing)
        if not whole.get("NextToken"):
            return
        more = {"NextToken": whole["NextToken"]}


def _secret(client: Client, region: str, wanted: Wanted, means: Means, name: str) -> Iterator[FoundSecret]:
    row = client.ask("GetSecretValue", {"SecretId": name}, f"read the secret {name}").json()
    text = row.get("SecretString") if isinstance(row, dict) else None
    for field, value in _fields(text).items() if isinstance(text, str) else ():
        called = name.rpartition("/")[2] if field == WHOLE else field
        address = str(Address("aws-secretsmanager", f"{region}/{name}", name=field))
        yield from seen(address, called, wanted, means, text=value if isinstance(value, str) else None)


def _fields(text: str) -> dict[str, object]:
    """Give the fields of a secret; of one that is no JSON object, the whole text, as its address calls it."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {WHOLE: text}


def _some(client: Client, region: str, wanted: Wanted, means: Means, names: list[str]) -> Iterator[FoundSecret]:
    doing = f"read the parameters from {names[0]} on"
    body = client.ask("GetParameters", {"Names": names, "WithDecryption": True}, doing).json()
    for row in rows_of(PARAMETERS, body.get("Parameters") if isinstance(body, dict) else None, doing):
        name, value = str(row.get("Name")), row.get("Value")
        where = name.removeprefix("/") if "/" in name[1:] else name
        address = str(Address("aws-ssm", f"{region}/{where}"))
        yield from seen(address, name.rpartition("/")[2], wanted, means, text=value if isinstance(value, str) else None)


def _tens(names: Iterator[str]) -> Iterator[list[str]]:
    some: list[str] = []
    for name in names:
        some.append(name)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some
