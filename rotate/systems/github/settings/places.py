"""From what is said of GitHub's places, in inputs, addresses and fields, to every place that is meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import product

from rotate.address import Address
from rotate.context import Context
from rotate.problems import Problems
from rotate.settings.model import DEFAULT_NAME
from rotate.settings.naming import name
from rotate.settings.parse import choice, number, shown, truth
from rotate.settings.places import words
from rotate.system import Keeper, Texts, UsualReader
from rotate.system import Place as Told
from rotate.systems.github.address import KIND, ORGANIZATIONS
from rotate.systems.github.settings import forms, logins
from rotate.systems.github.settings.inputs import INPUTS
from rotate.systems.github.settings.model import STORES, USUAL_MOST_REPOSITORIES, VISIBILITIES, Pattern, Place, Share
from rotate.systems.github.wire.pace import Pace

REPOSITORY = re.compile(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+")
LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")
LONGEST_ENVIRONMENT = 255
OPTIONS = ("environment", "store")
SPREADING = ("environments", "stores")


class GitHubReader(UsualReader):
    """Implements `system.UsualReader`."""

    examples = ("github://octo-org/payments", "github://octo-org/payments?environment=production")
    common = ("secret_name", "ignore_shadows", "create", "ignore_holders")
    where = ("repository", "repositories", "organization", *SPREADING)
    inputs, login = INPUTS, logins.LOGIN
    homeless = "Nothing says which repository keeps the note and the lock: an organization has no place for them."

    def of_inputs(self, raw: Texts, context: Context, *, alone: bool) -> list[dict[str, str]]:
        """Give what the inputs mean: repositories, an organization, or the workflow's own repository where nothing else
        is said."""
        owners = _several(raw["repositories"], raw, context) if raw.get("repositories") else []
        owners = [{"repository": raw["repository"]} for _ in "1" if raw.get("repository")] + owners
        owners += [{"organization": raw["organization"]} for _ in "1" if raw.get("organization")]
        common = {name: raw[name] for name in (*self.common, *SPREADING) if raw.get(name)}
        found = []
        for owner in owners or ([{}] if alone else []):
            here = common if "organization" not in owner else {k: v for k, v in common.items() if k != "environments"}
            found += spread({**here, **owner})
        return found

    def of_address(self, at: Address) -> dict[str, str]:
        """Give the fields that say the same. Raises `ValueError`, with what is wrong."""
        if at.options.keys() - set(OPTIONS):
            raise ValueError("behind `?` a GitHub address takes `environment` or `store`")
        where = at.where.rstrip("/")
        of_organization = where.startswith(ORGANIZATIONS)
        owner = {"organization" if of_organization else "repository": where.removeprefix(ORGANIZATIONS)}
        return {**owner, **at.options, **({"secret_name": at.name} if at.name else {})}

    def of_fields(self, texts: Texts, context: Context) -> list[dict[str, str]]:
        """Give every place that one destination of a policy file means."""
        if not texts.get("repositories") or texts.get("repository") or texts.get("organization"):
            return spread(texts)
        rest = {name: text for name, text in texts.items() if name != "repositories"}
        owners = _several(texts["repositories"], texts, context)
        return [spot for owner in owners for spot in spread({**rest, **owner})]

    def place(self, raw: Texts, texts: Texts, context: Context, problems: Problems) -> Told:
        """Check one place. The credential's own token or App counts where the place has none."""
        return Place(
            _owner(texts, context, problems),
            name(texts.get("secret_name", DEFAULT_NAME), "secret_name", problems),
            logins.login(texts, problems) or logins.login(raw, Problems()),
            _one_of(texts, "store", STORES, problems) or STORES[0],
            _environment(texts, problems),
            _one_of(texts, "visibility", VISIBILITIES, problems),
            _patterns(texts, owner_of(raw, context), problems) if texts.get("repositories") else (),
            tuple(words(texts.get("ignore_shadows", ""))),
            truth(texts, "create", problems),
            tuple(words(texts.get("ignore_holders", ""))),
        ).told

    def keeper(self, places: Sequence[Told], context: Context) -> Keeper | None:
        """Give the repository that keeps the note: the workflow's own, else the first that is a destination."""
        home = context.repository or next((place.owner for place in places if "/" in place.owner), "")
        told = bool(context.repository) and context.repository_id.isascii() and context.repository_id.isdigit()
        return Keeper(KIND, home, context.host, int(context.repository_id) if told else 0) if home else None

    def share(self, raw: Texts, problems: Problems, needed: Callable[[], str] | None) -> Share:
        """Read who asks, how fast, and how many repositories patterns may mean."""
        login = logins.needed(raw, problems, needed)
        return Share(login, choice(raw, "pace", Pace.FAST, problems), _max_repositories(raw, problems))


def owner_of(texts: Texts, context: Context) -> str:
    """Give whose repository a name without an owner is: the workflow's owner, else that of the repository beside it."""
    return (context.repository or forms.repository(texts.get("repository", ""), context.server_url)).rpartition("/")[0]


def _several(text: str, texts: Texts, context: Context) -> list[dict[str, str]]:
    """Give one owner of a secret for each name, and one for all patterns together, and for what is no name."""
    owner, found = owner_of(texts, context), [forms.repository(word, context.server_url) for word in words(text)]
    named = [name if "/" in name or not owner else f"{owner}/{name}" for name in found]
    if "holders" not in found and all(map(REPOSITORY.fullmatch, named)):
        return [{"repository": name} for name in named]
    from rotate.systems.github.settings import patterns

    if forms.of_another_list(found)[0]:
        return [{"repositories": text}]
    names, rest = patterns.apart(found, owner)
    return [{"repository": name} for name in names] + [{"repositories": ",".join(rest)} for _ in "1" if rest]


def spread(texts: Texts) -> list[dict[str, str]]:
    """Take one destination apart into its environments, or its stores."""
    rest = {name: text for name, text in texts.items() if name not in SPREADING}
    environments, stores = words(texts.get("environments", "")), words(texts.get("stores", ""))
    pairs = product(environments or [""], stores or [STORES[0]])
    return [{**rest, "environment": environment, "store": store} for environment, store in pairs]


def _owner(texts: Texts, context: Context, problems: Problems) -> str:
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
    from rotate.systems.github.settings import patterns

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
    return text if REPOSITORY.fullmatch(text) else ""


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
    return text if text in allowed else ""


def _max_repositories(raw: Texts, problems: Problems) -> int:
    """Read how many repositories patterns may mean before a run refuses."""
    found = number(raw, "max_repositories", problems)
    if found == 0:
        message = "`max_repositories` is 0, which no pattern can keep."
        problems.say("input-invalid", message, f"    max_repositories: {USUAL_MOST_REPOSITORIES}", "max_repositories")
    return found or USUAL_MOST_REPOSITORIES
