"""Which places hold the key: from one destination's text to every place it means, and the rules for each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product

from rotate.settings import addresses, forms, logins
from rotate.settings.context import Context
from rotate.settings.model import DEFAULT_NAME, STORES, VISIBILITIES, Pattern, Place, Spot
from rotate.settings.parse import Problems, shown, truth

SECRET_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
REPOSITORY = re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+")
LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")
LONGEST_ENVIRONMENT = 255
# What the inputs say of every place alike.
OF_EACH = ("secret_name", "environments", "stores", "ignore_shadows", "create", "ignore_holders")

Texts = Mapping[str, str]


def words(text: str) -> list[str]:
    """Take a list apart as people write it in an input: by commas or line ends."""
    return [word for part in re.split(r"[,\n]", text) if (word := part.strip())]


def of_inputs(raw: Texts, context: Context) -> list[dict[str, str]]:
    """Give every place that the inputs mean: addresses, repositories, an organization, or the workflow's own
    repository where nothing else is said."""
    owners = _several(raw["repositories"], raw, context) if raw.get("repositories") else []
    owners = [{"repository": raw["repository"]} for _ in "1" if raw.get("repository")] + owners
    owners += [{"organization": raw["organization"]} for _ in "1" if raw.get("organization")]
    common = {name: raw[name] for name in OF_EACH if raw.get(name)}
    found = [{**_alone(common), **addresses.fields(word)} for word in words(raw.get("destinations", ""))]
    for owner in owners or ([] if found else [{}]):
        here = common if "organization" not in owner else {k: v for k, v in common.items() if k != "environments"}
        found += spread({**here, **owner})
    return found


def of_destination(texts: Texts, context: Context) -> list[dict[str, str]]:
    """Give every place that one destination of a policy file means."""
    if texts.get("to"):
        rest = {name: text for name, text in texts.items() if name != "to"}
        return [{**rest, **addresses.fields(texts["to"], rest)}]
    if not texts.get("repositories") or texts.get("repository") or texts.get("organization"):
        return spread(texts)
    rest = {name: text for name, text in texts.items() if name != "repositories"}
    owners = _several(texts["repositories"], texts, context)
    return [spot for owner in owners for spot in spread({**rest, **owner})]


def _alone(texts: Texts) -> dict[str, str]:
    """Leave out what spreads one destination over several."""
    return {name: text for name, text in texts.items() if name not in ("environments", "stores")}


def owner_of(texts: Texts, context: Context) -> str:
    """Give whose repository a name without an owner is: the workflow's owner, else that of the repository beside it."""
    return (context.repository or forms.repository(texts.get("repository", ""), context.server_url)).rpartition("/")[0]


def _several(text: str, texts: Texts, context: Context) -> list[dict[str, str]]:
    """Give one owner of a secret for each name, and one for all patterns together, and for what is no name."""
    owner, found = owner_of(texts, context), [forms.repository(word, context.server_url) for word in words(text)]
    named = [name if "/" in name or not owner else f"{owner}/{name}" for name in found]
    if "holders" not in found and all(map(REPOSITORY.fullmatch, named)):
        return [{"repository": name} for name in named]
    from rotate.settings import patterns

    if forms.of_another_list(found)[0]:
        return [{"repositories": text}]
    names, rest = patterns.apart(found, owner)
    return [{"repository": name} for name in names] + [{"repositories": ",".join(rest)} for _ in "1" if rest]


def spread(texts: Texts) -> list[dict[str, str]]:
    """Take one destination apart into its environments, or its stores."""
    rest = _alone(texts)
    environments, stores = words(texts.get("environments", "")), words(texts.get("stores", ""))
    pairs = product(environments or [""], stores or [STORES[0]])
    return [{**rest, "environment": environment, "store": store} for environment, store in pairs]


def place(raw: Texts, texts: Texts, context: Context, problems: Problems) -> Place:
    """Check one place. `raw`: the credential's own texts, whose token or App counts where the place has none."""
    login = logins.login(texts, problems) or logins.login(raw, Problems())
    return Place(
        _owner(texts, context, problems),
        name(texts.get("secret_name", DEFAULT_NAME), "secret_name", problems),
        login,
        _one_of(texts, "store", STORES, problems) or STORES[0],
        _environment(texts, problems),
        _one_of(texts, "visibility", VISIBILITIES, problems),
        _patterns(texts, owner_of(raw, context), problems) if texts.get("repositories") else (),
        tuple(words(texts.get("ignore_shadows", ""))),
        truth(texts, "create", problems),
        tuple(words(texts.get("ignore_holders", ""))),
    )


