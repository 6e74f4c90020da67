"""`.github/neon-rotate.yml`: from YAML to text under the inputs' names, every problem at once with line and column.

What each value means is checked where the action's inputs are checked (`validate.check`): there is one rule for both.
The text is composed, never constructed: a value is what stands in the file (`02:00` is no number of minutes), and every
node knows its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from rotate.errors import ConfigurationError, RotateError
from rotate.fields import REFERENCE, Field, Kind
from rotate.ports import Hide
from rotate.secret import SHAPES, Secret
from rotate.settings.parse import nearest, shown
from rotate.settings.places import kind_of
from rotate.settings.policy_fields import FREEZE, TOP, of_destination

LARGEST = 256 * 1024
MOST_ITEMS = 1000
NULL = "tag:yaml.org,2002:null"


@dataclass(slots=True)
class Entry:
    """One mapping of the file as text under the inputs' names, with the place of each, and what lies inside it."""

    at: Node
    texts: dict[str, str] = field(default_factory=dict)
    places: dict[str, Node] = field(default_factory=dict)
    inner: dict[str, list[Entry]] = field(default_factory=dict)


class PolicyFile:
    """Reads one file. `problems` are complete after `read`; each begins with file, line and column."""

    def __init__(self, path: Path, name: str, environment: Mapping[str, str], hide: Hide) -> None:
        """`name`: how people know the file. `environment`: where `${NAME}` is looked up; `hide` hears every value."""
        self._path = path
        self._name = name
        self._environment = environment
        self._hide = hide
        self.problems: list[RotateError] = []

    def read(self) -> Entry | None:
        """Give the whole file; `None` where it cannot be read as YAML at all."""
        try:
            data = self._path.read_bytes()
            root = yaml.compose(data.decode(), Loader=yaml.SafeLoader) if len(data) <= LARGEST else None
        except OSError as error:
            self._unreadable(f"cannot be read: {error.strerror}")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
            self._unreadable(f"is no YAML{where}")
        except (ValueError, yaml.YAMLError, RecursionError):
            self._unreadable("is no YAML text")
        else:
            if root is not None:
                return self._mapping(root, TOP)
            self._unreadable("is empty, or larger than 256 KiB")
        return None

    def say(self, at: Node, message: str, remedy: str, reason: str = "policy-invalid") -> None:
        """Add a problem at a place of the file."""
        mark = at.start_mark
        where = f"{self._name}:{mark.line + 1}:{mark.column + 1}: "
        self.problems.append(ConfigurationError(reason, where + message, remedy))

    def _unreadable(self, why: str) -> None:
        message = f"The policy file {shown(self._name)} {why}."
        self.problems.append(ConfigurationError("policy-unreadable", message, SMALLEST))

    def _mapping(self, node: Node, fields: tuple[Field, ...]) -> Entry:
        entry = Entry(node)
        if not isinstance(node, MappingNode):
            self.say(node, "here stands no mapping of names to values.", SMALLEST)
            return entry
        known = {one.name: one for one in fields}
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name not in known:
                self._unknown(key, name, tuple(known))
            elif name in seen:
                self.say(key, f"`{name}` stands here twice.", "Keep one of them.")
            else:
                self._value(entry, known[name], value)
            seen.add(name)
        for missing in (one for one in fields if one.needed and not {one.name, one.instead} & seen):
            self.say(node, f"`{missing.name}` is missing: {missing.about[0].lower()}{missing.about[1:]}.", SMALLEST)
        return entry

    def _unknown(self, key: Node, name: str, known: tuple[str, ...]) -> None:
        close = nearest(name, known)
        meant = f"Did you mean `{close}`?" if close else f"Known here: {', '.join(known)}."
        self.say(key, f"`{shown(self._harmless(name))}` is no field of this place.", meant)

    def _value(self, entry: Entry, one: Field, node: Node) -> None:
        entry.places[one.key] = node
        if one.kind is Kind.MAPPING:
            inner = self._mapping(node, one.inner)
            entry.texts |= inner.texts
            entry.places |= inner.places
        elif one.kind is Kind.LIST:
            items = self._items(one, node)
            entry.inner[one.name] = inners = [self._mapping(item, _fields_of(item, one)) for item in items]
            if one.inner is FREEZE:
                spans = ["..".join(inner.texts.get(end, "") for end in ("from", "to")) for inner in inners]
                entry.texts[one.key] = ",".join(spans)
        elif one.kind is Kind.WORDS:
            words = [text for item in self._items(one, node) if (text := self._scalar(one, item))]
            entry.texts[one.key] = ",".join(words)
        elif text := self._scalar(one, node):
            entry.texts[one.key] = self._secret(one, node, text) if one.kind is Kind.REFERENCE else text

    def _items(self, one: Field, node: Node) -> list[Node]:
        if not isinstance(node, SequenceNode) or not 0 < len(node.value) <= MOST_ITEMS:
            self.say(node, f"`{one.name}` takes a list of 1 to {MOST_ITEMS}.", f"    {one.name}:\n      - …")
            return []
        return list(node.value)

    def _scalar(self, one: Field, node: Node) -> str:
        if not isinstance(node, ScalarNode) or node.tag == NULL or not node.value.strip():
            self.say(node, f"`{one.name}` takes {one.kind.value}.", f"Give it a value, or remove `{one.name}`.")
            return ""
        text = str(node.value).strip()
        if one.kind is not Kind.REFERENCE and (REFERENCE.search(text) or self._harmless(text) != text):
            message = f"`{one.name}` is no place for a secret (what stands there is not shown)."
            self.say(node, message, "Only fields that take a key or a token may refer to one, as `${NAME}`.")
            return ""
        if one.choices and text not in one.choices and not one.checked_later:
            allowed = " | ".join(one.choices)
            self.say(node, f"`{one.name}` is `{shown(text)}`, which is none of {allowed}.", _nearest(one, text))
            return ""
        return text

    def _secret(self, one: Field, node: Node, text: str) -> str:
        found = REFERENCE.fullmatch(text)
        if found is None:
            self._hide(Secret(text))
            message = f"`{one.name}` holds a value itself (not shown). A policy file never holds a secret."
            remedy = f"    {one.name}: ${{NEON_API_KEY}}    # the name of an environment variable of the step\n\n"
            self.say(node, message, remedy + "If the value was ever committed, it is exposed: rotate it.")
            return ""
        value = self._environment.get(found[1], "").strip()
        if not value:
            message = f"`{one.name}` refers to the environment variable {found[1]}, which is not set or blank."
            self.say(node, message, f"    env:\n      {found[1]}: ${{{{ secrets.{found[1]} }}}}", "input-missing")
            return ""
        self._hide(Secret(value))
        return value

    def _harmless(self, text: str) -> str:
        """Give a text of the file as it may be shown: what looks like a key or a token is hidden for good."""
        found = re.search(SHAPES, text)
        if found is None:
            return text
        self._hide(Secret(found[0]))
        return "(not shown)"


def _fields_of(item: Node, one: Field) -> tuple[Field, ...]:
    """Give the fields of one item of a list; those of a destination are its system's."""
    if one.name != "destinations" or not isinstance(item, MappingNode):
        return one.inner
    return of_destination(kind_of({str(key.value): str(value.value) for key, value in item.value}))


def _nearest(one: Field, text: str) -> str:
    return f"    {one.name}: {nearest(text, one.choices) or one.choices[0]}"


SMALLEST = """\
The smallest policy file is:

    version: 1
    credentials:
      - current_key: ${NEON_API_KEY}
        destinations:
          - type: github_secret
            secret: NEON_API_KEY"""
