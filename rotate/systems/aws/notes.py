"""The note and the lock as parameters of Parameter Store, beside the one that holds the key.

Sources (botocore's model ssm 2014-11-06): PutParameter without Overwrite is refused with ParameterAlreadyExists where
there is one: of two that create it at once one gets it. A value has 4 KB, with the tier Intelligent-Tiering 8 KB where
it must. DeleteParameter of one that is gone is ParameterNotFound. They are of type String: they hold nothing secret.
"""

from __future__ import annotations

from rotate.address import Address
from rotate.errors import Outcome
from rotate.means import Means
from rotate.service import words
from rotate.service.notes import Held, Texts
from rotate.systems.aws.address import parts
from rotate.systems.aws.client import EXISTS, MISSING, Client, code
from rotate.systems.aws.parameter import ABSENT
from rotate.systems.aws.system import PARAMETERS

TAKEN = "ParameterAlreadyExists"


class Parameters(Texts):
    """Implements `notes.Texts`."""

    most, kept = 4096, "parameter"

    def __init__(self, address: Address, means: Means) -> None:
        region, self._id = parts(address)
        self._client = Client(PARAMETERS, region, means)

    def name(self, end: str) -> str:
        """Name it after the parameter that holds the key."""
        return f"{self._id}_{end}"

    def read(self, end: str) -> Held:
        """Read it."""
        doing = f"read {self.name(end)}"
        answer = self._client.ask("GetParameter", {"Name": self.name(end)}, doing, takes=frozenset({MISSING}))
        if answer.status == MISSING and code(answer) == ABSENT:
            return Held(None)
        row = answer.json()
        found = row.get("Parameter") if isinstance(row, dict) else None
        text = found.get("Value") if isinstance(found, dict) and found.get("Name") == self.name(end) else None
        if not isinstance(text, str):
            raise words.unexpected(PARAMETERS, doing, "not with the parameter")
        return Held(text)

    def write(self, end: str, text: str, over: Held) -> bool:
        """Create it, or overwrite it."""
        doing, create = f"write {self.name(end)}", over.text is None
        body: dict[str, object] = {"Name": self.name(end), "Value": text, "Type": "String", "Overwrite": not create}
        body["Tier"] = "Intelligent-Tiering"
        takes = frozenset({EXISTS}) if create else frozenset[int]()
        answer = self._client.ask("PutParameter", body, doing, takes=takes, again=not create)
        if answer.status == EXISTS and code(answer) == TAKEN:
            return False
        row = answer.json()
        if not isinstance(row, dict) or not isinstance(row.get("Version"), int):
            raise words.unexpected(PARAMETERS, doing, "not with a version", Outcome.UNKNOWN)
        return True

    def remove(self, end: str, over: Held) -> bool:
        """Delete it; `False` where it is gone."""
        del over
        doing, missing = f"delete {self.name(end)}", frozenset({MISSING})
        return self._client.ask("DeleteParameter", {"Name": self.name(end)}, doing, takes=missing).status != MISSING
