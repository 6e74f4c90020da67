"""What GitHub says in a fixed sentence when it refuses: the cause, and what a person can do about it.

The sentences are GitHub's as people quote them in public; where none is known (a full store of secrets, a token that
waits for approval), every likely wording is taken. What is not recognized is worded by its status (`wording`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rotate.errors import LONGEST_QUOTE, DestinationError, Outcome, Refused, one_line
from rotate.wire.outcome import Answer, NoAnswerError, described, is_page

SSO = "x-github-sso"
LEGAL = 451
# A link that is cut leads nowhere; one that is longer than this is none of GitHub's.
LONGEST_MESSAGE = 2000
_LINK = re.compile(r"https://[^\s<>\"'`;,]+")
_ANOTHER = (
    "Create a fine-grained token of {account} with {permission} (GitHub → Settings → Developer settings → Fine-grained "
    "tokens), or use a GitHub App (docs/github-app.md), and pass it:\n\n"
    "    github_token: ${{{{ secrets.ROTATE_GITHUB_TOKEN }}}}"
)


@dataclass(frozen=True, slots=True)
class Cause:
    """One refusal whose sentence is known, by a pattern. `remedy` may name account, owner, permission and link."""

    reason: str
    said: str
    remedy: str


SAML = Cause(
    "github-sso-required",
    r"SAML enforcement|SAML SSO|single sign-on",
    "Whose token it is must authorize it for the single sign-on of {account}, and then run this again: {link}",
)
TAKEN_DOWN = Cause(
    "github-repository-blocked",
    r"repository access blocked|unavailable due to|for legal reasons",
    "GitHub has taken {owner} out of service: nobody can write there. Its notice says why: {link} Remove {owner} from "
    "the destinations until it is back.",
)
CAUSES = (
    SAML,
    TAKEN_DOWN,
    Cause(
        "github-address-not-allowed",
        r"IP allow list|IP address is not permitted",
        "Run it from an address on that list: a self-hosted runner, or a larger runner with an address of its own. Or "
        "let an owner of {account} add the runner's address: Settings → Authentication security → IP allow list. The "
        "addresses of GitHub's standard runners change, and are everybody's.",
    ),
    Cause(
        "github-token-lives-too-long",
        r"token'?s? lifetime|lifetime is greater",
        "Shorten the life of the token on its page, or create another that ends sooner: {link} Then store it in the "
        "secret that `github_token` reads. A GitHub App (docs/github-app.md) has no such end.",
    ),
    Cause(
        "github-token-kind-refused",
        r"forbids access via a personal access token \(classic\)|\(classic\) are forbidden|OAuth App access restrict",
        _ANOTHER,
    ),
    Cause(
        "github-token-kind-refused",
        r"forbids access via a (fine-grained|personal access token with fine-grained)",
        "{account} takes no fine-grained tokens. Use a GitHub App (docs/github-app.md), or ask an owner of {account} "
        "to allow them: Settings → Personal access tokens → Settings.",
    ),
    Cause(
        "github-token-awaits-approval",
        r"(pending|await\w*|wait\w* for|requires?|needs?)\b.{0,40}\bapprov|not (yet )?(been )?approved",
        "An owner of {account} has to approve the token: Settings → Personal access tokens → Pending requests. Until "
        "then it reads what is public, and nothing else. Then run this again.",
    ),
    Cause(
        "github-account-suspended",
        r"account (was|is|has been) suspended",
        "Whose token it is can do nothing any more. Give in `github_token` another person's, or use a GitHub App "
        "(docs/github-app.md). On a GitHub Enterprise Server ask its administrator.",
    ),
    Cause(
        "github-app-suspended",
        r"installation has been suspended",
        "Somebody who may configure the App's installation for {account} has to unsuspend it: Settings → GitHub Apps → "
        "the App → Configure.",
    ),
    Cause(
        "github-plan",
        r"upgrade to GitHub|make this repository public to enable|not (available|supported) (on|for|by|in) your .*plan",
        "The plan of {account} does not have this for {owner}: private repositories have environments on GitHub Pro, "
        "Team and Enterprise alone. Use the repository's own secret: leave out `environments`. Or upgrade the plan.",
    ),
    Cause(
        "github-secret-limit",
        r"(secrets?|variables?) limit|limit of [\d,]+ (\w+ ){0,3}(secrets|variables)"
        r"|(too many|maximum( number)? of|more than [\d,]+) (\w+ ){0,3}(secrets|variables)",
        "There is no room for another: a repository and an environment have 100 secrets each, an organization 1,000. "
        "Delete one that nobody needs, or use an organization secret (`organization`), and run this again.",
    ),
    Cause(
        "repository-not-writable",
        r"archived so is read-only|repository (is|has been) (archived|disabled)",
        "Remove {owner} from the destinations, or bring it back (Settings → General → Danger zone).",
    ),
    Cause(
        "github-role-missing",
        r"must have (admin|push|write) (rights|access)|must be an? (org\w* )?(admin|owner)",
        "What the token may is not the cause: the person behind it may not. An admin of {owner} has to give that "
        "person the role (Settings → Collaborators and teams), or use a GitHub App (docs/github-app.md).",
    ),
)
# Where nothing is listed, and each one that is asked for answers the same.
NOT_FOR_THIS_TOKEN = frozenset(cause.reason for cause in CAUSES) | {"github-permission-missing"}


def known(doing: str, owner: str, permission: str, answer: Answer) -> Refused | None:
    """Word a refusal whose cause GitHub names; `None` for every other answer."""
    cause = _of(answer)
    if cause is None:
        return None
    account = owner.partition("/")[0]
    link = _link(answer) or _without_link(cause, account)
    remedy = cause.remedy.format(owner=owner, account=account, permission=permission, link=link)
    return Refused(cause.reason, f"Could not {doing}: GitHub answers {quote(answer)}.", remedy)


def _of(answer: Answer) -> Cause | None:
    if answer.status not in range(400, 500):
        return None
    if answer.headers.get(SSO, "").startswith("required"):
        return SAML
    if answer.status == LEGAL:
        return TAKEN_DOWN
    said = _message(answer)
    return next((cause for cause in CAUSES if re.search(cause.said, said, re.IGNORECASE)), None)


def quote(answer: Answer) -> str:
    """Give the status and GitHub's own message, on one line."""
    said = _message(answer)
    if said:
        return f"HTTP {answer.status}, “{_with_whole_links(said)}”"
    return f"HTTP {answer.status}" + (", with a body that is no JSON" if answer.text and answer.json() is None else "")


