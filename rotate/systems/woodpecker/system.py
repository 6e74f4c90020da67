"""Woodpecker as a system: `woodpecker://repo/<full name>#NAME`, `woodpecker://org/<organization>#NAME`, and
`woodpecker://global#NAME`, a secret of the whole server.

Each form begins with its own word, since a forge may have an organization that is called `org` or `global`. Forges with
groups have full names of more than two parts.

Sources: woodpecker-ci/woodpecker@a4cb541 server/router/api.go (who may do what), server/router/middleware/session.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from rotate.fields import Field, Kind
from rotate.plain import Parts, plain
from rotate.service.description import Service
from rotate.system import PickUp, Proof, Traits
from rotate.wire.http import Style
from rotate.wire.outcome import SUCCESS

if TYPE_CHECKING:
    from rotate.address import Address
    from rotate.means import Means
    from rotate.ports import Destination
    from rotate.wire.outcome import Answer

REPOSITORY, ORGANIZATION, GLOBAL = "repo", "org", "global"
_SEGMENT, _NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9_.~-]+"), re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")

# How its refusals begin (server/api, server/router/middleware/session).
_WORDS = re.compile(r"user not authorized|organization not |error ", re.IGNORECASE)


def _spoken(answer: Answer) -> Answer:
    """Give a refusal in the usual form: Woodpecker says it in plain text, and so may what stands before it."""
    plain = answer.headers.get("content-type", "").startswith("text/plain")
    if plain and answer.status not in SUCCESS and _WORDS.match(answer.text):
        return replace(answer, text=json.dumps({"message": answer.text}))
    return answer


SERVICE = Service(
    kind="woodpecker",
    title="Woodpecker",
    tokens=("WOODPECKER_TOKEN",),
    needs="It must be the personal access token of somebody who may push to the repository; for an organization, of "
    "one of its administrators; for a global secret, of an administrator of the server.",
    make="Copy it at Woodpecker → the user's settings → CLI & API.",
    urls=("WOODPECKER_SERVER",),
    root="/api",
    style=Style(read=_spoken),
    says=("message",),
)


def wrong(at: Address) -> str:
    """Say what is wrong with an address; nothing where it is one."""
    kind, slash, rest = at.where.partition("/")
    parts = rest.split("/")
    if not at.slashes or kind not in (REPOSITORY, ORGANIZATION, GLOBAL) or (kind == GLOBAL and slash):
        return "it is `woodpecker://repo/<owner>/<name>`, `woodpecker://org/<organization>` or `woodpecker://global`"
    if kind != GLOBAL and not all(map(_SEGMENT.fullmatch, parts)):
        return f"behind `{kind}/` it takes the full name as Woodpecker shows it"
    if kind == REPOSITORY and len(parts) == 1:
        return "a repository's full name begins with its owner: `octo/payments`"
    bad = at.name and not _NAME.fullmatch(at.name)
    return "a secret's name has letters, digits, `_`, `-` and `.`" if bad else ""


def _open(at: Address, means: Means) -> Destination:
    from rotate.systems.woodpecker.pipeline_secret import PipelineSecret

    return PipelineSecret(at, means)


def _fields() -> tuple[Field, ...]:
    return (
        Field("repository", Kind.TEXT, "The full name of the repository, such as `octo/payments`"),
        Field("organization", Kind.TEXT, "An organization, in place of a repository: its secret, read by all of its"),
    )


SYSTEM = plain(
    Parts(
        "woodpecker",
        ("repo/{repository}", "org/{organization}"),
        (),
        wrong,
        _open,
        find="rotate.systems.woodpecker.finder:find",
        examples=("woodpecker://repo/octo/payments", "woodpecker://org/octo", "woodpecker://global"),
    ),
    Traits(Proof.ACCEPTED, PickUp.NEXT_JOB, creates=True, keeps=("images", "events", "note")),
    _fields,
    SERVICE.lacks,
)
