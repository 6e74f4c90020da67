"""Who has installed a GitHub App, as GitHub tells the App itself (GitHub OpenAPI `/app/installations`).

An enterprise's installation is left out: it reaches no organization and no repository (GitHub docs: installing a GitHub
App on your enterprise).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rotate.errors import RotateError
from rotate.systems.github.app import refused
from rotate.systems.github.wire import words
from rotate.systems.github.wire.client import GitHub
from rotate.systems.github.wire.pages import Row, every
from rotate.wire.outcome import Answer

ENTERPRISE = "Enterprise"
DOING = "list its installations"


@dataclass(frozen=True, slots=True)
class Found:
    """An installation as GitHub tells it. `page`: where a person configures it."""

    number: int
    granted: dict[str, str]
    page: str


def described(row: Row, app_id: str, owner: str) -> Found:
    """Read the installation of an owner.

    Raises:
        Refused: it is suspended. DestinationError: it is not as GitHub describes it.
    """
    number, granted, page = row.get("id"), row.get("permissions"), str(row.get("html_url"))
    if row.get("suspended_at"):
        raise refused.suspended(app_id, owner, page)
    if not isinstance(number, int) or not isinstance(granted, dict):
        raise words.unlike(f"find the installation for {owner}")
    return Found(number, {name: str(level) for name, level in granted.items()}, page)


def listed(asks: GitHub, app_id: str, now: datetime) -> Mapping[str, Found | RotateError]:
    """Give every owner that has installed the App, in the order of GitHub; where it cannot be used, why.

    Raises:
        RotateError: the list could not be read, or nobody has installed it.
    """

    def refusal(answer: Answer) -> RotateError:
        if answer.status == words.NOT_FOUND:
            return refused.unknown(app_id, answer)
        return refused.not_let_in(app_id, DOING, answer, now)

    rows = every(asks, "/app/installations", "", DOING, refusal)
    found = dict(_read(row, app_id) for row in rows if row.get("target_type") != ENTERPRISE)
    if not found:
        raise refused.installed_nowhere(app_id)
    return found


def _read(row: Row, app_id: str) -> tuple[str, Found | RotateError]:
    account = row.get("account")
    login = account.get("login") if isinstance(account, dict) else None
    if not isinstance(login, str) or not login:
        return f"installation {row.get('id')}", words.unlike(
            f"tell whose installation {row.get('id')} is", "the answer is not"
        )
    try:
        return login, described(row, app_id, login)
    except RotateError as error:
        return login, error
