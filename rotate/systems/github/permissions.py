"""What GitHub tells of a token's right to write, without a write (facts: GitHub §2.5).

An installation's permissions and the scopes of a classic token are told; of a fine-grained token nothing is. The role
that a classic token's person needs is the same to read secrets as to write them (GitHub OpenAPI), so where a read
worked, its scope shows the rest. What a repository's row says of `permissions` is the person's role, and no token's.
"""

from __future__ import annotations

from datetime import datetime

from rotate.errors import Refused, RotateError
from rotate.protocol.story.findings import Finding, State, Writes
from rotate.systems.github.address import Address
from rotate.systems.github.app import refused
from rotate.systems.github.app.needs import ORGANIZATION_VARIABLES, VARIABLES, WORDS, WRITE
from rotate.systems.github.app.tokens import Installation
from rotate.systems.github.settings.model import App, Login
from rotate.systems.github.wire import bearers
from rotate.systems.github.wire.bearers import Lasting
from rotate.systems.github.wire.client import GitHub

REPOSITORY_SCOPE, ORGANIZATION_SCOPE = "repo", "admin:org"
TOKENS = "/settings/personal-access-tokens"
CLASSIC = "/settings/tokens"
ABOUT_TOKENS = ("github-permission-missing", "github-repository-not-found", "github-token-invalid", "no-notebook")


def to_address(login: Login, github: GitHub, address: Address, server: str) -> Writes:
    """Say whether the secrets of an address may be written."""
    scope = ORGANIZATION_SCOPE if address.of_organization else REPOSITORY_SCOPE
    words = WORDS.get(address.permission_name, "")
    return _writes(login, github, address.owner, (address.permission_name, words, scope), server)


def to_variables(login: Login, github: GitHub, owner: str, server: str) -> Writes:
    """Say whether the variables of a repository or an organization may be written. No description names that permission
    of an App for certain, so that it is not among them says nothing."""
    of_organization = (ORGANIZATION_VARIABLES, "", ORGANIZATION_SCOPE)
    needed = (VARIABLES, "", REPOSITORY_SCOPE) if "/" in owner else of_organization
    return _writes(login, github, owner, needed, server)


def _writes(login: Login, github: GitHub, owner: str, needed: tuple[str, str, str], server: str) -> Writes:
    name, words, scope = needed
    bearer = github.bearer
    if isinstance(bearer, Installation) and isinstance(login, App):
        granted = bearer.found.granted if bearer.found else {}
        if granted.get(name) == WRITE or not name or (name not in granted and not words):
            return granted.get(name) == WRITE
        page = bearer.found.page if bearer.found else ""
        missing = f"{words or 'repository permission **Variables**'}: read and write"
        return refused.lacks(login.app_id, owner, [missing], page)
    scopes = bearer.scopes if isinstance(bearer, Lasting) else None
    if scopes is None or scope in scopes:
        return scopes is not None
    return Refused(
        "github-permission-missing",
        f"The classic token for {owner} lacks the scope `{scope}`: GitHub says that it has {_listed(scopes)}.",
        f"Tick `{scope}` on its page: {server}{CLASSIC}. A fine-grained token or a GitHub App does with less.",
    )


def token(login: Login, github: GitHub, owners: str, now: datetime) -> Finding:
    """Say what GitHub told of a token, or of an installation: what it is, what it may, until when."""
    bearer = github.bearer
    if isinstance(login, App):
        about = f"GitHub App {login.app_id} for {owners}"
        found = bearer.found if isinstance(bearer, Installation) else None
        if found is None:
            return Finding(about, State.UNKNOWN, "it was given no token")
        granted = ", ".join(f"{name}: {level}" for name, level in sorted(found.granted.items()))
        return Finding(about, State.WELL, f"it may {granted or 'nothing'}; {found.page}")
    scopes, ends = (bearer.scopes, bearer.expires_at) if isinstance(bearer, Lasting) else (None, None)
    kind = "GitHub does not tell what it may" if scopes is None else f"classic, with {_listed(scopes)}"
    until = f"it expires on {ends:%Y-%m-%d %H:%M} UTC" if ends else "GitHub does not tell when it ends"
    state = State.UNKNOWN if scopes is None else State.WELL
    return Finding(f"GitHub token for {owners}", state, f"{kind}; {until}", bearers.warning(ends, owners, now))


def with_page(error: RotateError, login: Login, server: str) -> RotateError:
    """Add where the token's permissions are set. What is said of an App has the way to its page already."""
    if isinstance(login, App) or error.reason not in ABOUT_TOKENS or server in error.remedy:
        return error
    remedy = f"{error.remedy}\n\nIts permissions: {server}{TOKENS}"
    return type(error)(error.reason, error.message, remedy, outcome=error.outcome)


def _listed(scopes: frozenset[str]) -> str:
    return ", ".join(f"`{one}`" for one in sorted(scopes))
