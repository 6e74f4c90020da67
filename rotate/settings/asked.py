"""What was asked of a run: the inputs alone, or the inputs and a policy file with one or several credentials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from rotate.context import Context
from rotate.errors import ConfigurationError, RotateError
from rotate.fields import Given
from rotate.ports import Hide
from rotate.problems import Problems
from rotate.protocol.facts.policy import Command
from rotate.registry import reached, system, usual
from rotate.secret import Secret
from rotate.settings.inputs import INPUTS
from rotate.settings.kinds import astray
from rotate.settings.model import DEFAULT_POLICY, NOTE_FILE, Settings
from rotate.settings.parse import shown
from rotate.settings.places import of_destination
from rotate.settings.validate import check, validate

if TYPE_CHECKING:
    from rotate.settings.policy_file import Entry, PolicyFile

# What the file says of a credential, and what, given as an input beside it, would contradict it. The values are those
# that action.yml fills in where nobody gave any.
IN_THE_FILE = {one.name: one.default for one in INPUTS if one.given is Given.OF_A_CREDENTIAL}
OF_THE_RUN = tuple(one.name for one in INPUTS if one.given is Given.OF_THE_RUN)
OF_THE_FILE = ("audit", "pace", "time_limit", "max_repositories")
EVERY_ONE = "all"


@dataclass(frozen=True, slots=True)
class Asked:
    """The credentials in the order in which they are rotated, and how many of them may be in one routine run."""

    credentials: tuple[Settings, ...]
    max_rotations: int | None = None


def ask(
    raw: Mapping[str, str], context: Context, environment: Mapping[str, str], hide: Hide
) -> Asked | tuple[RotateError, ...]:
    """Read what was asked; give every problem instead, if there is one. Nothing is contacted.

    `environment`: where a policy file's `${NAME}` is looked up. `hide` hears each such value before anything else.
    """
    stray = astray(raw, hide)
    raw = {name: text for name, text in raw.items() if name not in stray}
    if raw.get("command") == Command.FIND:
        context = replace(context, elsewhere=any(reached(environment)))
    found, problems = _ask(raw, context, environment, hide)
    return (*stray.values(), *problems, *_lacking(found, environment)) or found


def _lacking(asked: Asked, environment: Mapping[str, str]) -> tuple[RotateError, ...]:
    """Say what the systems that take part find missing in the environment."""
    kinds = dict.fromkeys(kind for one in asked.credentials for kind in _contacted(one))
    places = [place for one in asked.credentials for place in one.places]
    return tuple(
        problem
        for kind in kinds
        for problem in (
            *system(kind).lacks(environment),
            *system(kind).lacks_at(environment, [place.name for place in places if place.kind == kind]),
        )
    )


def _contacted(settings: Settings) -> tuple[str, ...]:
    """Name the systems that take part; an inventory looks at no place, and at the note alone."""
    if settings.command is not Command.INVENTORY:
        return settings.kinds
    return (settings.keeper.kind,) if settings.keeper else ()


def policy_of(raw: Mapping[str, str], context: Context) -> str:
    """Name the policy file that describes the credentials; nothing where the inputs do."""
    given = raw.get("policy", "")
    if given.lower() == "none":
        return ""
    return given or (DEFAULT_POLICY if (_folder(context) / DEFAULT_POLICY).is_file() else "")


def _folder(context: Context) -> Path:
    return Path(context.workspace or ".")


def _ask(
    raw: Mapping[str, str], context: Context, environment: Mapping[str, str], hide: Hide
) -> tuple[Asked, tuple[RotateError, ...]]:
    name = policy_of(raw, context)
    if not name:
        settings, problems = validate(raw, context)
        return Asked((settings,)), problems
    from rotate.settings.policy_file import PolicyFile

    file = PolicyFile(_folder(context) / name, name, environment, hide)
    root = file.read()
    if root and raw.get("command") == Command.AUDIT:
        settings, problems = validate({"command": Command.AUDIT, "audit": root.texts.get("audit", "")}, context)
        return Asked((settings,)), problems
    if raw.get("command") in (Command.FIND, Command.DOCTOR, Command.INVENTORY):
        # None of the keys that are replaced is needed; the one to list with is asked for with the credential.
        file.problems = [one for one in file.problems if one.reason != "input-missing"]
    asked = _credentials(root, file, raw, context) if root else Asked(())
    return asked, (*_contradictions(raw, name), *dict.fromkeys(file.problems))


def _contradictions(raw: Mapping[str, str], name: str) -> Iterable[RotateError]:
    for field, default in IN_THE_FILE.items():
        if raw.get(field, default) != default:
            message = f"`{field}` is given as an input, but the policy file {shown(name)} describes the credentials."
            yield ConfigurationError(
                "policy-contradicted", message, "Write it there, or do without the file:\n\n    policy: none"
            )


def _credentials(root: Entry, file: PolicyFile, raw: Mapping[str, str], context: Context) -> Asked:
    run = {name: text for name, text in root.texts.items() if name in OF_THE_FILE}
    run |= {name: raw[name] for name in OF_THE_RUN if raw.get(name)}
    defaults = {name: raw[name] for name in ("api_key", *usual().login) if raw.get(name)}
    pairs = [
        (entry, _credential(entry, file, {**_over(defaults, _given(entry, raw)), **run}, context))
        for entry in root.inner.get("credentials", [])
    ]
    _apart(pairs, file)
    pairs = [(entry, _known_of(settings, [other for _, other in pairs])) for entry, settings in pairs]
    chosen = _chosen(pairs, raw, file)
    most = root.texts.get("max_rotations", "")
    if most and not (most.isascii() and most.isdigit() and int(most)):
        file.say(
            root.places["max_rotations"],
            f"`max_rotations` is `{shown(most)}`, which is no number from 1 on.",
            "    max_rotations: 3",
        )
        most = ""
    return Asked(in_order(chosen), int(most) if most else None)


def _given(entry: Entry, raw: Mapping[str, str]) -> Mapping[str, str]:
    """Give what the file says of a credential. For an inventory, the input's key stands in for a blank one."""
    blank = raw.get("command") == Command.INVENTORY and not entry.texts.get("api_key")
    return {name: text for name, text in entry.texts.items() if name != "api_key"} if blank else entry.texts


