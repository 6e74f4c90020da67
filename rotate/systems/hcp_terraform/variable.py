"""One variable of a workspace or a variable set of HCP Terraform: its value alone is sent, all else stays.

Sources (cloud-docs/api-docs): workspace-variables: "if omitted, a property will be left unchanged"; a sensitive value
is "written once and not visible thereafter"; `hcl` "has no effect for environment variables"; a key may exist once for
each category. index: 404 stands for what is not there and for what the token may not see alike; what a workspace's or a
set's `permissions` say tells whether it may write. Of a sensitive value only `version-id` tells anything: each update
makes another one, even one that changes nothing, and a read gives that of the last (go-tfe
variable_integration_test.go; of a set's variable, variable_set_variable.go has it, and the documents' samples do not).
The list of a workspace's variables has no pages (python-tfe, variable.py), those of variable sets have.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias, cast
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
from rotate.systems.hcp_terraform.system import ENV, SERVICE, TERRAFORM, WORKSPACE
from rotate.wire.outcome import Answer

Row: TypeAlias = dict[str, object]
FLAGS = ("category", "sensitive", "hcl", "description")
TEMPLATE = re.compile(r"[$%]\{")  # in quotes, these begin an expression (HCL's specification, "Template Expressions")
MOST_PAGES, PAGE = 100, {"page[size]": "100"}


class Variable(Readable):
    """Implements `ports.Destination`."""

    def __init__(self, address: Address, means: Means) -> None:
        super().__init__(str(address), means)
        self._client, self._key = Client(SERVICE, means), address.name
        self._category = address.options.get("category", ENV)
        self._organization, self._kind, self._holder = address.where.split("/")
        self._id, self._more = "", ""

    def observe(self) -> DestinationFacts:
        """Read it, and whether the token may write."""
        facts = super().observe()
        may = _inside(_inside(self._found(), "attributes"), "permissions")
        allowed = may.get("can-update-variable" if self._kind == WORKSPACE else "can-update")
        if allowed is False:
            message = f"The token reads {self.name}, and may not write it: HCP Terraform says so of the {self._kind}."
            raise Refused("destination-not-allowed", message, SERVICE.give)
        return replace(facts, may_write=allowed is True)

    def read(self) -> Stored | None:
        """Find it in the list of its workspace or set; a list that can be read without it proves that it is absent."""
        doing = f"read {self.name}"
        for row in self._rows(self._path(), {} if self._kind == WORKSPACE else PAGE, doing):
            attributes = _inside(row, "attributes")
            if (attributes.get("key"), attributes.get("category")) == (self._key, self._category):
                self._id = str(row.get("id"))
                return self._stored(attributes, doing)
        return None

    def write(self, secret: Secret, over: Stored | None, hindered: Hindered | None) -> Taken:
        """Send the value alone, as HCL where the variable is; create it sensitive."""
        doing, quoted = f"write {self.name}", over is not None and _is_code(over.flags)
        attributes: Row = {"value": json.dumps(secret.reveal()) if quoted else secret.reveal()}
        data: Row = {"type": "vars", "attributes": attributes}
        if over is None:
            attributes |= {"key": self._key, "category": self._category, "sensitive": True, "hcl": False}
            ask = Ask("POST", self._path(), doing, again=False, hindered=hindered, value=secret, body={"data": data})
        else:
            path = f"{self._path()}/{quote(self._id, safe='')}"  # in the body the id is read-only
            ask = Ask("PATCH", path, doing, hindered=hindered, value=secret, body={"data": data})
        written = _inside(_data(self._client.ask(ask), doing, Outcome.UNKNOWN), "attributes")
        return Taken(version=str(written.get("version-id") or ""))

    def _look(self) -> Stored | None:
        """Refuse what may hold more than a text: to overwrite it would lose the rest."""
        stored = super()._look()
        if stored and self._more:
            message = f"{self.name} holds {self._more}. Nothing was changed there."
            remedy = "Keep the key in a variable of its own, without the tick at HCL, and make that the destination."
            raise Refused("destination-not-a-text", message, remedy)
        return stored

    def _stored(self, attributes: Row, doing: str) -> Stored:
        value, code, self._more = attributes.get("value"), _is_code(attributes), ""
        if attributes.get("sensitive") is True or value is None:
            shown = None
            self._more = (
                "code (HCL) that HCP Terraform shows to nobody, and that may be more than a text" if code else ""
            )
        elif isinstance(value, str):
            text = _unquoted(value) if code else value
            shown = Secret(value if text is None else text)
            self._more = "an expression in HCL that is no text in quotes" if text is None else ""
        else:
            raise words.unexpected(SERVICE, doing, "with a value that is no text")
        version = str(attributes.get("version-id") or self._taken.version)  # a list that has none tells nothing
        return Stored(shown, {name: attributes.get(name) for name in FLAGS}, version=version)

    def _path(self) -> str:
        number = quote(str(self._found().get("id")), safe="")
        return f"/workspaces/{number}/vars" if self._kind == WORKSPACE else f"/varsets/{number}/relationships/vars"

    def _found(self) -> Row:
        """Give the workspace or the set. It is asked for once in a run."""
        of = f"{self._organization}/{self._kind}/{self._holder} of hcp-terraform"
        return self._means.once(of, self._workspace if self._kind == WORKSPACE else self._varset)

    def _workspace(self) -> Row:
        doing, name = f"look for {self.name}", quote(self._holder, safe="")
        path = f"/organizations/{quote(self._organization, safe='')}/workspaces/{name}"
        return _data(self._client.ask(Ask("GET", path, doing)), doing)

    def _varset(self) -> Row:
        path = f"/organizations/{quote(self._organization, safe='')}/varsets"
        rows = self._rows(path, {**PAGE, "q": self._holder}, f"look for {self.name}")
        found = [one for one in rows if _inside(one, "attributes").get("name") == self._holder]
        if len(found) == 1:
            return found[0]
        none = f"{self._organization} has no variable set of this name that the token sees"
        message = f"Could not find {self.name}: {'several sets have this name' if found else none}."
        raise Refused("destination-absent", message, f"Check the spelling of the address. {SERVICE.give}")

    def _rows(self, path: str, query: dict[str, str], doing: str) -> Iterator[Row]:
        """Give the rows of every page."""
        for _ in range(MOST_PAGES):
            found = self._client.ask(Ask("GET", path, doing, query)).json()
            whole = found if isinstance(found, dict) else {}
            yield from words.rows_of(SERVICE, whole.get("data"), doing)
            after = _inside(_inside(whole, "meta"), "pagination").get("next-page")
            if not after:
                return
            query = {**query, "page[number]": str(after)}
        raise words.unexpected(SERVICE, doing, f"its list does not end within {MOST_PAGES} pages")


def _inside(row: Row, name: str) -> Row:
    """Give an object within an object; an empty one where there is none."""
    inner = row.get(name)
    return cast("Row", inner) if isinstance(inner, dict) else {}


def _data(answer: Answer, doing: str, outcome: Outcome = Outcome.NO_EFFECT) -> Row:
    whole = answer.json()
    data = whole.get("data") if isinstance(whole, dict) else None
    if not isinstance(data, dict):
        raise words.unexpected(SERVICE, doing, "without `data`", outcome)
    return data


def _is_code(attributes: Mapping[str, object]) -> bool:
    """Say whether the value is HCL: of an environment variable the tick has no effect."""
    return attributes.get("hcl") is True and attributes.get("category") == TERRAFORM


def _unquoted(text: str) -> str | None:
    """Take a text out of its quotes; `None` for any other expression, such as a template."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, str) and not TEMPLATE.search(value) else None
