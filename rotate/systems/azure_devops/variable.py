"""One variable of a variable group of Azure DevOps, which is only ever written whole.

Sources: the official description (MicrosoftDocs/vsts-rest-api-specs, distributedTask/7.1/taskAgent.json): a PUT
replaces the group; what is not in it is deleted (issue 235 there). A secret reads as null, and null sent back leaves it
as it is: so do the description's own example (httpExamples/variablegroups/PUT_UpdateVariableGroup.json) and Microsoft's
Terraform provider, whose resource of one variable reads the group by its number, changes one entry and sends all back
(microsoft/terraform-provider-azuredevops, resource_variable_group_variable.go). A list leaves out the projects that
share a group, and without them a PUT is refused (microsoft/azure-devops-node-api#424), so the group is read by number;
one that is not there is null. `actionFilter=manage` lists those that the token's owner may change. Names are told apart
whatever their case (azure-devops-cli-extension, variable_group.py). `$(NAME)` in a value means another variable
(learn.microsoft.com/azure/devops/pipelines/process/variables, macro syntax).

There is no check of a version. So the group is read right before each try, a second one too, or what somebody else
wrote between two tries would be undone; and read again after it: `modifiedOn` then tells a later change of the group
within this run, whose own writes of other variables are told apart from it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias, cast
from urllib.parse import quote

from rotate.address import Address
from rotate.errors import DestinationError, Outcome, Refused, RotateError
from rotate.means import Means
from rotate.ports import Hindered, Receipt
from rotate.protocol.facts.destination import DestinationFacts
from rotate.secret import Secret
from rotate.service import words
from rotate.service.client import Client
from rotate.service.description import Ask
from rotate.service.readable import Readable, Stored, Taken
from rotate.systems.azure_devops.system import SERVICE
from rotate.systems.azure_devops.together import Together
from rotate.wire.outcome import Answer

Row: TypeAlias = dict[str, object]
GROUPS, VERSION = "_apis/distributedtask/variablegroups", {"api-version": "7.1"}
PLAIN, KEY_VAULT = "Vsts", "AzureKeyVault"
PROJECTS = "variableGroupProjectReferences"
SENT = ("type", "name", "description", "providerData", PROJECTS)
_REFERENCE = re.compile(r"\$\(([^)]+)\)")


class Variable(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._client, self._key = Client(SERVICE, means), address.name
        self._organization, self._project, self._named = address.where.split("/", 2)
        self._all = f"/{quote(self._organization, safe='')}/{quote(self._project, safe='')}/{GROUPS}"
        self._of = f"variable group {address.where.casefold()} of azure-devops"
        self.together = means.once(f"writes of {self._of}", Together)
        self.together.names.add(self._key.casefold())
        self._group = Secret("")  # as it was read last, with the values of others

    def observe(self) -> DestinationFacts:
        """Read it, and whether the token's owner may change the group."""
        facts = super().observe()
        if self._number(managed=True) is None:
            message = f"The token reads {self.name}, and may not write it: its owner is no administrator of the group."
            raise Refused("destination-not-allowed", message, SERVICE.give)
        return facts

    def put(self, secret: Secret, hindered: Hindered | None = None) -> Receipt:
        """Let no other variable of this run be written to the group between its read and its write."""
        with self.together.lock:
            return super().put(secret, hindered)

    def read(self) -> Stored | None:
        """Find it in its group, which must be one that may be written whole."""
        with self.together.lock:
            return self._found(f"read {self.name}")

    def _found(self, doing: str) -> Stored | None:
        number = self._means.once(f"number of {self._of}", self._number)
        if number is None:
            raise self._no_group()
        group = self._client.ask(Ask("GET", f"{self._all}/{number}", doing, VERSION)).json()
        if group is None:
            raise self._no_group()
        variables = _variables(group)
        if not isinstance(group, dict) or variables is None or group.get("id") != number:
            raise words.unexpected(SERVICE, doing, "not with a variable group")
        self._must_be_whole(group)
        self._group = Secret(json.dumps(group))
        version = self.together.version(str(group.get("modifiedOn") or ""))
        key = _same(variables, self._key)
        return None if key is None else replace(self._stored(group, variables[key], doing), version=version)

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> Taken:
        """Send the group as it was just read, with the new value in it; create it as a secret."""
        try:
            return self._sent(secret, hindered)
        except DestinationError as error:
            again = error.outcome is Outcome.UNKNOWN and not (hindered and hindered())
            if not again or not self._read_again(over):
                raise
            first = error
        try:
            return self._sent(secret, hindered)
        except RotateError:
            raise first from None  # what the first try may have done stays unknown

    def _sent(self, secret: Secret, hindered: Hindered | None) -> Taken:
        doing, group = f"write {self.name}", cast("Row", json.loads(self._group.reveal()))
        variables = {name: {**one, "value": _sent_back(one)} for name, one in (_variables(group) or {}).items()}
        key = _same(variables, self._key) or self._key
        variables[key] = {**variables.get(key, {"isSecret": True}), "value": secret.reveal()}
        path = f"/{quote(self._organization, safe='')}/{GROUPS}/{group['id']}"
        body = {**{name: group[name] for name in SENT if group.get(name) is not None}, "variables": variables}
        ask = Ask("PUT", path, doing, VERSION, body, again=False, hindered=hindered, value=secret)
        self._must_be_ours(self._client.ask(ask), doing)
        self.together.wrote()
        try:
            after = self.read()
        except RotateError:
            return Taken()  # it was taken; to confirm it is another matter
        return Taken(version=after.version if after else "")

    def _read_again(self, over: Stored | None) -> bool:
        """Read the group before a second try; where it cannot be read, or the variable is gone, there is none."""
        try:
            self._kept = self.read()
        except RotateError:
            return False
        return self._kept is not None or over is None

    def _must_be_ours(self, answer: Answer, doing: str) -> None:
        if _same(_variables(answer.json()) or {}, self._key) is None:
            raise words.unexpected(SERVICE, doing, "not with a group that has the variable", Outcome.UNKNOWN)

    def _must_be_whole(self, group: Row) -> None:
        """Refuse what another service fills, and what a write would take from other projects."""
        kind, projects = group.get("type"), group.get(PROJECTS)
        if kind != PLAIN:
            vault = cast("Mapping[str, object]", group.get("providerData") or {}).get("vault")
            source = f"azure-keyvault://{vault}/…" if kind == KEY_VAULT and vault else "the place that fills it"
            message = f"{self.name} stands in a group of type {kind}, which another service fills. Nothing was changed."
            raise Refused("destination-owned", message, f"Make {source} the destination: this group then has it too.")
        if not isinstance(projects, list) or not projects or (group.get("isShared") and len(projects) == 1):
            message = f"Of the projects that share the group of {self.name} the token is not shown all."
            remedy = f"Let its owner see them: a write of the group names them all. {SERVICE.give}"
            raise Refused("destination-not-allowed", message, remedy)

    def _stored(self, group: Row, entry: Row, doing: str) -> Stored:
        value, secret = entry.get("value"), entry.get("isSecret") is True
        if not secret and not isinstance(value, str):
            raise words.unexpected(SERVICE, doing, "without the value of a variable that is no secret")
        found = None if secret else _REFERENCE.search(str(value))
        flags: Row = {name: group.get(name) for name in SENT}
        flags |= {name: one for name, one in entry.items() if name != "value"}
        for name, other in (_variables(group) or {}).items():
            if name.casefold() not in self.together.names:
                flags[f"the variable {name}"] = {**other, "value": Secret(str(other.get("value")))}
        return Stored(None if secret else Secret(str(value)), flags, f"$({found[1]})" if found else "")

    def _number(self, *, managed: bool = False) -> int | None:
        """Give the group's number; nothing where none of this name is shown, or none that may be changed."""
        doing, query = f"look for {self.name}", {"groupName": self._named, **VERSION}
        query |= {"actionFilter": "manage"} if managed else {}
        whole = self._client.ask(Ask("GET", self._all, doing, query)).json()
        rows = words.rows_of(SERVICE, whole.get("value") if isinstance(whole, dict) else None, doing)
        numbers = [one.get("id") for one in rows if str(one.get("name")).casefold() == self._named.casefold()]
        return numbers[0] if numbers and isinstance(numbers[0], int) else None

    def _no_group(self) -> Refused:
        message = f"Could not find {self.name}: the project has no variable group of this name that the token sees."
        return Refused("destination-absent", message, f"Check the spelling of the address. {SERVICE.give}")


def _variables(group: object) -> dict[str, Row] | None:
    """Give the variables of a group by their names; nothing where these are none."""
    rows = group.get("variables") if isinstance(group, dict) else None
    usable = isinstance(rows, dict) and all(isinstance(one, dict) for one in rows.values())
    return cast("dict[str, Row]", rows) if usable else None


def _sent_back(entry: Row) -> object:
    """Give the value of a variable as it goes back: of a secret nothing, whatever was shown in its place."""
    return None if entry.get("isSecret") is True else entry.get("value")


def _same(variables: Mapping[str, Row], key: str) -> str | None:
    """Give the name that a variable has there, whatever its case."""
    return next((name for name in variables if name.casefold() == key.casefold()), None)
