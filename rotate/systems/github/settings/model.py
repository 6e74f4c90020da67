"""What is asked of GitHub: its places, the patterns that stand for some, who asks, and how fast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, cast

from rotate.protocol.facts.policy import holder_word
from rotate.secret import Secret
from rotate.system import Place as Told
from rotate.systems.github.address import KIND, Address, Store
from rotate.systems.github.wire.pace import Pace

if TYPE_CHECKING:
    from rotate.settings.model import Settings

STORES = tuple(store.value for store in Store)
VISIBILITIES = ("all", "private")
USUAL_MOST_REPOSITORIES = 1000


class Among(StrEnum):
    """How a pattern finds repositories."""

    NAME = "name"
    TOPIC = "topic"
    PROPERTY = "property"
    HOLDERS = "holders"


@dataclass(frozen=True, slots=True)
class Pattern:
    """Repositories that are not named one by one. `text`: a name with `*` and `?`, a topic, or a property's name.

    `owner`: whose repositories; empty where the text says it. Of holders, empty: all that a token reaches, or with an
    App the workflow's owner's; `*`: everyone's who has installed it. `excluded`: these are left
    out. `written`: as it was asked for.
    """

    among: Among
    owner: str
    text: str
    written: str
    value: str = ""
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class App:
    """A GitHub App: its id (or client id), and the private key with which it proves to be itself."""

    app_id: str
    private_key: Secret


# Who asks GitHub: a personal access token, or an App, which is given a token of its own by each owner's installation.
Login: TypeAlias = Secret | App


@dataclass(frozen=True, slots=True)
class Place:
    """One destination: a secret of a repository (`owner/name`), of one of its environments, or of an organization.

    `visibility`: what an organization secret is created with where it does not exist; empty, it is not created. `token`
    (or App) of `None`: the credential's own. `patterns`: it stands for the same place of every repository that they
    mean, and has no owner yet. `ignore_shadows`: which narrower secrets of the same name are meant to be others'.
    `create`: a first rotation may create it. `ignore_holders`: which other secrets of the same name are others'.
    """

    owner: str
    secret_name: str
    token: Login | None = None
    store: str = STORES[0]
    environment: str = ""
    visibility: str = ""
    patterns: tuple[Pattern, ...] = ()
    ignore_shadows: tuple[str, ...] = ()
    create: bool = False
    ignore_holders: tuple[str, ...] = ()

    @property
    def address(self) -> Address:
        """Give where its secret is."""
        return Address(self.owner, Store(self.store), self.environment)

    @property
    def name(self) -> str:
        """Give the address of its secret; nothing while it is not known."""
        return self.address.label_of(self.secret_name) if self.owner else ""

    @property
    def spot(self) -> tuple[str, ...]:
        """Give what tells it from every other place."""
        return self.address.spot_of(self.secret_name)

    @property
    def told(self) -> Told:
        """Give what everybody may know of it."""
        creates, patterned = self.create or bool(self.visibility), bool(self.patterns)
        terms = (self.token, self.visibility, self.ignore_shadows, self.ignore_holders)
        return Told(KIND, self.name, self.spot, self.owner, self.secret_name, creates, patterned, terms, self)

    @property
    def holder(self) -> str:
        """Give the word under which `ignore_holders` takes it."""
        return holder_word(self.owner, self.store, self.environment)

    @property
    def repository(self) -> str:
        """Give the repository whose workflows alone read it; empty for an organization's secret."""
        return self.owner if "/" in self.owner else ""


class Share(NamedTuple):
    """What the inputs of one credential say to GitHub. `login` may be an App in a token's stead."""

    login: Login = Secret("")
    pace: Pace = Pace.FAST
    max_repositories: int = USUAL_MOST_REPOSITORIES


class AtGitHub(NamedTuple):
    """What one credential asks of GitHub. `asked`: all that was asked for it; `home`: the repository that keeps the
    note and the lock, `number` its number where the runner told it, else 0."""

    asked: Settings
    places: tuple[Place, ...]
    home: str
    number: int
    github_token: Login
    pace: Pace
    max_repositories: int

    @property
    def organization(self) -> str:
        """Name the organization whose secrets alone are written: note and lock belong with it. Empty: there is none."""
        (owner, *others) = {place.owner for place in self.places} or {""}
        return "" if others or "/" in owner else owner


def at_github(settings: Settings) -> AtGitHub:
    """Give GitHub's part of what was asked. The places of the other credentials are known as others'."""
    share = cast("Share", settings.shares.get(KIND, Share()))
    places, others = _own(settings.places), _own(settings.others)
    names = {place.secret_name for place in places}
    words = tuple(one.holder for one in others if one.secret_name in names)
    if words:
        places = [replace(place, ignore_holders=(*place.ignore_holders, *words)) for place in places]
    keeper = settings.keeper
    here = (keeper.where, keeper.number) if keeper and keeper.kind == KIND else ("", 0)
    return AtGitHub(settings, tuple(places), *here, share.login, share.pace, share.max_repositories)


def _own(places: Sequence[Told]) -> list[Place]:
    return [place.own for place in places if isinstance(place.own, Place)]