def _over(outer: Mapping[str, str], inner: Mapping[str, str]) -> dict[str, str]:
    """Lay what stands further inside over the rest: a token there is in the place of an App, and an App of a token."""
    login = usual().login
    named = any(map(inner.get, login))
    return {name: text for name, text in outer.items() if not (named and name in login)} | dict(inner)


def _credential(entry: Entry, file: PolicyFile, raw: Mapping[str, str], context: Context) -> Settings:
    """Check one credential as the inputs are checked, and say each problem at its place in the file."""
    places = _primary_first(entry, file)
    problems = Problems()
    default = {"secret_name": raw["credential"]} if raw.get("credential") else {}
    spots = [(place, spot) for place in places for spot in of_destination({**default, **place.texts}, context)]
    settings = check(raw, context, [spot for _, spot in spots] or of_destination({}, context), problems)
    if settings.command is Command.INVENTORY and "current_key" in entry.places and settings.current_key is None:
        # It is another key than `api_key`, whatever it is.
        settings = replace(settings, current_key=Secret(""))
    for field, problem in {problem: (field, problem) for field, problem in problems.found}.values():
        number, _, inner = field.rpartition(".")
        if not isinstance(problem, ConfigurationError) or _of_an_input(field, entry):
            file.problems.append(problem)
            continue
        home = spots[int(number)][0] if number and spots else entry
        at = home.places.get(inner) or next(
            (node for name, node in home.places.items() if name.partition("_")[0] == inner), home.at
        )
        file.say(at, problem.message, problem.remedy, problem.reason)
    return settings


