"""What is said when a GitHub App is not let in: what to look at, and where to click."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rotate.errors import Incomplete, Refused, RotateError
from rotate.systems.github.wire import words
from rotate.wire.clock import dated
from rotate.wire.outcome import Answer

SETTINGS = "GitHub → Settings → Developer settings → GitHub Apps → the App"
CLAIMS = ("'exp'", "'iat'")
KEY_REMEDY = (
    "`app_id` and `app_private_key` must be of the same App, and the key must not be deleted there. Make another "
    f"({SETTINGS} → Private keys → Generate), and store the whole .pem file in the secret that `app_private_key` "
    "reads."
)


def key_unusable(app_id: str, kind: str) -> Refused:
    """Word a private key that signs nothing. `kind`: the class of what went wrong, never its text."""
    message = f"The private key of the GitHub App {app_id} cannot sign ({kind})."
    return Refused("github-app-key-refused", message, KEY_REMEDY)


def not_let_in(app_id: str, doing: str, answer: Answer, here: datetime) -> RotateError:
    """Word an answer to the App itself. `here` is the time of this machine."""
    said = f"Could not {doing}: GitHub answers {words.quote(answer)}."
    if answer.status != words.UNAUTHORIZED:
        return words.refusal(doing, f"the GitHub App {app_id}", "that permission", answer)
    if any(claim in answer.text for claim in CLAIMS):
        there = dated(answer.headers.get("date", ""))
        off = f" Here it is {here:%F %T} UTC, at GitHub {there:%F %T}." if there else ""
        return Refused(
            "github-app-clock-off",
            f"{said}{off}",
            "Set this machine's clock: an App signs with the time, and a minute is all that GitHub lets pass. On a "
            "self-hosted runner, see that its time service runs (`timedatectl`).",
        )
    return Refused("github-app-key-refused", said, KEY_REMEDY)


def not_installed(app_id: str, owner: str, answer: Answer) -> Refused:
    """Word a 404: there is no installation that reaches the owner."""
    what = f"{owner}, or its installation there does not include it" if "/" in owner else owner
    return Refused(
        "github-app-not-installed",
        f"The GitHub App {app_id} is not installed for {what}: GitHub answers {words.quote(answer)}.",
        f"{SETTINGS} → Install App → choose {owner.partition('/')[0]}, and let it have "
        f"{'that repository' if '/' in owner else 'the repositories'}. If it says “Integration not found”, `app_id` is "
        "another App's.",
    )


def unknown(app_id: str, answer: Answer) -> Refused:
    """Word a 404 to the App itself: GitHub knows none of that number."""
    return Refused(
        "github-app-not-installed",
        f"GitHub knows no App {app_id}: it answers {words.quote(answer)}.",
        f"`app_id` is the number under *About* at {SETTINGS}.",
    )


def installed_nowhere(app_id: str) -> Refused:
    """Word a list of installations that has nobody who could have a secret."""
    return Refused(
        "github-app-not-installed",
        f"The GitHub App {app_id} is not installed for any organization or user.",
        f"{SETTINGS} → Install App → choose who owns the repositories, and let it have them.",
    )


def installed_elsewhere(owner: str) -> Refused:
    """Word an owner whom the list of installations does not have."""
    return Refused(
        "github-app-not-installed",
        f"The GitHub App is not installed for {owner}.",
        f"Check the spelling. {SETTINGS} → Install App → choose {owner}, and let it have the repositories.",
    )


def suspended(app_id: str, owner: str, page: str) -> Refused:
    """Word an installation that somebody has switched off."""
    return Refused(
        "github-app-suspended",
        f"The installation of the GitHub App {app_id} for {owner} is suspended.",
        f"Somebody who may configure it has to unsuspend it: {page}",
    )


def lacks(app_id: str, owner: str, missing: Sequence[str], page: str) -> Refused:
    """Word permissions that the App was not given."""
    return Refused(
        "github-app-permission-missing",
        f"The GitHub App {app_id} lacks for {owner}: {', '.join(missing)}.",
        f"Add it: {SETTINGS} → Permissions & events. Then accept the new permissions at the installation: {page}",
    )


def not_revoked(app_id: str, owner: str, until: datetime, why: str) -> Incomplete:
    """Word a token that is left to its end."""
    return Incomplete(
        "github-token-not-revoked",
        f"The token that the GitHub App {app_id} was given for {owner} could not be revoked ({why}).",
        f"It ends by itself at {until:%F %T} UTC. To end it now: the installation's page → Suspend, then Unsuspend.",
    )
