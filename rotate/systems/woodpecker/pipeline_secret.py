"""One secret of Woodpecker. Nothing is told of its value, nor of when it was last written.

Sources: the official description (cmd/server/openapi, Swagger 2) and woodpecker-ci/woodpecker@a4cb541. A PATCH changes
what it names alone (server/api/repo_secret.go, org_secret.go, global_secret.go), and a POST never overwrites
(server/model/secret.go: a name is there once). Repositories and organizations are asked for by their numbers. Who may
not push to a repository that he sees gets 404 for its secrets (server/router/middleware/session/repo.go), so that a
secret is absent only where the list is shown; a global secret is shown to everybody, and written by administrators.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import Outcome, Refused
from rotate.means import Means
from rotate.ports import Hindered
from rotate.protocol.facts.destination import DestinationFacts
from rotate.secret import Secret
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.readable import Readable, Stored, Taken
from rotate.systems.woodpecker.system import GLOBAL, SERVICE
from rotate.wire.outcome import Answer

MISSING = frozenset({404})
FLAGS = ("images", "events", "note")
# What Woodpecker's own client creates a secret for (cli/repo/secret/secret_add.go): no pull request sees it.
USUAL_EVENTS = ("push", "tag", "release", "deployment")


class PipelineSecret(Readable):
    """Implements `ports.Destination`: the accepted answer is all the proof that there is."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._client, self._key = Client(SERVICE, means), address.name
        self._kind, _, self._owner = address.where.partition("/")

    def observe(self) -> DestinationFacts:
        """Read it. Who sees a secret may write it; of a global one, an administrator alone."""
        facts = super().observe()
        if self._kind == GLOBAL and not self._means.once("right to global secrets at woodpecker", self._administers):
            message = f"The token may not write {self.name}: it is no administrator's."
            raise Refused("destination-not-allowed", message, SERVICE.give)
        return replace(facts, may_write=True)

    def read(self) -> Stored | None:
        """Read it; where it is not there, prove that by the list of its owner."""
        doing, path = f"read {self.name}", self._path()
        answer = self._client.ask(Ask("GET", f"{path}/{self._key}", doing, takes=MISSING))
        if answer.status not in MISSING:
            return self._stored(answer, doing)
        listed = self._client.ask(Ask("GET", path, doing, {"perPage": "1"}, takes=MISSING))
        if listed.status in MISSING:
            message = f"Could not {doing}: the token sees {self._owner}, and not its secrets."
            raise Refused("destination-not-allowed", message, SERVICE.give)
        if not isinstance(listed.json(), list):
            raise words.unexpected(SERVICE, doing, "not with a list of secrets")
        return None

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> Taken:
        """Send the value alone; create it for the events that Woodpecker's own client chooses."""
        doing, path, body = f"write {self.name}", self._path(), dict[str, object]({"value": secret.reveal()})
        if over:
            ask = Ask("PATCH", f"{path}/{self._key}", doing, body=body, hindered=hindered, value=secret)
        else:
            body |= {"name": self._key, "events": USUAL_EVENTS, "images": []}
            ask = Ask("POST", path, doing, body=body, again=False, hindered=hindered, value=secret)
        return Taken(version=self._stored(self._client.ask(ask), doing, Outcome.UNKNOWN).version)

    def _path(self) -> str:
        """Give the path of the owner's secrets. The owner's number is asked for once in a run."""
        if self._kind == GLOBAL:
            return "/secrets"
        return f"/{self._kind}s/{self._means.once(f'{self._kind} {self._owner} at woodpecker', self._number)}/secrets"

    def _number(self) -> int:
        doing = f"look for {self._owner} of {self.name}"
        row = self._client.ask(Ask("GET", f"/{self._kind}s/lookup/{quote(self._owner, safe='/~')}", doing)).json()
        number = row.get("id") if isinstance(row, dict) else None
        if not isinstance(number, int):
            raise words.unexpected(SERVICE, doing, "without its number")
        return number

    def _administers(self) -> bool:
        doing = f"ask whose token writes {self.name}"
        row = self._client.ask(Ask("GET", "/user", doing)).json()
        if not isinstance(row, dict):
            raise words.unexpected(SERVICE, doing, "not with a user")
        return row.get("admin") is True

    def _stored(self, answer: Answer, doing: str, outcome: Outcome = Outcome.NO_EFFECT) -> Stored:
        """Take an answer apart. The number is the secret's own: with another, it was deleted and created again."""
        row = answer.json()
        if not isinstance(row, dict) or row.get("name") != self._key:
            raise words.unexpected(SERVICE, doing, "not with a secret of this name", outcome)
        return Stored(None, {name: row.get(name) for name in FLAGS}, version=str(row.get("id")))
