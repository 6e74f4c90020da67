"""The note and the lock as variables of a project, a group or the instance, beside the one that holds the key.

Sources (gitlabhq/gitlabhq): app/models/ci/variable.rb: a key is unique within its scope, and so is an index of the
database, so that of two that create one at once one is told 400 "has already been taken"; app/models/concerns/ci/
has_variable.rb and doc/ci/variables: a value has 10,000 characters at most. A project's variables have an environment
scope that no job has, so that no job gets them; a group may have no licence for that. They are raw: nothing in them is
a reference.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import Outcome
from rotate.means import Means
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.notes import Held, Texts
from rotate.systems.gitlab.address import EVERY_SCOPE, INSTANCE, PROJECT
from rotate.systems.gitlab.system import SERVICE

MISSING, TAKEN = frozenset({404}), frozenset({400})
TAKEN_SAYS = "has already been taken"
NOBODY = "neon-rotate/nobody"


class Variables(Texts):
    """Implements `notes.Texts`."""

    most, kept = 10_000, "variable"

    def __init__(self, address: Address, means: Means) -> None:
        self._client, self._where, self._credential = Client(SERVICE, means), address.where, address.name
        kind, _, path = address.where.partition("/")
        owner = "/admin/ci" if kind == INSTANCE else f"/{kind}s/{quote(path, safe='')}"
        self._list = f"{owner}/variables"
        self._scope = NOBODY if kind == PROJECT else EVERY_SCOPE
        self._scoped = {} if kind == INSTANCE else {"environment_scope": self._scope}
        self._filter = {f"filter[{name}]": text for name, text in self._scoped.items()}

    def name(self, end: str) -> str:
        """Name it after the credential."""
        return f"{self._credential}_{end} of gitlab://{self._where}"

    def read(self, end: str) -> Held:
        """Read it; where it is not there, prove that by the list of its owner."""
        doing = f"read {self.name(end)}"
        answer = self._client.ask(Ask("GET", self._path(end), doing, self._filter, takes=MISSING))
        if answer.status in MISSING:
            self._client.ask(Ask("GET", self._list, f"look for {self.name(end)}", {"per_page": "1"}))
            return Held(None)
        row = answer.json()
        text = row.get("value") if isinstance(row, dict) and row.get("key") == self._key(end) else None
        if not isinstance(text, str):
            raise words.unexpected(SERVICE, doing, "not with the variable")
        return Held(text)

    def write(self, end: str, text: str, over: Held) -> bool:
        """Create it, or overwrite it."""
        doing, body = f"write {self.name(end)}", {"value": text}
        if over.text is not None:
            self._client.ask(Ask("PUT", self._path(end), doing, self._filter, dict(body)))
            return True
        made = {"key": self._key(end), **body, **self._scoped, "raw": True, "masked": False}
        one = Ask("POST", self._list, doing, body=made, again=False)
        answer = self._client.ask(replace(one, takes=TAKEN))
        if answer.status in TAKEN:
            if TAKEN_SAYS in answer.text:
                return False
            raise self._client.failure(one, answer) or words.unexpected(SERVICE, doing, "no", Outcome.UNKNOWN)
        row = answer.json()
        if not isinstance(row, dict) or row.get("key") != self._key(end):
            raise words.unexpected(SERVICE, doing, "not with the variable", Outcome.UNKNOWN)
        return True

    def remove(self, end: str, over: Held) -> bool:
        """Delete it; `False` where it is gone."""
        del over
        one = Ask("DELETE", self._path(end), f"delete {self.name(end)}", self._filter, takes=MISSING)
        return self._client.ask(one).status not in MISSING

    def _key(self, end: str) -> str:
        return f"{self._credential}_{end}"

    def _path(self, end: str) -> str:
        return f"{self._list}/{self._key(end)}"
