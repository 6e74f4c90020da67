"""One environment variable of Vercel: found in its list, overwritten by its id with its value alone.

One variable may stand for several environments at once. It stays so: its one value is overwritten for all of them.

Sources: Vercel's API description, and the types of @vercel/sdk 1.28.35 where they are newer (the list is
`/v10/projects/{project}/env`; `comment`, `customEnvironmentIds`, `visibility`, and all of `/v1/env`). Both PATCHes, of
`…/env/{id}` and of `/v1/env`, change what they are given alone. A list has no values in the clear; the read by id has,
with `decrypted: true`, unless the token may not see them. `sensitive` and the newer `visibility: secret` are write-only
(docs/environment-variables/sensitive-environment-variables). A `system` variable shows a value of Vercel's own, a
`secret` one refers to a secret of the former kind. `configurationId` names the integration that keeps a variable.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import Outcome, Refused
from rotate.means import Means
from rotate.ports import Hindered
from rotate.protocol.facts.destination import DestinationFacts
from rotate.secret import Secret
from rotate.service import words
from rotate.service.description import Ask
from rotate.service.readable import Readable, Stored, Taken
from rotate.systems.vercel.address import DEVELOPMENT, SHARED
from rotate.systems.vercel.api import Api, as_row, text
from rotate.systems.vercel.system import SERVICE, TEAM

FLAGS = ("target", "type", "gitBranch", "comment", "customEnvironmentIds", "visibility", "configurationId")
OF_SHARED = ("projectId", "applyToAllCustomEnvironments")
REFERRING = {"system": "a value of Vercel's own", "secret": "a secret of Vercel's former kind"}


class Variable(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._api, self._key, self._options = Api(means), address.name, address.options
        self._id = ""

    def observe(self) -> DestinationFacts:
        """Read it. Raises `Refused` where what stands there is not this rotation's to write."""
        facts = super().observe()
        self._must_be_writable(self._before)
        return facts

    def read(self) -> Stored | None:
        """Find it in its list, then read its value, where it has one that is shown."""
        doing = f"read {self.name}"
        row = self._listed(doing)
        if row is None:
            return None
        self._id = text(row, "id", doing)
        flags = {name: _sorted(row.get(name)) for name in (*FLAGS, *OF_SHARED)}
        value = None if hidden(row) else self._value(doing)
        return Stored(None, flags, at=_written(row, doing)) if value is None else Stored(value, flags)

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> Taken:
        """Send the value alone; the time that Vercel tells of it counts where the value is not shown."""
        self._must_be_writable(over)
        one = self._writing(secret, over, hindered)
        row = self._answered(self._api.row(one), one)
        if row.get("key") != self._key or (over and row.get("id", self._id) != self._id):
            raise words.unexpected(SERVICE, one.doing, "not with this variable", Outcome.UNKNOWN)
        return Taken(at=time_of(row))

    @abstractmethod
    def _listed(self, doing: str) -> dict[str, object] | None:
        """Find what the address means in the list; `None` is a proven absence."""

    @abstractmethod
    def _path(self) -> str:
        """Give the path of the read by id."""

    @abstractmethod
    def _writing(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> Ask:
        """Give the request that writes it."""

    @abstractmethod
    def _answered(self, row: dict[str, object], one: Ask) -> dict[str, object]:
        """Give what the answer to a write tells of the variable."""

    def _must_be_writable(self, stored: Stored | None) -> None:
        """Refuse what refers to something else, and what an integration keeps."""
        kind = str(stored.flags["type"]) if stored else ""
        if kind in REFERRING:
            message = f"{self.name} holds no value of its own, but {REFERRING[kind]}. Nothing was changed there."
            raise Refused("destination-refers", message, "Name a variable of its own for the key.")
        if stored and (owner := stored.flags["configurationId"]):
            message = (
                f"{self.name} is kept by an integration (`{owner}`), which would overwrite it. Nothing was changed."
            )
            raise Refused("destination-owned", message, "Name a variable that no integration keeps.")

    def _value(self, doing: str) -> Secret | None:
        """Read the value by the id; `None` where this token is not shown it."""
        row = self._api.row(Ask("GET", self._path(), doing))
        value = row.get("value")
        if row.get("key") != self._key or row.get("id", self._id) != self._id:
            raise words.unexpected(SERVICE, doing, "with another variable")
        if row.get("type") == "plain" or row.get("decrypted") is True:
            if isinstance(value, str):
                return Secret(value)
            raise words.unexpected(SERVICE, doing, "its value is no text")
        return None

    def _picked(self, rows: list[dict[str, object]], doing: str) -> dict[str, object] | None:
        if len(rows) > 1:
            raise words.unexpected(SERVICE, doing, "with several variables of this name for the same environment")
        return rows[0] if rows else None


class ProjectVariable(Variable):
    """A variable of one project."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(address, means)
        self._project = quote(address.where, safe="")

    def _listed(self, doing: str) -> dict[str, object] | None:
        rows = self._api.rows(f"/v10/projects/{self._project}/env", "envs", doing)
        ours = [row for row in rows if row.get("key") == self._key]
        place, branch = self._place(), self._options.get("branch")
        return self._picked([row for row in ours if _stands_for(row, place) and _branch(row) == branch], doing)

    def _place(self) -> tuple[str, str]:
        """Give the field that says what a variable stands for, and what is meant there."""
        slug = self._options.get("custom")
        if slug is None:
            return "target", self._options["target"]
        path = f"/v9/projects/{self._project}/custom-environments/{slug}"
        doing = f"look for {self.name}"
        row = self._means.once(f"vercel {path}", lambda: self._api.row(Ask("GET", path, doing)))
        return "customEnvironmentIds", text(row, "id", doing)

    def _path(self) -> str:
        return f"/v1/projects/{self._project}/env/{quote(self._id, safe='')}"

    def _writing(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> Ask:
        """Overwrite it; create it as a value that nobody is shown, which the development environment cannot have."""
        doing, body = f"write {self.name}", {"value": secret.reveal()}
        if over:
            path = f"/v9/projects/{self._project}/env/{quote(self._id, safe='')}"
            return Ask("PATCH", path, doing, body=body, hindered=hindered, value=secret)
        field, meant = self._place()
        kind = "encrypted" if meant == DEVELOPMENT else "sensitive"
        branch = {"gitBranch": self._options["branch"]} if "branch" in self._options else {}
        new = {**body, "key": self._key, "type": kind, field: [meant], **branch}
        path = f"/v10/projects/{self._project}/env"
        return Ask("POST", path, doing, body=new, again=False, hindered=hindered, value=secret)

    def _answered(self, row: dict[str, object], one: Ask) -> dict[str, object]:
        return row if one.verb == "PATCH" else as_row(row.get("created"), one.doing, Outcome.UNKNOWN)


class SharedVariable(Variable):
    """A variable that a team shares between projects."""

    def observe(self) -> DestinationFacts:
        """Read it. It is never created here: one that no project is linked to reaches nobody."""
        facts = super().observe()
        if facts.mark is None:
            message = f"{self.name} does not exist, and is not created: which projects are to have it is not said."
            remedy = "Create it once by hand (the team → Settings → Environment Variables), or check the spelling."
            raise Refused("destination-absent", message, remedy)
        return facts

    def _listed(self, doing: str) -> dict[str, object] | None:
        if not self._api.team:
            message = f"Nothing says which team shares {self.name}: `{TEAM}` is not set or is empty."
            remedy = f"Give its id or its slug (the team → Settings → General):\n\n    env:\n      {TEAM}: team_…"
            raise Refused("destination-team-missing", message, remedy)
        rows = [row for row in self._api.rows("/v1/env", "data", doing) if row.get("key") == self._key]
        return self._picked([row for row in rows if _stands_for(row, ("target", self._options["target"]))], doing)

    def _path(self) -> str:
        return f"/v1/env/{quote(self._id, safe='')}"

    def _writing(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> Ask:
        del over  # it is there: see `observe`
        body = {"updates": {self._id: {"value": secret.reveal()}}}
        return Ask("PATCH", "/v1/env", f"write {self.name}", body=body, hindered=hindered, value=secret)

    def _answered(self, row: dict[str, object], one: Ask) -> dict[str, object]:
        """Give the one variable that was updated; what was not is told beside it, and may be quoted by nobody."""
        updated = row.get("updated")
        only = updated[0] if isinstance(updated, list) and len(updated) == 1 else None
        return as_row(only, one.doing, Outcome.UNKNOWN)


def opened(address: Address, means: Means) -> Variable:
    """Open what an address means."""
    return (SharedVariable if address.where == SHARED else ProjectVariable)(address, means)


def hidden(row: Mapping[str, object]) -> bool:
    """Say of a variable whether nobody is shown the value, or there is none."""
    return row.get("type") in ("sensitive", *REFERRING) or row.get("visibility") == "secret"


def _stands_for(row: dict[str, object], place: tuple[str, str]) -> bool:
    """Say whether a variable stands for an environment. An answer may give a single one without a list."""
    field, meant = place
    found = row.get(field)
    return meant in (found if isinstance(found, list) else [found])


def _branch(row: dict[str, object]) -> object:
    return row.get("gitBranch") or None


def _sorted(flag: object) -> object:
    """Give a flag so that it can be compared: in which order a list comes is not promised."""
    return sorted(map(str, flag)) if isinstance(flag, list) else flag


def time_of(row: dict[str, object]) -> datetime | None:
    """Give when a variable was last written, of which Vercel tells the milliseconds."""
    told = row.get("updatedAt") or row.get("createdAt")
    return datetime.fromtimestamp(told / 1000, UTC) if isinstance(told, int | float) else None


def _written(row: dict[str, object], doing: str) -> datetime:
    found = time_of(row)
    if found is None:
        raise words.unexpected(SERVICE, doing, "without the time of the last write")
    return found
