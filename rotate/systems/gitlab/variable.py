"""One GitLab variable: overwritten with its value alone, read back and compared; GitLab tells no time of a write.

Sources (gitlabhq/gitlabhq): lib/api/ci/variables.rb and lib/api/group_variables.rb: a PUT keeps what is not sent, and
`filter[environment_scope]` picks one of several of the same key. Of a group, a PUT without the filter changes any one
of them, so it is always sent, and the variable is read right before. lib/api/entities/ci/variable.rb: the fields; an
instance's variable has no scope and no `hidden`. app/models/ci/variable_value.rb: a hidden value reads as null, so of
it nothing is proven but that GitLab took it. doc/api/rest/troubleshooting.md: 404 also means *not allowed*, so an
absence is proven by the owner's list, which needs the same right. ee/lib/ee/api/helpers/variables_helpers.rb: a group
without the licence for scopes drops the scope of a new variable, so none is created there with one.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import DestinationError, Outcome, Refused
from rotate.means import Means
from rotate.ports import Hindered
from rotate.protocol.facts.destination import DestinationFacts
from rotate.secret import Secret
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.readable import Readable, Stored
from rotate.systems.gitlab.address import EVERY_SCOPE, GROUP, INSTANCE
from rotate.systems.gitlab.system import SERVICE
from rotate.wire.outcome import REFUSAL, SUCCESS, Answer
from rotate.wire.together import begin, value_of

MISSING = frozenset({404})
FLAGS = ("variable_type", "protected", "masked", "hidden", "raw", "environment_scope", "description")
# Where `raw` is false, GitLab puts other variables in the place of these (doc/ci/variables/_index.md).
_REFERENCE = re.compile(r"(?<!\$)\$(?:\{(\w+)\}|([A-Za-z_]\w*))")
# What a masked value must be at least; older servers ask for more, and say so (app/models/concerns/ci/maskable.rb).
_MASKABLE = re.compile(r"\S{8,}")


class Variable(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._client = Client(SERVICE, means)
        self._kind, _, path = address.where.partition("/")
        owner = "/admin/ci" if self._kind == INSTANCE else f"/{self._kind}s/{quote(path, safe='')}"
        self._list, self._key = f"{owner}/variables", address.name
        self._scope = address.options.get("scope", EVERY_SCOPE)
        self._filter = {} if self._kind == INSTANCE else {"filter[environment_scope]": self._scope}

    def observe(self) -> DestinationFacts:
        """Read it; beside it, ask what the token may: one that only reads would fail at the write."""
        asked = begin(partial(self._means.once, "scopes of gitlab", partial(self._client.ask, _TOKEN)))
        look = begin(super().observe)
        # Both are waited for before either is told: nothing goes on behind the run's back.
        answer, facts = asked(), value_of(look())
        if facts.mark is None:
            self._creatable()
        row = answer.json() if isinstance(answer, Answer) and answer.status in SUCCESS else None
        known = row.get("scopes") if isinstance(row, dict) else None
        scopes = known if isinstance(known, list) else []
        if "read_api" in scopes and "api" not in scopes:
            message = f"The token reads {self.name}, and may not write it: its scope is `read_api`."
            raise Refused("destination-not-allowed", message, SERVICE.give)
        return replace(facts, may_write="api" in scopes)

    def read(self) -> Stored | None:
        """Read it; where it is not there, prove that by the list of its owner."""
        doing = f"read {self.name}"
        answer = self._client.ask(Ask("GET", f"{self._list}/{self._key}", doing, self._filter, takes=MISSING))
        if answer.status in MISSING:
            self._client.ask(Ask("GET", self._list, f"look for {self.name}", {"per_page": "1"}))
            return None
        return self._stored(answer, doing)

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Send the value alone; create it masked, protected and raw, as GitLab's own page proposes for a secret."""
        doing, body = f"write {self.name}", {"value": secret.reveal()}
        if (over is None or over.flags["masked"]) and not _MASKABLE.fullmatch(secret.reveal()):
            message = f"Could not {doing}: GitLab masks it, and the value is too short for that or has a blank in it."
            raise DestinationError("destination-refused", message, "Look at what the value is: it is no Neon key.")
        if over is None:
            scope = {} if self._kind == INSTANCE else {"environment_scope": self._scope}
            body |= {"key": self._key, **scope}
            flags = {"masked": True, "protected": True, "raw": True}
            self._client.ask(
                Ask("POST", self._list, doing, body={**body, **flags}, again=False, hindered=hindered, value=secret)
            )
            return
        path = f"{self._list}/{self._key}"
        answer = self._client.ask(Ask("PUT", path, doing, self._filter, body, hindered=hindered, value=secret))
        self._stored(answer, doing, Outcome.UNKNOWN)

    def _creatable(self) -> None:
        if self._kind == GROUP and self._scope != EVERY_SCOPE:
            raise Refused(
                "destination-absent",
                f"{self.name} does not exist, and is not created: a group without Premium would drop its scope, and "
                "every environment would get the key.",
                "Create it once by hand (the group → Settings → CI/CD → Variables), or check the scope's spelling.",
            )

    def _stored(self, answer: Answer, doing: str, outcome: Outcome = Outcome.NO_EFFECT) -> Stored:
        """Take an answer apart: it must be of this key and this scope, since others may lie beside it."""
        row = answer.json()
        if not isinstance(row, dict) or not isinstance(row.get("value"), str | None) or "value" not in row:
            raise words.unexpected(SERVICE, doing, "not with a variable", outcome)
        if (row.get("key"), row.get("environment_scope", EVERY_SCOPE)) != (self._key, self._scope):
            raise words.unexpected(SERVICE, doing, "with a variable of another name or scope", outcome)
        text = row["value"]
        found = None if text is None or row.get("raw") else _REFERENCE.search(text)
        refers = f"${found[1] or found[2]}" if found else ""
        return Stored(None if text is None else Secret(text), {name: row.get(name) for name in FLAGS}, refers)


# Source: doc/api/personal_access_tokens.md, "self-inform"; it takes project and group access tokens too.
_TOKEN = Ask("GET", "/personal_access_tokens/self", "ask what the token may", takes=frozenset(REFUSAL))
