"""One parameter of Parameter Store: overwritten with all that it is, and read back with its version.

Sources (botocore's model ssm 2014-11-06): PutParameter with Overwrite makes a new version; a SecureString without
KeyId gets the account's own key, so type, tier, key, data type, pattern, policies and description are sent as
DescribeParameters gives them (policies by their texts); tags are not sent, and stay. Without Overwrite an existing
parameter is ParameterAlreadyExists, and a value that its AllowedPattern does not match is refused: both at once ask
whether it may be written, and can neither change nor create one. LabelParameterVersion moves a label to a version.
There is no check against a second writer: versions count up by one, which is compared after the write.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from rotate.address import Address
from rotate.errors import DestinationError, Outcome, Refused
from rotate.means import Means
from rotate.ports import Hindered, Receipt
from rotate.protocol.facts.destination import DestinationFacts, Mark
from rotate.secret import Secret
from rotate.service import words
from rotate.service.readable import Readable, Stored
from rotate.systems.aws.address import parts
from rotate.systems.aws.client import MISSING, Client, code
from rotate.systems.aws.system import PARAMETERS
from rotate.wire.outcome import REFUSAL, Answer

FLAGS = ("Type", "KeyId", "Tier", "DataType", "AllowedPattern", "Policies", "Description")
ABSENT = "ParameterNotFound"
SECURE, LIST = "SecureString", "StringList"
NOTHING = "^$"


class Parameter(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        region, self._id = parts(address)
        self._client = Client(PARAMETERS, region, means)
        self._label = address.options.get("label", "")
        self._version, self._expected = 0, 0

    def observe(self) -> DestinationFacts:
        """Read it, and ask whether it may be written."""
        facts = super().observe()
        if self._version:
            doing = f"ask whether {self.name} may be written"
            body = {"Name": self._id, "Value": "may this be written?", "Type": "String", "AllowedPattern": NOTHING}
            answer = self._client.ask("PutParameter", body, doing, takes=frozenset(REFUSAL) - {429})
            if answer.status in (401, 403):
                message = f"Could not {doing}: the login reads it, and may not write it "
                message += f"({code(answer) or f'HTTP {answer.status}'})."
                raise Refused("destination-not-allowed", message, PARAMETERS.give)
        return facts

    def read(self) -> Stored | None:
        """Read the value, then what is said of the parameter."""
        doing = f"read {self.name}"
        selected = f"{self._id}:{self._label}" if self._label else self._id
        self._version = 0
        asked = {"Name": selected, "WithDecryption": True}
        answer = self._client.ask("GetParameter", asked, doing, takes=frozenset({MISSING}))
        if answer.status == MISSING:
            self._absent(answer, doing)
            return None
        row = answer.json()
        found = row.get("Parameter") if isinstance(row, dict) else None
        if not isinstance(found, dict) or not isinstance(found.get("Value"), str):
            raise words.unexpected(PARAMETERS, doing, "not with a parameter")
        if not isinstance(found.get("Version"), int) or found.get("Name") != self._id:
            raise words.unexpected(PARAMETERS, doing, "with another parameter")
        if found.get("Type") == LIST:
            message = f"{self.name} is not written: it is a list of values (StringList). Nothing was changed there."
            raise Refused("destination-not-a-text", message, "Keep the key in a parameter of its own.")
        self._version = found["Version"]
        flags = {name: self._described(doing).get(name) for name in FLAGS}
        return Stored(Secret(found["Value"]), flags, version=str(self._version))

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Send the value with all that the parameter is; create a SecureString with the account's own key."""
        doing = f"write {self.name}"
        body: dict[str, object] = {"Name": self._id, "Value": secret.reveal(), "Overwrite": over is not None}
        flags = over.flags if over else {"Type": SECURE}
        body |= {name: flag for name, flag in flags.items() if flag and name != "Policies"}
        if policies := _policies(flags.get("Policies")):
            body["Policies"] = policies
        answer = self._client.ask("PutParameter", body, doing, again=over is not None, hindered=hindered, value=secret)
        row = answer.json()
        version = row.get("Version") if isinstance(row, dict) else None
        if not isinstance(version, int):
            raise words.unexpected(PARAMETERS, doing, "not with a version", Outcome.UNKNOWN)
        self._expected = 0 if answer.doubtful or self._label else self._version + 1
        if self._label:
            self._move(version, doing, hindered)

    def confirm(self, before: DestinationFacts, receipt: Receipt | None) -> Mark:
        """Read it back; then see that no other version came between the last look and the write."""
        mark = super().confirm(before, receipt)
        if receipt and self._expected and self._version != self._expected:
            raise DestinationError(
                "destination-changed",
                f"{self.name} holds the new value in version {self._version}, not {self._expected}: somebody "
                "else wrote it at the same time.",
                f"Look at the versions (`aws ssm get-parameter-history --name {self._id}`), and run this again. "
                "Nothing is revoked until then.",
                outcome=Outcome.UNKNOWN,
            )
        return mark

    def _move(self, version: int, doing: str, hindered: Hindered | None) -> None:
        body = {"Name": self._id, "ParameterVersion": version, "Labels": [self._label]}
        answer = self._client.ask("LabelParameterVersion", body, f"{doing} (its label)", hindered=hindered)
        row = answer.json()
        if not isinstance(row, dict) or row.get("InvalidLabels"):
            raise words.unexpected(PARAMETERS, doing, "it did not take the label", Outcome.UNKNOWN)

    def _absent(self, answer: Answer, doing: str) -> None:
        """Take an absence; one of a version or a label alone is none."""
        if code(answer) != ABSENT:
            message = f"Could not {doing}: the parameter has no version with this label ({code(answer) or 404})."
            remedy = f"Give it one: aws ssm label-parameter-version --name {self._id} --labels {self._label}"
            raise Refused("destination-absent", message, remedy)
        if self._label:
            message = f"{self.name} does not exist, and is not created: a label needs a version."
            raise Refused("destination-absent", message, "Create it by hand, with its label, or check the name.")

    def _described(self, doing: str) -> Mapping[str, object]:
        names = {"Key": "Name", "Option": "Equals", "Values": [self._id]}
        row = self._client.ask("DescribeParameters", {"ParameterFilters": [names]}, doing).json()
        found = row.get("Parameters") if isinstance(row, dict) else None
        if not isinstance(found, list) or len(found) != 1 or not isinstance(found[0], dict):
            raise words.unexpected(PARAMETERS, doing, "without what the parameter is")
        return found[0]


def _policies(described: object) -> str:
    """Give the policies as PutParameter takes them: a JSON array of their texts."""
    texts = [one.get("PolicyText") for one in described if isinstance(one, dict)] if isinstance(described, list) else []
    return json.dumps([json.loads(text) for text in texts if isinstance(text, str)]) if texts else ""
