"""The value of one deploy context in one of Netlify's environment variables: all else of the variable stays.

Sources: the official description (netlify/open-api, swagger.yml). `setEnvVarValue`, a PATCH, "updates or creates a new
value for an existing environment variable", and answers with the whole variable; the PUT replaces all values, and is
not used. `is_secret`: "only the local development context values are readable from the UI, API, and CLI"; what stands
in place of the others is not described, and is not looked at: `updated_at`, "when the value was last updated", is of
the whole variable, and the proof. Netlify's CLI: the slug is taken for the id of the account, a value that is not set
may be an empty text (src/utils/env/index.ts); a secret has no scope `post_processing`, and no value for `all` or `dev`
(src/commands/env/env-set.ts); a collaborator may not read what all sites share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import Outcome, Refused
from rotate.means import Means
from rotate.ports import Hindered, Receipt
from rotate.protocol.facts.destination import DestinationFacts, Mark
from rotate.secret import Secret
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.moments import moment
from rotate.service.readable import Readable, Stored, Taken
from rotate.systems.netlify.site import Row, number_of, row_of, rows_of
from rotate.systems.netlify.system import ALL, BRANCH, DEV, OF_BRANCH, SERVICE

MISSING = frozenset({404})
# A secret takes these alone (env-set.ts).
SECRET_SCOPES = ("builds", "functions", "runtime")


@dataclass(slots=True)
class Ours:
    """What one run does with the contexts of one variable. `times`: of its writes, as Netlify told them; `since`: the
    time that stood there before the first of them."""

    contexts: set[str] = field(default_factory=set)
    since: datetime | None = None
    times: list[datetime] = field(default_factory=list)


class Variable(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._client, self._address, self._key = Client(SERVICE, means), address, address.name
        self._context = address.options.get("context", ALL)
        self._all = f"/accounts/{quote(address.where.partition('/')[0], safe='')}/env"
        self._shared: Ours = means.once(f"values of {address.where}#{self._key} at netlify", Ours)
        self._shared.contexts.add(self._context)
        self._contexts: tuple[str, ...] | None = None

    def observe(self) -> DestinationFacts:
        """Read it. Where it is not there, tell what is used in its place.

        Raises:
            Refused: it is the value for all contexts, and there are values for some: who reads which would change.
        """
        facts = super().observe()
        if facts.mark is not None or not self._contexts:
            return facts
        if self._context == ALL:
            each = ", ".join(f"`{one}`" for one in self._contexts)
            message = f"{self.name} is not there: the variable has no value for all contexts, but for {each}."
            remedy = f"Name each of them that is to hold the key:\n\n    {self._named(self._contexts[0])}"
            raise Refused("destination-absent", message, remedy)
        if ALL in self._contexts:
            instead = f"What runs in `{self._context}` has the value for all contexts: {self._named(ALL)}."
            return replace(facts, instead=instead)
        return facts

    def read(self) -> Stored | None:
        """Read the variable; where it is not there, prove that by the list of its site or account."""
        doing = f"read {self.name}"
        answer = self._client.ask(Ask("GET", f"{self._all}/{self._key}", doing, self._query, takes=MISSING))
        if answer.status in MISSING:
            rows = rows_of(self._client.ask(Ask("GET", self._all, doing, self._query)), doing)
            if any(row.get("key") == self._key for row in rows):
                raise words.unexpected(SERVICE, doing, "at once that it is not there and, in its list, that it is")
            self._contexts = None
            return None
        return self._stored(row_of(answer, doing), doing)

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> Taken:
        """Send the value for this context alone; create the variable where there is none of any context."""
        doing, before = f"write {self.name}", over.at if over else None
        self._shared.since = min(filter(None, (before, self._shared.since)), default=None)
        value: Row = {"context": self._context, "value": secret.reveal()}
        if self._context.startswith(OF_BRANCH):
            value |= {"context": BRANCH, "context_parameter": self._context.removeprefix(OF_BRANCH)}
        if self._contexts is None:
            row = self._created(value, secret, doing, hindered)
        else:
            path = f"{self._all}/{self._key}"
            ask = Ask("PATCH", path, doing, self._query, value, hindered=hindered, value=secret)
            row = row_of(self._client.ask(ask), doing, Outcome.UNKNOWN)
        if row.get("key") != self._key:
            raise words.unexpected(SERVICE, doing, "with a variable of another name", Outcome.UNKNOWN)
        if not hidden(row, self._context):
            return Taken()
        at = _time(row, doing, Outcome.UNKNOWN)
        self._shared.times.append(at)
        return Taken(at)

    def confirm(self, before: DestinationFacts, receipt: Receipt | None) -> Mark:
        """Establish that the write stands. The other writes of this run to the same variable moved its time too: the
        last of them may be what is read, and the first, perhaps within the same second, what stood there before."""
        if self._taken.at:
            self._taken = Taken(max(self._shared.times))
        if self._kept and self._kept.at in self._shared.times:
            self._kept = replace(self._kept, at=self._shared.since)
        return super().confirm(before, receipt)

    def _created(self, value: Row, secret: Secret, doing: str, hindered: Hindered | None) -> Row:
        """Create it as a secret, where Netlify takes one."""
        one: Row = {"key": self._key, "values": [value]}
        if self._context not in (ALL, DEV):
            one |= {"is_secret": True, "scopes": list(SECRET_SCOPES)}
        ask = Ask("POST", self._all, doing, self._query, [one], again=False, hindered=hindered, value=secret)
        rows = rows_of(self._client.ask(ask), doing, Outcome.UNKNOWN)
        return rows[0] if rows else {}

    @property
    def _query(self) -> dict[str, str]:
        """Say which site's variables are meant; without a site, those that all share."""
        at = self._address
        return {"site_id": number_of(self._client, self._means, at)} if "/" in at.where else {}

    def _stored(self, row: Row, doing: str) -> Stored | None:
        """Take a variable apart: the value of this context, and what a write must leave as it is."""
        if row.get("key") != self._key:
            raise words.unexpected(SERVICE, doing, "with a variable of another name")
        shown = {one: None if hidden(row, one) else Secret(text) for one, text in values_of(row, doing)}
        there = {one: value for one, value in shown.items() if value is None or value}
        self._contexts = tuple(there)
        if self._context not in there:
            return None
        scopes = row.get("scopes")
        flags: Row = {
            "scopes": sorted(map(str, scopes)) if isinstance(scopes, list) else scopes,
            "is_secret": row.get("is_secret"),
            **{f"the value for {one}": there[one] or "hidden" for one in there.keys() - self._shared.contexts},
        }
        value = there[self._context]
        return Stored(value, flags, at=None if value else _time(row, doing))

    def _named(self, context: str) -> str:
        options = {} if context == ALL else {"context": context}
        return str(self._address._replace(options=options))


def hidden(row: Row, context: str) -> bool:
    """Say whether the value for a context is shown to nobody."""
    return row.get("is_secret") is True and context != DEV


def values_of(row: Row, doing: str) -> Iterator[tuple[str, str]]:
    """Give the contexts that have a value, as an address names them, and the values."""
    values = row.get("values")
    for one in values if isinstance(values, list) else [None]:
        if not isinstance(one, dict) or not isinstance(value := one.get("value"), str):
            raise words.unexpected(SERVICE, doing, "not with the values of its contexts")
        branch = f"{OF_BRANCH}{one.get('context_parameter')}"
        yield branch if one.get("context") == BRANCH else str(one.get("context")), value


def _time(row: Row, doing: str, outcome: Outcome = Outcome.NO_EFFECT) -> datetime:
    """Give the time of the last write to the variable."""
    if (found := moment(row.get("updated_at"))) is None:
        raise words.unexpected(SERVICE, doing, "without the time of the last write", outcome)
    return found
