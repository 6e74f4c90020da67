"""One CI/CD variable of GitLab: read, overwritten in place, and read back.

GitLab tells no time of a write, but the value, unless the variable is hidden (`doc/ci/variables/_index.md`, 17.6 on).
A `PUT` with the value alone keeps every flag: what is not sent is left as it is (`lib/api/ci/variables.rb`). One key
may exist once for each environment scope, so each request filters by it; without that, several answer 409. 404 stands
for what is not there and for what the token may not see alike (`doc/api/rest/troubleshooting.md`): the list of the
variables, which takes the very right that a write takes, tells the two apart.
"""

from __future__ import annotations

from urllib.parse import quote

from rotate.address import Address
from rotate.errors import Refused
from rotate.means import Means
from rotate.ports import Hindered, Receipt
from rotate.readable import Readable
from rotate.secret import Secret
from rotate.service import Asking
from rotate.systems.gitlab.system import EVERY, GITLAB
from rotate.wire.clock import dated
from rotate.wire.outcome import SUCCESS

NOT_FOUND = 404
HIDDEN = (
    "GitLab shows a hidden variable to nobody, so nothing could prove that the new key arrived there, nor that it is "
    "still there when the old key goes. Create it anew as **Masked**, not as **Masked and hidden**."
)
EXPANDED = "Write the key itself there, or name the variable that it refers to as the destination."


class Variable(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means.hide)
        holder, _, path = address.where.partition("/")
        owner = f"/{holder}s/{quote(path, safe='')}" if path else "/admin/ci"
        self._key, self._scope = address.name, address.options.get("scope", EVERY) if path else ""
        self._all = f"{owner}/variables"
        scope = f"?filter%5Benvironment_scope%5D={quote(self._scope, safe='')}" if self._scope else ""
        self._one = f"{self._all}/{self._key}{scope}"
        self._asking = Asking(GITLAB, means, self.name)
        self._there = False

    def read(self) -> Secret | None:
        """Give the value.

        Raises:
            Refused: the token may not, or nobody may: the variable is hidden, or refers to another.
            DestinationError: no usable answer.
        """
        doing = "read the value"
        answer = self._asking.ask("GET", self._one, doing)
        self._there = answer.status != NOT_FOUND
        if not self._there:
            listed = self._asking.ask("GET", f"{self._all}?per_page=1", "read the list")
            if listed.status not in SUCCESS:
                raise self._asking.refusal(listed, "read the list")
            return None
        row = self._asking.row(answer, doing)
        value = row.get("value")
        if row.get("hidden") is True:
            raise Refused("value-not-readable", f"{self.name} is hidden.", HIDDEN)
        if not isinstance(value, str):
            raise self._asking.refusal(answer, doing)
        if row.get("raw") is False and value.startswith("$"):
            message = f"{self.name} holds no key, but refers to another variable."
            raise Refused("value-is-reference", message, EXPANDED)
        return Secret(value) if value else None

    def write(self, secret: Secret, hindered: Hindered | None) -> Receipt:
        """Overwrite the value alone; create the variable, masked, where it was not there.

        Raises:
            DestinationError: it was refused (no effect), or nobody knows (unknown). RotateError: it was hindered.
        """
        doing, value = "write the value", {"value": secret.reveal()}
        if self._there:
            answer = self._asking.ask("PUT", self._one, doing, value, hindered=hindered)
        else:
            scope = {"environment_scope": self._scope} if self._scope else {}
            new = {"key": self._key, "masked": True, "raw": True, **value, **scope}
            answer = self._asking.ask("POST", self._all, doing, new, again=False, hindered=hindered)
        self._asking.row(answer, doing, wrote=True)
        return Receipt(dated(answer.headers.get("date", "")), created=not self._there)