def once(places: Sequence[Place], problems: Problems) -> tuple[Place, ...]:
    """Count a place once that is meant twice. Meant in two ways, it is an error: which counts is not guessed."""
    first: dict[Spot, Place] = {}
    for number, one in enumerate(places):
        same = first.setdefault(one.spot, one)
        if one.owner and replace(one, owner=same.owner, environment=same.environment) != same:
            message = f"{one.owner} is a destination of {one.secret_name} twice, in two ways."
            problems.within(number).say("input-invalid", message, "Keep one of them.", "repository")
    return tuple(one for one in places if not one.owner or first[one.spot] is one)


def name(text: str, field: str, problems: Problems) -> str:
    """Check as GitHub does (facts: GitHub §2.3); names are case-insensitive there, upper case here."""
    if not SECRET_NAME.fullmatch(text) or text.upper().startswith("GITHUB_"):
        problems.say(
            "secret-name-invalid",
            f"GitHub refuses the name `{shown(text)}`: letters, digits and `_`, no digit first, not GITHUB_….",
            f"Choose another, such as {DEFAULT_NAME}.",
            field,
        )
    return text.upper()


def _owner(texts: Texts, context: Context, problems: Problems) -> str:
    if texts.get("to"):
        addresses.judge(texts, problems)
        return ""
    if texts.get("organization"):
        return _organization(texts, context, problems)
    return "" if texts.get("repositories") else _repository(texts, context, problems)


def _organization(texts: Texts, context: Context, problems: Problems) -> str:
    text = forms.organization(texts["organization"], context.server_url)
    if not LOGIN.fullmatch(text):
        message = f"`organization` is `{shown(text)}`, which is no login."
        problems.say("input-invalid", message, "    organization: octo-org", "organization")
    if texts.get("repository"):
        message = "`organization` and `repository` stand in one destination; it is one or the other."
        problems.say("input-invalid", message, "Make them two destinations.", "organization")
    return text


def _patterns(texts: Texts, owner: str, problems: Problems) -> tuple[Pattern, ...]:
    from rotate.settings import patterns

    for beside in ("repository", "organization", "visibility"):
        if texts.get(beside):
            message = f"`repositories` and `{beside}` stand in one destination; it is one or the other."
            problems.say("input-invalid", message, "Make them two destinations.", "repositories")
    return patterns.every(words(texts["repositories"]), owner, problems)


def _repository(texts: Texts, context: Context, problems: Problems) -> str:
    text = forms.repository(texts.get("repository", ""), context.server_url) or context.repository
    if not text:
        message = "Nothing says which repository holds the secret."
        problems.say("input-missing", message, "    repository: owner/name", "repository")
    elif not REPOSITORY.fullmatch(text):
        message = f"`repository` is `{shown(text)}`; it needs the owner and the name."
        problems.say("repository-invalid", message, "    repository: owner/name", "repository")
    if texts.get("visibility"):
        message = "`visibility` is an organization secret's; a repository's is read by itself."
        problems.say("input-invalid", message, "Remove it.", "visibility")
    return text


def _environment(texts: Texts, problems: Problems) -> str:
    text = texts.get("environment", "")
    if not text:
        return ""
    if not text.isprintable() or len(text) > LONGEST_ENVIRONMENT:
        message = f"`environments` has `{shown(text)}`, which is no environment's name."
        problems.say("input-invalid", message, "    environments: production", "environments")
    if texts.get("organization"):
        message = "`environments` belong to a repository; an organization has none."
        problems.say("input-invalid", message, "    repository: owner/name", "environments")
    elif texts.get("store", STORES[0]) != STORES[0]:
        message = "`environments` exist for Actions only, so `stores` beside them has no meaning."
        problems.say("input-invalid", message, "Make them two destinations.", "stores")
    return text


def _one_of(texts: Texts, field: str, allowed: tuple[str, ...], problems: Problems) -> str:
    text = texts.get(field, "")
    shown_as = "stores" if field == "store" else field
    if text and text not in allowed:
        message = f"`{shown_as}` has `{shown(text)}`, which is none of {' | '.join(allowed)}."
        problems.say("input-invalid", message, f"    {shown_as}: {allowed[0]}", shown_as)
    return text
