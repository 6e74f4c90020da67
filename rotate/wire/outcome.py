"""What an answer, or its absence, says about the effect: none, unknown, or applied.

connect, pool and local-protocol failures      no effect
read, write and remote-protocol failures       unknown
5xx, 408, and anything unexpected              unknown
other 4xx                                      no effect (unknown after a try whose effect is unknown)
2xx                                            applied

And whether a page answered in place of an API: a proxy that blocks, a network that wants a sign-in, another server.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from rotate.errors import Outcome, one_line
from rotate.secret import Secret

SUCCESS = range(200, 300)
REFUSAL = range(400, 500)
REQUEST_TIMEOUT = 408
# A server that fails sends pages too; they are its own.
FAILING = range(500, 600)
CUT_OFF = "json"
LONGEST_TYPE = 40


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, whatever the client library. Header names are lower-case.

    `doubtful`: an earlier try of the same request may have had its effect, so a refusal of this one proves nothing.
    `app`: the id of the App that asked, for the words of a refusal; empty where a token did. `came`: the status that
    was sent, where the answer's own words say which one is meant.
    """

    status: int
    headers: Mapping[str, str]
    text: str
    doubtful: bool = False
    app: str = ""
    came: int = 0

    def json(self) -> object:
        """Give the parsed body, or `None` for one that is no JSON (an HTML page, a cut-off reply)."""
        try:
            return json.loads(self.text)
        except ValueError:
            return None

    @property
    def outcome(self) -> Outcome:
        """Judge the effect by the status."""
        if self.status in SUCCESS:
            return Outcome.APPLIED
        refused = self.status in REFUSAL and self.status != REQUEST_TIMEOUT and not self.doubtful
        return Outcome.NO_EFFECT if refused else Outcome.UNKNOWN


def without(bearer: Secret, text: str) -> str:
    """Take the credential of the request out of an answer that repeats it: messages quote answers."""
    return text.replace(bearer.reveal(), "***") if bearer else text


class Cause(Enum):
    """Why nothing came back, where that decides what comes next. `LATE`: all the time of the request was used up."""

    CERTIFICATE = "certificate"
    PROXY = "proxy"
    LATE = "late"
    OTHER = "other"


class NoAnswerError(Exception):
    """Nothing usable came back. `kind` is the class name of what failed: its text could hold anything.

    `said`: what failed, in words that name the host. `remedy`: what to do, where waiting is no help.
    """

    def __init__(
        self, outcome: Outcome, kind: str, said: str = "", cause: Cause = Cause.OTHER, remedy: str = ""
    ) -> None:
        super().__init__(kind)
        self.outcome = outcome
        self.kind = kind
        self.said = said or kind
        self.cause = cause
        self.remedy = remedy


def is_page(answer: Answer) -> bool:
    """Say whether the body is something else than JSON. An empty one is none; what calls itself JSON was cut off."""
    if answer.status in FAILING or not answer.text.strip() or CUT_OFF in answer.headers.get("content-type", ""):
        return False
    return answer.json() is None and answer.text.strip() != "null"


def described(answer: Answer) -> str:
    """Say what answered, by its status and media type. Nothing of the page itself is told: it could hold anything."""
    kind = one_line(answer.headers.get("content-type", "").partition(";")[0], LONGEST_TYPE) or "no media type"
    return f"HTTP {answer.status} with a page that is no JSON ({kind})"