def _message(answer: Answer) -> str:
    row = answer.json()
    message = row.get("message") if isinstance(row, dict) else None
    return message if isinstance(message, str) else ""


def _with_whole_links(text: str) -> str:
    """Shorten a message, but none of its links."""
    line = one_line(text, LONGEST_MESSAGE)
    if len(line) <= LONGEST_QUOTE:
        return line
    links = [found.span() for found in _LINK.finditer(line)]
    end = next((stop for start, stop in links if start < LONGEST_QUOTE < stop), LONGEST_QUOTE)
    return " … ".join([line[:end], *(line[start:stop] for start, stop in links if start >= end)])


def _link(answer: Answer) -> str:
    """Give the page that GitHub sends a person to: in a header, in the notice of a block, or in the message."""
    row = answer.json()
    block = row.get("block") if isinstance(row, dict) else None
    notice = block.get("html_url") if isinstance(block, dict) else None
    texts = (answer.headers.get(SSO, ""), notice if isinstance(notice, str) else "", _message(answer))
    found = next((link for text in texts if (link := _LINK.search(text))), None)
    return found[0].rstrip(".)") if found else ""


def _without_link(cause: Cause, account: str) -> str:
    """Say where to click where GitHub gives no link."""
    if cause is SAML:
        return f"GitHub → Settings → Developer settings → Personal access tokens → Configure SSO → {account}."
    if cause is TAKEN_DOWN:
        return "it was sent to the repository's owner."
    return "GitHub → Settings → Developer settings → Personal access tokens → the token."


class NotJsonError(NoAnswerError):
    """What answered is not GitHub's API, which sends JSON or nothing. Whether a write had its effect is not known.

    Of the page its media type is told and nothing else: it could hold anything.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__(Outcome.UNKNOWN, described(answer))


def from_github(answer: Answer) -> Answer:
    """Give an answer back that can be GitHub's. A failing server's page is one: behind it is GitHub's own outage.

    Raises:
        NotJsonError: a proxy, a portal or another server answered.
    """
    if is_page(answer):
        raise NotJsonError(answer)
    return answer


def not_github(doing: str, error: NotJsonError) -> DestinationError:
    """Word it for a person."""
    return DestinationError(
        "github-no-json",
        f"Could not {doing}: what answered is not GitHub's API: {error.kind}.",
        "Something between this machine and GitHub answered: a proxy's block page, or a network's sign-in page? Look "
        "at it from the same runner (`curl -i` with the address in `GITHUB_API_URL`), and have GitHub's API let "
        "through. On a GitHub Enterprise Server that address ends in `/api/v3`.",
        outcome=error.outcome,
    )
