"""Which places hold the key: what is said of each goes to the system that its address, or its `type`, names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rotate.address import parsed
from rotate.context import Context
from rotate.problems import Problems
from rotate.registry import TYPES, USUAL, kinds, system, usual
from rotate.settings.parse import nearest, shown
from rotate.system import Keeper, Place, Texts

# Beside the texts of a place: the kind of its system.
KIND = "kind"
OR_A_FILE = "Or, where a file outlives the run:\n\n    note_file: /var/lib/neon-rotate/note.json"


def words(text: str) -> list[str]:
    """Take a list apart as people write it in an input: by commas or line ends."""
    return [word for part in re.split(r"[,\n]", text) if (word := part.strip())]


def of_inputs(raw: Texts, context: Context) -> list[dict[str, str]]:
    """Give every place that the inputs mean: addresses, and what the usual system has short inputs for."""
    found = [_addressed(word, raw) for word in words(raw.get("destinations", ""))]
    return found + [{**texts, KIND: USUAL} for texts in usual().of_inputs(raw, context, alone=not found)]


def of_destination(texts: Texts, context: Context) -> list[dict[str, str]]:
    """Give every place that one destination of a policy file means."""
    if not texts.get("to"):
        kind = kind_of(texts)
        return [{**one, KIND: kind} for one in system(kind).reader.of_fields(texts, context)]
    rest = {name: text for name, text in texts.items() if name != "to"}
    try:
        return [{**rest, **({"to": texts["to"]} if _beside(texts) else _fields(texts["to"]))}]
    except ValueError:
        return [dict(texts)]


def kind_of(texts: Texts) -> str:
    """Give the kind that an address or a `type` means; the usual one where it means none, which is said elsewhere."""
    named = texts.get("to", "").partition(":")[0] or texts.get("type", "")
    found = TYPES.get(named, named)
    return found if found in kinds() else USUAL


def somewhere(spots: Sequence[Texts]) -> bool:
    """Say whether any of them tells a place."""
    return any(spot.get("to") or any(map(spot.get, system(spot[KIND]).reader.where)) for spot in spots)


def read(raw: Texts, spots: Sequence[Texts], context: Context, problems: Problems) -> tuple[Place, ...]:
    """Check each, and count one once that is meant twice. Meant in two ways, it is an error: which counts is not
    guessed."""
    first: dict[tuple[str, ...], Place] = {}
    found: list[Place] = []
    for number, texts in enumerate(spots):
        place = _place(raw, texts, context, inner := problems.within(number))
        if place is None:
            continue
        same = first.setdefault((place.kind, *place.spot), place) if place.name else place
        if same is place:
            found.append(place)
        elif (place.creates, place.terms) != (same.creates, same.terms):
            inner.say("input-invalid", f"{place.name} is a destination twice, in two ways.", "Keep one of them.", "to")
    return tuple(found)


def keeper(places: Sequence[Place], context: Context, problems: Problems) -> Keeper | None:
    """Give who keeps the note and the lock: where the run happens, else the first place that can."""
    for kind in dict.fromkeys((USUAL, *(place.kind for place in places))):
        if found := system(kind).reader.keeper([place for place in places if place.kind == kind], context):
            return found
    first = next((place for place in places if place.owner or place.patterned), None)
    if first:
        homeless = system(first.kind).reader.homeless
        problems.say("input-missing", homeless, f"    repository: owner/name\n\n{OR_A_FILE}", "destinations")
    return None


def _place(raw: Texts, texts: Texts, context: Context, problems: Problems) -> Place | None:
    if texts.get(KIND):
        return system(texts[KIND]).reader.place(raw, texts, context, problems)
    if name := _beside(texts):
        message = f"`to` and `{name}` stand in one destination; it is one or the other."
        problems.say("input-invalid", message, f"Remove `{name}`: an address says all of where it is.", "to")
        return None
    try:
        _fields(texts["to"])
    except ValueError as error:
        message = f"`{shown(texts['to'])}` is no address of a destination: {error}."
        lines = "\n      ".join(system(_meant(texts["to"])).reader.examples)
        problems.say("address-invalid", message, f"    destinations: |\n      {lines}", "to")
    return None


def _addressed(text: str, raw: Texts) -> dict[str, str]:
    """Take an address, with what the inputs say of every place alike; the text alone where it is none."""
    try:
        texts = _fields(text)
    except ValueError:
        return {"to": text}
    return {**{name: raw[name] for name in system(texts[KIND]).reader.common if raw.get(name)}, **texts}


def _fields(text: str) -> dict[str, str]:
    """Give what the fields of a destination would say. Raises `ValueError`, with what is wrong."""
    at = parsed(text)
    if at.kind not in kinds():
        close = nearest(at.kind, kinds())
        meant = f"; the closest is `{close}`" if close else ""
        raise ValueError(f"its kind is none of: {', '.join(kinds())}{meant}")
    return {**system(at.kind).reader.of_address(at), KIND: at.kind}


def _meant(text: str) -> str:
    """Give the kind that somebody may have had in mind: one that is spelled alike, or that stands in a web address."""
    kind, _, where = text.partition(":")
    inside = next((one for one in kinds() if one in where.partition("?")[0].lower()), USUAL)
    return kind if kind in kinds() else nearest(kind, kinds()) or inside


def _beside(texts: Texts) -> str:
    """Name a field beside an address that says where it is, too."""
    return next((name for name in system(kind_of(texts)).reader.where if texts.get(name)), "")
