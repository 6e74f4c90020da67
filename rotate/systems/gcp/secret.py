"""One secret of Secret Manager: a version is added, read back and compared, and aliases that show the latest follow.

Sources: discovery document of secretmanager v1. Versions do not change; `latest` is the newest, and `addVersion` takes
no condition, so that of two writers at once the later one is the latest. What is not there is 403 “(or it may not
exist)” to who has no right in the project, else 404, and so is a secret without a version (GoogleCloudPlatform/
k8s-config-connector issue 711; external-secrets/external-secrets pkg/provider/gcp/secretmanager/client.go).
`testIamPermissions` gives nothing where there is no secret, and is no promise. A version that is not enabled is 400
FAILED_PRECONDITION, “is in DISABLED state” (external-secrets/external-secrets issue 4042). Documentation, "Resource
consistency": only a version asked for by its number is there at once; `latest` may lag. "Use entity tags": a PATCH
whose etag is not the current one is 400 FAILED_PRECONDITION.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, cast

from rotate.address import Address
from rotate.errors import DestinationError, Outcome, RotateError, one_line
from rotate.means import Means
from rotate.ports import Hindered, Receipt
from rotate.protocol.facts.destination import DestinationFacts, Mark
from rotate.secret import Secret
from rotate.service import words
from rotate.service.description import Ask
from rotate.service.readable import Readable, Stored
from rotate.systems.gcp import answers, refusals
from rotate.systems.gcp.crc32c import crc32c
from rotate.systems.gcp.login import GoogleClient
from rotate.systems.gcp.system import SERVICE, service_of
from rotate.wire.outcome import REFUSAL, SUCCESS, Answer
from rotate.wire.together import together, value_of

MISSING, SECRET_TAKES, LATEST_TAKES = frozenset({404}), frozenset({403, 404}), frozenset({400, 403, 404})
FORBIDDEN, PRECONDITION = 403, "FAILED_PRECONDITION"
MOST_MOVES = 3


class CloudSecret(Readable):
    """Implements `ports.Destination`."""

    waits: ClassVar[tuple[float, ...]] = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)  # `latest` may lag behind

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        project, _, self._secret = address.where.partition("/")
        self._location = address.options.get("location", "")
        self._all = f"/projects/{project}{f'/locations/{self._location}' if self._location else ''}/secrets"
        self._path = f"{self._all}/{self._secret}"
        self._named = f"{self._secret} --project={project}"
        self._named += f" --location={self._location}" if self._location else ""
        self._client = GoogleClient(service_of(self._location), means)
        self._rights: frozenset[str] | None = None
        self._row: dict[str, Any] = {}
        self._seen = self._added = ""

    def observe(self) -> DestinationFacts:
        """Read it, and ask what this login may there; where that is not told, the write shows it."""
        self._rights = None
        facts = super().observe()
        rights = self._may()
        if rights is None or (facts.mark is None and not rights):
            return facts  # nothing tells who may create a secret
        if refusals.ADD not in rights:
            raise refusals.may_not_add(self.name)
        aliases = answers.following(self._row, self._seen)
        if aliases and not (self._seen and refusals.UPDATE in rights):
            raise refusals.may_not_move(self.name, aliases)
        return facts

    def read(self) -> Stored | None:
        """Read the latest version, and what stands beside it, as far as this login may."""
        doing = f"read {self.name}"
        latest = Ask("GET", f"{self._path}/versions/latest:access", doing, takes=LATEST_TAKES)
        answer, row = (value_of(one) for one in together(partial(self._client.ask, latest), self._look_at_secret))
        self._row = answers.row_of(row) if row.status in SUCCESS else {}
        stored = self._judged(latest, answer)
        self._seen = stored.version if stored else ""
        return stored and replace(stored, flags=answers.flags_of(self._row, stored.version) if self._row else {})

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Add a version, in a new secret where there was none; then let the aliases of the replaced version follow.

        Where one has to, a version whose reply was lost is looked for: no later run knows which aliases those are.
        """
        doing, data = f"write {self.name}", secret.reveal().encode()
        encoded = base64.b64encode(data).decode()
        self._means.hide(Secret(encoded))
        body = {"payload": {"data": encoded, "dataCrc32c": str(crc32c(data))}}
        takes = frozenset[int]() if over else MISSING
        add = Ask("POST", f"{self._path}:addVersion", doing, body=body, takes=takes, hindered=hindered, value=secret)
        aliases = answers.following(self._row, over.version) if over else []
        try:
            self._add(add, hindered, unread=over is not None and over.value is None)
        except DestinationError as error:
            if not (aliases and error.outcome is Outcome.UNKNOWN and self._stands(secret)):
                raise
        if over and aliases:
            self._follow(aliases, over.version, hindered)

    def _add(self, add: Ask, hindered: Hindered | None, *, unread: bool) -> None:
        """Add a version and remember its number. `unread`: the answer is all the proof that there is."""
        answer = self._client.ask(add)
        if answer.status in MISSING:
            self._create(hindered)
            answer = self._client.ask(replace(add, takes=frozenset()))
        row = answers.row_of(answer)
        self._added = answers.number_of(row, self._secret)
        if not self._added:
            raise words.unexpected(SERVICE, add.doing, "not with a version of this secret", Outcome.UNKNOWN)
        if unread and row.get("clientSpecifiedPayloadChecksum") is not True:
            raise words.unexpected(SERVICE, add.doing, "without having checked its checksum", Outcome.UNKNOWN)

    def _stands(self, secret: Secret) -> bool:
        """Say whether the latest version has a value; nothing is raised, since something worse is to be told."""
        (found,) = together(self.read)
        stands = isinstance(found, Stored) and found.value == secret
        self._added = self._seen if stands else ""
        return stands

    def confirm(self, before: DestinationFacts, receipt: Receipt | None) -> Mark:
        """Read it back. Where the value cannot be read but its version can, that must be the one that was added."""
        mark = super().confirm(before, receipt)
        if isinstance(mark, datetime) and self._seen != self._added:
            why = f"version {self._added} was added, and the latest is {self._seen}"
            message = f"The write of {self.name} is not confirmed: {why}."
            remedy = "Find out who else writes there, then run it again: it writes the key once more."
            raise DestinationError("destination-overwritten", message, remedy, outcome=Outcome.UNKNOWN)
        return mark

    def _look(self) -> Stored | None:
        stored = super()._look()
        if stored and (why := refusals.foreign(self.name, self._row, stored.value)):
            raise why
        return stored

    def _look_at_secret(self) -> Answer:
        return self._client.ask(Ask("GET", self._path, f"read {self.name}", takes=SECRET_TAKES))

    def _may(self) -> frozenset[str] | None:
        """Ask what this login may at the secret; `None` where that is not told."""
        if self._rights is None:
            body, doing = {"permissions": list(refusals.PERMISSIONS)}, f"ask what this login may at {self.name}"
            ask = Ask("POST", f"{self._path}:testIamPermissions", doing, body=body, takes=frozenset(REFUSAL))
            (answer,) = together(partial(self._client.ask, ask))
            if isinstance(answer, Answer) and answer.status in SUCCESS:
                told = answers.row_of(answer).get("permissions", [])
                self._rights = frozenset(map(str, told)) if isinstance(told, list) else None
        return self._rights

    def _judged(self, ask: Ask, answer: Answer) -> Stored | None:
        """Say what stands there: a value, nothing, or what cannot be read."""
        if answer.status in MISSING:
            return None
        if answer.status == FORBIDDEN:
            return self._without_value(ask, answer)
        if answer.status not in SUCCESS:
            if why := self._out_of_use(ask, answer):
                raise why
            return None
        row = answers.row_of(answer)
        number, value = answers.number_of(row, self._secret), answers.value_of(row)
        if not (number and value):
            raise words.unexpected(SERVICE, ask.doing, "not with a value of this secret that is whole")
        return Stored(value, version=number)

    def _without_value(self, ask: Ask, answer: Answer) -> Stored | None:
        """Go on with what else this login may: see a version without its value, or add one alone."""
        rights = self._may()
        if rights is not None and not rights:
            raise refusals.unseen(ask.doing)
        if rights is None or refusals.ACCESS in rights:
            raise self._failed(ask, answer)
        return self._version(ask.doing) if refusals.SHOW in rights else Stored(None)

    def _version(self, doing: str) -> Stored | None:
        """Read the latest version without its value."""
        answer = self._client.ask(Ask("GET", f"{self._path}/versions/latest", doing, takes=MISSING))
        row = answers.row_of(answer)
        if answer.status in MISSING or row.get("state") == "DESTROYED":
            return None
        number, at = answers.number_of(row, self._secret), answers.time_of(row)
        if not (number and at):
            raise words.unexpected(SERVICE, doing, "not with a version of this secret")
        if row.get("state") != "ENABLED":
            raise refusals.disabled(self.name, f"version {number} is disabled", self._named)
        return Stored(None, at=at, version=number)

    def _out_of_use(self, ask: Ask, answer: Answer) -> RotateError | None:
        """Give why the latest version cannot be used; nothing where it was destroyed."""
        status, message = answers.error_of(answer)
        if status != PRECONDITION:
            return self._failed(ask, answer)
        said = f"Google Cloud answers “{one_line(message)}”"
        return None if "DESTROYED" in message else refusals.disabled(self.name, said, self._named)

    def _create(self, hindered: Hindered | None) -> None:
        """Create the secret: kept wherever Google keeps it, unless it is a regional one, under a key of Google's."""
        body: dict[str, object] = {} if self._location else {"replication": {"automatic": {}}}
        doing, query = f"create {self.name}", {"secretId": self._secret}
        self._client.ask(Ask("POST", self._all, doing, query, body, again=False, hindered=hindered))

    def _follow(self, aliases: list[str], replaced: str, hindered: Hindered | None) -> None:
        """Let aliases show the version that was added, each other as it was; after another look where somebody
        changed the secret meanwhile. Raises `DestinationError`: they may not have moved, and the version stands."""
        why = "Somebody else goes on changing the secret."
        try:
            for _ in range(MOST_MOVES):
                found = answers.aliases_of(self._row)
                moved = {name: self._added for name in aliases if found.get(name) == replaced}
                if not moved or self._moved({**found, **moved}, hindered):
                    return
                self._row = answers.row_of(self._look_at_secret())
        except RotateError as error:
            why = error.message
        raise refusals.left(self.name, aliases, (replaced, self._added), why, self._named)

    def _moved(self, aliases: dict[str, str], hindered: Hindered | None) -> bool:
        """Send all aliases, with the etag of what was read; say whether that was still the current one."""
        body = {"etag": self._row.get("etag", ""), "versionAliases": aliases}
        doing, query = f"move the aliases of {self.name}", {"updateMask": "versionAliases"}
        ask = Ask("PATCH", self._path, doing, query, body, frozenset({400}), hindered=hindered)
        answer = self._client.ask(ask)
        if answer.status in SUCCESS:
            return True
        if answers.error_of(answer)[0] != PRECONDITION:
            raise self._failed(ask, answer)
        return False

    def _failed(self, ask: Ask, answer: Answer) -> RotateError:
        """Word an answer that was taken, as if it had not been."""
        found = words.failure(SERVICE, replace(ask, takes=frozenset()), answer, answer.text, "")
        return cast("RotateError", found)