def _of_an_input(field: str, entry: Entry) -> bool:
    """Say whether it is the run's own input that is wrong, and no line of the file."""
    return field in OF_THE_RUN and field not in OF_THE_FILE and field not in entry.places


def _primary_first(entry: Entry, file: PolicyFile) -> list[Entry]:
    places = entry.inner.get("destinations", [])
    first = [place for place in places if place.texts.get("primary", "").lower() == "true"]
    for more in first[1:]:
        file.say(more.places["primary"], "Two destinations are `primary`.", "Keep one of them.")
    return sorted(places, key=lambda place: place not in first[:1])


def _apart(pairs: list[tuple[Entry, Settings]], file: PolicyFile) -> None:
    """No two credentials may share a name, a key name or a destination: each would undo the other's work."""
    for (_, one), (entry, other) in combinations(pairs, 2):
        if one.credential == other.credential:
            message = f"Two credentials are named {other.credential}: their notes would overwrite each other."
            file.say(entry.at, message, "    name: ANOTHER_NAME")
        elif one.key_name == other.key_name:
            message = f"Two credentials have the `key_name` {other.key_name}: their keys could not be told apart."
            file.say(entry.at, message, "    key_name: another-name")
        elif one.keeper and one.keeper.kind == NOTE_FILE and one.keeper == other.keeper:
            message = (
                f"{one.credential} and {other.credential} have one `note_file`: their notes would overwrite each other."
            )
            file.say(entry.at, message, "    note_file: another-file.json")
        elif one.at_hand and one.at_hand == other.at_hand and other.command is not Command.CHECK:
            message = f"{one.credential} and {other.credential} replace the same key."
            file.say(entry.at, message, "Make them one credential with the destinations of both.")
    taken: dict[tuple[str, ...], str] = {}
    for entry, settings in pairs:
        for place in settings.places:
            holder = taken.setdefault((place.kind, *place.spot), settings.credential) if place.name else ""
            if holder and holder != settings.credential:
                message = f"{place.name} is written for {holder} already."
                file.say(entry.at, message, "One secret can hold one key: remove one of the two destinations.")


def _known_of(settings: Settings, every: Iterable[Settings]) -> Settings:
    """Let the places of the other credentials be known as others' where a secret of the same name is looked for."""
    others = tuple(place for other in every if other is not settings for place in other.places if place.name)
    return replace(settings, others=others)


def _chosen(pairs: list[tuple[Entry, Settings]], raw: Mapping[str, str], file: PolicyFile) -> list[Settings]:
    """Pick the credential that the input `key_name` names. After an exposure it must be said which is meant."""
    every = [settings for _, settings in pairs]
    wanted = raw.get("key_name", "")
    names = ", ".join(f"{one.key_name} ({one.credential})" for one in every)
    if wanted and wanted.lower() != EVERY_ONE:
        found = [one for one in every if wanted in (one.key_name, one.credential)]
        if not found:
            message = f"`key_name` is `{shown(wanted)}`, which is no credential of the policy file. There are: {names}."
            file.problems.append(
                ConfigurationError("credential-unknown", message, "    key_name: all    # or one of them")
            )
        return found
    if every and every[0].exposure and len(every) > 1 and not wanted:
        message = f"`exposed` is true, and the policy file has several credentials: {names}. Which one is exposed?"
        remedy = f"    key_name: {every[0].key_name}    # or: all, to end every one of them"
        file.problems.append(ConfigurationError("exposed-which", message, remedy))
    return every


def in_order(found: list[Settings]) -> tuple[Settings, ...]:
    """Put a minter's own key last: the others still need the value that this run was started with."""

    def mints(one: Settings) -> bool:
        return any(one.at_hand == other.api_key for other in found if other is not one)

    return tuple(sorted(found, key=mints))
