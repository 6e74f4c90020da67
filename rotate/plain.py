"""A system of which an address says all: what most systems are, made from what they have of their own."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from rotate.address import Address, parsed
from rotate.errors import RotateError
from rotate.line import Attached, Line, Seen
from rotate.registry import loaded
from rotate.system import Fields, Keeper, Place, Reader, System, Texts, Traits

if TYPE_CHECKING:
    from rotate.context import Context
    from rotate.fields import Field
    from rotate.means import Means
    from rotate.ports import Deployment, Destination, Notebook
    from rotate.problems import Problems
    from rotate.protocol.facts.found import FoundSecret, Wanted
    from rotate.settings.model import Settings

ADDRESS = "address"
REDEPLOY = ("redeploy", "redeploy_wait")
Find: TypeAlias = "Callable[[Sequence[Address], Wanted, Means], Iterable[FoundSecret | RotateError]]"
BRACE = re.compile(r"\{([a-z_]+)\}")


class Parts(NamedTuple):
    """What a plain system has of its own.

    `forms`: what its addresses say before `?`, such as `project/{project}`, `group/{group}`; in a policy file a
    field fills each brace. `options`: what stands behind `?`; those that say the `usual` are left out. `wrong` says
    what is wrong with an address; nothing where it is one. `destination` opens one, and contacts nobody.
    `notebook`: it can keep a note and a lock, named after the credential, which stands behind `#`; `None` where it
    cannot. `find`: where the function is (`module:name`)
    that lists what the login reaches of what is wanted, beside the destinations of the run and elsewhere (`Find`);
    what it may not read it gives as an error, and goes on. `lasting`: how many seconds the system's own limits make
    a rotation of so many destinations last. `examples`: addresses to paste. `named`: the name of a value stands
    behind `#`; elsewhere the place is its own. `deployment` opens what starts anew whatever runs with the value of
    a place, where the system can do that. Without `slashes`, what stands behind the kind is a path on this machine,
    which may begin with `./`. `cautions`: what a person should know of destinations, once they were used.
    """

    kind: str
    forms: tuple[str, ...]
    options: tuple[str, ...]
    wrong: Callable[[Address], str]
    destination: Callable[[Address, Means], Destination]
    notebook: Callable[[Address, Means], Notebook] | None = None
    find: str = ""
    usual: Mapping[str, str] = MappingProxyType({})
    lasting: Callable[[int], float] = lambda _: 0.0
    examples: tuple[str, ...] = ()
    named: bool = True
    deployment: Callable[[Address, Means], Deployment] | None = None
    slashes: bool = True
    cautions: Callable[[Sequence[Destination]], tuple[RotateError, ...]] = lambda _: ()


class PlainReader(Reader):
    """Implements `system.Reader` for addresses alone."""

    def __init__(self, parts: Parts, traits: Traits) -> None:
        self._parts, self._traits = parts, traits
        self.examples = parts.examples or (f"{parts.kind}://{parts.forms[0]}",)
        self.common = (*Reader.common, *(REDEPLOY if parts.deployment else ()))
        self.where = (ADDRESS, *(name for form in parts.forms for name in BRACE.findall(form)), *parts.options)

    def of_address(self, at: Address) -> dict[str, str]:
        """Give its text. Raises `ValueError`, with what is wrong about it."""
        if at.options.keys() - set(self._parts.options):
            from rotate.settings.parse import nearest

            strange = next(iter(at.options.keys() - set(self._parts.options)))
            close = nearest(strange, self._parts.options)
            meant = f"; the closest is `{close}`" if close else ""
            known = " or ".join(f"`{name}`" for name in self._parts.options) or "nothing"
            raise ValueError(f"behind `?` this kind of address takes {known}{meant}")
        if wrong := self._wrong(at):
            raise ValueError(wrong)
        return {ADDRESS: str(at)}

    def _wrong(self, at: Address) -> str:
        """Say what is wrong with an address: first what no service has as a name, and would take for another path."""
        if not all(text.isprintable() for text in (at.where, at.name, *at.options.values())):
            return "it has a character that cannot be printed"
        where = at.where if self._parts.slashes else at.where.removeprefix("./")
        if {".", ".."} & {*where.split("/"), *at.options.values()}:
            return "no part of its path, and no option, is `.` or `..`"
        return self._parts.wrong(at)

    def of_fields(self, texts: Texts, context: Context) -> list[dict[str, str]]:
        """Give the one place whose address the fields make."""
        del context
        given = {name for name, text in texts.items() if text} & set(self.where) - set(self._parts.options)
        form = next((one for one in self._parts.forms if set(BRACE.findall(one)) == given), None)
        if form is None:
            return [dict(texts)]
        options = {name: texts[name] for name in self._parts.options if texts.get(name)}
        at = Address(self._parts.kind, form.format_map(texts), options, slashes=self._parts.slashes)
        return [{**texts, ADDRESS: str(at)}]

    def place(self, raw: Texts, texts: Texts, context: Context, problems: Problems) -> Place:
        """Check one address."""
        from rotate.settings.model import DEFAULT_NAME
        from rotate.settings.parse import truth
        from rotate.settings.rules import redeploy

        del raw, context
        at = self._address(texts, problems)
        told = {key: text for key, text in at.options.items() if self._parts.usual.get(key) != text}
        usual = texts.get("secret_name", DEFAULT_NAME) if self._parts.named else ""
        name = str(at._replace(name=at.name or usual, options=told))
        creates, patience = truth(texts, "create", problems), redeploy(texts, problems)
        if not self._traits.late(name):
            patience = None  # there, nothing is to be started
        return Place(at.kind, name, (name,), at.where, creates=creates, redeploy=patience, terms=(patience,))

    def _address(self, texts: Texts, problems: Problems) -> Address:
        """Give the address that the texts mean; one that says nothing where they mean none, which is said."""
        from rotate.settings.parse import shown

        kind, forms = self._parts.kind, self._parts.forms
        at = parsed(texts[ADDRESS]) if texts.get(ADDRESS) else Address(kind, "")
        wrong = self._wrong(at) if at.where else ""
        if not at.where:
            ways = " or ".join(" and ".join(f"`{name}`" for name in BRACE.findall(form)) for form in forms)
            message = f"A destination of type `{kind}` says where it is by {ways}."
            problems.say("input-missing", message, f"    to: {self.examples[0]}", "type")
        elif wrong:
            message = f"`{shown(str(at))}` is no address of a destination: {wrong}."
            problems.say("address-invalid", message, f"    to: {self.examples[0]}", "type")
        return at

    def keeper(self, places: Sequence[Place], context: Context) -> Keeper | None:
        """Give the first of the places, where the system can keep a note."""
        del context
        first = next((place.name for place in places if place.owner), "")
        if not (self._parts.notebook and first):
            return None
        at = parsed(first)
        return Keeper(at.kind, str(at), str(at._replace(name="")), 1)


class PlainLine(Line):
    """Implements `line.Line` over what a plain system has."""

    def __init__(self, parts: Parts, means: Means) -> None:
        self._parts, self._means = parts, means

    def attach(self, settings: Settings, stop: threading.Event) -> Attached:
        """Open every destination, and the notebook where it is kept here."""
        del stop
        keeper = settings.keeper
        kept = self._parts.notebook and keeper and keeper.kind == self._parts.kind
        places = self._places(settings)
        opened = tuple(self._destination(one) for one in places)
        return Attached(
            opened,
            self._notebook(keeper.where, settings.credential) if keeper and kept else None,
            lasting=partial(self._parts.lasting, len(places)),
            cautions=partial(self._parts.cautions, opened),
            lineage=partial(settings.lineage, keeper.number) if keeper and kept else lambda: None,
        )

    def _notebook(self, where: str, credential: str) -> Notebook | None:
        """Open what keeps the note of a credential, beside its first place."""
        at = parsed(where)._replace(name=credential)
        return self._parts.notebook(at, self._means) if self._parts.notebook else None

    def _destination(self, place: Place) -> Destination:
        """Open one, with what starts anew whatever uses it, where that was asked for."""
        at = parsed(place.name)
        found = self._parts.destination(at, self._means)
        if place.redeploy is None or self._parts.deployment is None:
            return found
        from rotate.service.redeploy import Redeployed

        return Redeployed(found, self._parts.deployment(at, self._means), place.redeploy, self._means)

    def find(self, settings: Settings, wanted: Wanted) -> Seen:
        """Look at what the login reaches, where the system can list what it has."""
        ours = [parsed(place.name) for place in self._places(settings)]
        known = [str(at) for at in ours]
        secrets: dict[str, FoundSecret] = {}
        unread: list[RotateError] = []
        try:
            for one in self._found(ours, wanted):
                if isinstance(one, RotateError):
                    unread.append(one)
                else:
                    secrets[one.address] = replace(one, configured=one.address in known)
        except RotateError as error:
            unread.append(error)
        missing = tuple(one for one in known if one not in secrets)
        return Seen(tuple(secrets.values()), missing=missing, unread=tuple(dict.fromkeys(unread)))

    def _found(self, ours: Sequence[Address], wanted: Wanted) -> Iterable[FoundSecret | RotateError]:
        find: Find | None = loaded(self._parts.find) if self._parts.find else None
        return find(ours, wanted, self._means) if find else ()

    def _places(self, settings: Settings) -> list[Place]:
        return [one for one in settings.places if one.kind == self._parts.kind]


def plain(
    parts: Parts,
    traits: Traits,
    fields: Callable[[], tuple[Field, ...]],
    lacks: Callable[[Mapping[str, str]], tuple[RotateError, ...]] = lambda _: (),
) -> System:
    """Describe a system by its parts."""
    traits = traits._replace(notes=bool(parts.notebook), lists=bool(parts.find), redeploys=bool(parts.deployment))
    reader = PlainReader(parts, traits)
    return System(parts.kind, traits, lambda: Fields(fields()), reader, lambda means, _: PlainLine(parts, means), lacks)
