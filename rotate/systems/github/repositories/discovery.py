"""Which repositories there are: how one stands, and which of them read a secret (GitHub OpenAPI `/repos`, `/orgs`)."""

from __future__ import annotations

from dataclasses import dataclass

from rotate.errors import Refused
from rotate.systems.github.address import Address
from rotate.systems.github.stores import SELECTED, Secrets
from rotate.systems.github.wire import words
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pages import row_of, rows

METADATA = "the repository permission **Metadata: read**"


@dataclass(frozen=True, slots=True)
class Repository:
    """One repository as GitHub tells it. `full_name` is its name now: an earlier one is answered with a redirect."""

    full_name: str
    repository_id: int
    private: bool
    archived: bool
    disabled: bool
    topics: frozenset[str] = frozenset()
    of_organization: bool = False

    @property
    def owner(self) -> str:
        """Give whose it is."""
        return self.full_name.partition("/")[0]

    @property
    def writable(self) -> bool:
        """Say whether GitHub takes a new secret there."""
        return not (self.archived or self.disabled)


def repository(github: GitHub, name: str) -> Repository:
    """Look one repository up, by its name of today or an earlier one.

    Raises:
        Refused: it does not exist for this token. DestinationError: no usable answer.
    """
    doing = f"look up {name}"
    return described(row_of(github, f"/repos/{name}", doing, name, METADATA), doing)


def described(row: dict[str, object], doing: str) -> Repository:
    """Read a repository from a row. Raises `DestinationError` for one that is not as GitHub describes it."""
    number, name = row.get("id"), row.get("full_name")
    if not isinstance(number, int) or not isinstance(name, str):
        raise words.unlike(doing, "a repository is not described")
    flags = {flag: row.get(flag) is True for flag in ("private", "archived", "disabled")}
    topics, owner = row.get("topics"), row.get("owner")
    organization = isinstance(owner, dict) and owner.get("type") == "Organization"
    said = frozenset(map(str, topics if isinstance(topics, list) else ()))
    return Repository(name, number, **flags, topics=said, of_organization=organization)


def writable(found: Repository) -> Repository:
    """Give a repository back if a secret of it can be written. Raises `Refused` where it is archived or disabled."""
    if found.writable:
        return found
    how = "archived" if found.archived else "disabled"
    raise Refused(
        "repository-not-writable",
        f"{found.full_name} is {how}: GitHub takes no new secret there.",
        f"Remove {found.full_name} from the destinations, or bring it back (Settings → General → Danger zone).",
    )


def readers_of(github: GitHub, address: Address, name: str) -> tuple[str, ...]:
    """Give the repositories (`owner/name`) whose workflow runs may hold the value; archived ones start none.

    Raises:
        RotateError: a list could not be read, or is longer than can be judged.
    """
    if not address.of_organization:
        return (repository(github, address.owner).full_name,)
    metadata = Secrets(github, address).metadata(name)
    if metadata is None:
        return ()
    if metadata.visibility == SELECTED:
        every = rows(github, f"{address.path}/{name}/repositories", "repositories", address.owner, address.permission)
    else:
        every = rows(github, f"/orgs/{address.owner}/repos", "", address.owner, METADATA)
    known = [described(row, f"list the repositories of {address.owner}") for row in every]
    reach = [one for one in known if one.private or metadata.visibility != "private"]
    return tuple(one.full_name for one in reach if not one.archived)
