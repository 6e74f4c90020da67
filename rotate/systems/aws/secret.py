"""One secret of Secrets Manager: a field of its JSON, or its whole text, in a new version that becomes the current one.

Sources (botocore's model secretsmanager 2017-10-17): PutSecretValue moves AWSCURRENT to the new version and AWSPREVIOUS
to the one it leaves; the ClientRequestToken becomes the version's id; the same token with the same text is ignored, so
that a repeated write has one effect, and a write of the current version itself has none: that is how the right to write
is asked. There is no check against a second writer at the write, so the version that AWSPREVIOUS names is compared
after it. It leaves KMS key, tags, description and policy alone. GetSecretValue of a deleted secret is refused, and
DescribeSecret gives the date. A missing right is AccessDeniedException, so ResourceNotFoundException is an absence.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from rotate.address import Address
from rotate.errors import DestinationError, Outcome, Refused
from rotate.means import Means
from rotate.ports import Hindered, Receipt
from rotate.protocol.facts.destination import DestinationFacts, Mark
from rotate.secret import Secret
from rotate.service import words
from rotate.service.readable import Readable, Stored
from rotate.systems.aws.address import WHOLE, parts
from rotate.systems.aws.client import MISSING, Client
from rotate.systems.aws.members import members, replaced, rest
from rotate.systems.aws.system import SECRETS
from rotate.wire.outcome import Answer

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"
FLAGS = ("Description", "KmsKeyId", "Tags", "RotationEnabled")


class SecretField(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._region, self._id = parts(address)
        self._client = Client(SECRETS, self._region, means)
        self._field = address.name
        self._there: Secret | None = None  # the whole text; a secret without a value has an empty one
        self._stages: Mapping[str, object] = {}
        self._version, self._mine, self._left = "", "", ""

    def observe(self) -> DestinationFacts:
        """Read it, and send what stands there once more as the version that it is, which AWS ignores where it may be
        written."""
        facts = super().observe()
        if self._there:
            body = {"SecretId": self._id, "ClientRequestToken": self._version, "SecretString": self._there.reveal()}
            doing = f"ask whether {self.name} may be written"
            try:
                self._client.ask("PutSecretValue", body, doing, value=self._there)
            except DestinationError as error:
                if error.reason != "destination-not-allowed":
                    raise
                raise Refused(error.reason, error.message, error.remedy) from None
        return facts

    def read(self) -> Stored | None:
        """Read what is said of the secret, then its value; `None` where there is no such secret, or no such field."""
        doing = f"read {self.name}"
        self._there, self._version = None, ""
        answer = self._client.ask("DescribeSecret", {"SecretId": self._id}, doing, takes=frozenset({MISSING}))
        if answer.status == MISSING:
            return None
        row = _row(answer, doing)
        self._owned(row)
        stages = row.get("VersionIdsToStages") or {}
        self._stages = stages if isinstance(stages, dict) else {}
        if not self._holder(CURRENT):
            self._there = Secret("")
            return None
        answer = self._client.ask("GetSecretValue", {"SecretId": self._id}, doing)
        held = _row(answer, doing)
        text, version = held.get("SecretString"), held.get("VersionId")
        if not isinstance(version, str) or not isinstance(text, str | None):
            raise words.unexpected(SECRETS, doing, "not with a secret")
        if text is None:
            raise Refused(
                "destination-not-a-text", self._not("it holds bytes (SecretBinary), not text"), "Store it as text."
            )
        self._there, self._version = Secret(text), version
        value = self._value(text)
        if value is None:
            return None
        flags = {name: row.get(name) for name in FLAGS}
        if self._field != WHOLE:
            flags["other fields"] = Secret(rest(text, self._field))
        return Stored(Secret(value), flags, version=version)

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> None:
        """Send the text with this value in it, and all else as it was read right before."""
        del over  # the text around it is what was read with it
        doing, mine, there = f"write {self.name}", str(uuid.uuid4()), self._there
        text = there.reveal() if there else "{}"
        new = Secret(secret.reveal() if self._field == WHOLE else replaced(text, self._field, secret.reveal()))
        self._mine, self._left = mine, self._version
        body = {"ClientRequestToken": mine, "SecretString": new.reveal()}
        action, name = ("PutSecretValue", "SecretId") if there is not None else ("CreateSecret", "Name")
        if action == "CreateSecret" and self._id.startswith("arn:"):
            raise Refused(
                "destination-absent", self._not("there is no such secret, and none is created by an ARN"), "Check it."
            )
        answer = self._client.ask(action, {name: self._id, **body}, doing, hindered=hindered, value=secret)
        if _row(answer, doing, Outcome.UNKNOWN).get("VersionId") != mine:
            raise words.unexpected(SECRETS, doing, "not with the version that was written", Outcome.UNKNOWN)

    def confirm(self, before: DestinationFacts, receipt: Receipt | None) -> Mark:
        """Read it back; then see that no other version came between the last look and the write."""
        mark = super().confirm(before, receipt)
        between = self._holder(PREVIOUS)
        if self._left and self._holder(CURRENT) == self._mine and between != self._left:
            raise DestinationError(
                "destination-changed",
                f"{self.name} holds the new value, but somebody wrote another version in the very moment before: "
                f"{between or 'one that no label names'}. What it changed beside the value is not in the current one.",
                "Look at that version (`aws secretsmanager get-secret-value --version-id …`), carry over what it "
                "changed, and run this again. Nothing is revoked until then.",
                outcome=Outcome.UNKNOWN,
            )
        return mark

    def _holder(self, label: str) -> str:
        held = (one for one, labels in self._stages.items() if isinstance(labels, list) and label in labels)
        return next(held, "")

    def _value(self, text: str) -> str | None:
        """Give what the address means in the secret's text; `None` where it has no such field."""
        found = members(text)
        if self._field == WHOLE:
            if found:
                fields = ", ".join(one.name for one in found)
                said = f"it is a JSON object, whose other fields would be lost: {fields}"
                raise Refused("destination-not-a-text", self._not(said), f"Name the field: {self._at('FIELD')}")
            return text
        if found is None:
            said = "it is no JSON object, so it has no fields"
            raise Refused("destination-not-a-text", self._not(said), f"For the whole text: {self._at(WHOLE)}")
        ours = [one.value for one in found if one.name == self._field]
        if len(ours) > 1 or (ours and not isinstance(ours[0], str)):
            said = "the field stands there twice" if len(ours) > 1 else "the field is no text"
            raise Refused("destination-not-a-text", self._not(said), "Set the secret's JSON right by hand.")
        return str(ours[0]) if ours else None

    def _at(self, name: str) -> str:
        return f"{self.name.rpartition('#')[0]}#{name}"

    def _owned(self, row: Mapping[str, object]) -> None:
        """Refuse a secret that somebody else writes, or that is about to be deleted."""
        if row.get("DeletedDate"):
            remedy = f"Restore it, if it is still needed: aws secretsmanager restore-secret --secret-id {self._id}"
            raise Refused("destination-scheduled-for-deletion", self._not("it is scheduled for deletion"), remedy)
        if owner := row.get("OwningService"):
            remedy = "Have that service rotate it, or make another secret the destination."
            raise Refused("destination-owned", self._not(f"the service `{owner}` manages it"), remedy)
        if row.get("RotationEnabled"):
            remedy = f"Choose one of the two: aws secretsmanager cancel-rotate-secret --secret-id {self._id}"
            raise Refused("destination-owned", self._not("its own rotation is on, and would replace the key"), remedy)
        if row.get("ReplicationStatus") or row.get("PrimaryRegion") not in (None, self._region):
            said = "it is replicated to other regions, where the old key would stay for a time that nobody tells"
            remedy = "Make a secret of its own in each region, and each a destination."
            raise Refused("destination-owned", self._not(said), remedy)

    def _not(self, why: str) -> str:
        return f"{self.name} is not written: {why}. Nothing was changed there."


def _row(answer: Answer, doing: str, outcome: Outcome = Outcome.NO_EFFECT) -> dict[str, object]:
    row = answer.json()
    if not isinstance(row, dict):
        raise words.unexpected(SECRETS, doing, "not with an object", outcome)
    return row
